#include "hub/ops/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace vigie::ops {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // of an IPv6 address: a /64

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* written =
      ::inet_ntop(family, address, text.data(), static_cast<socklen_t>(text.size()));
  return written == nullptr ? std::string() : std::string(written);
}

std::string network_of(const in6_addr& address) {
  constexpr std::size_t kMappedAt = 12;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return text_of(AF_INET, &address.s6_addr[kMappedAt]);
  in6_addr network{};
  std::memcpy(&network.s6_addr, &address.s6_addr, kNetworkBytes);
  return text_of(AF_INET6, &network) + "/64";
}

}  // namespace

Origin origin_of(int descriptor) {
  Origin origin{.descriptor = descriptor, .cookie = 0};
  socklen_t size = sizeof origin.cookie;
  const bool known = descriptor >= 0 &&
                     ::getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &origin.cookie, &size) == 0;
  return known ? origin : Origin{};
}

bool is_still(const Origin& origin) {
  return origin.descriptor >= 0 && origin_of(origin.descriptor).cookie == origin.cookie;
}

void cut_off(const Origin& origin) {
  if (is_still(origin)) ::shutdown(origin.descriptor, SHUT_RDWR);
}

std::string address_of(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return {};
  if (peer.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &peer, sizeof four);
    return text_of(AF_INET, &four.sin_addr);
  }
  if (peer.ss_family != AF_INET6) return {};
  sockaddr_in6 six{};
  std::memcpy(&six, &peer, sizeof six);
  return network_of(six.sin6_addr);
}

std::string counted_address(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));  // without an interface
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return text_of(AF_INET, &four);
  in6_addr six{};
  return ::inet_pton(AF_INET6, text.c_str(), &six) == 1 ? network_of(six) : std::string();
}

}  // namespace vigie::ops
