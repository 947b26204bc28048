#pragma once
// The player: sends a source's entries as frames, at real time, N times real time, or as fast as
// credit allows; pauses, seeks, stops. Pure but for its source and clock. A worker's thread.
//
// The replay's clock. With a speed it runs from the start of the range, N seconds a second, also
// while credit is lacking: what is due then is sent as soon as it can be. At speed 0 it stands
// where sending is. A frame's time_us says that everything before it was sent. Nobody waits for
// what cannot come: from the beginning, or from a time that is not kept any more, it starts at the
// first entry.
//
// A control is answered by a ReplayState before any frame that obeys it. States are also sent
// unasked (request 0): when a part of the range is not kept any more, when damage is met, and at
// the end, or failure, of the replay. A seek starts an ended one again.

#include <functional>

#include "hub/replay/frame_writer.h"
#include "hub/replay/source.h"
#include "hub/replay/task.h"

namespace vigie::replay {

class Player final : public Task {
 public:
  struct Needs {
    const Clock& clock;                      // borrowed
    std::function<std::uint64_t()> durable;  // told in frames
    wire::LogId log;
    /// A sentence about what of the range is not kept any more; empty: all is.
    std::function<std::string()> what_is_gone;
    /// Frames, times and states are to tell of what is sent alone.
    bool own_numbers = false;
  };
  Player(const Start& start, std::unique_ptr<Source> source, SourceRange range, Needs needs);

  bool step(std::vector<Output>& out) override;
  void grant(std::uint64_t granted_bytes) override;
  void steer(const Steer& steer) override;
  std::int64_t next_us() const override;

 private:
  enum class Did { Sent, Looked, Nothing };
  void begin(std::vector<Output>& out);
  void answer(const Steer& steer, std::vector<Output>& out);
  std::string seek(std::int64_t time_us);
  Did send_frame(std::int64_t now_us, std::vector<Output>& out);
  Did wait(const Looked& later, std::int64_t due_us, std::vector<Output>& out);
  bool fits(const FrameWriter& frame, std::size_t body_bytes) const;
  void emit(FrameWriter& frame, std::int64_t time_us, std::vector<Output>& out);
  bool tell_time(std::int64_t now_us, std::vector<Output>& out);
  void tell_damage(std::int64_t now_us, std::vector<Output>& out);
  void tell_state(std::uint32_t request, const std::string& reason, std::vector<Output>& out);
  void end(std::vector<Output>& out);
  void fail(const Fault& fault);
  bool starts_at_entry() const;
  bool rest_in_time(std::int64_t now_us);
  std::int64_t replay_now_us(std::int64_t now_us) const;
  void set_clock(std::int64_t replay_us);
  std::uint64_t credit() const { return granted_ > sent_bytes_ ? granted_ - sent_bytes_ : 0; }

  const std::uint64_t session_;
  const std::unique_ptr<Source> source_;
  const SourceRange range_;
  const Needs needs_;
  const std::size_t frame_bytes_max_;

  wire::ReplayPhase phase_;
  wire::Refusal code_ = wire::Refusal::None;  // of phase Failed
  std::string failure_;
  double speed_;
  std::int64_t base_replay_us_ = 0;  // the replay's clock stood here
  std::int64_t base_us_ = 0;         // at this monotonic time
  std::uint64_t granted_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t sent_entries_ = 0;
  std::uint64_t last_seq_ = 0;     // of the frame before
  std::int64_t last_time_us_ = 0;  // of the last entry sent; 0: none
  std::vector<Steer> steers_;
  bool begun_ = false;
  bool clock_waits_ = false;  // for the first entry, which tells where the clock starts
  std::size_t damage_told_ = 0;

  // Monotonic times.
  std::int64_t told_us_ = 0;             // the last frame or state
  std::int64_t wake_us_ = INT64_MAX;     // when something is due
  bool blocked_ = false;                 // by credit
  std::optional<std::int64_t> held_us_;  // since when the source holds something of the store
};

}  // namespace vigie::replay
