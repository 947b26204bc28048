#pragma once
// A small replay as it goes over the wire, and recordings of it.

#include <gtest/gtest.h>

#include <fstream>

#include "clients/cpp/recording/format.h"
#include "schemas/keys/key_file.h"
#include "tests/unit/clients/cpp/replay_frame.h"
#include "tests/unit/support/memory_file.h"
#include "tests/unit/support/temporary_folder.h"
#include "vigie/recording.h"

namespace vigie::client::test {

using Message = std::vector<std::byte>;
using vigie::test::MemoryFile;
using vigie::test::TemporaryFolder;

constexpr std::int64_t kFrom = 1'772'000'000'000'000;
constexpr std::int64_t kSealed = kFrom + 3'600'000'000;

inline Message open_message(wire::StartKind start = wire::StartKind::KnownTime) {
  wire::OpenT open;
  open.protocol = kProtocolVersion;
  open.client = "vigie record 0.1.0";
  open.mode = wire::Mode::Replay;
  open.view = std::make_unique<wire::ViewT>();
  open.view->channels = {"track/red"};
  open.view->classes = wire::Class::Track;
  open.start = start;
  open.time_us = kFrom;
  open.until_us = kFrom + 60'000'000;
  open.recording = true;
  return packed<wire::Open>(open);
}

inline Message opened_message(std::uint64_t log = 7) {
  wire::OpenedT opened;
  opened.mode = wire::Mode::Replay;
  opened.log = std::make_unique<wire::LogId>(log, 9);
  opened.known_time_us = kFrom + 90'000'000;
  opened.hub_key = std::string(64, 'a');
  return packed<wire::Opened>(opened);
}

inline Message state_message(wire::ReplayPhase phase, const std::string& reason,
                             std::uint32_t request = 0) {
  wire::ReplayStateT state;
  state.request = request;
  state.phase = phase;
  state.reason = reason;
  return packed<wire::ReplayState>(state);
}

inline Message ended_message() {
  wire::ReplayStateT state;
  state.phase = wire::ReplayPhase::Ended;
  state.damaged.emplace_back(3, 4);
  return packed<wire::ReplayState>(state);
}

/// With two frames, of the seqs 5, 6 and 9.
inline std::vector<Message> conversation() {
  return {open_message(), opened_message(), replay_frame(kFrom, {{5, 1}, {6, 2}}),
          replay_frame(kFrom, {{9, 3}}), ended_message()};
}

/// Whose secret is the same each time.
inline KeyFile sealer(unsigned char of) {
  std::array<unsigned char, 32> bytes{};
  bytes.fill(of);
  KeyFile file;
  file.name = "red/room";
  file.keys = key_pair_of(Secret<32>(bytes));
  return file;
}

inline Message bytes_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Bytes bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// The file of a recording, sealed by sealer(of), or by nobody for 0.
inline Message recorded(const std::vector<Message>& messages, unsigned char of = 1) {
  const TemporaryFolder folder;
  const std::string identity = of == 0 ? "" : folder.file("identity.toml");
  if (of != 0) {
    EXPECT_TRUE(write_key_file(identity, sealer(of)));
  }
  auto writer = RecordingWriter::open({.path = folder.file("a.vgr"), .identity = identity});
  EXPECT_TRUE(writer);
  for (const Message& message : messages) {
    const auto added = (*writer)->add(message);
    EXPECT_TRUE(added) << added.fault().sentence;
  }
  EXPECT_TRUE((*writer)->finish(kSealed));
  return bytes_in(folder.file("a.vgr"));
}

/// What a reader makes of a file.
struct Found {
  std::vector<std::uint64_t> seqs;
  std::vector<ReplayPhase> phases;
  RecordingReport report;
  bool sealed() const { return report.state == RecordingState::Sealed; }
};

/// A file that is no recording at all counts as changed.
inline Found read(const std::string& path) {
  Found found;
  auto reader = RecordingReader::open(path);
  if (!reader) {
    EXPECT_EQ(reader.fault().code, FaultCode::Invalid) << reader.fault().sentence;
    found.report.state = RecordingState::Changed;
    return found;
  }
  while (true) {
    const auto next = (*reader)->next();
    EXPECT_TRUE(next);
    if (!next || !*next) break;
    if (const auto* fix = std::get_if<FixItem>(&**next)) found.seqs.push_back(fix->stamp.seq);
    if (const auto* state = std::get_if<ReplayItem>(&**next)) found.phases.push_back(state->phase);
  }
  found.report = (*reader)->report();
  return found;
}

inline Found read(const MemoryFile& file, Bytes bytes) {
  file.set(bytes);
  return read(file.path());
}

}  // namespace vigie::client::test
