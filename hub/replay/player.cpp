#include "hub/replay/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vigie::replay {
namespace {

constexpr std::int64_t kTellUs = 2'000'000;  // the console sees the clock move at least so often
constexpr std::int64_t kTellDamageUs = 1'000'000;
// A reader pins files that retention has dropped, and memory: it is let go of now and then, and
// when there is nothing to do.
constexpr std::int64_t kHoldUs = 10'000'000;
constexpr std::size_t kFirstFrameBytes = 16 * 1024;  // small, so that something is seen at once
// Large enough to cost nothing to send, small enough for reading and sending to overlap.
constexpr std::size_t kFrameBytesGoal = 128 * 1024;
constexpr int kTurnsASlice = 4;
constexpr std::size_t kSteersMax = 256;
constexpr std::size_t kDamagedToldMax = 1000;

}  // namespace

Player::Player(const Start& start, std::unique_ptr<Source> source, SourceRange range, Needs needs)
    : session_(start.session),
      source_(std::move(source)),
      range_(range),
      needs_(std::move(needs)),
      frame_bytes_max_(start.frame_bytes_max),
      phase_(start.paused ? wire::ReplayPhase::Paused : wire::ReplayPhase::Playing),
      speed_(start.speed),
      granted_(start.granted_bytes),
      told_us_(needs_.clock.monotonic_us()) {
  set_clock(range.from_us);
}

void Player::set_clock(std::int64_t replay_us) {
  base_replay_us_ = replay_us;
  base_us_ = needs_.clock.monotonic_us();
}

std::int64_t Player::replay_now_us(std::int64_t now_us) const {
  if (phase_ != wire::ReplayPhase::Playing || speed_ == 0) return base_replay_us_;
  const double passed = static_cast<double>(now_us - base_us_) * speed_;
  const double left = static_cast<double>(range_.until_us) - static_cast<double>(base_replay_us_);
  return passed < left ? base_replay_us_ + std::llround(passed) : range_.until_us;
}

void Player::grant(std::uint64_t granted_bytes) {
  granted_ = std::max(granted_, granted_bytes);
}

void Player::steer(const Steer& steer) {
  // One that floods with controls is answered for the newest.
  if (steers_.size() == kSteersMax) steers_.erase(steers_.begin());
  steers_.push_back(steer);
}

bool Player::step(std::vector<Output>& out) {
  const std::int64_t now_us = needs_.clock.monotonic_us();
  bool did = !begun_ || !steers_.empty();
  if (!begun_) begin(out);
  for (const Steer& steer : std::exchange(steers_, {})) answer(steer, out);
  did = rest_in_time(now_us) || did;
  wake_us_ = INT64_MAX;
  blocked_ = false;
  for (int turn = 0; turn < kTurnsASlice && phase_ == wire::ReplayPhase::Playing; ++turn) {
    if (send_frame(now_us, out) == Did::Nothing) break;
    did = true;
  }
  if (phase_ == wire::ReplayPhase::Playing) did = tell_time(now_us, out) || did;
  return did;
}

void Player::begin(std::vector<Output>& out) {
  begun_ = true;
  if (const Result<void> found = source_->seek(range_.from_us); !found) {
    fail(found.fault());
    return tell_state(0, failure_, out);
  }
  if (const std::string gone = needs_.what_is_gone(); !gone.empty()) tell_state(0, gone, out);
  clock_waits_ = starts_at_entry();
}

bool Player::starts_at_entry() const {
  return range_.from_us <= kTrueTimeUsMin || !needs_.what_is_gone().empty();
}

void Player::answer(const Steer& steer, std::vector<Output>& out) {
  using Kind = wire::ControlKind;
  using Phase = wire::ReplayPhase;
  std::string reason;
  set_clock(replay_now_us(needs_.clock.monotonic_us()));
  if (steer.kind == Kind::Pause) {
    if (phase_ == Phase::Playing) phase_ = Phase::Paused;
  } else if (steer.kind == Kind::Resume) {
    if (phase_ == Phase::Paused) phase_ = Phase::Playing;
  } else if (steer.kind == Kind::Seek) {
    reason = seek(steer.time_us);
  } else if (steer.kind == Kind::Speed) {
    if (std::isfinite(steer.speed) && steer.speed >= 0) {
      speed_ = steer.speed;
      source_->rest();  // what was prepared may not be due any more
    } else {
      reason = fmt::format("speed {} is not 0 or more", steer.speed);
    }
  } else if (steer.kind == Kind::Stop) {
    phase_ = Phase::Ended;
    source_->rest();
  } else {
    reason = fmt::format("control {} is not known", static_cast<int>(steer.kind));
  }
  tell_state(steer.request, phase_ == Phase::Failed ? failure_ : reason, out);
}

std::string Player::seek(std::int64_t time_us) {
  const std::int64_t to_us = std::clamp(time_us, range_.from_us, range_.until_us);
  set_clock(to_us);
  if (const Result<void> found = source_->seek(to_us); !found) {
    fail(found.fault());
    return {};
  }
  if (phase_ != wire::ReplayPhase::Paused) phase_ = wire::ReplayPhase::Playing;
  code_ = wire::Refusal::None;
  last_seq_ = 0;
  clock_waits_ = to_us == range_.from_us && starts_at_entry();
  if (to_us == time_us) return {};
  return fmt::format("{} is outside of the range; went to {}", format_time(time_us),
                     format_time(to_us));
}

Player::Did Player::send_frame(std::int64_t now_us, std::vector<Output>& out) {
  const std::int64_t due_us = speed_ == 0 ? INT64_MAX : replay_now_us(now_us);
  FrameWriter frame(std::min(frame_bytes_max_, kFrameBytesGoal));
  std::int64_t time_us = base_replay_us_;  // of the last piece
  while (true) {
    const Result<Looked> looked = source_->look(due_us);
    if (!held_us_) held_us_ = now_us;
    const bool is_piece = looked && looked->what == Looked::What::Piece;
    const bool met_damage = source_->damaged().size() > damage_told_;
    const bool full = is_piece && !fits(frame, looked->body.size());
    if (!frame.empty() && (!is_piece || full || met_damage)) {
      // What was found is found again by the next look.
      const bool all = looked && looked->what == Looked::What::Later;
      emit(frame, all && speed_ != 0 ? due_us : time_us, out);
      return Did::Sent;
    }
    if (met_damage) tell_damage(now_us, out);
    if (!looked) {
      fail(looked.fault());
      tell_state(0, failure_, out);
      return Did::Sent;
    }
    if (full) {
      blocked_ = true;
      return Did::Nothing;
    }
    if (!is_piece) return wait(*looked, due_us, out);
    frame.add(looked->body, speed_ == 0);
    sent_entries_ += looked->entries;
    clock_waits_ = false;
    time_us = last_time_us_ = looked->time_us;
    source_->take();
    if (!needs_.own_numbers) continue;
    // How much more could be found at once depends on what lies between.
    emit(frame, time_us, out);
    return Did::Sent;
  }
}

bool Player::fits(const FrameWriter& frame, std::size_t body_bytes) const {
  const std::size_t bytes = frame.bytes() + body_bytes;
  if (frame.empty()) {
    // A single entry larger than any frame should be goes when a whole frame's credit is free.
    return bytes <= credit() || credit() >= frame_bytes_max_;
  }
  const std::size_t goal = sent_bytes_ == 0 ? kFirstFrameBytes : kFrameBytesGoal;
  return bytes <= std::min<std::uint64_t>({goal, frame_bytes_max_, credit()});
}

Player::Did Player::wait(const Looked& looked, std::int64_t due_us, std::vector<Output>& out) {
  if (looked.what == Looked::What::End) {
    end(out);
    return Did::Sent;
  }
  if (looked.what == Looked::What::Looking) {
    if (speed_ == 0 && !needs_.own_numbers) {
      set_clock(std::clamp(looked.time_us, base_replay_us_, range_.until_us));
    }
    return Did::Looked;
  }
  if (clock_waits_) {
    set_clock(std::clamp(looked.time_us, range_.from_us, range_.until_us));
    clock_waits_ = false;
    return Did::Looked;
  }
  const double wait_us = static_cast<double>(looked.time_us - due_us) / speed_;
  wake_us_ = wait_us < 1e15 ? needs_.clock.monotonic_us() +
                                  std::max<std::int64_t>(1, std::llround(std::ceil(wait_us)))
                            : INT64_MAX;
  return Did::Nothing;
}

void Player::emit(FrameWriter& frame, std::int64_t time_us, std::vector<Output>& out) {
  if (speed_ == 0) set_clock(time_us);
  if (!frame.empty()) sent_bytes_ += frame.bytes();
  const std::uint64_t last = frame.empty() ? last_seq_ : frame.last_seq();
  out.emplace_back(frame.finish(session_, last_seq_, needs_.durable(), time_us, needs_.log));
  last_seq_ = last;
  told_us_ = needs_.clock.monotonic_us();
}

bool Player::tell_time(std::int64_t now_us, std::vector<Output>& out) {
  if (blocked_ || now_us - told_us_ < kTellUs || credit() < sizeof(wire::FrameHeader)) return false;
  FrameWriter frame(0);
  sent_bytes_ += frame.bytes();
  emit(frame, replay_now_us(now_us), out);
  return true;
}

void Player::tell_damage(std::int64_t now_us, std::vector<Output>& out) {
  damage_told_ = source_->damaged().size();
  // Of many damaged blocks the end tells.
  if (damage_told_ > 1 && now_us - told_us_ < kTellDamageUs) return;
  tell_state(0, "a part of the range can't be read; the rest follows", out);
}

void Player::tell_state(std::uint32_t request, const std::string& reason,
                        std::vector<Output>& out) {
  wire::ReplayStateT state;
  state.request = request;
  state.phase = phase_;
  state.time_us = replay_now_us(needs_.clock.monotonic_us());
  state.sent = sent_entries_;
  state.code = code_;
  state.reason = reason;
  static const std::vector<wire::SeqRange> kNone;
  const auto& damaged = needs_.own_numbers ? kNone : source_->damaged();
  const std::size_t count = std::min(damaged.size(), kDamagedToldMax);
  state.damaged.assign(damaged.begin(), damaged.begin() + static_cast<std::ptrdiff_t>(count));
  if (count < damaged.size()) {
    state.reason += fmt::format("{}{} more ranges are damaged", reason.empty() ? "" : "; ",
                                damaged.size() - count);
  }
  out.emplace_back(StateOut{.session = session_, .message = packed<wire::ReplayState>(state)});
  told_us_ = needs_.clock.monotonic_us();
}

void Player::end(std::vector<Output>& out) {
  // All of the range was sent: its clock stands at the end, if that is a time.
  set_clock(range_.open_end ? std::max(last_time_us_, range_.from_us) : range_.until_us);
  phase_ = wire::ReplayPhase::Ended;
  source_->rest();
  held_us_.reset();
  tell_state(0, needs_.what_is_gone(), out);
}

void Player::fail(const Fault& fault) {
  phase_ = wire::ReplayPhase::Failed;
  code_ = wire::Refusal::NotReady;
  failure_ = needs_.own_numbers ? kOwnFailure : fault.sentence;
  source_->rest();
  held_us_.reset();
}

bool Player::rest_in_time(std::int64_t now_us) {
  if (!held_us_ || now_us - *held_us_ < kHoldUs) return false;
  source_->rest();
  held_us_.reset();
  return true;
}

std::int64_t Player::next_us() const {
  if (!begun_ || !steers_.empty()) return needs_.clock.monotonic_us();
  std::int64_t next = held_us_ ? *held_us_ + kHoldUs : INT64_MAX;
  if (phase_ != wire::ReplayPhase::Playing) return next;
  next = std::min(next, wake_us_);
  const bool tells = !blocked_ && credit() >= sizeof(wire::FrameHeader);
  return tells ? std::min(next, told_us_ + kTellUs) : next;
}

}  // namespace vigie::replay
