#include "clients/web/server/ops/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace vigie::web {

Result<void> notify_systemd(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t size = std::strlen(path);
  if (size >= sizeof address.sun_path || (*path != '/' && *path != '@')) {
    return Fault{FaultCode::Invalid, std::string("NOTIFY_SOCKET '") + path + "' is not a socket"};
  }
  std::memcpy(address.sun_path, path, size);
  if (*path == '@') address.sun_path[0] = '\0';  // an abstract name
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return Fault{FaultCode::Io, std::string("cannot tell systemd: ") + std::strerror(errno)};
  }
  const auto address_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  const ssize_t sent = ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), address_size);
  const int error = errno;
  ::close(socket);
  if (sent == static_cast<ssize_t>(state.size())) return {};
  return Fault{FaultCode::Io, std::string("cannot tell systemd: ") + std::strerror(error)};
}

std::chrono::milliseconds watchdog_interval() {
  const char* text = std::getenv("WATCHDOG_USEC");
  if (text == nullptr) return std::chrono::milliseconds(0);
  std::int64_t us = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, us);
  if (error != std::errc() || stop != end || us < 2000) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(us / 2000);
}

}  // namespace vigie::web
