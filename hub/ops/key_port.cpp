#include "hub/ops/key_port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace vigie::ops {
namespace {

struct Address {
  sockaddr_storage bytes{};
  socklen_t length = sizeof bytes;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

Fault unavailable(const std::string& endpoint) {
  return {FaultCode::Unavailable, fmt::format("can't bind {}: {}", endpoint, strerror(errno))};
}

Result<Address> parse(const std::string& endpoint) {
  const Fault wrong{FaultCode::Invalid,
                    fmt::format("endpoint '{}' is not tcp://ADDRESS:PORT", endpoint)};
  const std::string rest = endpoint.substr(std::strlen("tcp://"));
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong;
  std::string host = rest.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string port = rest.substr(colon + 1) == "*" ? "0" : rest.substr(colon + 1);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return wrong;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  Address address;
  std::memcpy(&address.bytes, list->ai_addr, list->ai_addrlen);
  address.length = list->ai_addrlen;
  return address;
}

bool turn(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

/// -1, and errno, where it can't be had.
int listening(const Address& address, bool shared) {
  const int socket = ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  // As libzmq sets its own: an IPv6 address takes mapped IPv4 ones, too.
  const bool ready =
      turn(socket, SOL_SOCKET, SO_REUSEADDR, 1) &&
      (address.bytes.ss_family != AF_INET6 || turn(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0)) &&
      (!shared || turn(socket, SOL_SOCKET, SO_REUSEPORT, 1)) &&
      ::bind(socket, address.get(), address.length) == 0 && ::listen(socket, kListenBacklog) == 0;
  if (ready) return socket;
  const int why = errno;
  ::close(socket);
  errno = why;
  return -1;
}

}  // namespace

Result<KeyPort> KeyPort::open(const std::string& endpoint) {
  const Result<Address> address = parse(endpoint);
  if (!address) return address.fault();
  const int socket = listening(*address, false);
  if (socket < 0) return unavailable(endpoint);
  KeyPort port;
  port.sockets_.push_back(socket);
  return port;
}

Result<void> KeyPort::add() {
  Address address;
  const int first = sockets_.front();
  // It may be shared from now on, with sockets that say so themselves: another hub's first does
  // not.
  const bool may = ::getsockname(first, address.get(), &address.length) == 0 &&
                   turn(first, SOL_SOCKET, SO_REUSEPORT, 1);
  const int socket = may ? listening(address, true) : -1;
  if (socket < 0) return unavailable("the port for another key");
  sockets_.push_back(socket);
  return {};
}

void KeyPort::drop_newest() {
  ::close(sockets_.back());
  sockets_.pop_back();
}

Result<void> KeyPort::share(std::size_t newest) const {
  if (sockets_.size() == 1) return {};
  // Sockets stand in the group in the order in which they came. The program gives the
  // place: first + random % newest.
  constexpr auto kRandom = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM);
  const auto count = static_cast<std::uint32_t>(newest);
  const auto first = static_cast<std::uint32_t>(sockets_.size() - newest);
  std::array<sock_filter, 4> choose{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, kRandom},
                                     {BPF_ALU | BPF_MOD | BPF_K, 0, 0, count},
                                     {BPF_ALU | BPF_ADD | BPF_K, 0, 0, first},
                                     {BPF_RET | BPF_A, 0, 0, 0}}};
  const sock_fprog program{static_cast<unsigned short>(choose.size()), choose.data()};
  if (::setsockopt(sockets_.front(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                   sizeof program) == 0) {
    return {};
  }
  return Fault{FaultCode::Unavailable,
               fmt::format("can't share a port among keys: {}", strerror(errno))};
}

}  // namespace vigie::ops
