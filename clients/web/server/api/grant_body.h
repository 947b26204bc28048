#pragma once
// Grants as JSON: what POST /api/v1/grants says, and what is told of those that stand. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/trouble.h"
#include "vigie/items.h"

namespace vigie::web::api {

struct GrantOrder {
  std::string name = {};  // without its owner
  client::Grant grant = {};
};

/// Read strictly: what is not known, or not well formed, is refused with a sentence that names it
/// (bad_body). The hub judges what is left: whether names are somebody's, and the ranges.
Answered<GrantOrder> parse_grant_body(std::string_view body, std::int64_t now_us);

/// As an object in an array. `given`: by the owner of whoever asks; else it is one that was given
/// to them.
void add_grant(JsonText& json, const client::StateItem& item, bool given, std::int64_t now_us);

}  // namespace vigie::web::api
