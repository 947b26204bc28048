// WebSockets by hand-made frames: what a browser sends, and what it never would.

#include "clients/web/server/http/web_socket.h"

#include <gmock/gmock.h>

#include "tests/unit/clients/web/http/room.h"

namespace vigie::web::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string upgrade(std::string_view headers = "", std::string_view path = "/feed") {
  return get(
      path,
      "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
          std::string(headers));
}

/// A client's frame with a mask of zeros; `first` is FIN and opcode.
std::string frame(unsigned char first, std::string_view bytes, bool masked = true) {
  std::string out(1, static_cast<char>(first));
  const unsigned char mask = masked ? 0x80 : 0;
  if (bytes.size() < 126) {
    out.push_back(static_cast<char>(mask | bytes.size()));
  } else {
    out.push_back(static_cast<char>(mask | 127));
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>((bytes.size() >> shift) & 0xff));
    }
  }
  if (masked) out.append(4, '\0');
  return out.append(bytes);
}

constexpr unsigned char kText = 0x81;
constexpr unsigned char kBinary = 0x82;
constexpr unsigned char kClose = 0x88;
constexpr unsigned char kPing = 0x89;

/// The server's next frame: first byte, and its bytes. Pings of its own are passed over.
std::pair<unsigned char, std::string> heard(Bare& bare) {
  while (true) {
    const std::string head = bare.take(2);
    if (head.size() < 2) return {0, ""};
    std::size_t size = static_cast<unsigned char>(head[1]);
    const int more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more > 0) {
      size = 0;
      for (const char c : bare.take(static_cast<std::size_t>(more))) {
        size = size << 8 | static_cast<unsigned char>(c);
      }
    }
    const auto first = static_cast<unsigned char>(head[0]);
    std::string bytes = bare.take(size);
    if (first != kPing) return {first, bytes};
  }
}

unsigned close_code(Bare& bare) {
  const auto [first, bytes] = heard(bare);
  if (first != kClose || bytes.size() < 2) return 0;
  return static_cast<unsigned>(static_cast<unsigned char>(bytes[0])) << 8 |
         static_cast<unsigned char>(bytes[1]);
}

struct Feed {
  explicit Feed(HttpOptions options = {}, int receive_bytes = 0)
      : room(options), bare(room.server->port(), receive_bytes) {
    hello = bare.say(upgrade("Sec-WebSocket-Protocol: other, vigie.1\r\n"
                             "Sec-WebSocket-Extensions: permessage-deflate\r\n"))
                .answer(true);
  }
  bool over() {
    return room.becomes([](const HttpCounters& now) {
      return now.sockets == 1 && now.sockets_open == 0;
    }) && room.on_net([this] { return room.answers.closed == 1; });
  }
  Room room;
  Bare bare;
  std::string hello;
};

TEST(WebSocketTest, IsAgreedUponWithOurProtocolAndWithoutCompression) {
  Feed feed;
  EXPECT_THAT(feed.hello, StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(feed.hello, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(feed.hello, HasSubstr("Sec-WebSocket-Protocol: vigie.1\r\n"));
  EXPECT_THAT(feed.hello, HasSubstr("Content-Security-Policy: "));
  EXPECT_THAT(feed.hello, Not(HasSubstr("permessage-deflate")));
}

TEST(WebSocketTest, CarriesMessagesBothWaysAlsoInPieces) {
  Feed feed;
  feed.bare.say(frame(kText, "hello"));
  EXPECT_EQ(heard(feed.bare), std::make_pair(kText, std::string("hello")));
  feed.bare.say(frame(0x01, "one ") + frame(kPing, "p") + frame(0x80, "two"));
  EXPECT_EQ(heard(feed.bare), std::make_pair(static_cast<unsigned char>(0x8a), std::string("p")));
  EXPECT_EQ(heard(feed.bare), std::make_pair(kText, std::string("one two")));
  feed.bare.say(frame(kText, "big 3000000"));
  EXPECT_EQ(heard(feed.bare).second.size(), 3'000'000u);
}

TEST(WebSocketTest, IsRefusedToAnotherSitesPageAndAtOtherPaths) {
  Room room;
  for (const std::string origin : {"http://evil.example", "null", "https://localhost"}) {
    Bare bare(room.server->port());
    EXPECT_THAT(bare.say(upgrade("Origin: " + origin + "\r\n")).answer(),
                StartsWith("HTTP/1.1 403"));
  }
  Bare other(room.server->port());
  EXPECT_THAT(other.say(upgrade("", "/other")).answer(), StartsWith("HTTP/1.1 404"));
  Bare same(room.server->port());
  EXPECT_THAT(same.say(upgrade("Origin: http://localhost\r\n")).answer(true),
              StartsWith("HTTP/1.1 101"));
  EXPECT_EQ(room.counters().refused_origin, 3u);
}

TEST(WebSocketTest, BrokenFramesEndItWithACode) {
  const std::vector<std::pair<std::string, unsigned>> broken = {
      {frame(kText, "not masked", false), 1002}, {frame(0xc1, "reserved bit"), 1002},
      {frame(0x83, "reserved opcode"), 1002},    {frame(0x80, "continues nothing"), 1002},
      {frame(0x09, "a ping in pieces"), 1002},   {frame(kPing, std::string(126, 'p')), 1002},
      {frame(kText, "\xff\xfe"), 1007},          {frame(kBinary, "bytes"), 1003}};
  for (const auto& [bytes, code] : broken) {
    Feed feed;
    feed.bare.say(bytes);
    EXPECT_EQ(close_code(feed.bare), code);
    feed.bare.say(frame(kClose, "\x03\xe8"));
    EXPECT_TRUE(feed.over());
    EXPECT_EQ(feed.room.counters().refused_malformed, 1u) << code;
  }
}

TEST(WebSocketTest, AMessageBeyondTheLimitIsRefusedByItsHead) {
  HttpOptions options;
  options.message_bytes_max = 1000;
  Feed feed(options);
  std::string head = frame(kText, std::string(200'000, 'x')).substr(0, 14);
  head[2] = '\x7f';  // now it says that it is a large part of what there is
  feed.bare.say(head);
  EXPECT_EQ(close_code(feed.bare), 1009u);
  EXPECT_TRUE(feed.over());
  EXPECT_EQ(feed.room.counters().refused_limit, 1u);
}

TEST(WebSocketTest, OneThatPingsWithoutAnEndIsClosed) {
  Feed feed;
  std::string pings;
  for (int i = 0; i < 1'000; ++i) pings += frame(kPing, "");
  feed.bare.say(pings);
  auto said = heard(feed.bare);
  while (said.first == 0x8a) said = heard(feed.bare);
  EXPECT_EQ(said.first, kClose);
  EXPECT_EQ(said.second.substr(0, 2), "\x03\xf0");  // 1008
  EXPECT_EQ(feed.room.counters().refused_limit, 1u);
}

TEST(WebSocketTest, AUserClosesWithItsCode) {
  Feed feed;
  feed.bare.say(frame(kText, "close"));
  EXPECT_EQ(close_code(feed.bare), 4001u);
  feed.bare.say(frame(kClose, "\x0f\xa1"));
  EXPECT_TRUE(feed.over());
  EXPECT_EQ(feed.bare.rest(), "");
}

TEST(WebSocketTest, AClosingSaysItsCodeThenWhy) {
  Feed feed;
  feed.bare.say(frame(kText, "close as you wish"));
  EXPECT_EQ(heard(feed.bare),
            std::make_pair(kClose, "\x0f\xa1" + std::string("as_told: as you wish")));
}

TEST(WebSocketTest, AClosingIsCutToWhatItsFrameBearsAndNotAmidALetter) {
  std::string letters;
  for (int i = 0; i < 59; ++i) letters += "\xc3\xa9";
  Feed feed;
  feed.bare.say(frame(kText, "close " + letters));
  const std::string said = heard(feed.bare).second;
  EXPECT_EQ(said.size(), 125u);
  EXPECT_EQ(said.substr(2), "as_told: " + letters.substr(0, 114));

  Feed odd;
  odd.bare.say(frame(kText, "close x" + letters));
  EXPECT_EQ(heard(odd.bare).second.substr(2), "as_told: x" + letters.substr(0, 112));
}

TEST(WebSocketTest, OneThatDoesNotAnswerTheCloseIsCut) {
  HttpOptions options;
  options.close = std::chrono::milliseconds(100);
  Feed feed(options);
  feed.bare.say(frame(kText, "close"));
  EXPECT_EQ(close_code(feed.bare), 4001u);
  EXPECT_TRUE(feed.over());
}

TEST(WebSocketTest, ABrowserThatIsGoneWithoutAWordIsTold) {
  Feed feed;
  ::shutdown(feed.bare.descriptor(), SHUT_RDWR);
  EXPECT_TRUE(feed.over());
}

TEST(WebSocketTest, OneThatTakesNothingIsCut) {
  HttpOptions options;
  options.stalled = std::chrono::milliseconds(300);
  Feed feed(options, 4096);
  feed.bare.say(frame(kText, "big 30000000"));
  EXPECT_TRUE(feed.over());
  EXPECT_EQ(feed.room.counters().timed_out, 1u);
}

TEST(WebSocketTest, ARestingOneIsKeptByPings) {
  HttpOptions options;
  options.stalled = std::chrono::milliseconds(150);
  Feed feed(options);
  for (int i = 0; i < 8; ++i) {
    const std::string ping = feed.bare.take(2);
    ASSERT_EQ(ping, std::string("\x89\x00", 2));
    feed.bare.say(frame(0x8a, ""));
  }
  feed.bare.say(frame(kText, "still here"));
  EXPECT_EQ(heard(feed.bare).second, "still here");
}

TEST(WebSocketTest, AUserThatThrowsEndsItsOwnSocketAlone) {
  Feed feed;
  feed.bare.say(frame(kText, "throw"));
  EXPECT_EQ(close_code(feed.bare), 1011u);
  Bare other(feed.room.server->port());
  EXPECT_THAT(other.say(get("/")).answer(), StartsWith("HTTP/1.1 200"));
}

TEST(WebSocketTest, AFloodIsReadAtItsPaceAndLosesNothing) {
  HttpOptions options;
  options.messages_per_second = 50;
  Feed feed(options);
  std::string flood;
  for (int i = 0; i < 120; ++i) flood += frame(kText, std::to_string(i));
  feed.bare.say(flood);
  for (int i = 0; i < 120; ++i) ASSERT_EQ(heard(feed.bare).second, std::to_string(i));
}

TEST(WebSocketTest, DrainingClosesItWithServiceRestart) {
  Feed feed;
  std::promise<void> drained;
  feed.room.on_net([&] {
    feed.room.server->drain([&] { drained.set_value(); });
    return true;
  });
  EXPECT_EQ(heard(feed.bare).second, "\x03\xf4restarting: the server is stopping");
  feed.bare.say(frame(kClose, "\x03\xf4"));
  drained.get_future().get();
  EXPECT_TRUE(feed.over());
}

}  // namespace
}  // namespace vigie::web::test
