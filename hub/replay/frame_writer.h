#pragma once
// A frame of a replay: bodies copied once, behind their header, into one buffer of its own. A
// worker's thread.

#include <cstring>
#include <memory>

#include "hub/replay/workers.h"

namespace vigie::replay {

class FrameWriter {
 public:
  /// Frames grow to about `bytes_max`.
  explicit FrameWriter(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool empty() const { return bodies_ == 0; }
  /// Of the frame so far, header included.
  std::size_t bytes() const { return used_; }

  /// `body`: from the BodyHeader on. `more`: others are likely to follow.
  void add(Bytes body, bool more) {
    reserve(used_ + body.size(), more);
    std::memcpy(data() + used_, body.data(), body.size());
    used_ += body.size();
    const auto& header = *reinterpret_cast<const wire::BodyHeader*>(body.data());
    first_ = bodies_ == 0 ? header.first_seq() : std::min(first_, header.first_seq());
    last_ = std::max(last_, header.last_seq());
    ++bodies_;
  }
  std::uint64_t last_seq() const { return last_; }

  /// `prev`: the last seq of the frame before this one.
  FrameOut finish(std::uint64_t session, std::uint64_t prev, std::uint64_t durable,
                  std::int64_t time_us, wire::LogId log) {
    reserve(used_, false);
    const std::uint64_t last = empty() ? prev : last_;
    const wire::FrameHeader header(static_cast<std::uint32_t>(used_), kFrameMagic,
                                   wire::FrameKind::Replay, 0, 0, bodies_, prev, first_, last, prev,
                                   last, durable, time_us, log);
    std::memcpy(data(), &header, sizeof header);
    const Bytes bytes{data(), used_};
    return {.session = session,
            .owner = std::shared_ptr<const std::uint64_t[]>(std::move(words_)),
            .bytes = bytes,
            .last = false};
  }

 private:
  std::byte* data() { return reinterpret_cast<std::byte*>(words_.get()); }
  /// The buffer is not cleared: each byte is written once.
  void reserve(std::size_t bytes, bool more) {
    if (bytes <= capacity_) return;
    capacity_ = more || capacity_ != 0 ? std::max(bytes, bytes_max_) : bytes;
    auto words = std::make_unique_for_overwrite<std::uint64_t[]>(capacity_ / 8 + 1);
    if (words_ != nullptr) std::memcpy(words.get(), words_.get(), used_);
    words_ = std::move(words);
  }

  const std::size_t bytes_max_;
  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t capacity_ = 0;
  std::size_t used_ = sizeof(wire::FrameHeader);
  std::uint32_t bodies_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace vigie::replay
