#include "clients/cpp/core/outbox.h"

#include <gtest/gtest.h>

namespace vigie::client {
namespace {

using Interval = IntervalSet::Interval;

TEST(Outbox, fixes_go_in_order_until_there_is_a_past) {
  Outbox outbox;
  outbox.add(MessageKind::Fix, 1, 100);
  EXPECT_EQ(outbox.next(MessageKind::Fix, 10, {}), (std::vector<Interval>{{1, 10}}));
  outbox.begin_past();
  EXPECT_EQ(outbox.next(MessageKind::Fix, 10, {}), (std::vector<Interval>{{91, 100}}));
  outbox.add(MessageKind::Fix, 101, 103);
  EXPECT_EQ(outbox.next(MessageKind::Fix, 5, {}), (std::vector<Interval>{{101, 103}, {99, 100}}));
}

TEST(Outbox, what_was_chosen_is_not_chosen_again) {
  Outbox outbox;
  outbox.add(MessageKind::Fix, 1, 100);
  outbox.begin_past();
  IntervalSet chosen;
  chosen.add(96, 100);
  EXPECT_EQ(outbox.next(MessageKind::Fix, 3, chosen), (std::vector<Interval>{{93, 95}}));
}

TEST(Outbox, settling_gives_each_number_once) {
  Outbox outbox;
  outbox.add(MessageKind::Fix, 1, 5);
  outbox.add(MessageKind::Event, 6, 6);
  outbox.sent(MessageKind::Fix, 1, 5);
  EXPECT_EQ(outbox.settle(2, 9), (std::vector<Interval>{{2, 5}, {6, 6}}));
  EXPECT_TRUE(outbox.settle(2, 9).empty());
  EXPECT_TRUE(outbox.on_the_way());
  EXPECT_EQ(outbox.settle(1, 1).size(), 1u);
  EXPECT_FALSE(outbox.on_the_way());
  EXPECT_EQ(outbox.unsettled(), 0u);
}

TEST(Outbox, a_new_conversation_lets_what_is_not_settled_wait_again) {
  Outbox outbox;
  outbox.add(MessageKind::Fix, 1, 5);
  outbox.sent(MessageKind::Fix, 1, 5);
  EXPECT_FALSE(outbox.waits());
  outbox.settle(3, 3);
  outbox.nothing_on_the_way();
  EXPECT_EQ(outbox.next(MessageKind::Fix, 10, {}), (std::vector<Interval>{{1, 2}, {4, 5}}));
}

}  // namespace
}  // namespace vigie::client
