#include "hub/ops/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstring>

#include "hub/ops/ports.h"

namespace vigie::ops {
namespace {

/// A local socket's path must fit the kernel's address with its terminating zero.
constexpr std::size_t kSocketPathBytesMax = 107;

bool is_address(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  return ::inet_pton(AF_INET, host.c_str(), &four) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &six) == 1;
}

void check_place(const HubConfig& config, std::vector<std::string>& wrong) {
  if (config.data.empty()) wrong.emplace_back("data: the directory of the log must be named");
  if (!is_address(config.host)) {
    wrong.push_back(fmt::format("host: '{}' is not an IPv4 or IPv6 address", config.host));
  } else if (!is_loopback(config.host) && config.plain) {
    wrong.push_back(fmt::format(
        "host: {} can be reached from other machines, and with plain this hub asks nobody who is "
        "there: anybody could publish and read everything. Serve on 127.0.0.1, or without plain",
        config.host));
  }
  if (!config.status_host.empty() && !is_address(config.status_host)) {
    wrong.push_back(
        fmt::format("status_host: '{}' is not an IPv4 or IPv6 address", config.status_host));
  }
  if (config.port != 0 && config.port > 65'535 - (kPortsInARow - 1)) {
    wrong.push_back(fmt::format("port: {} leaves no room for the {} ports after it", config.port,
                                kPortsInARow - 1));
  }
  if (config.ipc.size() + std::strlen("/publish") > kSocketPathBytesMax) {
    wrong.push_back(fmt::format("ipc: '{}' is too long for a socket's path", config.ipc));
  }
}

void check_processors(const char* option, const std::vector<int>& cpus,
                      std::vector<std::string>& wrong) {
  const long count = ::sysconf(_SC_NPROCESSORS_CONF);
  for (const int cpu : cpus) {
    if (cpu < count) continue;
    wrong.push_back(fmt::format("{}: there is no processor {}: this machine has 0 to {}", option,
                                cpu, count - 1));
  }
}

void check_limits(const HubConfig& config, std::vector<std::string>& wrong) {
  if (config.ring_bytes < 2 * config.store_queue_bytes) {
    wrong.push_back(fmt::format(
        "queues.ring: {} bytes must hold twice queues.store ({}), which is not durable yet",
        config.ring_bytes, config.store_queue_bytes));
  }
  if (config.silence_us_max < 2 * config.heartbeat_us) {
    wrong.emplace_back("sessions.silence: must be at least twice sessions.heartbeat");
  }
  if (config.silent_after_us <= config.overdue_after_us) {
    wrong.emplace_back("freshness.silent_after: must be more than freshness.overdue_after");
  }
  const bool tracks_end = config.track_age_us_max != 0;
  const bool events_end = config.event_age_us_max != 0;
  if (events_end && (!tracks_end || config.event_age_us_max < config.track_age_us_max)) {
    wrong.emplace_back("retention.events: must be kept at least as long as retention.tracks");
  }
}

}  // namespace

bool is_loopback(const std::string& address) {
  in_addr four{};
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) {
    return (ntohl(four.s_addr) >> 24) == 127;
  }
  in6_addr six{};
  return ::inet_pton(AF_INET6, address.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

std::string tcp_endpoint(const std::string& address, std::uint16_t port) {
  const bool six = address.find(':') != std::string::npos;
  return fmt::format("tcp://{}{}{}:{}", six ? "[" : "", address, six ? "]" : "", port);
}

std::string keys_folder(const HubConfig& config) {
  return config.keys.empty() ? config.data + "/keys" : config.keys;
}

std::string status_host(const HubConfig& config) {
  if (!config.status_host.empty()) return config.status_host;
  return is_loopback(config.host) ? config.host : "127.0.0.1";
}

std::vector<std::string> check_together(const HubConfig& config) {
  std::vector<std::string> wrong;
  check_place(config, wrong);
  check_limits(config, wrong);
  check_processors("threads.front_cpus", config.front_cpus, wrong);
  check_processors("threads.store_cpus", config.store_cpus, wrong);
  check_processors("threads.replay_cpus", config.replay_cpus, wrong);
  return wrong;
}

}  // namespace vigie::ops
