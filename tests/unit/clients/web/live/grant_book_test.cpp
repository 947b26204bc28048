// What a session tells of the grants that its identity may open.

#include "clients/web/server/live/grant_book.h"

#include <gtest/gtest.h>

#include "clients/web/server/live/translate.h"
#include "schemas/words/times.h"

namespace vigie::web {
namespace {

constexpr std::int64_t kNowUs = 1'772'000'000'000'000;

client::Item told(const std::string& name, client::Grant grant, std::int64_t known_us = kNowUs) {
  client::StateItem item;
  item.stamp.known_time_us = known_us;
  item.state.kind = client::StateKind::Grant;
  item.state.name = name;
  item.state.grant = std::move(grant);
  return item;
}

TEST(GrantBook, TellsOfThoseThatTheHubNamesWhatEachIs) {
  GrantBook book;
  book.take(told("alpha/aid", {.to = "bravo", .delay_s = 600}));
  book.take(told("alpha/unnamed", {.to = "bravo", .delay_s = 1}));
  const auto standing = book.standing({"alpha/aid"}, kNowUs);
  ASSERT_EQ(standing.size(), 1u);
  EXPECT_EQ(standing[0].name, "alpha/aid");
  EXPECT_EQ(standing[0].content.delay_s, 600u);
}

TEST(GrantBook, TellsNothingOfOneWhoseContentDidNotComeYet) {
  EXPECT_TRUE(GrantBook().standing({"alpha/aid"}, kNowUs).empty());
}

TEST(GrantBook, HasRoomForThoseThatStandHoweverManyHaveEnded) {
  GrantBook book;
  for (std::size_t i = 0; i < GrantBook::kGrantsMax; ++i) {
    book.take(told("alpha/old" + std::to_string(i), {.to = "bravo", .delay_s = 600}));
    book.take(told("alpha/old" + std::to_string(i), {.ended = true}));
  }
  for (std::size_t i = 0; i < GrantBook::kGrantsMax; ++i) {
    book.take(told("alpha/over" + std::to_string(i), {.ends_us = kNowUs - 1, .delay_s = 600},
                   kNowUs - 2));
  }
  book.take(told("alpha/aid", {.to = "bravo", .delay_s = 600}));
  EXPECT_EQ(book.standing({"alpha/aid"}, kNowUs).size(), 1u);
}

TEST(GrantBook, LeavesOutWhatHasEndedSinceTheHubNamedIt) {
  GrantBook book;
  book.take(told("alpha/aid", {.delay_s = 600}));
  book.take(told("alpha/aid", {.ended = true, .delay_s = 600}));
  book.take(told("alpha/over", {.ends_us = kNowUs, .delay_s = 600}));
  book.take(told("alpha/later", {.ends_us = kNowUs + 1, .delay_s = 600}));
  const auto standing = book.standing({"alpha/aid", "alpha/later", "alpha/over"}, kNowUs);
  ASSERT_EQ(standing.size(), 1u);
  EXPECT_EQ(standing[0].name, "alpha/later");
}

TEST(GrantBook, HoldsBackForTheDelayTheStepAndASecond) {
  EXPECT_EQ(held_back_us({}), 0);
  EXPECT_EQ(held_back_us({.delay_s = 600, .every_s = 60}), 661 * kMicrosecondsPerSecond);
  EXPECT_EQ(held_back_us({.round_m = 500}), kMicrosecondsPerSecond);
}

TEST(GrantBook, GivesEachGrantOfEachLogALogOfItsOwn) {
  const std::string log(32, 'a');
  const std::string other = log_by_grant(log, "alpha/aid");
  EXPECT_EQ(other.size(), 32u);
  EXPECT_EQ(other.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(other, log_by_grant(log, "alpha/aid"));
  EXPECT_NE(other, log);
  EXPECT_NE(other, log_by_grant(log, "alpha/aie"));
  EXPECT_NE(other, log_by_grant(std::string(32, 'b'), "alpha/aid"));
}

client::Item fix(std::uint64_t seq, std::uint32_t count, bool snapshot = false) {
  client::FixItem item;
  item.fix.unit = "alpha/v1";
  item.stamp.seq = seq;
  item.count = count;
  item.snapshot = snapshot;
  return item;
}

std::uint32_t counted(Translator& translator, client::Item item) {
  std::vector<Change> changes;
  translator.translate(std::move(item), changes);
  return std::get<wire::PageFix>(changes.back()).count();
}

TEST(Translator, CountsWhatTheHubDoesNotCountSoThatEachMoveIsSeen) {
  Translator translator;
  EXPECT_EQ(counted(translator, fix(10, 0)), 1u);
  EXPECT_EQ(counted(translator, fix(11, 0)), 2u);
  EXPECT_EQ(counted(translator, fix(11, 0, true)), 2u) << "a picture lists again what came";
  EXPECT_EQ(counted(translator, fix(12, 0)), 3u);
}

TEST(Translator, LeavesTheHubsOwnCountAsItIs) {
  Translator translator;
  EXPECT_EQ(counted(translator, fix(10, 7)), 7u);
  EXPECT_EQ(counted(translator, fix(11, 9)), 9u);
}

}  // namespace
}  // namespace vigie::web
