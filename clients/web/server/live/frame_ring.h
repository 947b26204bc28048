#pragma once
// The newest shared frames, encoded, in a ring bounded in bytes. A browser that keeps up is a
// number of a frame in it. Pure; one thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "clients/web/protocol/web_generated.h"

namespace vigie::web {

struct SharedFrame {
  std::shared_ptr<const std::string> bytes = {};
  std::int64_t at_us = 0;         // when it was made, by a clock that never steps
  std::uint64_t version_end = 0;  // of the picture behind it
  std::uint64_t events_end = 0;   // place in the event log behind it
  /// The same as JSON, as long as somebody is being sent it.
  mutable std::weak_ptr<const std::string> json = {};

  const wire::Frame& frame() const { return *wire::GetFrame(bytes->data()); }
};

class FrameRing {
 public:
  explicit FrameRing(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void push(SharedFrame frame) {
    bytes_ += frame.bytes->size();
    frames_.push_back(std::move(frame));
    while (bytes_ > bytes_max_ && frames_.size() > 1) {
      bytes_ -= frames_.front().bytes->size();
      frames_.pop_front();
      ++first_;
    }
  }
  void clear() {
    first_ = end();
    frames_.clear();
    bytes_ = 0;
  }
  /// Frames first()..end() - 1 are here; numbers only ever rise.
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + frames_.size(); }
  const SharedFrame& at(std::uint64_t number) const { return frames_[number - first_]; }
  std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t bytes_max_;
  std::deque<SharedFrame> frames_;
  std::uint64_t first_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace vigie::web
