#include "vigie/replay.h"

#include <atomic>

#include "clients/cpp/core/replay_core.h"
#include "clients/cpp/face/endpoint.h"
#include "clients/cpp/face/listener.h"

namespace vigie::client {

class Replay::Impl {
 public:
  /// Numbers a request and has the background thread ask for it.
  template <typename Ask>
  std::uint32_t request(const Ask& ask) {
    const std::uint32_t number = ++requests_;
    listener->command([number, ask](ReplayCore& core) { ask(core, number); });
    return number;
  }

  // The core reads its own clock: it must outlive the listener's thread.
  SystemClock clock;
  std::unique_ptr<Listener<ReplayCore>> listener;

 private:
  std::atomic<std::uint32_t> requests_{0};
};

Replay::Replay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Replay::~Replay() = default;

Result<std::unique_ptr<Replay>> Replay::open(ReplayOptions options) {
  const auto endpoints = parse_hub(options.link.hub);
  if (!endpoints) return endpoints.fault();
  auto impl = std::make_unique<Impl>();
  const LinkOptions link = options.link;
  const std::uint32_t window_bytes = options.window_bytes;
  std::function<void(Item&&)> on_item = options.on_item;
  auto core = ReplayCore::open(std::move(options), impl->clock, system_random());
  if (!core) return core.fault();
  impl->listener =
      std::make_unique<Listener<ReplayCore>>(std::move(*core), std::move(on_item), window_bytes);
  Result<void> started = impl->listener->start(endpoints->listen, link, system_random());
  if (!started) return started.fault();
  return std::unique_ptr<Replay>(new Replay(std::move(impl)));
}

Result<std::optional<Item>> Replay::next(std::chrono::milliseconds timeout) {
  return impl_->listener->next(timeout);
}

std::uint32_t Replay::pause() {
  return impl_->request([](ReplayCore& core, std::uint32_t number) { core.pause(number); });
}

std::uint32_t Replay::resume() {
  return impl_->request([](ReplayCore& core, std::uint32_t number) { core.resume(number); });
}

std::uint32_t Replay::seek(std::int64_t time_us) {
  return impl_->request(
      [time_us](ReplayCore& core, std::uint32_t number) { core.seek(number, time_us); });
}

std::uint32_t Replay::set_speed(double speed) {
  return impl_->request(
      [speed](ReplayCore& core, std::uint32_t number) { core.set_speed(number, speed); });
}

std::uint32_t Replay::stop() {
  return impl_->request([](ReplayCore& core, std::uint32_t number) { core.stop(number); });
}

ReplayStatus Replay::status() const {
  return impl_->listener->status([](ReplayStatus&, std::int64_t) {});
}

}  // namespace vigie::client
