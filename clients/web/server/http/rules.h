#pragma once
// What every request has to satisfy before a handler sees it: the method, Host (against DNS
// rebinding), Origin and Sec-Fetch-Site (against cross-site requests), and which proxies may speak
// for a browser. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/http/request.h"
#include "clients/web/server/http/response.h"
#include "clients/web/server/http/server.h"

namespace vigie::web {

/// The two ends of a connection.
struct Ends {
  std::string peer = {};   // address, IPv4 in its own form also when it came by an IPv6 socket
  std::string local = {};  // the address that was called
  bool tls = false;
};

/// HOST or HOST:PORT in small letters; `port` is 0 when none is written.
struct Authority {
  std::string host = {};
  unsigned port = 0;
};

/// Nothing when it is neither a name, an IPv4 nor an IPv6 address in brackets.
std::optional<Authority> parse_authority(std::string_view text);

/// The address in its one usual form (an IPv4 address mapped into IPv6 as IPv4); nothing when it is
/// none.
std::optional<std::string> plain_address(std::string_view text);

enum class Offence { Method, Host, Origin, Malformed };

struct Refusal {
  Offence offence = Offence::Malformed;
  Response response = {};
};

class Rules {
 public:
  explicit Rules(const HttpOptions& options);

  bool is_proxy(const std::string& address) const;
  /// Fills in remote, secure and host, from the connection and from what a trusted proxy says.
  /// Refuses a request with no Host, or with several.
  std::optional<Refusal> place(Request& request, const Ends& ends) const;
  /// After place().
  std::optional<Refusal> judge(const Request& request, const Ends& ends, bool web_socket) const;

 private:
  std::optional<Refusal> judge_origin(const Request& request) const;
  bool known_host(const Authority& host, const Ends& ends) const;

  std::vector<Authority> names_;
  std::vector<std::string> proxies_;
  std::string listening_;
};

}  // namespace vigie::web
