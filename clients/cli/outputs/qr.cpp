#include "clients/cli/outputs/qr.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <png.h>
#include <qrencode.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace vigie::cli {
namespace {

constexpr std::size_t kQuiet = 4;   // modules around it
constexpr std::size_t kPixels = 8;  // a module's side in the picture

std::vector<png_byte> pixels_of(const QrCode& code) {
  const std::size_t side = code.side * kPixels;
  std::vector<png_byte> pixels(side * side);
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      pixels[y * side + x] = code.at(y / kPixels, x / kPixels) ? 0 : 255;
    }
  }
  return pixels;
}

}  // namespace

Result<QrCode> qr_code(const std::string& text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), QRcode_free);
  if (made == nullptr) {
    return Fault{FaultCode::Invalid,
                 fmt::format("{} bytes do not fit into a QR code", text.size())};
  }
  const auto width = static_cast<std::size_t>(made->width);
  QrCode code{.side = width + 2 * kQuiet};
  code.dark.resize(code.side * code.side, false);
  for (std::size_t row = 0; row < width; ++row) {
    for (std::size_t column = 0; column < width; ++column) {
      const bool dark = (made->data[row * width + column] & 1) != 0;
      code.dark[(row + kQuiet) * code.side + column + kQuiet] = dark;
    }
  }
  return code;
}

std::string qr_text(const QrCode& code) {
  std::string text;
  for (std::size_t row = 0; row < code.side; row += 2) {
    for (std::size_t column = 0; column < code.side; ++column) {
      const bool upper = code.at(row, column);
      const bool lower = row + 1 < code.side && code.at(row + 1, column);
      // Light modules are drawn: a terminal is dark.
      text += upper ? (lower ? " " : "\u2584") : (lower ? "\u2580" : "\u2588");
    }
    text += "\n";
  }
  return text;
}

Result<void> write_qr_png(const QrCode& code, const std::string& path) {
  const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (number < 0) return Fault{FaultCode::Io, fmt::format("{}: {}", path, std::strerror(errno))};
  ::fchmod(number, 0600);
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(::fdopen(number, "wb"),
                                                                std::fclose);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = static_cast<png_uint_32>(code.side * kPixels);
  image.format = PNG_FORMAT_GRAY;
  const std::vector<png_byte> pixels = pixels_of(code);
  const bool written =
      png_image_write_to_stdio(&image, file.get(), 0, pixels.data(), 0, nullptr) != 0 &&
      std::fflush(file.get()) == 0;
  if (written) return {};
  return Fault{FaultCode::Io, fmt::format("{}: can't be written: {}", path, image.message)};
}

}  // namespace vigie::cli
