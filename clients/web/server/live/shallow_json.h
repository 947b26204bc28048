#pragma once
// JSON that anybody may have written, and that is not to be nested deeply. Pure.

#include <nlohmann/json.hpp>
#include <string_view>

namespace vigie::web {

struct ShallowJson {
  nlohmann::json json = {};  // discarded where the text is no JSON; null where it is too deep
  bool too_deep = false;
};

/// What stands in the outermost object or list has depth 1. What is deeper than `depth_max` is
/// never built.
ShallowJson parse_shallow_json(std::string_view text, int depth_max);

}  // namespace vigie::web
