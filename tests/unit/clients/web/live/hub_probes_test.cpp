#include "clients/web/server/live/hub_probes.h"

#include <gtest/gtest.h>

#include <optional>

namespace vigie::web {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(HubProbesTest, AnswersWhenTheHubWasHeardSinceTheQuestion) {
  HubProbes probes;
  std::optional<std::int64_t> waited;
  probes.ask(10 * kSecond, [&](std::int64_t us) { waited = us; });
  probes.look(10 * kSecond, 9 * kSecond);
  EXPECT_FALSE(waited) << "what was heard before tells nothing";
  EXPECT_TRUE(probes.any_wait());
  probes.look(11 * kSecond, 10 * kSecond + 900'000);
  EXPECT_EQ(waited, kSecond);
  EXPECT_FALSE(probes.any_wait());
  EXPECT_TRUE(probes.newest().heard);
  EXPECT_EQ(probes.newest().waited_us, kSecond);
}

TEST(HubProbesTest, SaysThatTheHubIsSilentWhenThePatienceIsOver) {
  HubProbes probes;
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> second;
  probes.ask(10 * kSecond, [&](std::int64_t us) { first = us; });
  probes.ask(12 * kSecond, [&](std::int64_t us) { second = us; });
  probes.look(10 * kSecond + HubProbes::kPatienceUs - 1, INT64_MIN);
  EXPECT_FALSE(first);
  probes.look(10 * kSecond + HubProbes::kPatienceUs, INT64_MIN);
  EXPECT_EQ(first, -1);
  EXPECT_FALSE(second);
  EXPECT_FALSE(probes.newest().heard);
  probes.look(15 * kSecond, 15 * kSecond);
  EXPECT_EQ(second, 3 * kSecond);
  EXPECT_TRUE(probes.newest().heard);
}

TEST(HubProbesTest, LetsNobodyWaitForASessionThatDoesNotStand) {
  HubProbes probes;
  int told = 0;
  for (int i = 0; i < 3; ++i) {
    probes.ask(kSecond, [&](std::int64_t us) { told += us == -1 ? 1 : 0; });
  }
  probes.give_up(2 * kSecond);
  EXPECT_EQ(told, 3);
  EXPECT_FALSE(probes.any_wait());
}

TEST(HubProbesTest, TakesAQuestionThatAnAnswerAsks) {
  HubProbes probes;
  int answered = 0;
  probes.ask(kSecond, [&](std::int64_t) {
    ++answered;
    probes.ask(2 * kSecond, [&](std::int64_t) { ++answered; });
  });
  probes.look(2 * kSecond, 2 * kSecond);
  EXPECT_EQ(answered, 1);
  probes.look(3 * kSecond, 3 * kSecond);
  EXPECT_EQ(answered, 2);
}

}  // namespace
}  // namespace vigie::web
