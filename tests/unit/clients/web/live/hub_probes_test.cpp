#include "clients/web/server/live/hub_probes.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace vigie::web {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(HubProbesTest, AnswersWhenTheHubSaidItsNumberBackOrAGreaterOne) {
  HubProbes probes;
  std::vector<std::int64_t> waited;
  const auto note = [&](std::int64_t us) { waited.push_back(us); };
  probes.ask(10 * kSecond, 4, note);
  probes.ask(10 * kSecond, 5, note);
  probes.ask(10 * kSecond, 6, note);
  probes.look(10 * kSecond, 3);
  EXPECT_TRUE(waited.empty()) << "what was said before tells nothing";
  probes.look(11 * kSecond, 5);
  EXPECT_EQ(waited, std::vector<std::int64_t>(2, kSecond));
  EXPECT_TRUE(probes.any_wait());
  EXPECT_TRUE(probes.newest().heard);
  EXPECT_EQ(probes.newest().waited_us, kSecond);
  probes.look(12 * kSecond, 9);
  EXPECT_EQ(waited.back(), 2 * kSecond);
  EXPECT_FALSE(probes.any_wait());
}

TEST(HubProbesTest, SaysThatTheHubIsSilentWhenThePatienceIsOver) {
  HubProbes probes;
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> second;
  probes.ask(10 * kSecond, 1, [&](std::int64_t us) { first = us; });
  probes.ask(12 * kSecond, 2, [&](std::int64_t us) { second = us; });
  probes.look(10 * kSecond + HubProbes::kPatienceUs - 1, 0);
  EXPECT_FALSE(first);
  probes.look(10 * kSecond + HubProbes::kPatienceUs, 0);
  EXPECT_EQ(first, -1);
  EXPECT_FALSE(second);
  EXPECT_FALSE(probes.newest().heard);
  probes.look(15 * kSecond, 2);
  EXPECT_EQ(second, 3 * kSecond);
  EXPECT_TRUE(probes.newest().heard);
}

TEST(HubProbesTest, LetsNobodyWaitForASessionThatDoesNotStand) {
  HubProbes probes;
  int told = 0;
  for (int i = 0; i < 3; ++i) {
    probes.ask(kSecond, 1, [&](std::int64_t us) { told += us == -1 ? 1 : 0; });
  }
  probes.give_up(2 * kSecond);
  EXPECT_EQ(told, 3);
  EXPECT_FALSE(probes.any_wait());
}

TEST(HubProbesTest, TakesAQuestionThatAnAnswerAsks) {
  HubProbes probes;
  int answered = 0;
  probes.ask(kSecond, 1, [&](std::int64_t) {
    ++answered;
    probes.ask(2 * kSecond, 2, [&](std::int64_t) { ++answered; });
  });
  probes.look(2 * kSecond, 1);
  EXPECT_EQ(answered, 1);
  probes.look(3 * kSecond, 2);
  EXPECT_EQ(answered, 2);
}

}  // namespace
}  // namespace vigie::web
