#pragma once
// Replay: a range of the past, by either clock, at any speed; paused, sought, stopped. Comes back
// by itself after a cut and goes on behind the last item it had. Any thread may call; one
// background thread owns the socket.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "schemas/words/result.h"
#include "vigie/items.h"
#include "vigie/view.h"

namespace vigie::client {

enum class ReplayClock : std::uint8_t {
  Known,  // what the room could see: in the order in which the hub took it in
  True    // what really happened: late fixes where they belong
};

struct ReplayOptions {
  LinkOptions link = {};
  View view = {};
  ReplayClock clock = ReplayClock::True;
  std::int64_t from_us = 0;   // included
  std::int64_t until_us = 0;  // excluded; 0: to the end of the log as it is at opening
  double speed = 0;           // 0: as fast as it goes; else times real time
  bool paused = false;
  std::string grant = {};  // as ConsoleOptions::grant; then `clock` must be Known
  std::uint32_t window_bytes = 1024 * 1024;
  std::uint32_t frame_bytes_max = 0;  // 0: the hub's largest
  /// Told to the hub, which writes into the audit trail that the range was taken away (`exported`),
  /// and not that it was looked at (`read_past`). What `on_message` is given always is.
  bool exported = false;
  /// As ConsoleOptions::on_item.
  std::function<void(Item&&)> on_item = {};
  /// What a recording holds, as it went over the wire (RecordingWriter::add()), each message before
  /// the items it brings; on the background thread. Such a replay is not to be sought.
  std::function<void(std::span<const std::byte>)> on_message = {};
};

struct ReplayStatus {
  LinkState link = LinkState::Connecting;
  Refusal code = Refusal::None;
  std::string reason;
  ReplayPhase phase = ReplayPhase::Playing;
  std::int64_t time_us = 0;   // the replay's clock, at the last item received
  std::uint64_t entries = 0;  // received
  std::uint64_t bytes = 0;
};

class Replay {
 public:
  /// Begins to connect. Fails with Invalid (an option: named).
  static Result<std::unique_ptr<Replay>> open(ReplayOptions options);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  /// The next of FixItem, EventItem, StateItem, ReplayItem, LinkItem; empty when none came in time.
  /// At the end of the range: ReplayItem Ended, after which it may be sought again. After stop() or
  /// a refusal: LinkItem Ended, then Closed.
  Result<std::optional<Item>> next(std::chrono::milliseconds timeout);

  /// Each returns its request number: the ReplayItem that carries it says when it holds; items
  /// before that are older.
  std::uint32_t pause();
  std::uint32_t resume();
  std::uint32_t seek(std::int64_t time_us);
  std::uint32_t set_speed(double speed);  // 0: as fast as it goes
  std::uint32_t stop();

  ReplayStatus status() const;

 private:
  class Impl;
  explicit Replay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::client
