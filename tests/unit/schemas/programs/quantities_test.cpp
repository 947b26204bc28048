// Sizes and durations as people write them.

#include "schemas/programs/quantities.h"

#include <gtest/gtest.h>

#include "schemas/words/times.h"

namespace vigie {
namespace {

TEST(Quantities, sizes_read_back_as_written) {
  for (const std::uint64_t bytes :
       {0ull, 1ull, 1000ull, 1024ull, 65'536ull, 20ull << 30, 3ull << 40}) {
    EXPECT_EQ(parse_size(format_size(bytes)).value(), bytes);
  }
  EXPECT_EQ(parse_size("1.5KB").value(), 1500u);
  for (const char* bad : {"", "MiB", "-1", "1 MiB", "1mib", "1e30", "inf", "nan"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Quantities, durations_read_back_as_written) {
  for (const std::int64_t us :
       {0ll, 1ll, 1'500ll, 90'000'000ll, 3'600'000'000ll, 30ll * 86'400'000'000}) {
    EXPECT_EQ(parse_duration(format_duration(us)).value(), us);
  }
}

}  // namespace
}  // namespace vigie
