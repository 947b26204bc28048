#include "clients/web/server/api/letter_box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::web::api {
namespace {

using testing::HasSubstr;

class StandingClock final : public Clock {
 public:
  std::int64_t utc_us() const override { return now_us; }
  std::int64_t monotonic_us() const override { return now_us; }
  std::int64_t now_us = 1'000'000'000;
};

class LetterBoxTest : public testing::Test {
 protected:
  LetterBoxTest() { options.keys_max = 3; }

  Senders::Letter letter(std::string key, std::string body, bool wait = true) const {
    Senders::Letter letter;
    letter.account = "anna";
    letter.key = std::move(key);
    letter.body = std::move(body);
    letter.wait = wait;
    return letter;
  }
  Respond respond() {
    return [this](Response response) { answers.push_back(std::move(response)); };
  }
  static SpoolYard::Stored stored(std::uint64_t number) {
    return {.spool = "s", .number = number, .name = "00:" + std::to_string(number)};
  }
  static client::Delivery settled(std::uint64_t first, std::uint64_t last) {
    return {.first = first, .last = last};
  }

  SendersOptions options;
  StandingClock clock;
  LetterBox box{options, clock};
  std::vector<Response> answers;
};

TEST_F(LetterBoxTest, AnswersAtOnceWhenNobodyWaitsForTheHub) {
  const auto message = box.take(letter("", "a", false), respond());
  EXPECT_TRUE(answers.empty());
  box.stored(message, stored(1));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status, 202);
  EXPECT_THAT(answers[0].body, HasSubstr("\"name\":\"00:1\",\"settled\":false"));
}

TEST_F(LetterBoxTest, AnswersAWaitingOneWhenItIsSettled) {
  const auto message = box.take(letter("", "a"), respond());
  box.stored(message, stored(5));
  EXPECT_TRUE(answers.empty());
  box.delivered("other", settled(1, 9));
  box.delivered("s", settled(1, 4));
  EXPECT_TRUE(answers.empty());
  box.delivered("s", settled(5, 7));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status, 200);
}

TEST_F(LetterBoxTest, KnowsASettlingThatCameBeforeItsMessage) {
  const auto message = box.take(letter("", "a"), respond());
  box.delivered("s", settled(5, 5));
  box.stored(message, stored(5));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status, 200);
}

TEST_F(LetterBoxTest, TellsWhyTheHubRefused) {
  std::uint64_t sent = 0;
  for (const auto& [code, status] :
       {std::pair(client::Refusal::NotEntitled, 403), std::pair(client::Refusal::BadTime, 422)}) {
    const auto message = box.take(letter("", "a"), respond());
    const std::uint64_t number = ++sent;
    box.stored(message, stored(number));
    box.delivered("s", {.first = number,
                        .last = number,
                        .outcome = client::Outcome::Refused,
                        .code = code,
                        .reason = "unit 'x'"});
    EXPECT_EQ(answers.back().status, status);
    EXPECT_THAT(answers.back().body, HasSubstr(client::refusal_name(code)));
    EXPECT_THAT(answers.back().body, HasSubstr("unit 'x'"));
  }
}

TEST_F(LetterBoxTest, SaysThatAnEventThatIsLateGoesAllTheSame) {
  const auto message = box.take(letter("", "a"), respond());
  box.stored(message, stored(1));
  clock.now_us += 9'999'999;
  box.expire();
  EXPECT_TRUE(answers.empty());
  clock.now_us += 1;
  box.expire();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status, 503);
  EXPECT_THAT(answers[0].body, HasSubstr("not_settled"));
  EXPECT_EQ(box.counters().waiting, 0u);
}

TEST_F(LetterBoxTest, SendsAnEventOfOneKeyOnce) {
  const auto message = box.take(letter("k", "a"), respond());
  EXPECT_EQ(box.take(letter("k", "a"), respond()), nullptr);
  box.stored(message, stored(1));
  box.delivered("s", settled(1, 1));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(box.take(letter("k", "a"), respond()), nullptr);
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[2].status, 200);
  EXPECT_EQ(answers[2].body, answers[0].body);
}

TEST_F(LetterBoxTest, RefusesAKeyThatComesWithAnotherEvent) {
  const auto message = box.take(letter("k", "a"), respond());
  EXPECT_NE(message, nullptr);
  EXPECT_EQ(box.take(letter("k", "b"), respond()), nullptr);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status, 422);
}

TEST_F(LetterBoxTest, KnowsWhatBecameOfAnEventThatWasLate) {
  const auto message = box.take(letter("k", "a"), respond());
  box.stored(message, stored(1));
  clock.now_us += 10'000'000;
  box.expire();
  box.delivered("s", settled(1, 1));
  EXPECT_EQ(box.take(letter("k", "a"), respond()), nullptr);
  EXPECT_EQ(answers.back().status, 200);
}

TEST_F(LetterBoxTest, TakesAnEventAgainThatNeverCameIntoASpool) {
  const auto message = box.take(letter("k", "a"), respond());
  box.failed(message, {FaultCode::DiskFull, "no space"});
  EXPECT_EQ(answers.back().status, 503);
  EXPECT_NE(box.take(letter("k", "a"), respond()), nullptr);
}

TEST_F(LetterBoxTest, ForgetsKeysThatAreOldOrTooMany) {
  const auto first = box.take(letter("k", "a"), respond());
  clock.now_us += 600'000'001;
  const auto again = box.take(letter("k", "a"), respond());
  EXPECT_NE(again, nullptr);
  const auto b = box.take(letter("b", "a"), respond());
  const auto c = box.take(letter("c", "a"), respond());
  const auto d = box.take(letter("d", "a"), respond());
  EXPECT_NE(box.take(letter("k", "a"), respond()), nullptr);
}

}  // namespace
}  // namespace vigie::web::api
