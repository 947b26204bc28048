#pragma once
// What only the kernel knows of a connection, and what it is told to hold back. Any thread.

#include <cstdint>

namespace vigie::web {

/// How far a connection has come: what tells a slow browser from one that is gone.
struct TcpProgress {
  std::uint64_t acknowledged = 0;  // bytes that the other side's machine has taken
  std::uint64_t received = 0;
};

/// Zeros when the kernel does not say.
TcpProgress tcp_progress(int descriptor);

/// At most so many bytes that were not sent yet lie in the kernel: newer positions must not queue
/// behind old ones there, and a stalled browser costs no more than this.
inline constexpr int kUnsentBytesMax = 64 * 1024;
void bound_unsent(int descriptor);

}  // namespace vigie::web
