#pragma once
// Questions whether the hub is there, each answered when it was next heard on the session that the
// browsers share. The hub has no message that it must answer on a session; it says something at
// least every two seconds, and refuses within as much a session that it does not know. So a word
// from it that came after the question went through the hub, the session and this server. Pure;
// one thread.

#include <cstdint>
#include <functional>
#include <vector>

namespace vigie::web {

class HubProbes {
 public:
  /// A hub that is heard as seldom as it may be is heard twice in this time.
  static constexpr std::int64_t kPatienceUs = 4'000'000;

  /// Of the newest question that was answered, or is overdue.
  struct Newest {
    bool asked = false;
    bool heard = false;
    std::int64_t waited_us = 0;  // until the hub was heard, or without it
    std::int64_t at_us = 0;      // when that was, monotonic
  };

  /// `then` is told after how long the hub was heard; -1: it was not, in all the patience. It may
  /// ask anew.
  void ask(std::int64_t now_us, std::function<void(std::int64_t waited_us)> then);
  /// `heard_us`: when the hub was last heard. Answers what can be.
  void look(std::int64_t now_us, std::int64_t heard_us);
  /// The session does not stand: nobody is to wait for it.
  void give_up(std::int64_t now_us);

  bool any_wait() const { return !waiting_.empty(); }
  const Newest& newest() const { return newest_; }

 private:
  struct Waiting {
    std::int64_t since_us;
    std::function<void(std::int64_t)> then;
  };
  void answer(std::vector<Waiting> over, std::int64_t now_us, bool heard);

  std::vector<Waiting> waiting_;  // the oldest first
  Newest newest_;
};

}  // namespace vigie::web
