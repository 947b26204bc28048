#include "clients/cli/outputs/table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "clients/cli/outputs/table_columns.h"
#include "clients/cli/outputs/text.h"

namespace vigie::cli {
namespace {

constexpr std::int64_t kNow = 1'772'344'800'000'000;
constexpr std::int64_t kSecond = 1'000'000;

client::FixItem fix(const std::string& unit, std::int64_t true_time_us,
                    std::int64_t known_time_us) {
  client::FixItem item;
  item.fix.unit = unit;
  item.fix.true_time_us = true_time_us;
  item.fix.lat_e7 = 159'012'345;
  item.fix.lon_e7 = 15'067'890;
  item.fix.speed_mm_s = 5'000;
  item.fix.course_mdeg = 271'000;
  item.stamp.known_time_us = known_time_us;
  return item;
}

TableStatus live() {
  TableStatus status;
  status.title = "watch 127.0.0.1:7700";
  status.link = client::LinkState::Live;
  status.now_us = kNow;
  status.overdue_after_ms = 60'000;
  status.silent_after_ms = 300'000;
  return status;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Table, every_line_fits_the_terminal_at_any_size) {
  Board board;
  for (int i = 0; i < 40; ++i) {
    board.take(fix(fmt::format("alpha/a-rather-long-name-{}", i), kNow, kNow));
  }
  client::EventItem event;
  event.event.unit = "alpha/v1";
  event.event.kind = "sos";
  event.event.text = std::string(300, 'x');
  board.take(event);
  for (const TableSize& size : {TableSize{80, 24}, TableSize{120, 40}, TableSize{40, 10},
                                TableSize{20, 5}, TableSize{200, 60}}) {
    const auto lines = render_table(board, live(), size);
    EXPECT_EQ(lines.size(), size.rows);
    for (const std::string& line : lines)
      EXPECT_LE(text_width(line), std::max<std::size_t>(size.columns, 17)) << line;
  }
}

TEST(Table, age_freshness_late_and_conflated_are_visible) {
  Board board;
  board.take(fix("alpha/fresh", kNow - 5 * kSecond, kNow - 4 * kSecond));
  board.take(fix("alpha/old", kNow - 100 * kSecond, kNow - 100 * kSecond));
  board.take(fix("alpha/gone", kNow - 7200 * kSecond, kNow - 7200 * kSecond));
  auto late = fix("alpha/fresh", kNow - 500 * kSecond, kNow - 3 * kSecond);
  late.late = true;
  late.conflated = 12;
  board.take(late);
  TableSize size;
  size.color = false;
  const std::string text = joined(render_table(board, live(), size));
  EXPECT_NE(text.find("● fresh"), std::string::npos) << text;
  EXPECT_NE(text.find("◐ overdue"), std::string::npos) << text;
  EXPECT_NE(text.find("○ silent"), std::string::npos) << text;
  EXPECT_NE(text.find("    5 s"), std::string::npos) << "the late fix must not move it: " << text;
  EXPECT_NE(text.find("2 h 00"), std::string::npos) << text;
  EXPECT_NE(text.find("late 1"), std::string::npos) << text;
  EXPECT_NE(text.find("conflated 12"), std::string::npos) << text;
}

TEST(Table, a_unit_that_sends_old_positions_is_heard_but_not_fresh) {
  Board board;
  board.take(fix("alpha/behind", kNow - 300 * kSecond, kNow - kSecond));
  TableSize size;
  size.color = false;
  const std::string text = joined(render_table(board, live(), size));
  EXPECT_EQ(text.find("● fresh"), std::string::npos) << text;
  EXPECT_NE(text.find("overdue"), std::string::npos) << text;
}

client::EventItem event(std::uint64_t seq, client::Severity severity, const std::string& text) {
  client::EventItem item;
  item.stamp.seq = seq;
  item.event.severity = severity;
  item.event.text = text;
  return item;
}

TEST(Table, a_severe_event_stays_however_much_is_said_after_it) {
  Board board;
  board.take(event(1, client::Severity::Severe, "casualty at the well"));
  for (std::uint64_t seq = 2; seq < 200; ++seq) {
    board.take(event(seq, client::Severity::Info, fmt::format("routine {}", seq)));
  }
  TableSize size;
  size.color = false;
  const std::string text = joined(render_table(board, live(), size));
  EXPECT_NE(text.find("casualty at the well"), std::string::npos) << text;
  EXPECT_NE(text.find("routine 199"), std::string::npos) << text;
  EXPECT_LT(text.find("casualty"), text.find("routine 199")) << "newest last";
}

TEST(Table, nothing_of_an_event_steers_the_terminal) {
  Board board;
  client::EventItem steering = event(1, client::Severity::Info, "\x1b[2Jtext");
  steering.event.unit = "\x1b[2Junit";
  steering.event.kind = "\x1b[2Jkind";
  board.take(steering);
  TableSize size;
  size.color = false;
  const std::string text = joined(render_table(board, live(), size));
  EXPECT_NE(text.find("[2Jkind"), std::string::npos) << text;
  EXPECT_EQ(text.find("\x1b[2J"), std::string::npos);
}

TEST(Table, after_a_seek_back_nothing_stands_that_has_not_happened_yet) {
  Board board;
  client::ReplayItem replay;
  replay.time_us = kNow;
  board.take(replay);
  board.take(fix("alpha/later", kNow, kNow));
  board.take(event(1, client::Severity::Severe, "casualty at the well"));
  replay.request = 1;
  replay.time_us = kNow - 60 * kSecond;
  board.take(replay);
  EXPECT_TRUE(board.units().empty());
  EXPECT_TRUE(board.events(10).empty());
}

TEST(Table, a_lost_link_stands_in_the_title) {
  Board board;
  TableStatus status = live();
  status.link = client::LinkState::Stale;
  status.link_age_us = 130 * kSecond;
  TableSize size;
  size.color = false;
  EXPECT_NE(render_table(board, status, size)[0].find("LINK LOST 2 min ago"), std::string::npos);
}

TEST(Table, what_failed_is_never_called_complete) {
  Board board;
  TableStatus status = live();
  status.is_over = true;
  TableSize size;
  EXPECT_NE(render_table(board, status, size)[0].find("COMPLETE"), std::string::npos);
  status.failure = "the hub did not answer in time";
  const std::string title = render_table(board, status, size)[0];
  EXPECT_EQ(title.find("COMPLETE"), std::string::npos) << title;
  EXPECT_NE(title.find("FAILED: the hub did not answer in time"), std::string::npos) << title;
  EXPECT_EQ(title.rfind(style::kTitleAlarm, 0), 0u) << "it must stand out: " << title;
}

TEST(Table, what_somebody_should_look_after_stands_in_the_title) {
  Board board;
  TableStatus status = live();
  status.warning = "the hub has another key";
  TableSize size;
  size.columns = 120;
  const std::string title = render_table(board, status, size)[0];
  EXPECT_NE(title.find("LIVE  ! the hub has another key"), std::string::npos) << title;
  EXPECT_EQ(title.rfind(style::kTitleWarning, 0), 0u) << "it must stand out: " << title;
}

TEST(Table, a_fix_that_stands_aside_is_counted_and_does_not_move) {
  Board board;
  auto better = fix("alpha/v1", kNow - 2 * kSecond, kNow);
  better.stamp.seq = 1;
  board.take(better);
  auto aside = fix("alpha/v1", kNow, kNow);
  aside.stamp.seq = 2;
  aside.aside = aside.implausible = true;
  aside.fix.lat_e7 = 0;
  board.take(aside);
  const BoardUnit& unit = board.units().at("alpha/v1");
  EXPECT_EQ(unit.fix.lat_e7, better.fix.lat_e7);
  EXPECT_EQ(unit.aside, 1u);
  EXPECT_EQ(unit.late, 0u);
  EXPECT_FALSE(unit.implausible);
  TableSize size;
  size.color = false;
  EXPECT_NE(joined(render_table(board, live(), size)).find("aside 1"), std::string::npos);
}

TEST(Table, a_better_source_takes_over_with_a_fix_that_is_a_little_older) {
  Board board;
  auto worse = fix("alpha/v1", kNow, kNow);
  worse.stamp.seq = 1;
  board.take(worse);
  auto better = fix("alpha/v1", kNow - kSecond, kNow);
  better.stamp.seq = 2;
  better.fix.lat_e7 = 7;
  board.take(better);
  EXPECT_EQ(board.units().at("alpha/v1").fix.lat_e7, 7);
  // By true time what came long before may come after: a clock that was ahead.
  auto ahead = fix("alpha/v1", kNow, kNow - 60 * kSecond);
  ahead.stamp.seq = 1;
  ahead.fix.lat_e7 = 9;
  board.take(ahead);
  EXPECT_EQ(board.units().at("alpha/v1").fix.lat_e7, 7);
}

TEST(Table, a_unit_that_left_is_gone_and_a_late_fix_does_not_move) {
  Board board;
  board.take(fix("alpha/v1", kNow, kNow));
  auto late = fix("alpha/v1", kNow - kSecond, kNow);
  late.fix.lat_e7 = 0;
  board.take(late);
  EXPECT_EQ(board.units().at("alpha/v1").fix.lat_e7, 159'012'345);
  board.take(client::LeaveItem{.unit = "alpha/v1"});
  EXPECT_TRUE(board.units().empty());
}

TEST(Text, what_comes_from_outside_cannot_steer_the_terminal) {
  EXPECT_EQ(harmless("a\x1b[2J\n\x7f\xc2\x9b z"), "a [2J  ? z");
  EXPECT_EQ(harmless("caf\xc3\xa9 \x9b\x31m \xe2\x82"), "caf\xc3\xa9 ?1m ??")
      << "nor in other codes";
}

TEST(Text, ages_and_positions_read_well) {
  EXPECT_EQ(age_text(59 * kSecond), "59 s");
  EXPECT_EQ(age_text(61 * kSecond), "1 min");
  EXPECT_EQ(age_text(7500 * kSecond), "2 h 05");
  EXPECT_EQ(age_text(-5 * kSecond), "0 s");
  EXPECT_EQ(position_text(159'012'345, -15'067'850, 4), "15.9012 N   1.5068 W");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(cut_to("héllo", 4), "hél…");
  EXPECT_EQ(text_width("\x1b[1mhé\x1b[0m"), 2u);
}

}  // namespace
}  // namespace vigie::cli
