#pragma once
// The quarantine: messages that were refused because they, or their senders, are wrong, as they
// came, for whoever has to find out why. Front thread. Pure: no file, no clock; what is kept is
// handed on to be written (quarantine_files.h).
//
// Bounded in messages and bytes, with a share of both for each sender (an identity, or a key that
// is nobody's): a flooder pushes out what is its own. When all is full the oldest message of
// whoever has most goes. How much is copied a second is bounded too, so that a flood costs the hot
// thread no more than refusing it does. What is not kept, or no more, is counted. Where nobody is
// asked senders can't be told apart: there the bounds of all alone hold.
//
// Promise 6: an owner's administrator is told of that owner's senders, and neither by numbers nor
// by counts of others: an id is the time at which the message came. The hub's own administrators
// are told of all, and see of what an owner's identities sent no bytes (hub/sessions/asks.cpp).

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "hub/security/registry.h"

namespace vigie::security {

struct QuarantineOptions {
  std::size_t messages_max = limits::kQuarantineMessagesMax;
  std::size_t bytes_max = limits::kQuarantineBytesMax;
  /// One sender's share of both is the whole by this.
  static constexpr std::size_t kSenders =
      limits::kQuarantineMessagesMax / limits::kQuarantinePerSenderMax;
  /// Copied a second, of one sender and of all; at most so many seconds' worth at once.
  double sender_bytes_per_second = 64 * 1024;
  double bytes_per_second = 1024 * 1024;
  double seconds_at_once = 8;
};

/// What is kept of one message beyond its bytes counts as so much.
inline constexpr std::size_t kQuarantinedAround = 1024;
/// Of a message so much is kept: a whole batch or request, or the beginning of what is too large.
inline constexpr std::size_t kQuarantinedBytesMax = limits::kBatchBytesMax;
/// And of the reason.
inline constexpr std::size_t kQuarantinedReasonMax = 512;

using QuarantinedPtr = std::shared_ptr<const wire::QuarantinedMessageT>;

/// A message that is refused, as the endpoint has it.
struct RefusedMessage {
  const char* endpoint;  // "publish" or "listen"
  std::string name;      // whose key it is: sender_of()
  std::string_view key;  // empty where nobody is asked
  Bytes bytes;
  wire::Refusal code;
  std::string_view reason;
};

/// Whose messages somebody is told of: all, or those of one owner's identities.
struct Sight {
  bool is_of_all = false;
  std::string owner = {};
};

/// The identity that holds the key, or is to be joined by it; empty: nobody, or nobody is asked.
std::string sender_of(const Registry* registry, std::string_view key, std::int64_t now_us);

class Quarantine {
 public:
  /// `keep` is given each message that is taken in, to be written down; it must not wait.
  explicit Quarantine(QuarantineOptions options, std::function<void(QuarantinedPtr)> keep = {});

  /// What was written down before the hub's start, the oldest first. Before the first note().
  void restore(const std::vector<QuarantinedPtr>& messages);
  /// Keeps the message, if its code is one of those (refusals.h) and there is room and time.
  /// `now_us` is monotonic.
  void note(const RefusedMessage& refused, std::int64_t known_us, std::int64_t now_us);

  /// The newest first, with ids below `before` (0: all), until `take` returns false.
  void list(const Sight& sight, std::uint64_t before,
            const std::function<bool(const wire::QuarantinedMessageT&)>& take) const;
  /// Null: it is not there, or not to be seen.
  QuarantinedPtr find(const Sight& sight, std::uint64_t id) const;
  /// How many were not kept, or no more, since the start.
  std::uint64_t dropped(const Sight& sight) const;

  std::size_t messages() const { return by_id_.size(); }
  std::size_t bytes() const { return bytes_; }
  /// Of what is kept, and whose allowance is not full yet.
  std::size_t senders() const { return senders_.size(); }

 private:
  /// What may be copied: so much at once, and so much a second.
  struct Allowance {
    double bytes = 0;
    std::int64_t at_us = INT64_MIN;
  };
  struct Sender {
    std::deque<std::uint64_t> ids;  // rising
    std::size_t bytes = 0;
    Allowance allowance;
  };
  using Senders = std::map<std::string, Sender, std::less<>>;

  void top_up(Allowance& allowance, double rate, std::int64_t now_us) const;
  bool may_copy(const std::string& sender, double bytes, std::int64_t now_us);
  void put(QuarantinedPtr message);
  void forget_rested(std::int64_t now_us);
  void drop_oldest(Senders::iterator sender);
  void make_room(Senders::iterator newest);
  void weigh(const std::string& sender, std::size_t before, std::size_t after);
  void count_dropped(std::string_view name);
  bool is_seen(const Sight& sight, const wire::QuarantinedMessageT& message) const;

  const QuarantineOptions options_;
  const std::function<void(QuarantinedPtr)> keep_;
  std::map<std::uint64_t, QuarantinedPtr> by_id_;
  Senders senders_;
  std::int64_t next_forget_us_ = INT64_MIN;
  std::set<std::pair<std::size_t, std::string>> by_weight_;  // bytes and sender
  std::size_t bytes_ = 0;
  std::uint64_t last_id_ = 0;
  Allowance allowance_;
  std::uint64_t dropped_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> dropped_of_;  // by owner
};

}  // namespace vigie::security
