// The stream between the thread that makes an answer and the one that sends it.

#include "clients/web/server/http/response.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

namespace vigie::web {
namespace {

using ::testing::HasSubstr;

TEST(BodyStreamTest, GivesChunksInOrderAndThenTheEnd) {
  BodyStream stream;
  EXPECT_TRUE(stream.write("one"));
  EXPECT_TRUE(stream.write("two"));
  stream.finish();
  std::string chunk;
  EXPECT_EQ(stream.take(chunk, nullptr), BodyStream::State::Chunk);
  EXPECT_EQ(chunk, "one");
  EXPECT_EQ(stream.take(chunk, nullptr), BodyStream::State::Chunk);
  EXPECT_EQ(chunk, "two");
  EXPECT_EQ(stream.take(chunk, nullptr), BodyStream::State::Finished);
}

TEST(BodyStreamTest, HoldsItsProducerUntilThereIsRoom) {
  BodyStream stream;
  ASSERT_TRUE(stream.write(std::string(BodyStream::kBytesMax, 'x')));
  auto held = std::async(std::launch::async, [&] { return stream.write("more"); });
  EXPECT_EQ(held.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  std::string chunk;
  stream.take(chunk, nullptr);
  EXPECT_TRUE(held.get());
}

TEST(BodyStreamTest, TellsItsProducerThatNobodyTakesAnyMore) {
  BodyStream stream;
  ASSERT_TRUE(stream.write(std::string(BodyStream::kBytesMax, 'x')));
  auto held = std::async(std::launch::async, [&] { return stream.write("more"); });
  stream.abandon();
  EXPECT_FALSE(held.get());
  EXPECT_FALSE(stream.write("again"));
}

TEST(BodyStreamTest, CallsOnceWhenThereIsSomething) {
  BodyStream stream;
  int called = 0;
  std::string chunk;
  EXPECT_EQ(stream.take(chunk, [&] { ++called; }), BodyStream::State::Waiting);
  stream.write("one");
  stream.write("two");
  EXPECT_EQ(called, 1);
}

TEST(BodyStreamTest, TellsAFailureOnceAlsoWhileWhatWasTakenIsOnItsWay) {
  BodyStream stream;
  int told = 0;
  stream.when_failed([&] { ++told; });
  ASSERT_TRUE(stream.write("sent slowly"));
  std::string chunk;
  EXPECT_EQ(stream.take(chunk, nullptr), BodyStream::State::Chunk);
  stream.fail();
  stream.fail();
  EXPECT_EQ(told, 1);
}

TEST(BodyStreamTest, TellsAFailureThatWasBeforeItWasAsked) {
  BodyStream stream;
  stream.fail();
  int told = 0;
  stream.when_failed([&] { ++told; });
  EXPECT_EQ(told, 1);
}

TEST(BodyStreamTest, WhatWasWrittenToItsEndDoesNotFail) {
  BodyStream stream;
  int told = 0;
  stream.when_failed([&] { ++told; });
  stream.finish();
  stream.fail();
  EXPECT_EQ(told, 0);
}

TEST(BodyStreamTest, AFailureGoesBeforeWhatWaits) {
  BodyStream stream;
  stream.write("half");
  stream.fail();
  std::string chunk;
  EXPECT_EQ(stream.take(chunk, nullptr), BodyStream::State::Failed);
}

TEST(Problem, IsJsonWhateverItQuotes) {
  const Response answer = problem(400, "field_wrong", "limit '\xff\"' is not a number");
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"field_wrong")"));
  EXPECT_THAT(answer.body, HasSubstr(R"(limit '�\"' is not a number)"));
  EXPECT_EQ(answer.headers.front().second, "application/problem+json");
}

}  // namespace
}  // namespace vigie::web
