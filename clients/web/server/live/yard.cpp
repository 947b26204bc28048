#include "clients/web/server/live/yard.h"

#include <system_error>
#include <utility>

namespace vigie::web {

Yard::Yard(Net& net) : net_(net), alive_(std::make_shared<int>(0)) {}

Yard::~Yard() {
  for (const Running& running : threads_) running.stop->store(true);
  for (Running& running : threads_) running.thread.join();
}

StopFlag Yard::start(std::function<void(const std::atomic<bool>& stop)> work,
                     std::function<void()> ended) {
  auto stop = std::make_shared<std::atomic<bool>>(false);
  const auto place =
      threads_.insert(threads_.end(), Running{stop, std::thread(), std::move(ended)});
  const std::weak_ptr<int> alive = alive_;
  auto run = [this, alive, place, stop, work = std::move(work)]() mutable {
    work(*stop);
    work = nullptr;
    net_.post([this, alive, place] {
      if (alive.expired()) return;
      place->thread.join();
      const std::function<void()> told = std::move(place->ended);
      threads_.erase(place);
      if (told) told();
    });
  };
  try {
    place->thread = std::thread(std::move(run));
  } catch (const std::system_error&) {
    threads_.erase(place);  // the machine has no thread left: its caller is told
    throw;
  }
  return stop;
}

}  // namespace vigie::web
