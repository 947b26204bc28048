#pragma once
// Two folds are the same when they show the same, whatever way they were come by.

#include <gtest/gtest.h>

#include "schemas/model/ledger.h"

namespace vigie::store::test {

inline void expect_same(const Picture& a, const Picture& b) {
  std::size_t units = 0;
  for (const Unit& unit : a.units()) {
    if (unit.seq == 0) continue;
    ++units;
    const Unit* other = b.find_unit(unit.name);
    ASSERT_NE(other, nullptr) << unit.name;
    EXPECT_EQ(other->seq, unit.seq) << unit.name;
    EXPECT_EQ(other->order_us, unit.order_us);
    EXPECT_EQ(other->count, unit.count) << unit.name;
    EXPECT_EQ(other->count_at_newest, unit.count_at_newest) << unit.name;
    EXPECT_EQ(other->fix.lat_e7(), unit.fix.lat_e7());
    EXPECT_EQ(other->number, unit.number);
    EXPECT_EQ(other->readings, unit.readings);
    EXPECT_EQ(b.channels()[other->channel].group, a.channels()[unit.channel].group);
  }
  std::size_t others = 0;
  for (const Unit& unit : b.units()) others += unit.seq != 0 ? 1 : 0;
  EXPECT_EQ(units, others);
  ASSERT_EQ(a.states().size(), b.states().size());
  for (const RetainedState& state : a.states()) {
    const auto found =
        std::find_if(b.states().begin(), b.states().end(), [&](const RetainedState& other) {
          return other.kind == state.kind && other.name == state.name;
        });
    ASSERT_NE(found, b.states().end()) << state.name;
    EXPECT_EQ(found->seq, state.seq);
    EXPECT_EQ(found->order_us, state.order_us);
    EXPECT_EQ(found->deleted, state.deleted);
  }
  EXPECT_EQ(a.last_seq(), b.last_seq());
  EXPECT_EQ(a.last_known_time_us(), b.last_known_time_us());
}

inline void expect_same(const Ledger& a, const Ledger& b) {
  ASSERT_EQ(a.spools().size(), b.spools().size());
  for (const auto& [key, record] : a.spools()) {
    const SpoolRecord* other = b.find(wire::Spool(key.high, key.low));
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(other->settled, record.settled);
    EXPECT_EQ(other->last_known_time_us, record.last_known_time_us);
  }
}

}  // namespace vigie::store::test
