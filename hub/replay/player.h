#pragma once
// The player: sends a source's entries as frames, at real time, N times real time, or as fast as credit allows; pauses, seeks,
// stops. A control is answered before any frame that obeys it. Pure but for its source and clock. A worker's thread.

#include "hub/replay/source.h"
#include "hub/replay/task.h"

namespace vigie::replay {

class Player final : public Task {
 public:
  /// `clock` is borrowed. `gone`: a sentence about what of the range is not kept any more; empty: all is.
  Player(const Start& start, std::unique_ptr<Source> source, SourceRange range, const Clock& clock,
         wire::LogId log, std::string gone);
  bool step(std::vector<Output>& out) override;
  void grant(std::uint64_t granted_bytes) override;
  void steer(const Steer& steer) override;
  std::int64_t next_us() const override;

 private:
  void answer(const Steer& steer, std::vector<Output>& out);
  void tell_state(std::uint32_t request, std::string_view reason, std::vector<Output>& out);
  bool send_frame(std::int64_t now_us, std::vector<Output>& out);
  bool tell_time(std::int64_t now_us, std::vector<Output>& out);
  void append(const Piece& piece);
  bool emit(std::vector<Output>& out);
  void end(std::vector<Output>& out);
  void send(std::shared_ptr<std::vector<std::uint64_t>> frame, std::size_t bytes,
            std::vector<Output>& out);
  void write_header(std::vector<std::uint64_t>& words, std::size_t bytes, std::uint32_t bodies,
                    std::uint64_t first, std::uint64_t last) const;
  std::int64_t replay_now_us(std::int64_t now_us) const;
  void set_clock(std::int64_t replay_us);
  std::uint64_t credit() const { return granted_ > sent_bytes_ ? granted_ - sent_bytes_ : 0; }

  const std::uint64_t session_;
  const std::unique_ptr<Source> source_;
  const SourceRange range_;
  const Clock& clock_;
  const wire::LogId log_;
  const std::size_t frame_bytes_max_;
  std::string gone_;

  wire::ReplayPhase phase_ = wire::ReplayPhase::Playing;
  double speed_;
  std::int64_t base_replay_us_ = 0;   // the replay's clock stood here
  std::int64_t base_us_ = 0;          // at this monotonic time
  std::uint64_t granted_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t sent_entries_ = 0;
  std::int64_t told_us_ = 0;          // monotonic: the last frame or state
  std::vector<Steer> steers_;
  bool told_gone_ = false;

  std::optional<Piece> pending_;      // taken from the source, in no frame yet

  // The frame that is being put together.
  std::shared_ptr<std::vector<std::uint64_t>> frame_;
  std::size_t frame_bytes_ = 0;
  std::uint32_t frame_bodies_ = 0;
  std::uint64_t frame_first_ = 0;
  std::uint64_t frame_last_ = 0;
  std::uint64_t frame_entries_ = 0;
  std::int64_t frame_time_us_ = 0;
};

}  // namespace vigie::replay
