#pragma once
// Which path and method is which endpoint. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/api/api.h"

namespace vigie::web::api {

struct Route {
  std::string_view method = {};  // GET or POST; HEAD goes as GET
  std::string_view path = {};    // "/api/v1/units/{owner}/{name}"
  void (*endpoint)(Api&, const Call&) = nullptr;
  bool signed_in = true;  // only for those whom the gate knows
};
std::span<const Route> routes();

struct Found {
  const Route* route = nullptr;
  std::vector<std::string> parts = {};  // what stood in the braces
  std::string allow = {};               // no route: the methods that the path has; empty: no path
};
Found find_route(std::string_view method, std::string_view path);

/// Where browsers open their WebSocket.
inline constexpr std::string_view kFeedPath = "/api/v1/feed";
inline constexpr std::string_view kFeedProtocol = "vigie.1";

}  // namespace vigie::web::api
