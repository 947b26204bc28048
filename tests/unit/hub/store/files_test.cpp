// What lies in table files: damaged blocks are named and the rest is served; the log is written
// once.

#include "tests/unit/hub/store/files.h"

#include <gmock/gmock.h>

#include <set>

namespace vigie::store::test {
namespace {

using ::testing::HasSubstr;

TEST_F(FilesTest, damaged_block_is_named_with_its_range_and_the_rest_is_served) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 1'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("log");
  const auto store = open_store(options(), told_);
  ASSERT_NE(store, nullptr);
  const ReadLog read = read_log(*store);
  ASSERT_EQ(read.faults.size(), 1u);
  const auto damaged = store->damaged();
  ASSERT_EQ(damaged.size(), 1u);
  EXPECT_THAT(read.faults[0], HasSubstr("seq " + std::to_string(damaged[0].first()) + " to " +
                                        std::to_string(damaged[0].last())));
  EXPECT_EQ(figure(*store, "damaged_ranges"), 1.0);
  // All but the range comes, and the range is a few bodies.
  std::size_t missing = 0;
  auto next = read.bodies.begin();
  for (const BodyIn& body : source_.bodies) {
    if (body.first >= damaged[0].first() && body.last <= damaged[0].last()) {
      ++missing;
      continue;
    }
    ASSERT_NE(next, read.bodies.end());
    EXPECT_EQ(next->first, body.first);
    ++next;
  }
  EXPECT_EQ(next, read.bodies.end());
  EXPECT_GT(missing, 0u);
  EXPECT_LT(missing, 40u);
  // From anywhere within, before and behind.
  for (const std::uint64_t seq :
       {damaged[0].first() - 1, damaged[0].first(), (damaged[0].first() + damaged[0].last()) / 2,
        damaged[0].last(), damaged[0].last() + 1}) {
    SCOPED_TRACE(seq);
    const ReadLog from = read_log(*store, seq);
    EXPECT_EQ(from.faults.size(), seq <= damaged[0].last() ? 1u : 0u);
    EXPECT_EQ(from.bodies.back().second, source_.bodies.back().last);
  }
  EXPECT_EQ(store->damaged().size(), 1u);
  // Writing goes on.
  write(*store, 50);
  EXPECT_EQ(told_.durable, source_.next_seq() - 1);
}

TEST_F(FilesTest, damage_in_any_block_of_any_file_hides_nothing_beyond_what_is_named) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 700'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  for (const std::string& path : files_of("log")) {
    for (const int percent : {0, 1, 5, 30, 60, 80}) {
      SCOPED_TRACE(path + " at " + std::to_string(percent) + " %");
      const TemporaryFolder copy;
      std::filesystem::copy(folder_.path(), copy.path());
      const auto name = std::filesystem::path(path).filename().string();
      flip(copy.path() + "/" + name,
           std::filesystem::file_size(path) * static_cast<std::uint64_t>(percent) / 100 + 20);
      StoreOptions made = options();
      made.directory = copy.path();
      made.accept_damage = true;
      const auto store = open_store(made, told_);
      ASSERT_NE(store, nullptr);
      const ReadLog read = read_log(*store);
      const auto damaged = store->damaged();
      std::set<std::uint64_t> had;
      for (const auto& [first, last] : read.bodies) had.insert(first);
      for (const BodyIn& body : source_.bodies) {
        const bool named = std::any_of(damaged.begin(), damaged.end(), [&](const auto& range) {
          return range.first() <= body.first && body.last <= range.last();
        });
        ASSERT_TRUE(named || had.contains(body.first)) << body.first;
      }
    }
  }
}

TEST_F(FilesTest, start_needs_only_the_checkpoint_and_what_is_behind_it) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 1'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("log");  // in the middle: older than the newest checkpoint
  const auto store = open_store(options(), told_);
  Picture picture;
  Ledger ledger;
  ASSERT_TRUE(store->recover(picture, ledger).ok());
  Picture plain;
  for (const BodyPtr& body : log_) plain.fold(body->bytes());
  expect_same(plain, picture);
}

TEST_F(FilesTest, damage_in_what_a_start_needs_stops_it_unless_it_is_accepted) {
  StoreOptions made = options();
  made.checkpoint_entries = 100'000'000;
  made.checkpoint_interval_us = INT64_MAX;
  {
    const auto store = open_store(made, told_);
    fill(*store, 500'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("log");
  {
    const auto store = open_store(made, told_);
    Picture picture;
    Ledger ledger;
    const auto recovered = store->recover(picture, ledger);
    ASSERT_FALSE(recovered.ok());
    EXPECT_EQ(recovered.fault().code, FaultCode::Damaged);
    EXPECT_THAT(recovered.fault().sentence, HasSubstr("seq"));
  }
  made.accept_damage = true;
  const auto store = open_store(made, told_);
  Picture picture;
  Ledger ledger;
  EXPECT_TRUE(store->recover(picture, ledger).ok());
  EXPECT_EQ(picture.last_seq(), source_.next_seq() - 1);
  const ReadLog read = read_log(*store);
  EXPECT_EQ(read.faults.size(), 1u);
  EXPECT_EQ(read.bodies.back().second, source_.next_seq() - 1);
}

TEST_F(FilesTest, damaged_checkpoint_is_passed_over_for_an_older_one) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 3'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  const std::vector<std::string> files = files_of("checkpoint");
  ASSERT_FALSE(files.empty());
  flip(files.back(), std::filesystem::file_size(files.back()) / 2);
  const auto store = open_store(options(), told_);
  Picture picture;
  Ledger ledger;
  ASSERT_TRUE(store->recover(picture, ledger).ok());
  Picture plain;
  for (const BodyPtr& body : log_) plain.fold(body->bytes());
  expect_same(plain, picture);
}

TEST_F(FilesTest, damaged_kept_entries_are_served_from_the_log) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 3'000'000);
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  damage("keep");
  const auto store = open_store(options(), told_);
  std::vector<std::uint64_t> seqs;
  const auto got = store->read_kept(0, UINT64_MAX, SIZE_MAX,
                                    [&](std::uint64_t seq, Bytes) { seqs.push_back(seq); });
  ASSERT_TRUE(got.ok());
  ASSERT_EQ(seqs.size(), source_.kept.size());
  for (std::size_t i = 0; i < seqs.size(); ++i) EXPECT_EQ(seqs[i], source_.kept[i].seq);
}

TEST_F(FilesTest, damaged_indexes_are_answered_from_the_log) {
  {
    const auto store = open_store(options(), told_);
    fill(*store, 5'500'000);  // a stretch or two of indexes
    ASSERT_TRUE(store->close_clean(source_.next_seq()).ok());
  }
  std::multiset<std::pair<std::uint64_t, std::int64_t>> expected;
  std::multiset<std::pair<std::uint64_t, std::int64_t>> events;
  for (const FixIn& fix : source_.fixes) expected.emplace(fix.seq, fix.corrected_us);
  for (const KeptIn& kept : source_.kept) events.emplace(kept.seq, kept.corrected_us);
  for (const std::string family : {"track", "event_time", "known"}) {
    SCOPED_TRACE(family);
    const std::vector<std::string> files = files_of(family);
    if (files.empty()) continue;  // still in memory
    const std::uint64_t offset = std::filesystem::file_size(files[0]) / 3;
    flip(files[0], offset);
    {
      const auto store = open_store(options(), told_);
      std::multiset<std::pair<std::uint64_t, std::int64_t>> got;
      const auto sink = [&](SeqTime ref) {
        got.emplace(ref.seq, ref.corrected_true_time_us);
        return true;
      };
      ASSERT_TRUE(store->read_track_refs("", {INT64_MIN, INT64_MAX}, sink).ok());
      EXPECT_EQ(got == expected, true);
      got.clear();
      ASSERT_TRUE(store->read_event_refs({INT64_MIN, INT64_MAX}, sink).ok());
      EXPECT_EQ(got == events, true);
      const BodyIn& body = source_.bodies[10];
      EXPECT_EQ(store->seq_at_known(body.known_us).value(), body.first);
      EXPECT_GT(figure(*store, "damaged_index_queries_total"), 0.0);
    }
    flip(files[0], offset);
  }
}

TEST_F(FilesTest, log_is_never_written_twice) {
  const auto store = open_store(options(), told_);
  fill(*store, 3'000'000);
  // Files of the log moved to the second level by name; what was rewritten is the indexes', small.
  EXPECT_LT(figure(*store, "compacted_bytes_total"), 0.5 * figure(*store, "table_bytes_log"));
}

}  // namespace
}  // namespace vigie::store::test
