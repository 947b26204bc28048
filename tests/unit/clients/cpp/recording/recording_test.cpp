// What is kept comes back, and the file is what its page says.

#include "vigie/recording.h"

#include "tests/unit/clients/cpp/recording/conversation.h"

namespace vigie::client::test {
namespace {

using Seqs = std::vector<std::uint64_t>;

std::uint32_t u32_at(Bytes bytes, std::size_t place) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + place, sizeof value);
  return value;
}

TEST(Recording, gives_back_what_was_kept_and_what_was_asked) {
  const MemoryFile file;
  const Found found = read(file, recorded(conversation()));
  EXPECT_EQ(found.seqs, (Seqs{5, 6, 9}));
  EXPECT_EQ(found.phases, (std::vector<ReplayPhase>{ReplayPhase::Ended}));
  const RecordingAbout& about = found.report.about;
  EXPECT_EQ(about.program, "vigie record 0.1.0");
  EXPECT_EQ(about.view.channels, (std::vector<std::string>{"track/red"}));
  EXPECT_FALSE(about.view.events);
  EXPECT_EQ(about.clock, ReplayClock::Known);
  EXPECT_EQ(about.from_us, kFrom);
  EXPECT_EQ(about.until_us, kFrom + 60'000'000);
  EXPECT_EQ(about.log.high, 7u);
  EXPECT_EQ(about.hub_key, std::string(64, 'a'));
  EXPECT_EQ(about.opened_us, kFrom + 90'000'000);
  const RecordingCounts& counts = found.report.counts;
  EXPECT_EQ(counts.messages, 5u);
  EXPECT_EQ(counts.entries, 3u);
  EXPECT_EQ(counts.first_seq, 5u);
  EXPECT_EQ(counts.last_seq, 9u);
  EXPECT_TRUE(counts.complete);
  ASSERT_EQ(counts.damaged.size(), 1u);
  EXPECT_EQ(counts.damaged[0].last, 4u);
}

TEST(Recording, is_sealed_by_the_identitys_key_and_says_by_whom_and_when) {
  const MemoryFile file;
  const Found found = read(file, recorded(conversation()));
  ASSERT_TRUE(found.sealed()) << found.report.sentence;
  EXPECT_EQ(found.report.seal->name, "red/room");
  EXPECT_EQ(found.report.seal->key, sign_key_pair(sealer(1).keys.secret).key);
  EXPECT_EQ(found.report.seal->time_us, kSealed);
}

TEST(Recording, without_an_identity_is_not_sealed_and_says_so) {
  const MemoryFile file;
  const Found found = read(file, recorded(conversation(), 0));
  EXPECT_EQ(found.report.state, RecordingState::NotSealed);
  EXPECT_FALSE(found.report.seal);
  EXPECT_EQ(found.seqs, (Seqs{5, 6, 9}));
}

TEST(Recording, that_went_on_after_a_cut_of_the_link_gives_each_entry_once) {
  const MemoryFile file;
  const Found found =
      read(file, recorded({open_message(), opened_message(), replay_frame(kFrom, {{5, 1}, {6, 2}}),
                           open_message(), opened_message(), replay_frame(kFrom, {{6, 2}, {9, 3}}),
                           ended_message()}));
  EXPECT_EQ(found.seqs, (Seqs{5, 6, 9}));
  EXPECT_EQ(found.report.counts.entries, 3u);
  EXPECT_EQ(found.report.counts.openings, 2u);
  EXPECT_TRUE(found.sealed());
}

TEST(Recording, that_was_stopped_before_its_end_says_so) {
  std::vector<Message> messages = conversation();
  messages.pop_back();
  const MemoryFile file;
  const Found found = read(file, recorded(messages));
  EXPECT_TRUE(found.sealed());
  EXPECT_FALSE(found.report.counts.complete);
}

TEST(Recording, whose_end_answers_a_control_was_stopped_before_the_ranges_end) {
  std::vector<Message> messages = conversation();
  messages.back() = state_message(wire::ReplayPhase::Ended, "stopped", 5);
  const MemoryFile file;
  const Found found = read(file, recorded(messages));
  EXPECT_TRUE(found.sealed());
  EXPECT_FALSE(found.report.counts.complete);
  EXPECT_EQ(found.report.counts.gone, "");
}

TEST(Recording, of_which_the_hub_kept_a_part_only_says_what_is_gone) {
  const std::string gone = "fixes before seq 5 are not kept any more";
  const Message frame = replay_frame(kFrom, {{5, 1}});
  const Message begin = state_message(wire::ReplayPhase::Playing, gone);
  const Message end = state_message(wire::ReplayPhase::Ended, gone);
  const Message bare = state_message(wire::ReplayPhase::Ended, "");
  const Message open = open_message();
  const Message opened = opened_message();
  const std::vector<std::vector<Message>> all{
      {open, opened, begin, frame, end},
      {open, opened, frame, end},
      // It went on behind what is gone, so that it is not said at its end.
      {open, opened, begin, frame, open, opened, frame, bare}};
  const MemoryFile file;
  for (const auto& messages : all) {
    const Found found = read(file, recorded(messages));
    EXPECT_TRUE(found.report.counts.complete);
    EXPECT_EQ(found.report.counts.gone, gone);
  }
  EXPECT_EQ(read(file, recorded({open, opened, frame, bare})).report.counts.gone, "");
}

TEST(Recording, is_what_its_page_says) {
  // By hand, without the format's own functions.
  const Message file = recorded(conversation());
  EXPECT_EQ(std::memcmp(file.data(), "\x89VGR\r\n\x1a\n\x01\0\0\0\0\0\0\0", 16), 0);
  Hash hash = blake2b({octets(Bytes(file).first(16))});
  std::vector<std::uint32_t> kinds;
  std::vector<Message> contents;
  Hash before{};
  std::size_t at = 16;
  while (at < file.size()) {
    const std::uint32_t length = u32_at(file, at + 4);
    kinds.push_back(u32_at(file, at));
    const Bytes content = Bytes(file).subspan(at + 8, length);
    contents.emplace_back(content.begin(), content.end());
    before = hash;
    hash = blake2b({hash, octets(Bytes(file).subspan(at, 8)), octets(content)});
    EXPECT_EQ(std::memcmp(file.data() + at + 8 + length, hash.data(), 32), 0);
    at += 8 + length + 32;
  }
  EXPECT_EQ(at, file.size());
  EXPECT_EQ(kinds, (std::vector<std::uint32_t>{1, 1, 1, 1, 1, 2, 3}));
  contents.resize(5);
  EXPECT_EQ(contents, conversation());
  const Bytes end = Bytes(file).last(40 + 32 + 8 + 112 + 32).first(40);
  const std::uint64_t counts[5] = {5, 3, 5, 9, 1};
  EXPECT_EQ(std::memcmp(end.data(), counts, sizeof counts), 0);
  const Bytes seal = Bytes(file).last(112 + 32).first(112);
  std::string text("vigie recording seal 1\0", 23);
  text.append(reinterpret_cast<const char*>(before.data()), before.size());
  text.append(reinterpret_cast<const char*>(seal.data()) + 96, 8 + 8);
  EXPECT_TRUE(text.ends_with("red/room"));
  Signature signature{};
  std::memcpy(signature.data(), seal.data() + 32, signature.size());
  EXPECT_TRUE(is_signed_by(key_text(octets(seal).first<32>()), octets(text), signature));
}

TEST(Recording, of_version_1_stays_readable_and_is_written_the_same) {
  // Made in Python by the format's page, of messages of tests/conformance/golden.
  const Message golden = bytes_in(VIGIE_GOLDEN_RECORDING);
  const MemoryFile file;
  const Found found = read(file, golden);
  ASSERT_TRUE(found.sealed()) << found.report.sentence;
  EXPECT_EQ(found.report.counts.entries, 4u);
  EXPECT_EQ(found.report.counts.first_seq, 1000u);
  EXPECT_EQ(found.report.counts.last_seq, 1003u);
  EXPECT_EQ(found.report.about.clock, ReplayClock::True);
  EXPECT_TRUE(found.report.counts.complete);
  EXPECT_EQ(found.report.counts.gone, "part of the log is damaged");
  EXPECT_EQ(found.report.about.hub_key, std::string(64, 'b'));
  EXPECT_EQ(found.report.seal->name, "red/room");
  EXPECT_EQ(found.report.seal->key, sign_key_pair(sealer(1).keys.secret).key);
  EXPECT_EQ(found.report.seal->time_us, kSealed);
  // Its messages, kept again.
  std::vector<Message> messages;
  for (std::size_t at = 16; u32_at(golden, at) == 1; at += 40 + u32_at(golden, at + 4)) {
    const Bytes content = Bytes(golden).subspan(at + 8, u32_at(golden, at + 4));
    messages.emplace_back(content.begin(), content.end());
  }
  EXPECT_EQ(recorded(messages), golden);
}

TEST(RecordingWriter, writes_over_nothing_and_leaves_what_was_not_finished) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.vgr");
  {
    auto writer = RecordingWriter::open({.path = path});
    ASSERT_TRUE(writer);
    for (const Message& message : conversation()) ASSERT_TRUE((*writer)->add(message));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  const Found cut = read(path + ".part");
  EXPECT_EQ(cut.report.state, RecordingState::Cut);
  EXPECT_EQ(cut.seqs, (Seqs{5, 6, 9}));
  auto again = RecordingWriter::open({.path = path});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.fault().code, FaultCode::Invalid);
  std::filesystem::rename(path + ".part", path);
  again = RecordingWriter::open({.path = path});
  ASSERT_FALSE(again);
  EXPECT_NE(again.fault().sentence.find("not written over"), std::string::npos);
}

TEST(RecordingWriter, does_not_write_over_what_came_meanwhile) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.vgr");
  auto writer = RecordingWriter::open({.path = path});
  ASSERT_TRUE(writer);
  for (const Message& message : conversation()) ASSERT_TRUE((*writer)->add(message));
  std::ofstream(path) << "another's";
  const auto finished = (*writer)->finish(kSealed);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.fault().code, FaultCode::Invalid);
  EXPECT_EQ(bytes_in(path).size(), 9u);
  EXPECT_EQ(read(path + ".part").report.state, RecordingState::NotSealed) << "it is whole";
}

TEST(RecordingWriter, seals_with_the_key_that_the_identity_has_at_the_end) {
  const TemporaryFolder folder;
  const std::string identity = folder.file("identity.toml");
  ASSERT_TRUE(write_key_file(identity, sealer(1)));
  auto writer = RecordingWriter::open({.path = folder.file("a.vgr"), .identity = identity});
  ASSERT_TRUE(writer);
  for (const Message& message : conversation()) ASSERT_TRUE((*writer)->add(message));
  ASSERT_TRUE(write_key_file(identity, sealer(2)));
  ASSERT_TRUE((*writer)->finish(kSealed));
  const std::string key = sign_key_pair(sealer(2).keys.secret).key;
  EXPECT_EQ((*writer)->seal()->key, key);
  const Found found = read(folder.file("a.vgr"));
  ASSERT_TRUE(found.sealed()) << found.report.sentence;
  EXPECT_EQ(found.report.seal->key, key);
}

TEST(RecordingWriter, whose_key_is_gone_at_the_end_does_not_seal) {
  const TemporaryFolder folder;
  const std::string identity = folder.file("identity.toml");
  ASSERT_TRUE(write_key_file(identity, sealer(1)));
  auto writer = RecordingWriter::open({.path = folder.file("a.vgr"), .identity = identity});
  ASSERT_TRUE(writer);
  for (const Message& message : conversation()) ASSERT_TRUE((*writer)->add(message));
  std::filesystem::remove(identity);
  EXPECT_FALSE((*writer)->finish(kSealed));
  EXPECT_FALSE(std::filesystem::exists(folder.file("a.vgr")));
  EXPECT_EQ(read(folder.file("a.vgr.part")).report.state, RecordingState::Cut);
}

TEST(RecordingWriter, given_up_leaves_nothing) {
  const TemporaryFolder folder;
  auto writer = RecordingWriter::open({.path = folder.file("a.vgr")});
  ASSERT_TRUE(writer);
  (*writer)->discard();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE((*writer)->add(open_message()));
}

TEST(RecordingWriter, takes_only_what_a_replay_says_and_in_its_order) {
  const Message frame = replay_frame(kFrom, {{5, 1}});
  Message live = frame;
  live[8] ^= std::byte{1};  // another kind of frame
  const std::vector<std::vector<Message>> wrong{
      {Message(20)},
      {packed<wire::Heartbeat>(wire::HeartbeatT())},
      {opened_message()},
      {open_message(), frame},
      {open_message(), opened_message(), Message(frame.begin(), frame.end() - 1)},
      {open_message(), opened_message(), open_message(wire::StartKind::TrueTime)},
      {open_message(), opened_message(), live},
      {open_message(), opened_message(), open_message(), opened_message(8)},
      {open_message(), ended_message()},
      {Message(recording::kContentBytesMax + 1)}};
  for (const auto& messages : wrong) {
    const TemporaryFolder folder;
    auto writer = RecordingWriter::open({.path = folder.file("a.vgr")});
    ASSERT_TRUE(writer);
    for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
      ASSERT_TRUE((*writer)->add(messages[i]));
    }
    const auto added = (*writer)->add(messages.back());
    ASSERT_FALSE(added);
    EXPECT_EQ(added.fault().code, FaultCode::Invalid);
    const auto finished = (*writer)->finish(kSealed);
    ASSERT_FALSE(finished) << "there would be a gap";
    EXPECT_EQ(finished.fault().sentence, added.fault().sentence);
  }
}

TEST(RecordingWriter, needs_a_name_to_vouch_in) {
  const TemporaryFolder folder;
  KeyFile nameless = sealer(1);
  nameless.name.clear();
  ASSERT_TRUE(write_key_file(folder.file("identity.toml"), nameless));
  const auto writer = RecordingWriter::open(
      {.path = folder.file("a.vgr"), .identity = folder.file("identity.toml")});
  ASSERT_FALSE(writer);
  EXPECT_NE(writer.fault().sentence.find("does not say whose it is"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.file("a.vgr.part")));
}

TEST(RecordingReader, names_what_it_can_not_read) {
  const auto none = RecordingReader::open("/none/a.vgr");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.fault().code, FaultCode::NotFound);
  const MemoryFile file;
  const std::string text = "seq,unit,lat,lon\n1,red/a,1.0,2.0\n";
  file.set(std::as_bytes(std::span(text)));
  const auto other = RecordingReader::open(file.path());
  ASSERT_FALSE(other);
  EXPECT_NE(other.fault().sentence.find("is no recording"), std::string::npos);
  Message newer = recorded(conversation());
  newer[8] = std::byte{2};
  file.set(newer);
  const auto later = RecordingReader::open(file.path());
  ASSERT_FALSE(later);
  EXPECT_NE(later.fault().sentence.find("another version"), std::string::npos);
}

}  // namespace
}  // namespace vigie::client::test
