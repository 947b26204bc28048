#pragma once
// A TCP port on which a ZeroMQ socket answers by more than one server key. libzmq keeps a key to
// each listener, and gives a port to one of them: so the listening sockets are made here, a group
// that shares the port (SO_REUSEPORT), and are handed to libzmq, one for each key. Which of them a
// new connection meets is chance. One that meets another key than it wants ends its handshake and
// comes again, as every ZeroMQ client does by itself: each gets in after a few tries.
//
// A port that another program has is never shared: the first socket of a group is bound alone.

#include <cstddef>
#include <string>
#include <vector>

#include "schemas/words/result.h"

namespace vigie::ops {

/// Connections that may wait to be taken.
inline constexpr int kListenBacklog = 1024;

class KeyPort {
 public:
  /// Binds tcp://HOST:PORT (an address, IPv6 in brackets; PORT 0 or *: any free one) and listens.
  /// Fails with Invalid, or Unavailable where it can't be had.
  static Result<KeyPort> open(const std::string& endpoint);

  /// The newest of the listening sockets. Whoever listens on it closes it.
  int newest() const { return sockets_.back(); }
  /// One more of them.
  Result<void> add();
  /// Nobody listens on the newest: it is closed.
  void drop_newest();
  /// New connections come to the newest so many sockets, to each as often. REQUIRES: there are.
  Result<void> share(std::size_t newest) const;

 private:
  std::vector<int> sockets_;
};

}  // namespace vigie::ops
