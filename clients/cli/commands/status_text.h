#pragma once
// The hub's status for people. It shows all that the hub tells, also what a newer hub adds. Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace vigie::cli {

/// Values of the object one a line, objects in it as sections, lists of objects as tables.
std::string status_text(const nlohmann::ordered_json& status);

}  // namespace vigie::cli
