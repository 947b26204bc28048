#pragma once
// Simulated connections between clients and the hub: in order within one connection, delayed by
// chance, cut at any moment. What a cut connection had under way to the hub may still arrive, so
// that connections overtake each other. One thread.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "hub/ops/link.h"

namespace vigie::simulation {

using Message = std::vector<std::byte>;

/// Virtual time and chance, shared by everything in one simulation.
struct World {
  explicit World(std::uint64_t seed) : random(seed) {}
  std::mt19937_64 random;
  std::int64_t now_us = 1'000'000;

  std::uint64_t pick(std::uint64_t below) { return random() % below; }
  bool chance(unsigned per_mille) { return pick(1000) < per_mille; }
  /// 64 hexadecimal digits.
  std::string key();
};

/// One connection: what is under way in each direction, with the time of its arrival.
struct Connection {
  struct Flying {
    std::int64_t at_us;
    Message message;
  };
  std::deque<Flying> to_hub;
  std::deque<Flying> to_client;
  std::string user;  // the key that it proved to hold
  bool open = true;  // the client still has it
};

/// The hub's end of all connections of one endpoint.
class Endpoint final : public ops::Link {
 public:
  /// Who gets through a handshake, by the key; and who sees all that the hub sends, with the key of
  /// whom it is sent to.
  using Gate = std::function<bool(const std::string& user)>;
  using Witness = std::function<void(const std::string& user, std::span<const std::byte> bytes)>;
  Endpoint(World& world, Gate gate, Witness witness)
      : world_(world), gate_(std::move(gate)), witness_(std::move(witness)) {}

  // --- the client's side ---
  /// A new connection; returns its name, or nothing when it is turned away.
  ops::PeerId connect(const std::string& user);
  /// The client loses it. What it sent may still arrive.
  void cut(const ops::PeerId& peer);
  void client_sends(const ops::PeerId& peer, Message message);
  /// The next message that has arrived at the client; empty when none has.
  std::optional<Message> client_receives(const ops::PeerId& peer);
  /// The hub is gone: every connection with it.
  void drop_all() { connections_.clear(); }
  bool alive(const ops::PeerId& peer) const { return connections_.contains(peer); }

  // --- ops::Link, the hub's side ---
  std::shared_ptr<ops::SharedMessage> share(std::shared_ptr<const void> owner,
                                            std::span<const std::byte> bytes) override;
  ops::Sent send(const ops::PeerId& peer, ops::SharedMessage& message) override;
  ops::Sent send(const ops::PeerId& peer, std::span<const std::byte> bytes) override;
  bool receive(const Sink& sink) override;
  ops::Origin origin(const ops::Received& received) override;
  /// Nobody's limits hold there.
  std::string address(const ops::Received&) override { return {}; }
  void cut(const ops::Origin& origin) override;

 private:
  std::int64_t arrival(const std::deque<Connection::Flying>& queue);
  World& world_;
  const Gate gate_;
  const Witness witness_;
  std::uint64_t next_ = 1;
  std::map<ops::PeerId, Connection> connections_;
};

}  // namespace vigie::simulation
