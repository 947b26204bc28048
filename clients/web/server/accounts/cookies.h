#pragma once
// The session's cookie. By TLS it is __Host-vigie, which a browser takes from this host alone and
// sends by TLS alone; in the clear it is `vigie`, and there only loopback signs in. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/web/server/http/request.h"

namespace vigie::web::people {

std::string_view cookie_name(bool secure);
/// The value of Set-Cookie.
std::string session_cookie(bool secure, std::string_view token, std::int64_t seconds);
std::string cleared_cookie(bool secure);
/// Whether the way to the browser may carry secrets: TLS, or it is on this machine. Of what a proxy
/// passed on that is not among `proxies` that is not known.
bool is_private(const Request& request);

}  // namespace vigie::web::people
