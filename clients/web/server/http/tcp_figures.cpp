#include "clients/web/server/http/tcp_figures.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace vigie::web {

TcpProgress tcp_progress(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  if (size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) return {};
  return {info.tcpi_bytes_acked, info.tcpi_bytes_received};
}

void bound_unsent(int descriptor) {
  // Refused by the kernel it is no worse than not asked.
  const int bytes = kUnsentBytesMax;
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

}  // namespace vigie::web
