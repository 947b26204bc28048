// Whatever is done to a sealed recording is found: by who has no key, and by who has another one.

#include "tests/unit/clients/cpp/recording/conversation.h"
#include "tests/unit/schemas/spoil.h"

namespace vigie::client::test {
namespace {

using Seqs = std::vector<std::uint64_t>;

/// A record as it lies.
struct Record {
  recording::RecordKind kind;
  Message content;
  Message bytes;  // all of it
};

std::vector<Record> records_of(const Message& file) {
  std::vector<Record> records;
  std::size_t at = recording::kHeaderBytes;
  while (at < file.size()) {
    const Bytes rest = Bytes(file).subspan(at);
    const auto head = recording::parse_head(rest.first<recording::kRecordHeadBytes>());
    const Bytes all = rest.first(recording::kRecordHeadBytes + head.bytes + recording::kHashBytes);
    const Bytes content = all.subspan(recording::kRecordHeadBytes, head.bytes);
    records.push_back({head.kind, {content.begin(), content.end()}, {all.begin(), all.end()}});
    at += all.size();
  }
  return records;
}

/// The file of these records, as they lie.
Message as_they_lie(const std::vector<Record>& records) {
  Message file = recording::header_bytes();
  for (const Record& record : records) {
    file.insert(file.end(), record.bytes.begin(), record.bytes.end());
  }
  return file;
}

/// The same with hashes that are right, which whoever has the format can do.
Message chained(const std::vector<Record>& records) {
  Message file = recording::header_bytes();
  recording::Chain chain;
  for (const Record& record : records) {
    const auto head =
        recording::head_bytes({record.kind, static_cast<std::uint32_t>(record.content.size())});
    const auto hash = std::as_bytes(std::span(chain.add(head, record.content)));
    file.insert(file.end(), head.begin(), head.end());
    file.insert(file.end(), record.content.begin(), record.content.end());
    file.insert(file.end(), hash.begin(), hash.end());
  }
  return file;
}

class Tampering : public testing::Test {
 protected:
  /// Never sealed, whether the hashes were made anew or not.
  void expect_found(const std::vector<Record>& records, const std::string& what) {
    EXPECT_FALSE(read(file_, as_they_lie(records)).sealed()) << what;
    EXPECT_FALSE(read(file_, chained(records)).sealed()) << what << ", chained anew";
  }

  const MemoryFile file_;
  const Message good_ = recorded(conversation());
  const std::vector<Record> records_ = records_of(good_);
};

TEST_F(Tampering, of_the_test_itself_can_be_undone) {
  EXPECT_EQ(as_they_lie(records_), good_);
  EXPECT_EQ(chained(records_), good_);
  EXPECT_TRUE(read(file_, good_).sealed());
}

TEST_F(Tampering, any_flipped_bit_is_found_and_nothing_behind_it_is_given) {
  vigie::test::flip_everywhere(good_, [&](Bytes bytes) {
    const Found found = read(file_, bytes);
    ASSERT_FALSE(found.sealed());
    ASSERT_TRUE(found.report.state == RecordingState::Changed ||
                found.report.state == RecordingState::Cut);
    const Seqs all{5, 6, 9};
    ASSERT_LE(found.seqs.size(), all.size());
    ASSERT_TRUE(std::equal(found.seqs.begin(), found.seqs.end(), all.begin()));
  });
}

TEST_F(Tampering, any_cut_is_found_and_the_whole_records_before_it_are_read) {
  vigie::test::truncate_everywhere(good_, [&](Bytes bytes) {
    Seqs whole;
    std::size_t end = recording::kHeaderBytes;
    std::size_t count = 0;
    for (const Record& record : records_) {
      end += record.bytes.size();
      if (end > bytes.size()) break;
      ++count;
    }
    if (count > 2) whole = {5, 6};
    if (count > 3) whole.push_back(9);
    const Found found = read(file_, bytes);
    ASSERT_EQ(found.seqs, whole) << bytes.size();
    const bool lacks_seal = bytes.size() == good_.size() - records_.back().bytes.size();
    ASSERT_EQ(found.report.state, lacks_seal ? RecordingState::NotSealed : RecordingState::Cut)
        << bytes.size();
  });
}

TEST_F(Tampering, any_removed_doubled_or_moved_record_is_found) {
  for (std::size_t i = 0; i < records_.size(); ++i) {
    std::vector<Record> some = records_;
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(i));
    expect_found(some, "without record " + std::to_string(i));
    some = records_;
    some.insert(some.begin() + static_cast<std::ptrdiff_t>(i), records_[i]);
    expect_found(some, "twice record " + std::to_string(i));
    for (std::size_t j = 0; j < i; ++j) {
      some = records_;
      std::swap(some[i], some[j]);
      expect_found(some, "swapped " + std::to_string(i) + " and " + std::to_string(j));
    }
  }
}

TEST_F(Tampering, anything_added_behind_the_seal_is_found) {
  Message longer = good_;
  longer.push_back(std::byte{0});
  EXPECT_EQ(read(file_, longer).report.state, RecordingState::Changed);
  for (const Record& record : records_) {
    std::vector<Record> some = records_;
    some.push_back(record);
    expect_found(some, "one more at the end");
  }
  std::vector<Record> some = records_;
  some.push_back(Record{static_cast<recording::RecordKind>(77), Message(5), {}});
  EXPECT_EQ(read(file_, chained(some)).report.state, RecordingState::Changed);
}

TEST_F(Tampering, a_message_changed_with_all_hashes_and_counts_made_anew_is_found_by_the_seal) {
  std::vector<Record> some =
      records_of(recorded({open_message(), opened_message(), replay_frame(kFrom, {{5, 1}, {6, 4}}),
                           replay_frame(kFrom, {{9, 5}}), ended_message()}));
  some.back() = records_.back();
  const Found found = read(file_, chained(some));
  EXPECT_EQ(found.report.state, RecordingState::Changed);
  EXPECT_NE(found.report.sentence.find("the seal is not of this"), std::string::npos);
}

TEST_F(Tampering, the_seal_of_another_recording_does_not_fit) {
  std::vector<Message> shorter = conversation();
  shorter.erase(shorter.begin() + 3);
  std::vector<Record> some = records_;
  some.back() = records_of(recorded(shorter)).back();
  expect_found(some, "another's seal");
}

TEST_F(Tampering, with_another_key_shows_that_key) {
  const Found found = read(file_, recorded(conversation(), 2));
  ASSERT_TRUE(found.sealed());
  EXPECT_EQ(found.report.seal->name, "red/room") << "it may say so";
  EXPECT_NE(found.report.seal->key, read(file_, good_).report.seal->key);
}

TEST_F(Tampering, counts_that_are_not_what_is_there_are_found_though_they_were_sealed) {
  std::vector<Record> some = records_;
  some.pop_back();
  some.back().content[8] ^= std::byte{1};
  const Found found = read(file_, chained(some));
  EXPECT_EQ(found.report.state, RecordingState::Changed);
  EXPECT_NE(found.report.sentence.find("counts"), std::string::npos);
}

TEST_F(Tampering, a_record_of_a_later_kind_is_passed_over_and_is_in_the_chain) {
  std::vector<Record> some = records_;
  some.pop_back();
  some.insert(some.begin() + 2, Record{static_cast<recording::RecordKind>(77), Message(5), {}});
  const Found found = read(file_, chained(some));
  EXPECT_EQ(found.report.state, RecordingState::NotSealed);
  EXPECT_EQ(found.seqs, (Seqs{5, 6, 9}));
}

}  // namespace
}  // namespace vigie::client::test
