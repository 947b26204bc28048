#include "clients/web/server/accounts/cookies.h"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace vigie::web::people {
namespace {

bool is_loopback(const std::string& address) {
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  return address == "::1" || address.starts_with("::ffff:127.");
}

}  // namespace

std::string_view cookie_name(bool secure) {
  return secure ? "__Host-vigie" : "vigie";
}

std::string session_cookie(bool secure, std::string_view token, std::int64_t seconds) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name(secure),
                     token, seconds, secure ? "; Secure" : "");
}

std::string cleared_cookie(bool secure) {
  return session_cookie(secure, "", 0);
}

bool is_private(const Request& request) {
  return request.secure || (is_loopback(request.remote) && !request.relayed);
}

}  // namespace vigie::web::people
