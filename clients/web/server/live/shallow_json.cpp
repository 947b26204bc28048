#include "clients/web/server/live/shallow_json.h"

namespace vigie::web {

ShallowJson parse_shallow_json(std::string_view text, int depth_max) {
  using Json = nlohmann::json;
  ShallowJson read;
  const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    read.too_deep = read.too_deep || depth > depth_max;
    return !read.too_deep;
  };
  read.json = Json::parse(text, watch_depth, false);
  if (read.too_deep) read.json = nullptr;
  return read;
}

}  // namespace vigie::web
