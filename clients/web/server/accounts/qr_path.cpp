#include "clients/web/server/accounts/qr_path.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>

namespace vigie::web::people {

Result<QrPath> qr_path(const std::string& text) {
  constexpr std::size_t kQuiet = 4;
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), QRcode_free);
  if (made == nullptr) {
    return Fault{FaultCode::Invalid,
                 fmt::format("{} bytes do not fit into a QR code", text.size())};
  }
  const auto width = static_cast<std::size_t>(made->width);
  const auto dark = [&](std::size_t row, std::size_t column) {
    return (made->data[row * width + column] & 1) != 0;
  };
  QrPath code{.side = width + 2 * kQuiet};
  for (std::size_t row = 0; row < width; ++row) {
    for (std::size_t column = 0; column < width; ++column) {
      if (!dark(row, column)) continue;
      std::size_t end = column;
      while (end < width && dark(row, end)) ++end;
      code.path += fmt::format("M{} {}h{}v1h-{}z", column + kQuiet, row + kQuiet, end - column,
                               end - column);
      column = end;
    }
  }
  return code;
}

}  // namespace vigie::web::people
