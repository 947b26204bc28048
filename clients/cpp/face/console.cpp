#include "vigie/console.h"

#include "clients/cpp/face/endpoint.h"
#include "clients/cpp/face/listener.h"

namespace vigie::client {

std::int64_t ConsoleStatus::age_us(std::int64_t time_us) const {
  if (hub_time_us == 0) return -1;
  return std::max<std::int64_t>(hub_time_us - time_us, 0);
}

Freshness ConsoleStatus::freshness(std::int64_t position_time_us) const {
  const std::int64_t age = age_us(position_time_us);
  if (age < 0 || silent_after_ms == 0) return Freshness::Unknown;
  if (age >= std::int64_t{silent_after_ms} * 1000) return Freshness::Silent;
  if (age >= std::int64_t{overdue_after_ms} * 1000) return Freshness::Overdue;
  return Freshness::Fresh;
}

class Console::Impl {
 public:
  // The core reads its own clock: it must outlive the listener's thread.
  SystemClock clock;
  std::unique_ptr<Listener<ConsoleCore>> listener;
};

Console::Console(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Console::~Console() = default;

Result<std::unique_ptr<Console>> Console::open(ConsoleOptions options) {
  const auto endpoints = parse_hub(options.link.hub);
  if (!endpoints) return endpoints.fault();
  auto impl = std::make_unique<Impl>();
  const LinkOptions link = options.link;
  const std::uint32_t window_bytes = options.window_bytes;
  const std::vector<std::byte> token =
      options.start == StartKind::Token ? options.token : std::vector<std::byte>();
  std::function<void(Item&&)> on_item = options.on_item;
  auto core = ConsoleCore::open(std::move(options), impl->clock, system_random());
  if (!core) return core.fault();
  impl->listener =
      std::make_unique<Listener<ConsoleCore>>(std::move(*core), std::move(on_item), window_bytes);
  if (!token.empty()) {
    auto kept = parse_kept_token(token);
    if (!kept) return kept.fault();
    impl->listener->keeper().restore(kept->first, std::move(kept->second));
  }
  Result<void> started = impl->listener->start(endpoints->listen, link, system_random());
  if (!started) return started.fault();
  return std::unique_ptr<Console>(new Console(std::move(impl)));
}

Result<std::optional<Item>> Console::next(std::chrono::milliseconds timeout) {
  return impl_->listener->next(timeout);
}

ConsoleStatus Console::status() const {
  return impl_->listener->status([](ConsoleStatus& status, std::int64_t since_us) {
    if (status.link_age_us >= 0) status.link_age_us += since_us;
    if (status.hub_time_us != 0) status.hub_time_us += since_us;
  });
}

void Console::probe(std::uint64_t number) {
  impl_->listener->command([number](ConsoleCore& core) { core.probe(number); });
}

std::vector<std::byte> Console::token() const {
  return impl_->listener->token();
}

}  // namespace vigie::client
