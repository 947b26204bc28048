#include "tests/bench/peers.h"

namespace vigie::bench {

std::string_view peer_name(PeerKind kind) {
  switch (kind) {
    case PeerKind::Vigie:
      return "Vigie";
    case PeerKind::VigieGuarded:
      return "Vigie, guarded";
    case PeerKind::RedisEverysec:
      return "Redis Streams, everysec";
    case PeerKind::RedisAlways:
      return "Redis Streams, always";
    case PeerKind::JetStream:
      return "NATS JetStream";
    case PeerKind::Forwarder:
      return "ZeroMQ forwarder";
    case PeerKind::Joined:
      return "joined + RocksDB, unsynced";
    case PeerKind::JoinedSynced:
      return "joined + RocksDB, synced";
    case PeerKind::Relay:
      return "TCP relay";
    case PeerKind::RelayStored:
      return "TCP relay + RocksDB";
  }
  return "unknown";
}

std::unique_ptr<Peer> make_peer(PeerKind kind, Poller& poller, Account& account, Places places,
                                const Spread& spread) {
  switch (kind) {
    case PeerKind::Vigie:
    case PeerKind::VigieGuarded:
      return make_vigie(poller, account, std::move(places), spread, kind == PeerKind::VigieGuarded);
    case PeerKind::RedisEverysec:
    case PeerKind::RedisAlways:
      return make_redis(poller, account, std::move(places), kind == PeerKind::RedisAlways);
    case PeerKind::JetStream:
      return make_jetstream(poller, account, std::move(places));
    case PeerKind::Forwarder:
      return make_forwarder(poller, account, std::move(places));
    case PeerKind::Joined:
    case PeerKind::JoinedSynced:
      return make_joined(poller, account, std::move(places), kind == PeerKind::JoinedSynced);
    case PeerKind::Relay:
    case PeerKind::RelayStored:
      return make_relay(poller, account, std::move(places), kind == PeerKind::RelayStored);
  }
  return nullptr;
}

void append_message_payload(std::string& out, std::size_t publisher, const Handover& handover,
                            std::size_t i) {
  const std::size_t at = out.size();
  out.resize(at + kMessageBytes);
  write_payload(reinterpret_cast<std::byte*>(&out[at]), kMessageBytes,
                static_cast<std::uint32_t>(publisher), handover, i);
}

}  // namespace vigie::bench
