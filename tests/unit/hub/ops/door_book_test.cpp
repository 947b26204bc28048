// The door's book: whose handshake comes next, and who is cut off.

#include "hub/ops/door_book.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace vigie::ops {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kSecond = 1'000'000;

std::vector<DoorBook::Id> ids(const std::vector<DoorBook::Turn>& turns) {
  std::vector<DoorBook::Id> all;
  for (const DoorBook::Turn& turn : turns) all.push_back(turn.id);
  return all;
}

TEST(DoorBook, who_comes_alone_goes_on_at_once) {
  DoorBook book({});
  EXPECT_EQ(book.came(1, "a", 0), std::nullopt);
  EXPECT_THAT(ids(book.next(0)), ElementsAre(1));
  EXPECT_THAT(book.under_way(), ElementsAre(1));
  book.done(1);
  EXPECT_THAT(book.under_way(), IsEmpty());
  EXPECT_EQ(book.open(), 1u);
}

TEST(DoorBook, no_more_than_the_rate_go_on_and_all_do_in_the_end) {
  DoorBook book({.under_way = 10'000, .handshakes_per_second = 100});
  for (DoorBook::Id id = 0; id < 1000; ++id) book.came(id, "a", 0);
  std::size_t gone_on = 0;
  std::int64_t now = 0;
  for (; book.waiting() > 0; now += kSecond / 100) {
    gone_on += book.next(now).size();
    EXPECT_LE(gone_on, 5 + 1 + static_cast<std::size_t>(now * 100 / kSecond));
  }
  EXPECT_EQ(gone_on, 1000u);
  EXPECT_LT(now, 11 * kSecond);
}

TEST(DoorBook, one_address_has_its_own_rate) {
  DoorBook book({.handshakes_per_second = 1000, .handshakes_per_address = 20});
  for (DoorBook::Id id = 0; id < 50; ++id) book.came(id, "crowd", 0);
  EXPECT_THAT(book.next(0), SizeIs(1));
  EXPECT_THAT(book.next(kSecond / 10), SizeIs(1));  // one at once, whatever gathered
  book.came(100, "other", kSecond / 10);
  EXPECT_THAT(ids(book.next(kSecond / 10)), ElementsAre(100));
}

TEST(DoorBook, addresses_take_turns_however_many_wait_at_one) {
  DoorBook book({.handshakes_per_second = 20, .handshakes_per_address = 20});
  for (DoorBook::Id id = 0; id < 100; ++id) book.came(id, "crowd", 0);
  book.next(0);
  book.came(200, "b", 1);
  book.came(300, "c", 2);
  std::vector<DoorBook::Id> order;
  for (std::int64_t now = 0; order.size() < 5; now += kSecond / 20) {
    for (const DoorBook::Id id : ids(book.next(now))) order.push_back(id);
  }
  EXPECT_THAT(order, ElementsAre(1, 200, 300, 2, 3));
}

TEST(DoorBook, the_connection_after_the_last_of_an_address_is_refused_until_one_leaves) {
  DoorBook book({.connections = 5, .connections_per_address = 3});
  for (DoorBook::Id id = 1; id <= 3; ++id) EXPECT_EQ(book.came(id, "a", 0), std::nullopt);
  EXPECT_EQ(book.came(4, "a", 0), DoorLimit::ConnectionsPerAddress);
  EXPECT_EQ(book.came(5, "b", 0), std::nullopt);
  book.gone(4);  // which never was in
  EXPECT_EQ(book.came(4, "a", 0), DoorLimit::ConnectionsPerAddress);
  book.gone(2);
  EXPECT_EQ(book.came(4, "a", 0), std::nullopt);
  EXPECT_EQ(book.came(6, "c", 0), std::nullopt);
  EXPECT_EQ(book.came(7, "d", 0), DoorLimit::Connections);
}

/// They are in.
void let_in(DoorBook& book, std::initializer_list<DoorBook::Id> all, std::int64_t now) {
  for (const DoorBook::Id id : all) {
    book.came(id, "a", now);
    book.next(now);
    book.done(id);
  }
}

TEST(DoorBook, the_connection_on_which_one_identity_speaks_too_many_is_refused_until_one_leaves) {
  DoorBook book({.connections_per_identity = 2});
  let_in(book, {1, 2, 3, 4, 5}, 0);
  EXPECT_EQ(book.heard(1, "key"), std::nullopt);
  EXPECT_EQ(book.heard(2, "key"), std::nullopt);
  EXPECT_EQ(book.heard(1, "key"), std::nullopt) << "that it is told again counts nothing";
  EXPECT_EQ(book.heard(3, "key"), DoorLimit::ConnectionsPerIdentity);
  EXPECT_EQ(book.heard(3, "key"), std::nullopt) << "named once";
  EXPECT_EQ(book.heard(4, "another"), std::nullopt);
  book.gone(3);
  EXPECT_EQ(book.heard(5, "key"), DoorLimit::ConnectionsPerIdentity);
  book.gone(1);
  let_in(book, {6}, kSecond);
  EXPECT_EQ(book.heard(6, "key"), std::nullopt);
  EXPECT_EQ(book.identities(), 2u);
}

TEST(DoorBook, whose_a_connection_is_the_newest_word_says_and_none_of_before_its_turn) {
  DoorBook book({.connections_per_identity = 1});
  book.came(1, "a", 0);
  EXPECT_EQ(book.heard(1, "of an earlier one"), std::nullopt);
  EXPECT_EQ(book.identities(), 0u);
  let_in(book, {1, 2}, kSecond);
  EXPECT_EQ(book.address_of(1), "a");
  EXPECT_EQ(book.heard(1, "of an earlier one"), std::nullopt);
  EXPECT_EQ(book.heard(1, "key"), std::nullopt);
  EXPECT_EQ(book.heard(2, "of an earlier one"), std::nullopt) << "its place is free again";
  EXPECT_EQ(book.heard(3, "key"), std::nullopt) << "there is none";
  EXPECT_EQ(book.address_of(3), "");
  EXPECT_EQ(book.identities(), 2u);
}

TEST(DoorBook, one_address_has_half_of_the_room_to_wait_and_leaves_some_to_the_next) {
  DoorBook book({.waiting = 100});
  DoorBook::Id id = 0;
  const auto fill = [&](const std::string& address) {
    std::size_t count = 0;
    while (book.came(++id, address, 0) == std::nullopt) ++count;
    return count;
  };
  EXPECT_EQ(fill("a"), 50u);
  EXPECT_EQ(fill("b"), 25u);
  EXPECT_EQ(book.came(++id, "honest", 0), std::nullopt);
  EXPECT_EQ(book.came(++id, "a", 0), DoorLimit::WaitingPerAddress);
}

TEST(DoorBook, one_address_has_half_of_the_handshakes_under_way) {
  DoorBook book({.under_way = 8, .handshakes_per_second = 1000, .handshakes_per_address = 1000});
  for (DoorBook::Id id = 0; id < 20; ++id) book.came(id, "slow", 0);
  EXPECT_THAT(book.next(0), SizeIs(4));
  book.came(50, "honest", 0);
  EXPECT_THAT(ids(book.next(kSecond)), ElementsAre(50));
  for (const DoorBook::Id id : {0, 1, 2, 3, 50}) book.done(id);
  EXPECT_THAT(book.next(2 * kSecond), SizeIs(4));
}

TEST(DoorBook, who_is_late_is_looked_for_ten_times_a_second) {
  DoorBook book({.handshake_us_max = kSecond});
  book.came(1, "a", 0);
  EXPECT_THAT(ids(book.next(0)), ElementsAre(1));
  EXPECT_THAT(book.late(kSecond - 50'000), IsEmpty());
  EXPECT_THAT(book.late(kSecond + 49'999), IsEmpty()) << "not looked at again so soon";
  EXPECT_THAT(book.late(kSecond + 50'000), SizeIs(1));
}

TEST(DoorBook, who_waits_or_takes_too_long_is_named_once) {
  DoorBook book({.handshakes_per_second = 1, .wait_us_max = 10, .handshake_us_max = 5});
  book.came(1, "a", 0);
  book.came(2, "b", 0);
  EXPECT_THAT(ids(book.next(0)), ElementsAre(1));
  EXPECT_THAT(book.late(5), IsEmpty());
  const auto slow = book.late(6);
  ASSERT_THAT(slow, SizeIs(1));
  EXPECT_EQ(slow[0].id, 1u);
  EXPECT_EQ(slow[0].limit, DoorLimit::HandshakeTime);
  const auto waited = book.late(11);
  ASSERT_THAT(waited, SizeIs(1));
  EXPECT_EQ(waited[0].address, "b");
  EXPECT_EQ(waited[0].limit, DoorLimit::WaitTime);
  EXPECT_THAT(book.late(1000), IsEmpty());
  EXPECT_EQ(book.open(), 2u);
  EXPECT_EQ(book.waiting() + book.under_way().size(), 0u);
}

TEST(DoorBook, an_end_that_was_not_heard_of_leaves_nothing_behind) {
  DoorBook book({});
  book.came(1, "a", 0);
  book.came(1, "b", 0);
  EXPECT_EQ(book.open(), 1u);
  EXPECT_EQ(book.addresses(), 1u);
  EXPECT_THAT(book.next(0), SizeIs(1));
}

/// Whatever comes and goes: the limits hold, the counts are right, and nothing is left at the end.
TEST(DoorBook, limits_hold_and_what_is_gone_is_forgotten) {
  const DoorLimits limits{.connections = 60,
                          .connections_per_address = 20,
                          .connections_per_identity = 5,
                          .waiting = 24,
                          .under_way = 8,
                          .handshakes_per_second = 200,
                          .handshakes_per_address = 90,
                          .wait_us_max = kSecond / 2,
                          .handshake_us_max = kSecond / 4};
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    DoorBook book(limits);
    std::map<DoorBook::Id, std::string> open;
    std::map<DoorBook::Id, std::string> whose;
    std::int64_t now = 0;
    for (int step = 0; step < 3000; ++step, now += random() % 4000) {
      const DoorBook::Id id = random() % 100;
      const std::string address(1, static_cast<char>('a' + random() % 7));
      switch (random() % 5) {
        case 0:
          open.erase(id);
          whose.erase(id);
          if (!book.came(id, address, now)) open[id] = address;
          break;
        case 1:
          book.gone(id);
          open.erase(id);
          whose.erase(id);
          break;
        case 2:
          book.done(id);
          break;
        case 3:
          if (book.heard(id, std::string(1, static_cast<char>('k' + random() % 3)))) {
            ASSERT_EQ(book.key_of(id), "");
          }
          whose[id] = book.key_of(id);
          if (whose[id].empty()) whose.erase(id);
          break;
        default:
          for (const auto& late : book.late(now)) ASSERT_EQ(open.at(late.id), late.address);
          for (const auto& turn : book.next(now)) ASSERT_TRUE(open.contains(turn.id));
      }
      std::map<std::string, std::size_t> of;
      for (const auto& one : open) ++of[one.second];
      for (const auto& one : of) ASSERT_LE(one.second, limits.connections_per_address);
      std::map<std::string, std::size_t> by;
      for (const auto& one : whose) ++by[one.second];
      for (const auto& one : by) ASSERT_LE(one.second, limits.connections_per_identity);
      ASSERT_EQ(book.identities(), by.size());
      ASSERT_EQ(book.open(), open.size());
      ASSERT_LE(book.open(), limits.connections);
      ASSERT_LE(book.waiting(), limits.waiting);
      ASSERT_LE(book.under_way().size(), limits.under_way);
    }
    while (!open.empty()) {
      book.gone(open.begin()->first);
      open.erase(open.begin());
    }
    book.next(now + kSecond);
    book.tidy(now + 2 * kSecond);
    ASSERT_EQ(book.addresses(), 0u) << "seed " << seed;
    ASSERT_EQ(book.identities(), 0u);
    ASSERT_EQ(book.waiting() + book.under_way().size(), 0u);
  }
}

TEST(DoorBook, a_flood_of_addresses_that_come_and_go_is_not_remembered) {
  DoorBook book({});
  for (DoorBook::Id id = 0; id < 100'000; ++id) {
    book.came(id, std::to_string(id), static_cast<std::int64_t>(id));
    book.gone(id);
  }
  EXPECT_EQ(book.addresses(), 0u);
}

TEST(DoorBook, with_fewer_descriptors_one_address_still_keeps_no_other_out) {
  const DoorLimits scaled = scaled_to({}, 768);
  EXPECT_EQ(scaled.connections, 768u);
  EXPECT_EQ(scaled.waiting, 192u);
  EXPECT_EQ(scaled.connections_per_address, 192u);
  EXPECT_EQ(scaled.connections_per_identity, 96u);
  DoorBook book(scaled);
  DoorBook::Id id = 0;
  while (!book.came(++id, "one", 0)) {
  }
  EXPECT_LT(book.open(), scaled.connections / 4);
  EXPECT_FALSE(book.came(++id, "another", 0));
}

TEST(DoorBook, with_descriptors_enough_is_as_configured_and_with_hardly_any_lets_somebody_wait) {
  const DoorLimits wanted;
  EXPECT_EQ(scaled_to(wanted, SIZE_MAX).waiting, wanted.waiting);
  EXPECT_EQ(scaled_to(wanted, wanted.connections).connections_per_address,
            wanted.connections_per_address);
  const DoorLimits few = scaled_to(wanted, 1);
  EXPECT_EQ(few.waiting, 2u);
  EXPECT_EQ(few.connections_per_address, 1u);
}

}  // namespace
}  // namespace vigie::ops
