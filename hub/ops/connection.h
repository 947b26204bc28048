#pragma once
// What the kernel knows of a connection that libzmq holds: who is at the other end, and how to end
// it. The descriptor stays libzmq's. Any thread; each is a system call or two.

#include <string>
#include <string_view>

#include "hub/ops/link.h"

namespace vigie::ops {

/// Descriptor -1 when there is no such socket.
Origin origin_of(int descriptor);

/// False once the descriptor is another's.
bool is_still(const Origin& origin);

/// Ends the connection, unless the descriptor is another's by now. libzmq notices and closes it.
void cut_off(const Origin& origin);

/// Where limits count the peer: its IPv4 address, or the /64 of its IPv6 address, which one peer
/// has all of. Empty for a local socket, and when the peer is gone.
std::string address_of(int descriptor);
/// The same of an address as text; empty for what is none.
std::string counted_address(std::string_view address);

}  // namespace vigie::ops
