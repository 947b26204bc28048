#pragma once
// Questions whether the hub is there, each answered when the hub said its number, or a greater one,
// back on the session that the browsers share: it went up to the hub and down again. Pure; one
// thread.

#include <cstdint>
#include <functional>
#include <vector>

namespace vigie::web {

class HubProbes {
 public:
  /// A hub that is there says it back at once; a thin link may hold it for a while.
  static constexpr std::int64_t kPatienceUs = 4'000'000;

  /// Of the newest question that was answered, or is overdue.
  struct Newest {
    bool asked = false;
    bool heard = false;
    std::int64_t waited_us = 0;  // until the hub's word came, or without it
    std::int64_t at_us = 0;      // when that was, monotonic
  };

  /// `number`: what the hub is to say back; rises. `then` is told after how long it did; -1: not
  /// in all the patience. It may ask anew.
  void ask(std::int64_t now_us, std::uint64_t number,
           std::function<void(std::int64_t waited_us)> then);
  /// `said`: the greatest number that the hub said back. Answers what can be.
  void look(std::int64_t now_us, std::uint64_t said);
  /// The session does not stand: nobody is to wait for it.
  void give_up(std::int64_t now_us);

  bool any_wait() const { return !waiting_.empty(); }
  const Newest& newest() const { return newest_; }

 private:
  struct Waiting {
    std::int64_t since_us;
    std::uint64_t number;
    std::function<void(std::int64_t)> then;
  };
  void answer(std::vector<Waiting> over, std::int64_t now_us, bool heard);

  std::vector<Waiting> waiting_;  // the oldest first
  Newest newest_;
};

}  // namespace vigie::web
