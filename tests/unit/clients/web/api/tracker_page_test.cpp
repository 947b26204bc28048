#include "clients/web/server/api/tracker_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vigie::web::api {
namespace {

using testing::ElementsAre;

TrackerRow row(const std::string& unit, std::uint64_t missing, std::int64_t delay_us) {
  TrackerRow one;
  one.unit = unit;
  one.missing = missing;
  one.delay_us = delay_us;
  return one;
}

/// Two miss something, two are as slow as each other, one has a clock that runs ahead.
std::vector<TrackerRow> rows() {
  return {row("a/1", 0, 500), row("b/2", 3, 100), row("a/3", 0, 500), row("c/4", 9, 0),
          row("a/5", 0, -2'000'000)};
}

/// The units of each page, from the first to the one that has no `next`.
std::vector<std::vector<std::string>> pages_of(TrackerQuery query) {
  std::vector<std::vector<std::string>> pages;
  while (pages.size() < 20) {
    const auto page = nlohmann::json::parse(tracker_page(rows(), query).body);
    EXPECT_EQ(page["trackers_in_all"], 5);
    auto& units = pages.emplace_back();
    for (const auto& one : page["trackers"]) units.push_back(one["unit"]);
    if (!page.contains("next")) return pages;
    const auto place = parse_tracker_place(page["next"].get<std::string>());
    EXPECT_TRUE(place.ok());
    query.after = *place;
  }
  return pages;
}

TEST(TrackerPage, HasTheWorstFirstAndGoesOnWhereThePageBeforeEnded) {
  EXPECT_THAT(pages_of({.limit = 2}), ElementsAre(ElementsAre("c/4", "b/2"),
                                                  ElementsAre("a/1", "a/3"), ElementsAre("a/5")));
}

TEST(TrackerPage, HasNoNextWhereNothingFollows) {
  EXPECT_THAT(pages_of({.limit = 5}), ElementsAre(ElementsAre("c/4", "b/2", "a/1", "a/3", "a/5")));
}

TEST(TrackerPage, GoesByNameWhateverTheirNumbersAre) {
  EXPECT_THAT(pages_of({.order = TrackerOrder::Name, .limit = 3}),
              ElementsAre(ElementsAre("a/1", "a/3", "a/5"), ElementsAre("b/2", "c/4")));
}

TEST(TrackerPage, ByNameHasEachOnceThoughNumbersChangeBetweenPages) {
  TrackerQuery query{.order = TrackerOrder::Name, .limit = 2, .after = TrackerPlace{0, 0, "a/3"}};
  std::vector<TrackerRow> changed = rows();
  for (TrackerRow& one : changed) one.missing += 1'000;
  const auto page = nlohmann::json::parse(tracker_page(std::move(changed), query).body);
  EXPECT_EQ(page["trackers"][0]["unit"], "a/5");
  EXPECT_EQ(page["trackers"][1]["unit"], "b/2");
}

TEST(TrackerPage, RefusesAPlaceThatNoPageGave) {
  for (const char* text : {"", "1", "1:2", "1:2:", "1:2:a", "x:2:a/b", "-1:2:a/b", "1:2:a/b ",
                           "1 :2:a/b", "99999999999999999999:2:a/b", "1:2.5:a/b"}) {
    EXPECT_FALSE(parse_tracker_place(text).ok()) << text;
  }
  const auto place = parse_tracker_place("18446744073709551615:-9223372036854775808:a/b");
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(tracker_place_text(*place), "18446744073709551615:-9223372036854775808:a/b");
}

}  // namespace
}  // namespace vigie::web::api
