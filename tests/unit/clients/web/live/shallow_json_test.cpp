#include "clients/web/server/live/shallow_json.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::web {
namespace {

TEST(ShallowJsonTest, ReadsWhatIsAsDeepAsItMayBe) {
  const ShallowJson read = parse_shallow_json(R"({"a":[1,{"b":2}]})", 3);
  EXPECT_FALSE(read.too_deep);
  EXPECT_EQ(read.json["a"][1]["b"], 2);
}

TEST(ShallowJsonTest, RefusesWhatIsDeeperWhereverItStands) {
  for (const char* text : {R"({"a":[1,{"b":2}]})", R"([[[0]]])", R"({"a":{"b":{"c":{}}},"d":1})",
                           R"([1,2,[3,[4]],5])"}) {
    const ShallowJson read = parse_shallow_json(text, 2);
    EXPECT_TRUE(read.too_deep) << text;
    EXPECT_TRUE(read.json.is_null()) << text;
  }
}

TEST(ShallowJsonTest, TellsWhatIsNoJson) {
  for (const char* text : {"", "{", "[1,]", "nothing", "{} {}", "\xff"}) {
    const ShallowJson read = parse_shallow_json(text, 4);
    EXPECT_FALSE(read.too_deep) << text;
    EXPECT_TRUE(read.json.is_discarded()) << text;
  }
}

TEST(ShallowJsonTest, ReadsAMillionBracketsAsTooDeepAndComesBack) {
  const std::string open(1'000'000, '[');
  EXPECT_TRUE(parse_shallow_json(open, 4).too_deep);
  EXPECT_TRUE(parse_shallow_json(open + std::string(open.size(), ']'), 4).too_deep);
}

}  // namespace
}  // namespace vigie::web
