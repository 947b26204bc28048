#pragma once
// The target of a request line, taken apart and decoded. Foreign bytes: everything that a path can
// be disguised with is refused here, once for all rooms. Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/words/result.h"

namespace vigie::web {

struct Target {
  std::string path = {};
  std::vector<std::pair<std::string, std::string>> query = {};
};

/// At most so many parameters in a query.
inline constexpr std::size_t kParametersMax = 64;

/// "/path?name=value&...", decoded. One '/' at the end of a path is dropped, so that "/ogc/" and
/// "/ogc" are the same. Fails with Invalid, naming what is wrong: another form than "/...", an
/// empty, "." or ".." segment, a slash or backslash in disguise, a control character, a half
/// percent sign, bytes that are not UTF-8, too many parameters.
Result<Target> parse_target(std::string_view text);

/// "a=b&c=d" as a query or a form has it; '+' is a space. Fails as above.
Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

/// Whole, shortest forms, no surrogates.
bool is_utf8(std::string_view text);

}  // namespace vigie::web
