// Another key for the hub, as the listen endpoint takes the order and tells of it.

#include <gmock/gmock.h>

#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions {
namespace {

using test::Room;
using vigie::test::Book;
using vigie::test::key;
using wire::Refusal;

struct HubKeyRoom : testing::Test {
  Book book;
  Room room{vigie::test::seed(), 1 << 20, {}, &book.registry};
  std::vector<security::HubKeyOrder> orders;
  bool busy = false;

  void SetUp() override {
    book.now_us = room.world.known_us();
    book.enrol("alpha/console", '1', wire::Role::Console);
    book.enrol("alpha/boss", '2', wire::Role::Administrator);
    book.registry.tell_hub_key({.key = key('a')});
    room.sessions.set_known_time(book.now_us);
    room.sessions.change_hub_key_by([this](security::HubKeyOrder&& order) {
      if (!busy) orders.push_back(std::move(order));
      return !busy;
    });
  }
  void ask(const std::string& peer, char digit, std::uint32_t overlap_s = 60) {
    room.link.own(peer, key(digit));
    wire::AskT ask;
    ask.request = 7;
    ask.what = wire::AskKind::RotateHubKey;
    ask.overlap_s = overlap_s;
    room.ask(peer, ask);
  }
  wire::ToldT told(const std::string& peer) {
    wire::ToldT answer;
    const auto messages = std::exchange(room.link.sent_to(peer), {});
    EXPECT_EQ(messages.size(), 1u);
    for (const auto& message : messages) {
      const AlignedBytes aligned(message);
      const auto* one = verified<wire::Told>(aligned.bytes());
      if (one != nullptr) one->UnPackTo(&answer);
    }
    return answer;
  }
  void open(const std::string& peer, wire::OpenT request = Room::open_request()) {
    room.link.own(peer, key('1'));
    room.ask(peer, request);
    room.run();
  }
};

TEST_F(HubKeyRoom, takes_the_order_of_the_hubs_administrator_and_tells_what_came_of_it) {
  ask("chief", '0', 90);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].overlap_us, 90'000'000);
  EXPECT_THAT(orders[0].by, testing::StartsWith("_hub/"));
  EXPECT_TRUE(room.link.sent_to("chief").empty()) << "not before it is done";
  room.sessions.tell_hub_key(orders[0], {.key = key('b'), .old_until_us = 99});
  const wire::ToldT done = told("chief");
  EXPECT_EQ(done.code, Refusal::None);
  EXPECT_EQ(done.request, 7u);
  EXPECT_EQ(done.hub_key, key('b'));
  EXPECT_EQ(done.until_us, 99);
  room.sessions.refuse_hub_key(orders[0], Refusal::BadValue, "another time");
  EXPECT_EQ(told("chief").reason, "another time");
}

TEST_F(HubKeyRoom, takes_nobody_elses_order) {
  for (const char digit : {'1', '2', '9'}) {
    ask("p", digit);
    EXPECT_NE(told("p").code, Refusal::None) << digit;
  }
  EXPECT_TRUE(orders.empty());
}

TEST_F(HubKeyRoom, says_so_when_too_many_orders_wait) {
  busy = true;
  ask("chief", '0');
  EXPECT_EQ(told("chief").code, Refusal::NotReady);
}

TEST_F(HubKeyRoom, tells_each_session_the_key_and_asks_live_ones_to_open_again_for_another) {
  room.publish(3);
  open("live");
  wire::OpenT replay = Room::open_request();
  replay.mode = wire::Mode::Replay;
  replay.start = wire::StartKind::KnownTime;
  open("past", replay);
  const test::Got got = room.take("live");
  ASSERT_EQ(got.opened.size(), 1u);
  EXPECT_EQ(got.opened[0].hub_key, key('a'));
  book.registry.tell_hub_key({.key = key('b')});
  room.sessions.open_again();
  room.clock.now_us += 100'000;
  room.sessions.tick();
  EXPECT_EQ(room.take("live").reopens, 1u);
  EXPECT_EQ(room.take("past").reopens, 0u);
  open("live", Room::resume_request(room.ring.head(), room.ring.head()));
  const test::Got again = room.take("live");
  ASSERT_EQ(again.opened.size(), 1u);
  EXPECT_EQ(again.opened[0].hub_key, key('b'));
}

}  // namespace
}  // namespace vigie::sessions
