#include "hub/ops/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <random>

namespace vigie::ops {
namespace {

struct Address {
  sockaddr_storage bytes{};
  socklen_t length = 0;
};

bool parse_address(const std::string& host, Address& address) {
  auto* four = reinterpret_cast<sockaddr_in*>(&address.bytes);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  if (::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    address.length = sizeof *four;
    return true;
  }
  if (::inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    address.length = sizeof *six;
    return true;
  }
  return false;
}

bool is_free(Address address, std::uint16_t port) {
  // sin_port and sin6_port lie at the same place.
  reinterpret_cast<sockaddr_in*>(&address.bytes)->sin_port = htons(port);
  const int trial = ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (trial < 0) return false;
  const int on = 1;
  ::setsockopt(trial, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool free =
      ::bind(trial, reinterpret_cast<const sockaddr*>(&address.bytes), address.length) == 0;
  ::close(trial);
  return free;
}

}  // namespace

Result<std::uint16_t> free_ports(const std::string& host) {
  Address address;
  if (!parse_address(host, address)) {
    return Fault{FaultCode::Invalid, "host '" + host + "' is not an IPv4 or IPv6 address"};
  }
  std::random_device chance;
  std::uniform_int_distribution<int> pick(10'000, 32'000);
  for (int attempt = 0; attempt < 200; ++attempt) {
    const auto first = static_cast<std::uint16_t>(pick(chance));
    bool all = true;
    for (std::uint16_t i = 0; i < kPortsInARow && all; ++i) {
      all = is_free(address, static_cast<std::uint16_t>(first + i));
    }
    if (all) return first;
  }
  return Fault{FaultCode::Unavailable, "no three free ports in a row found at " + host};
}

}  // namespace vigie::ops
