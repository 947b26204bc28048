#pragma once
// What the build knows of itself.

#include <string>

namespace vigie::web {

/// As in "0.1.0".
std::string version();

/// The page's folder when none is named: ../share/vigie/page beside the program, or ../page as in a
/// build tree; empty when neither is there.
std::string page_beside_program();

}  // namespace vigie::web
