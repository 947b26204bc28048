#include "hub/replay/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vigie::replay {
namespace {

constexpr std::int64_t kTellUs = 2'000'000;       // the console sees the clock move at least this often
constexpr std::size_t kFirstFrameBytes = 16384;   // begin small, so that something is seen at once
constexpr int kFramesASlice = 4;

const wire::BodyHeader& header_of(Bytes body) {
  return *reinterpret_cast<const wire::BodyHeader*>(body.data());
}

std::uint64_t entries_in(Bytes body) {
  std::uint64_t entries = 0;
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() == wire::BlockKind::Batch) entries += block->header->count();
  }
  return entries;
}

}  // namespace

Player::Player(const Start& start, std::unique_ptr<Source> source, SourceRange range,
               const Clock& clock, wire::LogId log, std::string gone)
    : session_(start.session),
      source_(std::move(source)),
      range_(range),
      clock_(clock),
      log_(log),
      frame_bytes_max_(start.frame_bytes_max),
      gone_(std::move(gone)),
      phase_(start.paused ? wire::ReplayPhase::Paused : wire::ReplayPhase::Playing),
      speed_(start.speed),
      granted_(start.granted_bytes),
      told_us_(clock.monotonic_us()) {
  set_clock(range.from_us);
}

void Player::set_clock(std::int64_t replay_us) {
  base_replay_us_ = replay_us;
  base_us_ = clock_.monotonic_us();
}

std::int64_t Player::replay_now_us(std::int64_t now_us) const {
  if (phase_ != wire::ReplayPhase::Playing || speed_ == 0) return base_replay_us_;
  const double passed = static_cast<double>(now_us - base_us_) * speed_;
  return passed < 9e17 ? base_replay_us_ + std::llround(passed) : range_.until_us;
}

void Player::grant(std::uint64_t granted_bytes) { granted_ = std::max(granted_, granted_bytes); }

void Player::steer(const Steer& steer) { steers_.push_back(steer); }

bool Player::step(std::vector<Output>& out) {
  for (const Steer& steer : std::exchange(steers_, {})) answer(steer, out);
  if (!told_gone_ && !gone_.empty()) {
    told_gone_ = true;
    tell_state(0, gone_, out);
  }
  const std::int64_t now_us = clock_.monotonic_us();
  bool did = false;
  for (int frames = 0; frames < kFramesASlice && phase_ == wire::ReplayPhase::Playing; ++frames) {
    if (!send_frame(now_us, out)) break;
    did = true;
  }
  return tell_time(now_us, out) || did;
}

void Player::answer(const Steer& steer, std::vector<Output>& out) {
  using enum wire::ControlKind;
  std::string reason;
  const std::int64_t now_us = clock_.monotonic_us();
  set_clock(replay_now_us(now_us));
  if (steer.kind == Pause && phase_ == wire::ReplayPhase::Playing) {
    phase_ = wire::ReplayPhase::Paused;
  } else if (steer.kind == Resume && phase_ == wire::ReplayPhase::Paused) {
    phase_ = wire::ReplayPhase::Playing;
  } else if (steer.kind == Seek) {
    const std::int64_t to_us = std::clamp(steer.time_us, range_.from_us, range_.until_us);
    if (to_us != steer.time_us) {
      reason = fmt::format("time {} is outside of the range; went to {}",
                           format_time(steer.time_us), format_time(to_us));
    }
    pending_.reset();
    frame_.reset();
    source_->seek(to_us);
    set_clock(to_us);
    if (phase_ == wire::ReplayPhase::Ended) phase_ = wire::ReplayPhase::Playing;
  } else if (steer.kind == Speed) {
    if (std::isfinite(steer.speed) && steer.speed >= 0) {
      speed_ = steer.speed;
    } else {
      reason = fmt::format("speed {} is not 0 or more", steer.speed);
    }
  } else if (steer.kind == wire::ControlKind::Stop) {
    phase_ = wire::ReplayPhase::Ended;
  }
  tell_state(steer.request, reason, out);
}

void Player::tell_state(std::uint32_t request, std::string_view reason, std::vector<Output>& out) {
  wire::ReplayStateT state;
  state.request = request;
  state.phase = phase_;
  state.time_us = replay_now_us(clock_.monotonic_us());
  state.sent = sent_entries_;
  state.reason = reason;
  state.damaged = source_->damaged();
  out.emplace_back(StateOut{.session = session_, .message = packed<wire::ReplayState>(state)});
  told_us_ = clock_.monotonic_us();
}

bool Player::send_frame(std::int64_t now_us, std::vector<Output>& out) {
  const std::int64_t due_us = speed_ == 0 ? INT64_MAX : replay_now_us(now_us);
  const std::size_t goal =
      sent_bytes_ == 0 ? std::min(kFirstFrameBytes, frame_bytes_max_) : frame_bytes_max_;
  while (true) {
    if (!pending_) {
      const std::optional<std::int64_t> time_us = source_->peek();
      if (!time_us || *time_us > due_us) {
        const bool sent = emit(out);
        if (!time_us) end(out);
        return sent || !time_us;
      }
      pending_ = source_->next(due_us);
      if (pending_->body.empty()) pending_.reset();
      if (!pending_) continue;
    }
    const std::size_t bytes =
        pending_->body.size() + (frame_ == nullptr ? sizeof(wire::FrameHeader) : frame_bytes_);
    const bool affordable = bytes <= credit();
    if (frame_ != nullptr && (bytes > goal || !affordable)) return emit(out);
    // A single entry larger than any frame should be goes out when a whole frame's credit is free.
    if (!affordable && credit() < frame_bytes_max_) return false;
    append(*pending_);
    pending_.reset();
  }
}

void Player::append(const Piece& piece) {
  if (frame_ == nullptr) {
    frame_ = std::make_shared<std::vector<std::uint64_t>>();
    frame_->reserve(std::min<std::size_t>(frame_bytes_max_, limits::kFrameBytesMax) / 8 + 1);
    frame_bytes_ = sizeof(wire::FrameHeader);
    frame_bodies_ = 0;
    frame_first_ = UINT64_MAX;
    frame_last_ = 0;
    frame_entries_ = 0;
  }
  frame_->resize((frame_bytes_ + piece.body.size()) / 8);
  std::memcpy(reinterpret_cast<std::byte*>(frame_->data()) + frame_bytes_, piece.body.data(),
              piece.body.size());
  frame_bytes_ += piece.body.size();
  ++frame_bodies_;
  frame_first_ = std::min(frame_first_, header_of(piece.body).first_seq());
  frame_last_ = std::max(frame_last_, header_of(piece.body).last_seq());
  frame_entries_ += entries_in(piece.body);
  frame_time_us_ = piece.time_us;
}

bool Player::emit(std::vector<Output>& out) {
  if (frame_ == nullptr) return false;
  // As fast as it goes, the replay's clock is the time of what was sent last.
  if (speed_ == 0) set_clock(frame_time_us_);
  write_header(*frame_, frame_bytes_, frame_bodies_, frame_first_, frame_last_);
  sent_entries_ += frame_entries_;
  send(std::exchange(frame_, nullptr), frame_bytes_, out);
  return true;
}

void Player::write_header(std::vector<std::uint64_t>& words, std::size_t bytes,
                          std::uint32_t bodies, std::uint64_t first, std::uint64_t last) const {
  const wire::FrameHeader header(static_cast<std::uint32_t>(bytes), kFrameMagic,
                                 wire::FrameKind::Replay, 0, 0, bodies, 0, first, last, 0, last, 0,
                                 replay_now_us(clock_.monotonic_us()), log_);
  std::memcpy(words.data(), &header, sizeof header);
}

void Player::send(std::shared_ptr<std::vector<std::uint64_t>> frame, std::size_t bytes,
                  std::vector<Output>& out) {
  sent_bytes_ += bytes;
  told_us_ = clock_.monotonic_us();
  const Bytes view{reinterpret_cast<const std::byte*>(frame->data()), bytes};
  out.emplace_back(
      FrameOut{.session = session_, .owner = std::move(frame), .bytes = view, .last = false});
}

void Player::end(std::vector<Output>& out) {
  set_clock(replay_now_us(clock_.monotonic_us()));
  phase_ = wire::ReplayPhase::Ended;
  tell_state(0, gone_, out);
}

bool Player::tell_time(std::int64_t now_us, std::vector<Output>& out) {
  if (phase_ == wire::ReplayPhase::Ended || now_us - told_us_ < kTellUs) return false;
  if (credit() < sizeof(wire::FrameHeader)) {
    // No credit even for an empty frame: a state costs none.
    tell_state(0, {}, out);
    return true;
  }
  auto frame = std::make_shared<std::vector<std::uint64_t>>(sizeof(wire::FrameHeader) / 8);
  write_header(*frame, sizeof(wire::FrameHeader), 0, 0, 0);
  send(std::move(frame), sizeof(wire::FrameHeader), out);
  return true;
}

std::int64_t Player::next_us() const {
  if (phase_ == wire::ReplayPhase::Ended) return INT64_MAX;
  std::int64_t next = told_us_ + kTellUs;
  if (phase_ != wire::ReplayPhase::Playing || speed_ == 0) return next;
  const std::optional<std::int64_t> due = pending_ ? std::nullopt : source_->peek();
  if (!due) return next;
  const double wait = static_cast<double>(*due - base_replay_us_) / speed_;
  if (wait < 1e15) next = std::min(next, base_us_ + static_cast<std::int64_t>(std::ceil(wait)));
  return next;
}

}  // namespace vigie::replay
