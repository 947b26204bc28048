#include "clients/web/server/live/hub_probes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vigie::web {

void HubProbes::ask(std::int64_t now_us, std::uint64_t number,
                    std::function<void(std::int64_t)> then) {
  waiting_.push_back({now_us, number, std::move(then)});
}

void HubProbes::look(std::int64_t now_us, std::uint64_t said) {
  const auto take_until = [this](const auto& stays) {
    const auto end = std::find_if(waiting_.begin(), waiting_.end(), stays);
    std::vector<Waiting> taken(std::make_move_iterator(waiting_.begin()),
                               std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return taken;
  };
  answer(take_until([&](const Waiting& one) { return one.number > said; }), now_us, true);
  answer(take_until([&](const Waiting& one) { return now_us - one.since_us < kPatienceUs; }),
         now_us, false);
}

void HubProbes::give_up(std::int64_t now_us) {
  answer(std::exchange(waiting_, {}), now_us, false);
}

void HubProbes::answer(std::vector<Waiting> over, std::int64_t now_us, bool heard) {
  if (over.empty()) return;
  newest_ = {true, heard, now_us - over.back().since_us, now_us};
  for (const Waiting& one : over) one.then(heard ? now_us - one.since_us : -1);
}

}  // namespace vigie::web
