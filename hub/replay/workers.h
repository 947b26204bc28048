#pragma once
// Everything that reads the past: replays by either clock, pictures of the past, and the events and
// states that a console which fell behind lacks. Each is a small state machine; a worker steps them
// in turn, each with a bounded slice, so that a long one keeps nobody waiting; only the fold of a
// past picture from the nearest checkpoint is one step. Commands come in by mailbox from the front;
// results go out through `out`, which posts to the front.
//
// Threads: post() from the front; step() of each worker by one thread of its own (or all by one, in
// the simulation). Promise 7: a replay gives the messages of its range, in order, at any speed, and
// can be paused, sought and stopped.

#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "hub/ops/mailbox.h"
#include "hub/store/store.h"
#include "schemas/model/view.h"

namespace vigie::replay {

enum class StartMode { Replay, PastPicture, HeldBack };

/// A replay of [from, until) or the picture at `from`, by the clock that `clock` names; or, by a
/// grant that has terms, what they show and go on to show.
struct Start {
  std::uint64_t session = 0;
  StartMode mode = StartMode::Replay;
  std::shared_ptr<const View> view;
  wire::StartKind clock = wire::StartKind::KnownTime;  // KnownTime or TrueTime
  std::int64_t from_us = 0;
  std::int64_t until_us = 0;  // 0: the durable end of the log as it is now
  double speed = 0;           // 0: as fast as credit allows
  bool paused = false;
  std::string grant{};            // the terms are of; what has own_numbers is numbered by it
  std::uint64_t after_event = 0;  // held back: events and states after this seq, too; 0: from_us
  std::uint32_t frame_bytes_max = limits::kFrameBytesMax;
  std::uint64_t granted_bytes = 0;
};
/// The running total of frame bytes that may be sent.
struct Grant {
  std::uint64_t session = 0;
  std::uint64_t granted_bytes = 0;
};
struct Steer {
  std::uint64_t session = 0;
  std::uint32_t request = 0;
  wire::ControlKind kind = wire::ControlKind::Pause;
  std::int64_t time_us = 0;
  double speed = 0;
};
/// Events and states in (after, through] that the view takes, as bodies of at most about
/// `frame_bytes_max`, in all about `bytes_max`.
struct ReadKept {
  std::uint64_t session = 0;
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  std::shared_ptr<const View> view;
  std::uint32_t frame_bytes_max = 0;
  std::uint32_t bytes_max = 0;
};
/// Where a live session is to begin that wants everything from a known time on.
struct SeekKnown {
  std::uint64_t session = 0;
  std::int64_t known_time_us = 0;
};
/// The session is over: forget it.
struct Stop {
  std::uint64_t session = 0;
};
using Command = std::variant<Start, Grant, Steer, ReadKept, SeekKnown, Stop>;

/// A whole frame, ready to be sent; `owner` keeps `bytes` alive.
struct FrameOut {
  std::uint64_t session = 0;
  std::shared_ptr<const void> owner;
  Bytes bytes;
  bool last = false;  // of a picture: nothing comes after it
};
/// A ReplayState message.
struct StateOut {
  std::uint64_t session = 0;
  std::vector<std::byte> message;
};
/// Answers ReadKept: everything the view takes in (after, through] is in the bodies, in order.
struct KeptOut {
  std::uint64_t session = 0;
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  std::vector<BodyPtr> bodies;
};
/// Answers SeekKnown: the first seq of that time or later that is left.
struct SoughtOut {
  std::uint64_t session = 0;
  std::uint64_t seq = 0;
  bool is_gone = false;  // retention took events of that time or later
};
/// The command could not be carried out; the session is to be ended.
struct FailedOut {
  std::uint64_t session = 0;
  wire::Refusal code = wire::Refusal::None;
  std::string reason;
};
using Output = std::variant<FrameOut, StateOut, KeptOut, SoughtOut, FailedOut>;

class Worker;

class Workers {
 public:
  /// False when the front's mailbox is full; the output is then untouched and offered again later.
  using Out = std::function<bool(Output&&)>;

  /// `store` and `clock` are borrowed and outlive this.
  Workers(std::size_t count, const store::Store& store, const Clock& clock, wire::LogId log,
          const Out& out);
  ~Workers();

  std::size_t count() const { return workers_.size(); }
  /// The front thread. Sessions stay with one worker. False when its mailbox is full.
  bool post(Command&& command);
  /// Worker `index`'s thread: a slice of everything it has. Returns how much was done; 0 when there
  /// is nothing to do now.
  std::size_t step(std::size_t index);
  /// Readable when worker `index` has a command waiting.
  int descriptor(std::size_t index) const;
  /// When worker `index` has something to do by itself (clock's monotonic), INT64_MAX when not.
  std::int64_t next_us(std::size_t index) const;

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace vigie::replay
