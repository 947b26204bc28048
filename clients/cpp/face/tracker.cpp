#include "vigie/tracker.h"

#include <fmt/format.h>

#include "clients/cpp/face/endpoint.h"
#include "clients/cpp/face/tracker_loop.h"
#include "clients/cpp/spool/memory_spool.h"
#include "clients/cpp/spool/sqlite_spool.h"
#include "schemas/keys/key_file.h"

namespace vigie::client {

Tracker::Tracker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tracker::~Tracker() = default;

Result<std::unique_ptr<Tracker>> Tracker::open(TrackerOptions options) {
  const auto endpoints = parse_hub(options.link.hub);
  if (!endpoints) return endpoints.fault();
  if (options.link.client.size() > limits::kClientTextBytesMax) {
    return Fault{FaultCode::Invalid,
                 fmt::format("client has {} bytes, at most {} are taken",
                             options.link.client.size(), limits::kClientTextBytesMax)};
  }
  if (options.spool_bytes_max == 0 || options.spool_messages_max == 0) {
    return Fault{FaultCode::Invalid, "spool_bytes_max and spool_messages_max must be above 0"};
  }
  std::uint64_t owner = 0;
  if (!options.link.identity.empty()) {
    const Result<KeyFile> file = read_key_file(options.link.identity);
    if (!file) return file.fault();
    owner = spool_owner(file->name);
  }
  std::unique_ptr<Spool> spool;
  if (options.spool_path.empty()) {
    spool = std::make_unique<MemorySpool>(system_random(), owner);
  } else {
    auto opened = SqliteSpool::open(options.spool_path, options.sync, system_random(), owner);
    if (!opened) return opened.fault();
    spool = std::move(*opened);
  }
  auto impl = std::make_unique<Impl>(std::move(options), std::move(spool));
  if (Result<void> started = impl->start(endpoints->publish); !started) return started.fault();
  return std::unique_ptr<Tracker>(new Tracker(std::move(impl)));
}

namespace {

template <typename Message>
Result<std::vector<std::vector<std::byte>>> encode_one(const Message& message) {
  auto payload = encode(message);
  if (!payload) return payload.fault();
  std::vector<std::vector<std::byte>> payloads;
  payloads.push_back(std::move(*payload));
  return payloads;
}

}  // namespace

Result<std::uint64_t> Tracker::publish(const Fix& fix) {
  auto payloads = encode_one(fix);
  if (!payloads) return payloads.fault();
  return impl_->hand_over(MessageKind::Fix, std::move(*payloads));
}

Result<std::uint64_t> Tracker::publish(const Event& event) {
  auto payloads = encode_one(event);
  if (!payloads) return payloads.fault();
  return impl_->hand_over(MessageKind::Event, std::move(*payloads));
}

Result<std::uint64_t> Tracker::publish(const State& state) {
  auto payloads = encode_one(state);
  if (!payloads) return payloads.fault();
  return impl_->hand_over(MessageKind::State, std::move(*payloads));
}

Result<std::uint64_t> Tracker::publish(std::span<const Fix> fixes) {
  if (fixes.empty()) return Fault{FaultCode::Invalid, "no fixes were given"};
  std::vector<std::vector<std::byte>> payloads;
  payloads.reserve(fixes.size());
  for (const Fix& fix : fixes) {
    auto payload = encode(fix);
    if (!payload) return payload.fault();
    payloads.push_back(std::move(*payload));
  }
  return impl_->hand_over(MessageKind::Fix, std::move(payloads));
}

Result<void> Tracker::flush(std::chrono::milliseconds timeout) {
  return impl_->flush(timeout);
}

Result<void> Tracker::wait_settled(std::chrono::milliseconds timeout) {
  return impl_->wait_settled(timeout);
}

Result<void> Tracker::wait_welcome(std::chrono::milliseconds timeout) {
  return impl_->wait_welcome(timeout);
}

Result<void> Tracker::wait_room(std::chrono::milliseconds timeout) {
  return impl_->wait_room(timeout);
}

TrackerStats Tracker::stats() const {
  return impl_->stats();
}

Id128 Tracker::spool() const {
  return impl_->spool();
}

}  // namespace vigie::client
