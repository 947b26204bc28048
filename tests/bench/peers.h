#pragma once
// The makers of each peer, one file each.

#include "tests/bench/peer.h"

namespace vigie::bench {

std::unique_ptr<Peer> make_vigie(Poller& poller, Account& account, Places places,
                                 const Spread& spread, bool guarded);
std::unique_ptr<Peer> make_redis(Poller& poller, Account& account, Places places, bool always);
std::unique_ptr<Peer> make_jetstream(Poller& poller, Account& account, Places places);
std::unique_ptr<Peer> make_forwarder(Poller& poller, Account& account, Places places);
std::unique_ptr<Peer> make_joined(Poller& poller, Account& account, Places places, bool synced);
std::unique_ptr<Peer> make_relay(Poller& poller, Account& account, Places places, bool stored);

/// Appends one message of kMessageBytes to what a connection sends.
void append_message_payload(std::string& out, std::size_t publisher, const Handover& handover,
                            std::size_t i);

}  // namespace vigie::bench
