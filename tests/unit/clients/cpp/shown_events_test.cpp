#include "clients/cpp/core/shown_events.h"

#include <gtest/gtest.h>

namespace vigie::client {
namespace {

const wire::Spool kSpool(3, 4);

TEST(ShownEvents, an_event_lost_in_a_crash_comes_again_once) {
  ShownEvents events;
  events.add(10, kSpool, 1);
  events.add(11, kSpool, 2);
  events.durable(10);
  EXPECT_FALSE(events.comes_again(20, kSpool, 2)) << "it is not lost";
  events.lose(5, 15);
  EXPECT_FALSE(events.comes_again(20, kSpool, 1)) << "it was durable";
  EXPECT_TRUE(events.comes_again(20, kSpool, 2));
  EXPECT_FALSE(events.comes_again(21, kSpool, 2));
  EXPECT_TRUE(events.none_lost());
  events.lose(20, 20);
  EXPECT_TRUE(events.comes_again(30, kSpool, 2)) << "lost a second time";
}

TEST(ShownEvents, they_survive_in_bytes) {
  ShownEvents events;
  events.add(10, kSpool, 1);
  events.add(11, kSpool, 2);
  events.lose(10, 10);
  auto again = ShownEvents::parse(events.bytes());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->comes_again(20, kSpool, 1));
  EXPECT_FALSE(again->comes_again(21, kSpool, 2));
  again->lose_all();
  EXPECT_TRUE(again->comes_again(22, kSpool, 2));
  EXPECT_FALSE(ShownEvents::parse(std::vector<std::byte>(5)));
}

}  // namespace
}  // namespace vigie::client
