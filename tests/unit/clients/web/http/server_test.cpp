// The server's ordinary days: answers, keep-alive, streams, HEAD, draining.

#include "clients/web/server/http/server.h"

#include <gmock/gmock.h>

#include "tests/unit/clients/web/http/room.h"

namespace vigie::web::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// The whole of it: whatever is allowed more shows here.
constexpr const char* kContentSecurity =
    "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n";

TEST(Server, AnswersWithTheHeadersThatEveryAnswerBears) {
  Room room;
  Bare bare(room.server->port());
  const std::string answer = bare.say(get("/hello")).answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr(kContentSecurity));
  EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(answer, HasSubstr("Referrer-Policy: no-referrer\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cross-Origin-Opener-Policy: same-origin\r\n"));
  EXPECT_THAT(answer, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(answer, HasSubstr("Date: "));
  EXPECT_THAT(answer, Not(HasSubstr("Strict-Transport-Security")));
  EXPECT_THAT(answer, Not(HasSubstr("X-Injected")));
  EXPECT_THAT(answer, EndsWith("GET /hello from 127.0.0.1 plain localhost []"));
}

TEST(Server, KeepsTheConnectionForTheNextRequestAlsoWhenItCameAlready) {
  Room room;
  Bare bare(room.server->port());
  bare.say(get("/one") + get("/two"));
  EXPECT_THAT(bare.answer(), HasSubstr("GET /one"));
  EXPECT_THAT(bare.answer(), HasSubstr("GET /two"));
  EXPECT_THAT(bare.say(get("/three")).answer(), HasSubstr("GET /three"));
  EXPECT_EQ(room.counters().connections, 1u);
  EXPECT_EQ(room.counters().requests, 3u);
}

TEST(Server, ClosesWhenItIsAskedTo) {
  Room room;
  Bare bare(room.server->port());
  const std::string all = bare.say(get("/one", "Connection: close\r\n")).rest();
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(bare.ended());
}

TEST(Server, ReadsABodyByLengthAndByChunks) {
  Room room;
  Bare bare(room.server->port());
  bare.say(get("/x", "Content-Length: 5\r\n", "POST") + "hello");
  EXPECT_THAT(bare.answer(), EndsWith("[hello]"));
  bare.say(get("/x", "Transfer-Encoding: chunked\r\n", "PUT") + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(bare.answer(), EndsWith("[abcde]"));
}

TEST(Server, SaysContinueToWhoAsksBeforeItsBody) {
  Room room;
  Bare bare(room.server->port());
  bare.say(get("/x", "Content-Length: 2\r\nExpect: 100-continue\r\n", "POST"));
  EXPECT_EQ(bare.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(bare.say("ok").answer(), EndsWith("[ok]"));
}

TEST(Server, SendsLargeSharedBodiesWhole) {
  Room room;
  Bare bare(room.server->port());
  const std::string answer = bare.say(get("/x?size=9000000")).answer();
  EXPECT_THAT(answer.substr(answer.find("\r\n\r\n") + 4), std::string(9'000'000, 's'));
}

TEST(Server, AnswersHeadWithTheLengthAndNoBody) {
  Room room;
  Bare bare(room.server->port());
  const std::string answer = bare.say(get("/x?size=100", "", "HEAD")).answer(true);
  EXPECT_THAT(answer, HasSubstr("Content-Length: 100\r\n"));
  EXPECT_THAT(bare.say(get("/after")).answer(), HasSubstr("GET /after"));
}

TEST(Server, StreamsInChunksAndGoesOn) {
  Room room;
  Bare bare(room.server->port());
  bare.say(get("/stream"));
  EXPECT_THAT(bare.answer(true), HasSubstr("Transfer-Encoding: chunked\r\n"));
  std::size_t bytes = 0;
  while (true) {
    std::string size;
    while (size.find("\r\n") == std::string::npos) size += bare.take(1);
    const std::size_t chunk = std::stoul(size, nullptr, 16);
    EXPECT_THAT(bare.take(chunk + 2), EndsWith("\r\n"));
    if (chunk == 0) break;
    bytes += chunk;
  }
  EXPECT_EQ(bytes, 1'000'000u);
  EXPECT_THAT(bare.say(get("/after")).answer(), HasSubstr("GET /after"));
}

TEST(Server, CutsAStreamThatFailedSoThatNobodyTakesItForTheWhole) {
  Room room;
  Bare bare(room.server->port());
  const std::string all = bare.say(get("/stream?fails")).rest();
  EXPECT_THAT(all, Not(EndsWith("0\r\n\r\n")));
  EXPECT_TRUE(bare.ended());
}

TEST(Server, StopsTheProducerOfAStreamWhoseBrowserIsGone) {
  Room room;
  {
    Bare bare(room.server->port(), 4096);
    bare.say(get("/stream"));
    bare.answer(true);
  }
  room.answers.join();
  EXPECT_EQ(room.answers.gone, 1);
}

TEST(Server, AnOldBrowserGetsAStreamThatEndsWithTheConnection) {
  Room room;
  Bare bare(room.server->port());
  const std::string all = bare.say("GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n").rest();
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, 1'000'000u);
}

TEST(Server, AHandlerThatThrowsOrForgetsIsAnsweredAndCounted) {
  Room room;
  Bare bare(room.server->port());
  EXPECT_THAT(bare.say(get("/throws")).answer(), StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(bare.say(get("/forgets")).answer(), HasSubstr("\"unanswered\""));
  EXPECT_THAT(bare.say(get("/well")).answer(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(room.counters().failures, 2u);
}

TEST(Server, DrainsWhenTheLastAnswerIsOut) {
  Room room;
  Bare resting(room.server->port());
  resting.say(get("/one")).answer();
  Bare waiting(room.server->port());
  waiting.say(get("/never"));
  ASSERT_TRUE(room.becomes([](const HttpCounters& now) { return now.requests == 2; }));
  std::promise<void> drained;
  room.on_net([&] {
    room.server->drain([&] { drained.set_value(); });
    return true;
  });
  EXPECT_EQ(resting.rest(), "");
  room.on_net([&] {
    room.answers.kept.front()(json_response(200, "{}"));
    return true;
  });
  EXPECT_THAT(waiting.rest(), HasSubstr("Connection: close\r\n"));
  drained.get_future().get();
  EXPECT_THROW(Bare(room.server->port()), std::runtime_error);
}

TEST(Server, ATakenAddressIsUnavailableAndAWrongOneInvalid) {
  Room room;
  HttpOptions options;
  options.port = room.server->port();
  const auto taken = HttpServer::open(room.net, options, room.answers);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.fault().code, FaultCode::Unavailable);
  options.host = "nowhere";
  const auto wrong = HttpServer::open(room.net, options, room.answers);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.fault().code, FaultCode::Invalid);
}

}  // namespace
}  // namespace vigie::web::test
