// What nobody with good intentions sends: each is refused, counted, and harms nobody else.

#include <gmock/gmock.h>

#include "clients/web/server/http/server.h"
#include "tests/unit/clients/web/http/room.h"

namespace vigie::web::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string with_host(std::string_view host) {
  return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}

/// The first line of what comes back for it on a connection of its own, and nothing after it.
std::string status_of(Room& room, std::string_view bytes) {
  Bare bare(room.server->port());
  const std::string all = bare.say(bytes).rest();
  EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos) << "two answers to " << bytes;
  return all.substr(0, all.find("\r\n"));
}

TEST(Hostile, RequestsOfTwoLengthsAreRefusedAndTheConnectionEnds) {
  Room room;
  const std::string tail = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::vector<std::string> heads = {
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Transfer-Encoding : chunked\r\n",
      " Transfer-Encoding: chunked\r\n"};
  for (const std::string& head : heads) {
    EXPECT_THAT(status_of(room, get("/", head, "POST") + tail), StartsWith("HTTP/1.1 400")) << head;
  }
  for (const std::string head : {"gzip, chunked", "xchunked", "identity", "gzip"}) {
    EXPECT_THAT(status_of(room, get("/", "Transfer-Encoding: " + head + "\r\n", "POST") + tail),
                StartsWith("HTTP/1.1 501"))
        << head;
  }
  EXPECT_EQ(room.on_net([&] { return room.answers.handled; }), 0);
  EXPECT_EQ(room.counters().refused_malformed, heads.size() + 4);
}

TEST(Hostile, AnUpgradeWithABodyIsRefusedAndTheConnectionEnds) {
  Room room;
  const std::string smuggled = get("/smuggled");
  const std::string upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const std::string path : {"/feed", "/no-feed"}) {
    Bare bare(room.server->port());
    bare.say(get(path, upgrade + "Content-Length: " + std::to_string(smuggled.size()) + "\r\n"));
    EXPECT_THAT(bare.answer(), StartsWith("HTTP/1.1 400")) << path;
    EXPECT_THAT(bare.say(smuggled).rest(), IsEmpty()) << path;
  }
  EXPECT_EQ(room.on_net([&] { return room.answers.handled; }), 0);
}

TEST(Hostile, AChunkWithoutAnEndIsCutOff) {
  Room room;
  const std::string endless(200'000, 'a');
  for (const std::string begin : {"1;a=", "0\r\nX: "}) {
    Bare bare(room.server->port());
    bare.say(get("/", "Transfer-Encoding: chunked\r\n", "POST") + begin).say(endless);
    EXPECT_THAT(bare.rest(), StartsWith("HTTP/1.1 431")) << begin;
  }
  EXPECT_EQ(room.counters().refused_limit, 2u);
  EXPECT_EQ(room.on_net([&] { return room.answers.handled; }), 0);
}

TEST(Hostile, BareLineFeedsAndRubbishAreNotHttp) {
  Room room;
  EXPECT_THAT(status_of(room, "GET / HTTP/1.1\nHost: localhost\n\n" + get("/")),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(status_of(room, std::string("\x16\x03\x01\x02\x00\x01\x00", 7) + "\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(status_of(room, "GET / HTTP/2.0\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST(Hostile, PathTricksAreRefused) {
  Room room;
  for (const std::string path : {"/../etc/passwd",
                                 "/a/../b",
                                 "/a/./b",
                                 "//a",
                                 "/a//b",
                                 "/%2e%2e/a",
                                 "/a%2fb",
                                 "/a%5cb",
                                 "/a\\b",
                                 "/a%00b",
                                 "/a%0ab",
                                 "/%c0%ae%c0%ae/",
                                 "/%ff",
                                 "/a%",
                                 "/a%4",
                                 "/a%zz",
                                 "http://localhost/a",
                                 "*",
                                 "/a?b=%ff",
                                 "/a?b=%00",
                                 "/a?%"}) {
    EXPECT_THAT(status_of(room, get(path)), StartsWith("HTTP/1.1 400")) << path;
  }
  EXPECT_EQ(room.on_net([&] { return room.answers.handled; }), 0);
}

TEST(Hostile, UnknownMethodsAreRefusedWithThoseThatAreKnown) {
  Room room;
  for (const std::string method : {"TRACE", "CONNECT", "OPTIONS", "BREW", "get"}) {
    Bare bare(room.server->port());
    const std::string answer = bare.say(get("/", "", method)).rest();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405")) << method;
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"));
  }
}

TEST(Hostile, AHostThatIsNotOursIsRefused) {
  HttpOptions options;
  options.names = {"room.example", "other.example:8443"};
  Room room(options);
  for (const std::string host :
       {"evil.example", "localhost.evil.example", "10.0.0.1", "other.example", "other.example:1"}) {
    EXPECT_THAT(status_of(room, with_host(host)), StartsWith("HTTP/1.1 421")) << host;
  }
  for (const std::string host : {"", "a b", "a:b", "a@b", "localhost:0", "localhost:99999"}) {
    EXPECT_THAT(status_of(room, with_host(host)), StartsWith("HTTP/1.1 400")) << host;
  }
  EXPECT_THAT(status_of(room, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(status_of(room, "GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  for (const std::string host : {"localhost:9", "127.0.0.1", "ROOM.example", "room.example.:7",
                                 "other.example:8443", "[::1]"}) {
    Bare bare(room.server->port());
    EXPECT_THAT(bare.say(with_host(host)).answer(), StartsWith("HTTP/1.1 200")) << host;
  }
  EXPECT_EQ(room.counters().refused_host, 5u);
}

TEST(Hostile, AnotherSitesPageChangesNothing) {
  Room room;
  for (const std::string headers :
       {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: https://localhost\r\n",
        "Origin: http://localhost:81\r\n", "Origin: http://localhost.evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n"}) {
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
      EXPECT_THAT(status_of(room, get("/", headers, method)), StartsWith("HTTP/1.1 403"))
          << method << " " << headers;
    }
    Bare reads(room.server->port());
    EXPECT_THAT(reads.say(get("/", headers)).answer(), StartsWith("HTTP/1.1 200"));
  }
  for (const std::string headers :
       {"", "Origin: http://localhost\r\n",
        "Origin: http://LOCALHOST:80\r\nSec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: none\r\n"}) {
    Bare bare(room.server->port());
    EXPECT_THAT(bare.say(get("/", headers + "Content-Length: 0\r\n", "POST")).answer(),
                StartsWith("HTTP/1.1 200"))
        << headers;
  }
  EXPECT_EQ(room.counters().refused_origin, 28u);
}

TEST(Hostile, TooLargeHeadsAndBodiesAreRefused) {
  HttpOptions options;
  options.head_bytes_max = 2048;
  options.body_bytes_max = 1000;
  Room room(options);
  const std::string long_header = "X-Long: " + std::string(4000, 'x') + "\r\n";
  EXPECT_THAT(status_of(room, get("/", long_header)), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(status_of(room, get("/", "Content-Length: 1001\r\n", "POST")),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(status_of(room, get("/", "Content-Length: 99999999999999999999\r\n", "POST")),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(status_of(room, get("/", "Transfer-Encoding: chunked\r\n", "POST") + "7d0\r\n" +
                                  std::string(2000, 'x') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_EQ(room.counters().refused_limit, 3u);
}

TEST(Hostile, WhatFollowsChunksDoesNotBecomeAHeader) {
  Room room;
  Bare bare(room.server->port());
  bare.say(get("/", "Transfer-Encoding: chunked\r\n", "POST") +
           "1\r\na\r\n0\r\nHost: evil.example\r\n\r\n");
  EXPECT_THAT(bare.answer(), HasSubstr("plain localhost [a]"));
}

TEST(Hostile, SlowHeadsAndRestingConnectionsAreCut) {
  HttpOptions options;
  options.patience = std::chrono::milliseconds(200);
  options.idle = std::chrono::milliseconds(200);
  Room room(options);
  Bare slow(room.server->port());
  EXPECT_THAT(slow.say("GET / HTTP/1.1\r\nHost: loc").rest(), IsEmpty());
  EXPECT_TRUE(slow.ended());
  Bare silent(room.server->port());
  EXPECT_THAT(silent.rest(), IsEmpty());
  Bare resting(room.server->port());
  resting.say(get("/")).answer();
  EXPECT_THAT(resting.rest(), IsEmpty());
  EXPECT_TRUE(resting.ended());
  EXPECT_TRUE(room.becomes([](const HttpCounters& now) { return now.connections_open == 0; }));
  EXPECT_EQ(room.counters().timed_out, 2u);
}

TEST(Hostile, ABrowserThatTakesNothingIsCutAndItsProducerStopped) {
  HttpOptions options;
  options.stalled = std::chrono::milliseconds(200);
  Room room(options);
  Bare bare(room.server->port(), 4096);
  bare.say(get("/x?size=50000000"));
  EXPECT_TRUE(room.becomes([](const HttpCounters& now) { return now.timed_out == 1; }));
}

TEST(Hostile, MoreConnectionsThanMayBeAreTurnedAway) {
  HttpOptions options;
  options.connections_per_address = 2;
  Room room(options);
  Bare one(room.server->port());
  Bare two(room.server->port());
  one.say(get("/")).answer();
  two.say(get("/")).answer();
  Bare three(room.server->port());
  EXPECT_THAT(three.rest(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(room.counters().refused_limit, 1u);
  EXPECT_THAT(one.say(get("/")).answer(), StartsWith("HTTP/1.1 200"));
}

TEST(Hostile, OnlyATrustedProxySpeaksForABrowser) {
  const std::string forwarded =
      "X-Forwarded-For: 1.1.1.1, 10.9.8.7\r\nX-Forwarded-Proto: https\r\n"
      "X-Forwarded-Host: room.example\r\n";
  HttpOptions options;
  options.names = {"room.example"};
  {
    Room room(options);
    Bare bare(room.server->port());
    EXPECT_THAT(bare.say(get("/", forwarded)).answer(),
                HasSubstr("from 127.0.0.1 plain localhost"));
  }
  options.proxies = {"127.0.0.1"};
  Room room(options);
  Bare bare(room.server->port());
  const std::string answer = bare.say(get("/", forwarded)).answer();
  EXPECT_THAT(answer, HasSubstr("from 10.9.8.7 secure room.example"));
  EXPECT_THAT(answer, HasSubstr("Strict-Transport-Security: max-age=31536000\r\n"));
}

}  // namespace
}  // namespace vigie::web::test
