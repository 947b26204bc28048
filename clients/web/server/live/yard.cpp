#include "clients/web/server/live/yard.h"

namespace vigie::web {

Yard::Yard(Net& net) : net_(net), alive_(std::make_shared<int>(0)) {}

Yard::~Yard() {
  for (const Running& running : threads_) running.stop->store(true);
  for (Running& running : threads_) running.thread.join();
}

StopFlag Yard::start(std::function<void(const std::atomic<bool>& stop)> work) {
  auto stop = std::make_shared<std::atomic<bool>>(false);
  const auto place = threads_.insert(threads_.end(), Running{stop, std::thread()});
  const std::weak_ptr<int> alive = alive_;
  place->thread = std::thread([this, alive, place, stop, work = std::move(work)]() mutable {
    work(*stop);
    work = nullptr;
    net_.post([this, alive, place] {
      if (alive.expired()) return;
      place->thread.join();
      threads_.erase(place);
    });
  });
  return stop;
}

}  // namespace vigie::web
