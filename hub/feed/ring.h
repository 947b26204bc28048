#pragma once
// The ring: the newest bodies, bounded in bytes, and at least all that is not durable yet. Front
// thread. Promise 5: what a slow console costs is its place; the ring is one for all.

#include <deque>

#include "hub/ops/link.h"
#include "hub/picture/view_filter.h"

namespace vigie::feed {

/// The least box around all positions in a body, and around where its units stood before.
struct Box {
  std::int32_t south_e7 = INT32_MAX;
  std::int32_t north_e7 = INT32_MIN;
  std::int32_t west_e7 = INT32_MAX;
  std::int32_t east_e7 = INT32_MIN;
  void add(std::int32_t lat_e7, std::int32_t lon_e7);
  /// True when the whole box lies in the area.
  bool inside(const AreaBox& area) const;
};

struct ChannelUse {
  MessageClass message_class;
  ChannelIndex channel;
};

/// A body in the ring, with what cutting it for a view needs.
struct Entry {
  BodyPtr body;
  Folded folded;               // borrows from the body
  std::uint64_t prev_seq = 0;  // last seq of the body before
  bool only_batches = true;    // false: it holds the log's own notes, which are nobody's
  Box box;
  std::vector<ChannelUse> channels;  // each used channel once, and those that units came from
  std::shared_ptr<ops::SharedMessage> whole;  // the frame for views that take everything in it

  std::uint64_t last_seq() const { return body->last_seq(); }
  bool has_kept() const { return !folded.events.empty() || !folded.states.empty(); }
};

class Ring {
 public:
  /// `head`: the log's last seq before the first body that will be pushed.
  Ring(std::size_t bytes_max, std::uint64_t head)
      : bytes_max_(bytes_max), head_(head), tail_(head) {}

  /// The newest body, folded and with its frame header written.
  Entry& push(BodyPtr body, Folded folded);
  /// Lets go of what is durable and over the bound.
  void trim(std::uint64_t durable);

  /// The last seq in the ring.
  std::uint64_t head() const { return head_; }
  /// The seq before the ring's first body: a session at or after it can ride.
  std::uint64_t tail() const { return tail_; }
  std::size_t bytes() const { return bytes_; }
  /// The first entry that holds something after `seq`; null when seq is the head. REQUIRES: seq >=
  /// tail().
  Entry* after(std::uint64_t seq);

 private:
  void note_channels(Entry& entry);
  void use(Entry& entry, MessageClass message_class, ChannelIndex channel);
  const std::size_t bytes_max_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t head_;
  std::uint64_t tail_;
  std::uint64_t pushed_ = 0;
  std::vector<std::uint64_t> used_in_[kClassCount];  // by channel: the push that used it last
};

}  // namespace vigie::feed
