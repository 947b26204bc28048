#include "tests/crash/simulation/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace vigie::simulation {
namespace {

class Shared final : public ops::SharedMessage {
 public:
  Shared(std::shared_ptr<const void> owner, std::span<const std::byte> view)
      : owner_(std::move(owner)), view_(view) {}
  std::size_t bytes() const override { return view_.size(); }
  std::span<const std::byte> view() const { return view_; }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const std::byte> view_;
};

const std::string kPeer = "peer";
constexpr std::size_t kQueueMax = 500;  // messages to one peer: then its queue is full

}  // namespace

std::string World::key() {
  std::string text;
  while (text.size() < 64) text += fmt::format("{:016x}", random());
  return text;
}

ops::PeerId Endpoint::connect(const std::string& user) {
  if (!gate_(user)) return {};
  const ops::PeerId peer = kPeer + std::to_string(next_++);
  connections_[peer].user = user;
  return peer;
}

ops::Origin Endpoint::origin(const ops::Received& received) {
  const int number = std::stoi(std::string(received.peer.substr(kPeer.size())));
  return {.descriptor = number, .cookie = static_cast<std::uint64_t>(number)};
}

void Endpoint::cut(const ops::Origin& origin) {
  connections_.erase(kPeer + std::to_string(origin.cookie));
}

void Endpoint::cut(const ops::PeerId& peer) {
  const auto found = connections_.find(peer);
  if (found == connections_.end()) return;
  found->second.open = false;
  found->second.to_client.clear();
  // Some of what was under way is lost with it, from the end: a connection loses no middle.
  auto& flying = found->second.to_hub;
  flying.resize(world_.pick(flying.size() + 1));
}

std::int64_t Endpoint::arrival(const std::deque<Connection::Flying>& queue) {
  const std::int64_t delay_us =
      static_cast<std::int64_t>(world_.chance(20) ? world_.pick(800'000) : world_.pick(5'000));
  const std::int64_t at_us = world_.now_us + delay_us;
  return queue.empty() ? at_us : std::max(at_us, queue.back().at_us);
}

void Endpoint::client_sends(const ops::PeerId& peer, Message message) {
  const auto found = connections_.find(peer);
  if (found == connections_.end() || !found->second.open) return;
  auto& flying = found->second.to_hub;
  const std::int64_t at_us = arrival(flying);
  flying.push_back({at_us, std::move(message)});
}

std::optional<Message> Endpoint::client_receives(const ops::PeerId& peer) {
  const auto found = connections_.find(peer);
  if (found == connections_.end()) return std::nullopt;
  auto& flying = found->second.to_client;
  if (flying.empty() || flying.front().at_us > world_.now_us) return std::nullopt;
  Message message = std::move(flying.front().message);
  flying.pop_front();
  return message;
}

std::shared_ptr<ops::SharedMessage> Endpoint::share(std::shared_ptr<const void> owner,
                                                    std::span<const std::byte> bytes) {
  return std::make_shared<Shared>(std::move(owner), bytes);
}

ops::Sent Endpoint::send(const ops::PeerId& peer, ops::SharedMessage& message) {
  return send(peer, static_cast<Shared&>(message).view());
}

ops::Sent Endpoint::send(const ops::PeerId& peer, std::span<const std::byte> bytes) {
  const auto found = connections_.find(peer);
  if (found == connections_.end() || !found->second.open) return ops::Sent::Gone;
  auto& flying = found->second.to_client;
  if (flying.size() >= kQueueMax) return ops::Sent::Full;
  const std::int64_t at_us = arrival(flying);
  witness_(found->second.user, bytes);
  flying.push_back({at_us, Message(bytes.begin(), bytes.end())});
  return ops::Sent::Ok;
}

bool Endpoint::receive(const Sink& sink) {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    auto& flying = connection->second.to_hub;
    if (!flying.empty() && flying.front().at_us <= world_.now_us) {
      const Message message = std::move(flying.front().message);
      flying.pop_front();
      const ops::PeerId peer = connection->first;
      const std::string user = connection->second.user;
      sink({.peer = peer, .user = user, .bytes = message});
      return true;
    }
    const bool over = !connection->second.open && flying.empty();
    connection = over ? connections_.erase(connection) : std::next(connection);
  }
  return false;
}

}  // namespace vigie::simulation
