#include "clients/web/server/ops/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

namespace vigie::web {
namespace {

bool is_address(const std::string& text) {
  in6_addr six{};
  in_addr four{};
  return inet_pton(AF_INET, text.c_str(), &four) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &six) == 1;
}

std::string from_surroundings(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

void check_tls(const WebConfig& config, std::vector<std::string>& wrong) {
  if (config.certificate.empty() != config.key.empty()) {
    wrong.push_back(fmt::format("certificate '{}' and key '{}' are given together, or neither",
                                config.certificate, config.key));
  }
}

void check_open(const WebConfig& config, std::vector<std::string>& wrong) {
  if (!config.open) {
    if (!config.identity.empty()) {
      wrong.push_back(fmt::format(
          "identity '{}' is of `open` alone: with accounts each has an identity of its own",
          config.identity));
    }
    return;
  }
  const auto listen = parse_listen(config.listen);
  if (listen && !is_loopback(listen->host)) {
    wrong.push_back(fmt::format(
        "open asks nobody to sign in and is for loopback alone: listen is '{}'", config.listen));
  }
  // Through a proxy everybody would come from loopback.
  if (!config.proxies.empty()) wrong.emplace_back("open and proxies exclude each other");
}

}  // namespace

Result<ListenAddress> parse_listen(const std::string& text) {
  const Fault wrong{FaultCode::Invalid,
                    fmt::format("must be ADDRESS:PORT, as in 127.0.0.1:7780 or [::1]:7780, not "
                                "'{}'",
                                text)};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return wrong;
  ListenAddress address;
  address.host = text.substr(0, colon);
  const bool brackets =
      address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']';
  if (brackets) address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host == "localhost") address.host = "127.0.0.1";
  if (!is_address(address.host) || (address.host.find(':') != std::string::npos) != brackets) {
    return wrong;
  }
  const char* const begin = text.data() + colon + 1;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, address.port);
  if (error != std::errc() || stop != end) return wrong;
  return address;
}

bool is_loopback(const std::string& address) {
  return address == "::1" || address.rfind("127.", 0) == 0;
}

Result<std::string> data_folder(const WebConfig& config) {
  if (!config.data.empty()) return config.data;
  const std::string named = from_surroundings("VIGIE_WEB_DATA");
  if (!named.empty()) return named;
  // systemd may name several, parted by colons.
  const std::string systemd = from_surroundings("STATE_DIRECTORY");
  if (!systemd.empty()) return systemd.substr(0, systemd.find(':'));
  const std::string state = from_surroundings("XDG_STATE_HOME");
  if (!state.empty()) return state + "/vigie-web";
  const std::string home = from_surroundings("HOME");
  if (!home.empty()) return home + "/.local/state/vigie-web";
  return Fault{FaultCode::Invalid,
               "neither XDG_STATE_HOME nor HOME is set: name the folder with --data DIR"};
}

std::vector<std::string> check_together(const WebConfig& config) {
  std::vector<std::string> wrong;
  check_tls(config, wrong);
  check_open(config, wrong);
  if (!config.metrics_listen.empty() && config.metrics_listen == config.listen) {
    const auto listen = parse_listen(config.listen);
    if (listen && listen->port != 0) {
      wrong.push_back(
          fmt::format("metrics.listen and listen are both '{}'", config.metrics_listen));
    }
  }
  const bool url =
      config.base_url.rfind("http://", 0) == 0 || config.base_url.rfind("https://", 0) == 0;
  if (!config.base_url.empty() && (!url || config.base_url.back() == '/')) {
    wrong.push_back(
        fmt::format("base_url must begin with http:// or https:// and not end with '/', not '{}'",
                    config.base_url));
  }
  if (config.session_idle_us > config.session_length_us) {
    wrong.emplace_back("accounts.session_idle is longer than accounts.session_length");
  }
  return wrong;
}

}  // namespace vigie::web
