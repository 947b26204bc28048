// Queries by seq, known time and true time against a plain account of what went in, at any progress
// of the indexes.

#include <algorithm>
#include <set>

#include "tests/unit/hub/store/world.h"
#include "tests/unit/support/fault_file_system.h"

namespace vigie::store::test {
namespace {

using Refs = std::multiset<std::pair<std::uint64_t, std::int64_t>>;

class QueriesTest : public ::testing::Test {
 protected:
  QueriesTest() : seed_(test_seed()), source_(seed_) {}
  StoreOptions options() {
    StoreOptions made;
    made.directory = folder_.path();
    made.clock = &clock_;
    made.env = env_.env();
    made.free_bytes_min = 0;
    return made;
  }
  void write(Store& store, std::size_t bodies, std::size_t fixes, std::size_t units) {
    for (std::size_t i = 0; i < bodies; ++i) {
      store.submit(source_.body(clock_.utc_us(), 1 + source_.below(fixes), units,
                                source_.below(4) == 0 ? 1 : 0));
      clock_.advance(static_cast<std::int64_t>(source_.below(2'500'000)));
      if (source_.below(5) == 0) write_all(store);
    }
    write_all(store);
  }
  static bool in(const TimeRange& range, std::uint64_t seq, std::int64_t time_us) {
    return time_us >= range.from_us && time_us < range.until_us && seq > range.after;
  }
  Refs expected_fixes(std::string_view unit, const TimeRange& range) const {
    Refs refs;
    for (const FixIn& fix : source_.fixes) {
      if (!unit.empty() && fix.unit != unit) continue;
      if (in(range, fix.seq, fix.corrected_us)) {
        refs.emplace(fix.seq, fix.corrected_us);
      }
    }
    return refs;
  }
  void check_tracks(const Store& store, std::string_view unit, const TimeRange& range) {
    Refs refs;
    const auto read = store.read_track_refs(unit, range, [&](SeqTime ref) {
      refs.emplace(ref.seq, ref.corrected_true_time_us);
      return true;
    });
    ASSERT_TRUE(read.ok()) << read.fault().sentence;
    EXPECT_EQ(refs, expected_fixes(unit, range)) << unit << " seed " << seed_;
  }
  void check_events(const Store& store, const TimeRange& range) {
    Refs expected;
    for (const KeptIn& kept : source_.kept) {
      if (in(range, kept.seq, kept.corrected_us)) {
        expected.emplace(kept.seq, kept.corrected_us);
      }
    }
    Refs refs;
    ASSERT_TRUE(store
                    .read_event_refs(range,
                                     [&](SeqTime ref) {
                                       refs.emplace(ref.seq, ref.corrected_true_time_us);
                                       return true;
                                     })
                    .ok());
    EXPECT_EQ(refs, expected) << "seed " << seed_;
  }
  void check_known(const Store& store, std::int64_t known_us) {
    std::uint64_t expected = source_.next_seq();
    for (const BodyIn& body : source_.bodies) {
      if (body.known_us < known_us) continue;
      expected = body.first;
      break;
    }
    const auto seq = store.seq_at_known(known_us);
    ASSERT_TRUE(seq.ok());
    EXPECT_EQ(*seq, expected) << "seed " << seed_;
  }
  std::int64_t any_time() {
    const BodyIn& body = source_.bodies[source_.below(source_.bodies.size())];
    return body.known_us + static_cast<std::int64_t>(source_.below(4'000'000'000)) - 2'000'000'000;
  }
  void check_all(const Store& store) {
    check_tracks(store, "", {INT64_MIN, INT64_MAX});
    check_events(store, {INT64_MIN, INT64_MAX});
    for (int i = 0; i < 10; ++i) {
      std::int64_t from_us = any_time();
      std::int64_t until_us = any_time();
      if (from_us > until_us) std::swap(from_us, until_us);
      const std::uint64_t after = source_.below(source_.next_seq());
      check_tracks(store, "red/u" + std::to_string(source_.below(12)), {from_us, until_us});
      check_tracks(store, "red/u" + std::to_string(source_.below(12)), {from_us, until_us, after});
      check_tracks(store, "", {from_us, until_us});
      check_tracks(store, "", {INT64_MIN, until_us, after});
      check_events(store, {from_us, until_us});
      check_events(store, {INT64_MIN, until_us, after});
      check_known(store, from_us);
      check_known(store, source_.bodies[source_.below(source_.bodies.size())].known_us);
    }
    check_known(store, clock_.utc_us() + 10'000'000);
  }

  const std::uint64_t seed_;
  vigie::test::FaultEnv env_{true};
  TemporaryFolder folder_;
  FakeClock clock_;
  Told told_;
  Source source_;
};

TEST_F(QueriesTest, answers_equal_a_plain_scan_while_nothing_is_built) {
  const auto store = open_store(options(), told_);
  write(*store, 300, 20, 10);
  check_all(*store);
}

TEST_F(QueriesTest, answers_equal_a_plain_scan_at_any_progress_of_the_indexes_and_across_restarts) {
  for (int life = 0; life < 4; ++life) {
    const auto store = open_store(options(), told_);
    source_.go_on_at(store->recovery().next_seq);
    write(*store, 600, 150, 10);
    // A stretch is some 130,000 fixes: steps end in its middle, and in the middle of its writing.
    for (int progress = 0; progress < 4; ++progress) {
      const std::size_t done = build_all(*store, 1 + source_.below(40));
      check_all(*store);
      if (done == 0) break;
      write(*store, 50, 150, 10);
    }
  }
}

TEST_F(QueriesTest, stretch_that_a_crash_broke_off_is_not_indexed_twice) {
  const std::uint64_t fixes_needed = 150'000;
  {
    const auto store = open_store(options(), told_);
    while (source_.fixes.size() < fixes_needed) write(*store, 10, 4000, 2000);
    // Until the rows of the first stretch are being written, and no further.
    std::map<std::string, double> figures;
    double lag = -1;
    for (int i = 0; i < 400; ++i) {
      store->build_step();
      for (const auto& [name, value] : store->figures()) figures[name] = value;
      if (lag >= 0 && figures.at("built_lag_entries") < lag) break;
      lag = figures.at("built_lag_entries");
      if (i % 20 == 0) check_tracks(*store, "red/u7", {INT64_MIN, INT64_MAX});
    }
  }
  for (int life = 0; life < 6; ++life) {
    const auto store = open_store(options(), told_);
    source_.go_on_at(store->recovery().next_seq);
    write(*store, 3, 1000, 2000);
    build_all(*store, static_cast<std::size_t>(3 + life));
    check_tracks(*store, "", {INT64_MIN, INT64_MAX});
  }
  const auto store = open_store(options(), told_);
  build_all(*store);
  check_tracks(*store, "", {INT64_MIN, INT64_MAX});
  check_tracks(*store, "red/u7", {INT64_MIN, INT64_MAX});
}

TEST_F(QueriesTest, a_sink_that_has_enough_ends_the_query) {
  const auto store = open_store(options(), told_);
  write(*store, 100, 20, 10);
  int got = 0;
  ASSERT_TRUE(
      store->read_track_refs("", {INT64_MIN, INT64_MAX}, [&](SeqTime) { return ++got < 7; }).ok());
  EXPECT_EQ(got, 7);
  got = 0;
  ASSERT_TRUE(
      store->read_event_refs({INT64_MIN, INT64_MAX}, [&](SeqTime) { return ++got < 3; }).ok());
  EXPECT_EQ(got, 3);
}

}  // namespace
}  // namespace vigie::store::test
