// Paths, queries and cookies taken apart.

#include "clients/web/server/http/target.h"

#include <gmock/gmock.h>

#include "clients/web/server/http/request.h"

namespace vigie::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Target, IsDecodedIntoPathAndParameters) {
  const auto target = parse_target("/units/alpha%20one/%C3%A9?from=-1h&text=a+b%26c&flag&=x");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/units/alpha one/\xC3\xA9");
  EXPECT_THAT(target->query, ElementsAre(Pair("from", "-1h"), Pair("text", "a b&c"),
                                         Pair("flag", ""), Pair("", "x")));
}

TEST(Target, PlusIsASpaceInAQueryAndItselfInAPath) {
  const auto target = parse_target("/a+b?c+d=e%2Bf");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a+b");
  EXPECT_THAT(target->query, ElementsAre(Pair("c d", "e+f")));
}

TEST(Target, OneSlashAtTheEndIsDropped) {
  EXPECT_EQ(parse_target("/ogc/")->path, "/ogc");
  EXPECT_EQ(parse_target("/")->path, "/");
  EXPECT_FALSE(parse_target("/ogc//"));
  EXPECT_FALSE(parse_target("//"));
}

TEST(Target, WhatIsWrongIsNamed) {
  EXPECT_THAT(parse_target("").fault().sentence, HasSubstr("must begin with '/'"));
  EXPECT_THAT(parse_target("/a/%2E%2e").fault().sentence, HasSubstr("'..' segment"));
  EXPECT_THAT(parse_target("/a?b=%C3%28").fault().sentence, HasSubstr("query: not UTF-8"));
  std::string many = "/?";
  for (std::size_t i = 0; i <= kParametersMax; ++i) many += "a=b&";
  EXPECT_THAT(parse_target(many).fault().sentence, HasSubstr("more than 64 parameters"));
}

TEST(Utf8, TakesWholeShortestFormsAlone) {
  EXPECT_TRUE(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x81"));
  for (const char* wrong : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(wrong));
  }
}

TEST(RequestTest, FindsCookiesAmongOthers) {
  Request request;
  request.headers = {{"cookie", "a=1; session=\"abc\" ;b=2;c"}, {"cookie", "d=4=5"}};
  EXPECT_EQ(request.cookie("session"), "abc");
  EXPECT_EQ(request.cookie("b"), "2");
  EXPECT_EQ(request.cookie("d"), "4=5");
  EXPECT_EQ(request.cookie("c"), std::nullopt);
  EXPECT_EQ(request.cookie("sess"), std::nullopt);
}

}  // namespace
}  // namespace vigie::web
