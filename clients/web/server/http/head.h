#pragma once
// The head of an answer as bytes: status line, what the handler gave, and the headers that every
// answer bears. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/web/server/http/response.h"

namespace vigie::web {

/// How the body is told from what follows.
enum class Framing { Length, Chunked, UntilClose, None };

struct HeadOptions {
  Framing framing = Framing::Length;
  std::uint64_t length = 0;
  bool keep_alive = true;
  bool secure = false;
  std::int64_t utc_us = 0;  // for Date
};

/// Content-security policy and the like: what the handler says under these names is left out.
std::vector<std::pair<std::string_view, std::string_view>> fixed_headers(bool secure);

/// A header's name or value that could end a line (an injection) is left out with its header.
std::string head_of(const Response& response, const HeadOptions& options);

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::int64_t utc_us);

}  // namespace vigie::web
