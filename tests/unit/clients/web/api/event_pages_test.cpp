#include "clients/web/server/api/event_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/clients/web/api/samples.h"

namespace vigie::web::api {
namespace {

/// A log that is read as a hub's is: a range, forwards.
struct Log {
  std::vector<client::EventItem> events;
  std::size_t reads_left = SIZE_MAX;  // items before it is too slow, in each read
  int reads = 0;

  ReadRange reader() {
    return [this](const PastQuery& past, const TakeItem& take) -> Answered<PastEnd> {
      ++reads;
      std::size_t left = reads_left;
      for (const client::EventItem& event : events) {
        const std::int64_t time = event.stamp.known_time_us;
        if (time < past.from_us || (past.until_us != 0 && time >= past.until_us)) continue;
        if (left-- == 0) return PastEnd{.complete = false, .too_slow = true};
        if (!take(event)) return PastEnd{.complete = false};
      }
      return PastEnd{};
    };
  }
};

Log random_log(std::uint32_t seed, std::size_t count, std::int64_t span_us) {
  std::mt19937_64 random(seed);
  Log log;
  for (std::size_t i = 0; i < count; ++i) {
    log.events.push_back(
        event_of("", static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(span_us))));
    log.events.back().event.severity = static_cast<client::Severity>(random() % 4);
  }
  std::sort(log.events.begin(), log.events.end(), [](const auto& a, const auto& b) {
    return a.stamp.known_time_us < b.stamp.known_time_us;
  });
  for (std::size_t i = 0; i < count; ++i) log.events[i].stamp.seq = i + 1;
  return log;
}

EventQuery all_of(std::int64_t span_us) {
  EventQuery query;
  query.past.clock = client::ReplayClock::Known;
  query.past.from_us = kSampleUs;
  query.past.until_us = kSampleUs + span_us;
  query.now_us = query.past.until_us;
  return query;
}

std::vector<std::uint64_t> follow(EventQuery query, Log& log) {
  std::vector<std::uint64_t> seqs;
  for (int pages = 0; pages < 10'000; ++pages) {
    const auto page = read_event_page(query, log.reader());
    EXPECT_TRUE(page.has_value());
    if (!page) return seqs;
    EXPECT_LE(page->events.size(), query.limit);
    for (const client::EventItem& event : page->events) seqs.push_back(event.stamp.seq);
    if (!page->next) return seqs;
    query.after = page->next;
  }
  ADD_FAILURE() << "paging does not end";
  return seqs;
}

TEST(EventPages, TogetherAreEveryEventOnceInOrderInBothDirections) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    // From crowded microseconds to days.
    const std::int64_t span_us = seed % 2 == 0 ? 20 : std::int64_t{seed} * 7'200'000'000;
    Log log = random_log(seed, seed * 5, span_us);
    EventQuery query = all_of(span_us);
    query.limit = 1 + seed % 7;
    std::vector<std::uint64_t> expected;
    for (const client::EventItem& event : log.events) expected.push_back(event.stamp.seq);
    query.newest_first = false;
    EXPECT_EQ(follow(query, log), expected) << "seed " << seed;
    std::reverse(expected.begin(), expected.end());
    query.newest_first = true;
    EXPECT_EQ(follow(query, log), expected) << "seed " << seed;
    query.past.until_us = 0;
    EXPECT_EQ(follow(query, log), expected) << "seed " << seed;
  }
}

TEST(EventPages, ShowOnlyWhatWasAskedFor) {
  Log log = random_log(3, 100, 1'000'000);
  EventQuery query = all_of(1'000'000);
  query.severities = {client::Severity::Severe};
  query.limit = 7;
  const auto severe = std::count_if(log.events.begin(), log.events.end(), [](const auto& event) {
    return event.event.severity == client::Severity::Severe;
  });
  EXPECT_EQ(follow(query, log).size(), static_cast<std::size_t>(severe));
}

TEST(EventPages, OfAnEmptyRangeAreOneEmptyPage) {
  Log log;
  const auto page = read_event_page(all_of(86'400'000'000), log.reader());
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->events.empty());
  EXPECT_FALSE(page->next);
}

TEST(EventPages, ThatCannotBeReadInTimeGoOnWhereTheyWereWhenOldestComeFirst) {
  Log log = random_log(5, 60, 1'000'000);
  log.reads_left = 10;
  EventQuery query = all_of(1'000'000);
  query.newest_first = false;
  EXPECT_EQ(follow(query, log).size(), 60u);
}

TEST(EventPages, SayThatTheRangeIsTooMuchWhenNothingOfItCanBeRead) {
  Log log = random_log(5, 60, 1'000'000);
  log.reads_left = 10;
  const auto page = read_event_page(all_of(1'000'000), log.reader());
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, "too_slow");
  EXPECT_EQ(page.error().status, 503);
}

TEST(EventPages, NeverGrowBeyondTheirBytes) {
  Log log;
  for (int i = 0; i < 2'000; ++i) {
    log.events.push_back(event_of(std::string(4'096, 'x'), i));
    log.events.back().stamp.seq = static_cast<std::uint64_t>(i) + 1;
  }
  EventQuery query = all_of(2'000);
  query.limit = 100'000;
  const auto page = read_event_page(query, log.reader());
  ASSERT_TRUE(page.has_value());
  EXPECT_LT(page->events.size(), 1'100u);
  EXPECT_TRUE(page->next);
  EXPECT_EQ(follow(query, log).size(), 2'000u);
}

TEST(EventPlace, IsWrittenAndReadBack) {
  const EventPlace place{kSampleUs, 42};
  EXPECT_EQ(*parse_place(place_text(place)), place);
  for (const char* bad : {"", "-", "1-", "-1", "1-2-3", "x-1", "99999999999999999999-1"}) {
    EXPECT_FALSE(parse_place(bad)) << bad;
  }
}

}  // namespace
}  // namespace vigie::web::api
