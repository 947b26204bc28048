// The list of codes, the schema and PROTOCOL.md say the same.

#include "schemas/messages/refusals.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace vigie {
namespace {

TEST(RefusalsTest, each_code_of_the_schema_stands_in_the_list_once_and_by_its_number) {
  int code = 0;
  for (const RefusalWord& word : refusals()) {
    EXPECT_EQ(static_cast<int>(word.code), ++code);
    EXPECT_FALSE(word.text.empty());
    EXPECT_EQ(find_refusal(word.code), &word);
  }
  EXPECT_EQ(code, static_cast<int>(wire::Refusal::MAX));
  EXPECT_EQ(find_refusal(wire::Refusal::None), nullptr);
  EXPECT_EQ(find_refusal(static_cast<wire::Refusal>(999)), nullptr);
}

TEST(RefusalsTest, the_protocol_lists_them) {
  std::ifstream file(VIGIE_PROTOCOL);
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  for (const RefusalWord& word : refusals()) {
    const std::string row =
        fmt::format("| {} | {} | {} | {} |\n", static_cast<int>(word.code), refusal_name(word.code),
                    word.text, word.is_quarantined ? "yes" : "no");
    EXPECT_THAT(text.str(), testing::HasSubstr(row));
  }
}

}  // namespace
}  // namespace vigie
