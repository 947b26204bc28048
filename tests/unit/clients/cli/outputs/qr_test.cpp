#include "clients/cli/outputs/qr.h"

#include <gmock/gmock.h>
#include <png.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "tests/unit/support/temporary_folder.h"

namespace vigie::cli {
namespace {

const std::string kText = "VIGIE-" + std::string(90, 'A');

TEST(QrCode, has_its_three_finders_and_a_quiet_zone) {
  const auto code = qr_code(kText);
  ASSERT_TRUE(code) << code.fault().sentence;
  ASSERT_EQ(code->dark.size(), code->side * code->side);
  EXPECT_EQ((code->side - 8 - 17) % 4, 0u);  // ISO 18004: 17 + 4 * version modules
  for (std::size_t i = 0; i < code->side; ++i) {
    for (std::size_t edge : {0u, 1u, 2u, 3u}) {
      EXPECT_FALSE(code->at(edge, i));
      EXPECT_FALSE(code->at(i, edge));
      EXPECT_FALSE(code->at(code->side - 1 - edge, i));
    }
  }
  for (const auto& [row, column] :
       {std::pair{4ul, 4ul}, std::pair{4ul, code->side - 11}, std::pair{code->side - 11, 4ul}}) {
    for (std::size_t i = 0; i < 7; ++i) EXPECT_TRUE(code->at(row, column + i));
    EXPECT_FALSE(code->at(row + 1, column + 1));
    EXPECT_TRUE(code->at(row + 3, column + 3));
  }
}

TEST(QrCode, of_too_long_a_text_is_refused) {
  EXPECT_FALSE(qr_code(std::string(5000, 'x')));
}

TEST(QrText, is_half_as_high_as_wide_and_light_at_its_edge) {
  const auto code = qr_code(kText);
  const std::string text = qr_text(*code);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
            (code->side + 1) / 2);
  EXPECT_TRUE(text.starts_with("\u2588\u2588\u2588\u2588"));
}

TEST(QrPng, reads_back_as_the_code_and_is_its_users_alone) {
  const test::TemporaryFolder folder;
  const auto code = qr_code(kText);
  ASSERT_TRUE(write_qr_png(*code, folder.file("code.png")));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_NE(png_image_begin_read_from_file(&image, folder.file("code.png").c_str()), 0);
  image.format = PNG_FORMAT_GRAY;
  std::vector<png_byte> pixels(PNG_IMAGE_SIZE(image));
  ASSERT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0);
  const std::size_t module = image.width / code->side;
  for (std::size_t row = 0; row < code->side; ++row) {
    for (std::size_t column = 0; column < code->side; ++column) {
      const png_byte middle =
          pixels[(row * module + module / 2) * image.width + column * module + module / 2];
      ASSERT_EQ(middle == 0, code->at(row, column)) << row << "," << column;
    }
  }
  struct stat about {};
  ASSERT_EQ(::stat(folder.file("code.png").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0600u);
  EXPECT_FALSE(write_qr_png(*code, folder.file("none/code.png")));
}

}  // namespace
}  // namespace vigie::cli
