#pragma once
// A QR code as the path of an SVG, which a page can draw without taking markup from anybody. Pure.

#include <cstddef>
#include <string>

#include "schemas/words/result.h"

namespace vigie::web::people {

struct QrPath {
  std::size_t side = 0;   // of the view box, in modules, the quiet zone of four included
  std::string path = {};  // the dark modules: "M4 4h7v1h-7z..."
};

/// Fails with Invalid when the text is too long for one.
Result<QrPath> qr_path(const std::string& text);

}  // namespace vigie::web::people
