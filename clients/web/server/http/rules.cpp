#include "clients/web/server/http/rules.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace vigie::web {
namespace {

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string in_small(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), small);
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

/// Text, cut, so that a refusal does not repeat kilobytes of it.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 100;
  return fmt::format("'{}{}'", text.substr(0, kMost), text.size() > kMost ? "..." : "");
}

Refusal refusal(Offence offence, int status, std::string_view code, std::string_view detail) {
  return Refusal{offence, problem(status, code, detail)};
}

std::size_t count_of(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(),
                    [&](const auto& header) { return header.first == name; }));
}

/// All values of a list header that may be written in several lines, in their order.
std::vector<std::string> list_of(const Request& request, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, line] : request.headers) {
    if (key != name) continue;
    std::string_view rest = line;
    while (true) {
      const std::size_t comma = rest.find(',');
      values.emplace_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return values;
}

/// An entry of X-Forwarded-For: an address, also with a port or in brackets.
std::optional<std::string> forwarded_address(const std::string& entry) {
  if (auto plain = plain_address(entry)) return plain;
  const auto authority = parse_authority(entry);
  return authority ? plain_address(authority->host) : std::nullopt;
}

unsigned port_or_usual(const Authority& authority, bool secure) {
  if (authority.port != 0) return authority.port;
  return secure ? 443 : 80;
}

/// What a proxy adds and a browser does not.
constexpr std::array<std::string_view, 4> kRelayed = {"x-forwarded-for", "x-forwarded-host",
                                                      "x-real-ip", "forwarded"};

constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD",  "POST",
                                                      "PUT", "PATCH", "DELETE"};

}  // namespace

std::optional<std::string> plain_address(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  const std::string written(text);
  std::array<char, INET6_ADDRSTRLEN> out{};
  in_addr four{};
  if (inet_pton(AF_INET, written.c_str(), &four) == 1) {
    return std::string(inet_ntop(AF_INET, &four, out.data(), out.size()));
  }
  in6_addr six{};
  if (inet_pton(AF_INET6, written.c_str(), &six) != 1) return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    std::memcpy(&four, six.s6_addr + 12, sizeof four);
    return std::string(inet_ntop(AF_INET, &four, out.data(), out.size()));
  }
  return std::string(inet_ntop(AF_INET6, &six, out.data(), out.size()));
}

std::optional<Authority> parse_authority(std::string_view text) {
  const std::string written = in_small(text);
  std::string_view rest = written;
  Authority authority;
  if (!rest.empty() && rest.front() == '[') {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto address = plain_address(rest.substr(1, end - 1));
    if (!address) return std::nullopt;
    authority.host = *address;
    rest.remove_prefix(end + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
  } else {
    std::string_view name = rest.substr(0, rest.find(':'));
    rest.remove_prefix(name.size());
    if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
    if (!is_name(name)) return std::nullopt;
    authority.host = std::string(name);
  }
  if (rest.empty()) return authority;
  rest.remove_prefix(1);
  const auto [stop, error] = std::from_chars(rest.begin(), rest.end(), authority.port);
  if (error != std::errc() || stop != rest.end()) return std::nullopt;
  if (authority.port == 0 || authority.port > 65'535) return std::nullopt;
  return authority;
}

Rules::Rules(const HttpOptions& options) {
  for (const std::string& name : options.names) {
    if (auto authority = parse_authority(name)) names_.push_back(std::move(*authority));
  }
  for (const std::string& proxy : options.proxies) {
    if (auto address = plain_address(proxy)) proxies_.push_back(std::move(*address));
  }
  listening_ = plain_address(options.host).value_or(options.host);
}

bool Rules::is_proxy(const std::string& address) const {
  return std::find(proxies_.begin(), proxies_.end(), address) != proxies_.end();
}

std::optional<Refusal> Rules::place(Request& request, const Ends& ends) const {
  if (count_of(request, "host") != 1) {
    return refusal(Offence::Malformed, 400, "host_missing", "a request bears one Host header");
  }
  request.remote = ends.peer;
  request.secure = ends.tls;
  request.host = std::string(*request.header("host"));
  if (!is_proxy(ends.peer)) {
    request.relayed = std::any_of(kRelayed.begin(), kRelayed.end(), [&](std::string_view name) {
      return request.header(name).has_value();
    });
    return std::nullopt;
  }
  // The last entry is what our proxy saw; before it stands what a browser may have made up.
  const auto chain = list_of(request, "x-forwarded-for");
  for (auto entry = chain.rbegin(); entry != chain.rend(); ++entry) {
    const auto address = forwarded_address(*entry);
    if (!address) break;
    request.remote = *address;
    if (!is_proxy(*address)) break;
  }
  const auto protocols = list_of(request, "x-forwarded-proto");
  if (!protocols.empty()) request.secure = in_small(protocols.back()) == "https";
  const auto hosts = list_of(request, "x-forwarded-host");
  if (!hosts.empty()) request.host = hosts.back();
  return std::nullopt;
}

bool Rules::known_host(const Authority& host, const Ends& ends) const {
  // An address can't be rebound, and localhost is this machine: the port may be a tunnel's.
  if (host.host == ends.local || host.host == listening_) return true;
  const bool loopback = ends.local.rfind("127.", 0) == 0 || ends.local == "::1";
  if (loopback && (host.host == "localhost" || host.host == "127.0.0.1" || host.host == "::1")) {
    return true;
  }
  return std::any_of(names_.begin(), names_.end(), [&](const Authority& name) {
    return name.host == host.host && (name.port == 0 || name.port == host.port);
  });
}

std::optional<Refusal> Rules::judge(const Request& request, const Ends& ends,
                                    bool web_socket) const {
  if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end()) {
    Refusal refused = refusal(Offence::Method, 405, "method_unknown",
                              "method " + quoted(request.method) + " is not served here");
    refused.response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
    return refused;
  }
  const auto host = parse_authority(request.host);
  if (!host) {
    return refusal(Offence::Malformed, 400, "host_malformed",
                   "Host " + quoted(request.host) + " is not HOST or HOST:PORT");
  }
  if (!known_host(*host, ends)) {
    return refusal(Offence::Host, 421, "host_unknown",
                   "Host " + quoted(request.host) +
                       " is not a name of this server; the option `names` holds them");
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  return reads && !web_socket ? std::nullopt : judge_origin(request);
}

/// What a browser says of who makes the request. A program that is no browser says neither.
std::optional<Refusal> Rules::judge_origin(const Request& request) const {
  if (count_of(request, "origin") > 1) {
    return refusal(Offence::Malformed, 400, "origin_malformed", "more than one Origin header");
  }
  if (const auto site = request.header("sec-fetch-site")) {
    if (*site != "same-origin" && *site != "none") {
      return refusal(Offence::Origin, 403, "cross_site",
                     "Sec-Fetch-Site " + quoted(*site) + ": made by another site's page");
    }
  }
  const auto origin = request.header("origin");
  if (!origin) return std::nullopt;
  const std::string_view scheme = request.secure ? "https://" : "http://";
  const auto host = parse_authority(request.host);
  const bool same_scheme = origin->substr(0, scheme.size()) == scheme;
  const auto from = same_scheme ? parse_authority(origin->substr(scheme.size())) : std::nullopt;
  const bool same = from && host && from->host == host->host &&
                    port_or_usual(*from, request.secure) == port_or_usual(*host, request.secure);
  if (same) return std::nullopt;
  return refusal(Offence::Origin, 403, "cross_site",
                 fmt::format("Origin {} is not this server's {}{}; a reverse proxy that ends TLS "
                             "must stand in the option `proxies`",
                             quoted(*origin), scheme, quoted(request.host)));
}

}  // namespace vigie::web
