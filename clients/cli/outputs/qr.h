#pragma once
// A QR code, for a terminal or as a picture. Pure but for writing the file.

#include <string>
#include <vector>

#include "schemas/words/result.h"

namespace vigie::cli {

/// A square of modules, true is dark, with the quiet zone of four light ones around it (ISO 18004).
struct QrCode {
  std::size_t side = 0;
  std::vector<bool> dark = {};  // side * side, row by row
  bool at(std::size_t row, std::size_t column) const { return dark[row * side + column]; }
};

/// Fails with Invalid when the text is too long for one.
Result<QrCode> qr_code(const std::string& text);
/// Two rows of modules a line, as half blocks, light on the terminal's dark.
std::string qr_text(const QrCode& code);
/// A PNG, readable by its user alone. Fails with Io.
Result<void> write_qr_png(const QrCode& code, const std::string& path);

}  // namespace vigie::cli
