// The operator's log: lines that cannot be forged, JSON that parses, warnings that do not flood.

#include "schemas/programs/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "schemas/programs/log_text.h"

namespace vigie {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Lines {
  std::vector<std::string> all;
  Log log(LogOptions options = {}) {
    return Log::to([this](std::string_view line) { all.emplace_back(line); }, options);
  }
};

struct HandClock final : Clock {
  std::int64_t now_us = 1'000'000;
  std::int64_t utc_us() const override { return now_us; }
  std::int64_t monotonic_us() const override { return now_us; }
};

TEST(Human, a_line_names_time_level_room_text_and_values) {
  Lines lines;
  lines.log().in("store").warning("disk is full", {{"free_bytes", 4096}, {"path", "a b"}});
  EXPECT_THAT(lines.all, ElementsAre(testing::MatchesRegex(
                             "[0-9-]+T[0-9:.]+Z warning store: disk is full free_bytes=4096 "
                             "path=\"a b\"")));
}

TEST(Human, a_name_from_outside_cannot_forge_a_line) {
  Lines lines;
  lines.log().info("peer\nforged", {{"client", "x\r\n2026 error: all is lost\x1b[31m"}});
  ASSERT_EQ(lines.all.size(), 1u);
  EXPECT_THAT(lines.all[0],
              AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\r")), Not(HasSubstr("\x1b"))));
}

TEST(Json, a_line_is_one_object_with_typed_fields) {
  Lines lines;
  lines.log({.format = LogFormat::Json})
      .in("feed")
      .error("tab\there \"quoted\" back\\slash",
             {{"seq", std::uint64_t{18'446'744'073'709'551'615u}},
              {"ratio", 0.5},
              {"ok", true},
              {"least", std::int64_t{-7}},
              {"name", std::string("d\x01\xc3\xa9")}});
  ASSERT_EQ(lines.all.size(), 1u);
  const json line = json::parse(lines.all[0]);
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["room"], "feed");
  EXPECT_EQ(line["text"], "tab\there \"quoted\" back\\slash");
  EXPECT_EQ(line["fields"]["seq"], 18'446'744'073'709'551'615u);
  EXPECT_EQ(line["fields"]["ratio"], 0.5);
  EXPECT_EQ(line["fields"]["ok"], true);
  EXPECT_EQ(line["fields"]["least"], -7);
  EXPECT_EQ(line["fields"]["name"], "d\x01\xc3\xa9");
  EXPECT_THAT(line["time"].get<std::string>(),
              testing::MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9]{6}Z"));
}

TEST(Json, bytes_that_are_not_utf8_are_replaced) {
  for (const std::string bad :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_NO_THROW(json::parse("\"" + escape_json("a" + bad + "b") + "\"")) << bad;
    EXPECT_THAT(escape_json(bad), HasSubstr("\xEF\xBF\xBD"));
  }
  EXPECT_EQ(escape_json("\xe2\x82\xac \xf0\x9f\x9a\x91"), "\xe2\x82\xac \xf0\x9f\x9a\x91");
}

TEST(Json, a_number_that_json_has_not_becomes_null) {
  EXPECT_THAT(json_line("", "t", {{"x", 1.0 / 0.0}}), HasSubstr("\"x\":null"));
}

TEST(Level, lines_below_it_are_not_written) {
  Lines lines;
  const Log log = lines.log({.level = LogLevel::Warning});
  log.debug("a");
  log.info("b");
  log.warning("c");
  EXPECT_EQ(lines.all.size(), 1u);
}

TEST(File, lines_are_appended_and_an_impossible_path_is_a_fault) {
  const std::string path = testing::TempDir() + "vigie_log_" + std::to_string(::getpid());
  for (int i = 0; i < 2; ++i) {
    const auto log = Log::open({.file = path});
    ASSERT_TRUE(log) << log.fault().sentence;
    log->info("hello");
  }
  std::ifstream file(path);
  std::string line;
  int count = 0;
  while (std::getline(file, line)) ++count;
  EXPECT_EQ(count, 2);
  std::remove(path.c_str());
  EXPECT_EQ(Log::open({.file = "/dev/null/impossible"}).fault().code, FaultCode::Io);
}

TEST(Silent, a_log_made_without_a_place_says_nothing) {
  Log().error("nobody hears this");
}

TEST(RepeatedWarning, writes_the_first_then_one_a_window_with_how_many_more) {
  Lines lines;
  HandClock clock;
  RepeatedWarning warning(lines.log(), clock, "bad message");
  warning.say("first");
  for (int i = 0; i < 100; ++i) warning.say("again");
  EXPECT_EQ(lines.all.size(), 1u);
  EXPECT_THAT(lines.all[0], HasSubstr("bad message detail=first"));

  clock.now_us += 10'000'000;
  warning.say("last");
  ASSERT_EQ(lines.all.size(), 2u);
  EXPECT_THAT(lines.all[1], HasSubstr("detail=last more=100 within_s=10"));
}

TEST(RepeatedWarning, what_was_held_back_is_told_when_it_stops) {
  Lines lines;
  HandClock clock;
  RepeatedWarning warning(lines.log(), clock, "bad message");
  warning.say("a");
  warning.say("b");
  warning.tick();
  EXPECT_EQ(lines.all.size(), 1u);
  clock.now_us += 10'000'000;
  warning.tick();
  warning.tick();
  EXPECT_EQ(lines.all.size(), 2u);
}

}  // namespace
}  // namespace vigie
