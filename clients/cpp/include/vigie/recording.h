#pragma once
// Recordings: a range of the log as a portable file (clients/cpp/recording/README.md describes it).
// A RecordingWriter keeps the conversation of a Replay, chains its messages by hashes, and seals
// the whole with the identity's signature; a RecordingReader gives the items back and proves what
// can be proved. Both hold one message in memory, however long the file. Each by one thread at a
// time.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schemas/words/result.h"
#include "vigie/items.h"
#include "vigie/replay.h"
#include "vigie/view.h"

namespace vigie::client {

/// What was asked of which hub, as the file has it.
struct RecordingAbout {
  std::string program = {};  // that recorded it
  View view = {};
  ReplayClock clock = ReplayClock::True;
  std::int64_t from_us = 0;
  std::int64_t until_us = 0;  // 0: to the end of the log as it was
  std::string grant = {};
  Id128 log = {};
  std::string hub_key = {};    // the hub's public key; empty: it did not say
  std::int64_t opened_us = 0;  // when, by the hub's clock
};

/// What is in it.
struct RecordingCounts {
  std::uint64_t messages = 0;
  std::uint64_t entries = 0;    // each once
  std::uint64_t first_seq = 0;  // the lowest; 0: there is none
  std::uint64_t last_seq = 0;   // the highest
  std::uint64_t openings = 0;   // 1 and once more for each time the link was cut
  bool complete = false;        // the hub said that the range was at its end
  /// What of the range the hub did not keep any more, in its words; empty: nothing.
  std::string gone = {};
  /// Could not be read by the hub, and are missing here.
  std::vector<SeqRange> damaged = {};
};

/// Who vouches for it. Name and time are the sealer's own words; the key is proved.
struct RecordingSeal {
  std::string name = {};  // OWNER/NAME
  std::string key = {};   // Ed25519, 64 lower-case hexadecimal digits (Identity::sign_key)
  std::int64_t time_us = 0;
};

struct RecordingOptions {
  std::string path = {};      // FILE; FILE.part until it is finished
  std::string identity = {};  // the key file of who seals it; empty: nobody does
};

class RecordingWriter {
 public:
  /// Begins FILE.part. Fails with Invalid (FILE or FILE.part is there already, the key file),
  /// NotFound, DiskFull or Io.
  static Result<std::unique_ptr<RecordingWriter>> open(const RecordingOptions& options);
  /// Not finished, it leaves FILE.part: a recording that is cut and not sealed.
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  /// For ReplayOptions::on_message. Fails with DiskFull, Io, or Invalid where it is no message of a
  /// recording; and so does then whatever comes after.
  Result<void> add(std::span<const std::byte> message);
  /// Seals it, with the key that the key file has now, and puts it in its place, durably; `time_us`
  /// is the seal's. Fails as open() does; FILE.part stays then.
  Result<void> finish(std::int64_t time_us);
  /// Leaves nothing.
  void discard();

  RecordingCounts counts() const;
  /// The seal that it gets, or got, its time aside; empty: none.
  std::optional<RecordingSeal> seal() const;

 private:
  class Impl;
  explicit RecordingWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

enum class RecordingState : std::uint8_t {
  Reading,    // not at its end
  Sealed,     // nothing was changed, removed or added since it was sealed by the seal's key
  NotSealed,  // it is whole by its own hashes, and nobody vouches for them
  Cut,        // it ends too early, and is not sealed; what was given is whole
  Changed     // something was changed, removed or added; what was given lies before it
};

struct RecordingReport {
  RecordingState state = RecordingState::Reading;
  std::string sentence = {};  // Cut, Changed: what, and where
  RecordingAbout about = {};
  RecordingCounts counts = {};
  std::optional<RecordingSeal> seal = {};  // Sealed
};

class RecordingReader {
 public:
  /// Fails with NotFound, Io, or Invalid: it is no recording, or one of a newer version.
  static Result<std::unique_ptr<RecordingReader>> open(const std::string& path);
  ~RecordingReader();
  RecordingReader(const RecordingReader&) = delete;
  RecordingReader& operator=(const RecordingReader&) = delete;

  /// The next of FixItem, EventItem, StateItem and ReplayItem; empty at the end, when the report's
  /// state says what it was worth. Fails with Io.
  Result<std::optional<Item>> next();
  /// As of now.
  RecordingReport report() const;

 private:
  class Impl;
  explicit RecordingReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::client
