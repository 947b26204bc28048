#pragma once
// Whether an endpoint turns strangers away, found out by being one. Without a ZAP handler, or
// without an enforced domain, libzmq lets every key in and says nothing: so it is tried at each
// start.

#include <array>

#include "hub/ops/router_socket.h"

namespace vigie::ops {

/// Connects to `endpoint` (as bound: a wildcard address is tried on loopback) with a key that was
/// just made. Fails unless it is refused, within some seconds.
Result<void> check_refuses(SocketContext& context, std::string endpoint,
                           const std::string& server_key);

}  // namespace vigie::ops
