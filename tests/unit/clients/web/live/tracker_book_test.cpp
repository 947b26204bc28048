#include "clients/web/server/live/tracker_book.h"

#include <gtest/gtest.h>

namespace vigie::web {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

client::FixItem fix(std::uint64_t number, std::int64_t true_us = 100 * kSecond,
                    std::int64_t known_us = 101 * kSecond) {
  client::FixItem item;
  item.fix.unit = "north/v1";
  item.fix.clock = client::ClockKind::Satellite;
  item.fix.true_time_us = true_us;
  item.stamp.known_time_us = known_us;
  item.stamp.name = {{7, 9}, number};
  return item;
}

TrackerRow row_of(const TrackerBook& book) {
  const std::vector<TrackerRow> rows = book.rows();
  EXPECT_EQ(rows.size(), 1u);
  return rows.empty() ? TrackerRow() : rows.front();
}

TEST(TrackerBookTest, TellsDelayClockAndWhatCameOutOfOrder) {
  TrackerBook book;
  book.take(fix(1));
  client::FixItem late = fix(2, 50 * kSecond, 102 * kSecond);
  late.late = true;
  book.take(late);
  const TrackerRow row = row_of(book);
  EXPECT_EQ(row.unit, "north/v1");
  EXPECT_EQ(row.delay_us, kSecond) << "a late one does not move the unit";
  EXPECT_EQ(row.heard_us, 102 * kSecond);
  EXPECT_TRUE(row.satellite);
  EXPECT_EQ(row.fixes, 2u);
  EXPECT_EQ(row.late, 1u);
  EXPECT_EQ(row.missing, 0u);
}

TEST(TrackerBookTest, CountsNumbersThatDidNotComeUntilTheyCome) {
  TrackerBook book;
  book.take(fix(10));
  book.take(fix(15));
  EXPECT_EQ(row_of(book).missing, 4u);
  book.take(fix(11));
  client::EventItem event;
  event.stamp.name = {{7, 9}, 12};
  book.take(event);
  EXPECT_EQ(row_of(book).missing, 2u);
  book.take(fix(3));
  EXPECT_EQ(row_of(book).missing, 2u) << "what is from before it looked tells nothing";
}

TEST(TrackerBookTest, BeginsAnewWhereTheSessionItselfLacksSomething) {
  const client::Item reasons[] = {client::ConflatedItem{5, 1}, client::LostItem{1, 2},
                                  client::SnapshotBegin{true}};
  for (const client::Item& reason : reasons) {
    TrackerBook book;
    book.take(fix(10));
    book.take(reason);
    book.take(fix(20));
    EXPECT_EQ(row_of(book).missing, 0u);
  }
}

TEST(TrackerBookTest, TakesAPictureForWhereAUnitStandsAndNotForANumberThatCame) {
  TrackerBook book;
  client::FixItem stands = fix(10);
  stands.snapshot = true;
  book.take(stands);
  book.take(fix(20));
  const TrackerRow row = row_of(book);
  EXPECT_EQ(row.missing, 0u);
  EXPECT_EQ(row.fixes, 1u);
}

TEST(TrackerBookTest, KeepsABoundedNumberOfHolesAndTakesTheOldestForLost) {
  TrackerBook book;
  for (std::uint64_t number = 1; number < 2000; number += 2) book.take(fix(number));
  EXPECT_EQ(row_of(book).missing, 999u);
  EXPECT_LT(book.bytes(), 4096u);
  book.take(fix(1998));
  EXPECT_EQ(row_of(book).missing, 998u);
}

}  // namespace
}  // namespace vigie::web
