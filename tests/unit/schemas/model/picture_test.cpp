#include "schemas/model/picture.h"

#include <gtest/gtest.h>

#include "tests/unit/schemas/samples.h"

namespace vigie {
namespace {

using test::kNoonUs;
using test::make_fix;

constexpr std::int64_t kSecond = 1'000'000;

/// A body of one section of one unit, stamped.
struct Section {
  std::string unit = "blue/v1";
  std::vector<wire::Fix> fixes;
  std::uint64_t seq = 1;
  std::int64_t known_us = kNoonUs;
  std::int64_t offset_us = 0;
  std::uint32_t first_count = 0;
  std::string group = {};
  std::uint64_t source = test::kSpool.high();

  BodyPtr body() const {
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(source, seq);
    batch.fixes.push_back(test::make_fixes(unit, seq, fixes));
    batch.fixes[0]->group = group;
    *batch.fixes[0]->stamp = wire::Stamp(seq, known_us, offset_us, first_count, 0);
    return test::make_body(batch, seq, known_us);
  }
};

/// Folds and marks as the hub does; returns what the fold told of the one section.
FoldedFixes accept(Picture& picture, const Section& section) {
  const BodyPtr body = section.body();
  Folded folded;
  picture.fold_and_mark(test::writable(body), folded);
  return folded.fixes.at(0);
}

BodyPtr state_body(const std::string& name, std::uint64_t seq, std::int64_t true_us, bool deleted) {
  wire::BatchT batch;
  batch.states.push_back(test::make_state(name, seq));
  batch.states[0]->true_time_us = true_us;
  batch.states[0]->clock = wire::Clock::Satellite;
  batch.states[0]->deleted = deleted;
  batch.states[0]->card->call_sign = std::to_string(seq);
  *batch.states[0]->stamp = wire::Stamp(seq, kNoonUs, 0, 0, 0);
  return test::make_body(batch, seq, kNoonUs);
}

TEST(PictureTest, a_newer_fix_moves_its_unit_and_a_late_one_is_only_counted) {
  Picture picture;
  EXPECT_TRUE(accept(picture, {.fixes = {make_fix(kNoonUs)}, .seq = 1}).moved);
  const auto late = accept(picture, {.fixes = {make_fix(kNoonUs - kSecond, 5, 5)}, .seq = 2});
  EXPECT_FALSE(late.moved);
  EXPECT_TRUE(late.had_position);
  EXPECT_EQ(late.lat_e7_before, 159'000'000);
  const Unit* unit = picture.find_unit("blue/v1");
  ASSERT_NE(unit, nullptr);
  EXPECT_EQ(unit->seq, 1u);
  EXPECT_EQ(unit->count, 2u);
  EXPECT_EQ(unit->count_at_newest, 1u);
}

TEST(PictureTest, of_two_fixes_of_the_same_moment_the_later_taken_in_stands) {
  Picture picture;
  accept(picture, {.fixes = {make_fix(kNoonUs, 1, 1), make_fix(kNoonUs, 2, 2)}, .seq = 1});
  EXPECT_EQ(picture.find_unit("blue/v1")->fix.lat_e7(), 2);
  accept(picture, {.fixes = {make_fix(kNoonUs, 3, 3)}, .seq = 3});
  EXPECT_EQ(picture.find_unit("blue/v1")->fix.lat_e7(), 3);
}

TEST(PictureTest, a_clock_ahead_neither_throws_a_unit_forward_nor_freezes_it) {
  Picture picture;
  const std::int64_t ahead = kNoonUs + 7200 * kSecond;
  accept(picture, {.fixes = {make_fix(ahead, 1, 1)}, .seq = 1, .known_us = kNoonUs});
  EXPECT_EQ(picture.find_unit("blue/v1")->order_us, kNoonUs);
  EXPECT_NE(picture.find_unit("blue/v1")->fix.marks() &
                static_cast<std::uint8_t>(wire::FixMark::Implausible),
            0);
  // The clock was set right: the unit goes on from the next second.
  accept(picture,
         {.fixes = {make_fix(kNoonUs + kSecond, 2, 2)}, .seq = 2, .known_us = kNoonUs + kSecond});
  EXPECT_EQ(picture.find_unit("blue/v1")->fix.lat_e7(), 2);
}

TEST(PictureTest, a_devices_clock_is_corrected_and_a_satellites_is_not) {
  EXPECT_EQ(corrected_true_time_us(100, wire::Clock::Device, -30), 70);
  EXPECT_EQ(corrected_true_time_us(100, wire::Clock::Satellite, -30), 100);
  EXPECT_EQ(order_us(100, wire::Clock::Device, 50, 120), 120);
  EXPECT_EQ(order_us(100, wire::Clock::Device, 10, 120), 110);
}

TEST(PictureTest, a_corrected_time_beyond_the_range_stays_at_its_end) {
  EXPECT_EQ(corrected_true_time_us(INT64_MAX, wire::Clock::Device, 1), INT64_MAX);
  EXPECT_EQ(corrected_true_time_us(INT64_MIN, wire::Clock::Device, -1), INT64_MIN);
}

TEST(PictureTest, a_unit_first_seen_with_a_count_that_has_gone_half_round_keeps_it) {
  Picture picture;
  const std::uint32_t count = 0x9000'0000;
  picture.fold(Section{.fixes = {make_fix()}, .seq = 9, .first_count = count}.body()->bytes());
  EXPECT_EQ(picture.find_unit("blue/v1")->count, count);
}

TEST(PictureTest, the_running_count_goes_round_and_not_back) {
  Picture picture;
  const auto fold = [&](std::uint64_t seq, std::uint32_t count) {
    picture.fold(Section{.fixes = {make_fix()}, .seq = seq, .first_count = count}.body()->bytes());
    return picture.find_unit("blue/v1")->count;
  };
  EXPECT_EQ(fold(1, UINT32_MAX), UINT32_MAX);
  EXPECT_EQ(fold(2, 0), 0u);
  EXPECT_EQ(fold(3, 1), 1u);
  EXPECT_EQ(fold(2, 0), 1u);
}

TEST(PictureTest, a_unit_is_in_the_group_of_its_newest_fix) {
  Picture picture;
  const auto told = [&](std::uint64_t seq, std::int64_t us, const std::string& group) {
    return accept(picture, {.fixes = {make_fix(us)}, .seq = seq, .group = group});
  };
  const auto group_of = [&](ChannelIndex channel) { return picture.channels()[channel].group; };
  EXPECT_EQ(group_of(told(1, kNoonUs - 9, "").channel), "-");
  EXPECT_EQ(group_of(told(2, kNoonUs - 3, "patrol").channel), "patrol");
  EXPECT_EQ(group_of(told(3, kNoonUs - 6, "convoy").channel), "convoy");
  EXPECT_EQ(group_of(picture.find_unit("blue/v1")->channel), "patrol");
}

TEST(PictureTest, a_deleted_state_is_remembered_and_older_ones_do_not_bring_it_back) {
  Picture picture;
  picture.fold(state_body("blue/v1", 1, kNoonUs - 30, false)->bytes());
  ASSERT_NE(picture.find_card("blue/v1"), nullptr);
  EXPECT_EQ(picture.find_card("blue/v1")->call_sign()->str(), "1");
  picture.fold(state_body("blue/v1", 2, kNoonUs - 10, true)->bytes());
  EXPECT_EQ(picture.find_card("blue/v1"), nullptr);
  picture.fold(state_body("blue/v1", 3, kNoonUs - 20, false)->bytes());
  EXPECT_EQ(picture.find_card("blue/v1"), nullptr);
  ASSERT_EQ(picture.states().size(), 1u);
  EXPECT_TRUE(picture.states()[0].deleted);
  picture.fold(state_body("blue/v1", 4, kNoonUs - 10, false)->bytes());
  EXPECT_EQ(picture.find_card("blue/v1")->call_sign()->str(), "4");
  EXPECT_EQ(picture.find_card("blue/nobody"), nullptr);
}

TEST(PictureTest, a_state_of_the_least_order_is_retained_with_its_entry) {
  wire::BatchT batch;
  batch.states.push_back(test::make_state("blue/v1", 1));
  batch.states[0]->true_time_us = INT64_MIN;
  batch.states[0]->stamp.reset();
  Picture picture;
  picture.fold(test::make_body(batch, 1, kNoonUs)->bytes());
  ASSERT_EQ(picture.states().size(), 1u);
  EXPECT_NE(picture.states()[0].entry, nullptr);
}

TEST(PictureTest, the_fold_tells_events_states_and_fixes_in_order) {
  wire::BatchT batch = test::make_batch();
  test::stamp(batch, 10, kNoonUs);
  Picture picture;
  Folded folded;
  const BodyPtr body = test::make_body(batch, 10, kNoonUs);
  picture.fold(body->bytes(), &folded);
  ASSERT_EQ(folded.events.size(), 1u);
  EXPECT_EQ(folded.events[0].event->stamp()->first_seq(), 10u);
  EXPECT_EQ(picture.channels()[folded.events[0].channel].owner, "blue");
  ASSERT_EQ(folded.states.size(), 1u);
  ASSERT_EQ(folded.fixes.size(), 2u);
  EXPECT_EQ(picture.channels()[folded.fixes[1].channel].group, "patrol");
  EXPECT_EQ(picture.last_seq(), 15u);
}

TEST(PictureTest, a_forgotten_unit_is_gone_until_its_next_fix) {
  for (const std::string name : {"a/b", "blue/a-name-that-is-too-long-for-a-short-string"}) {
    Picture picture;
    accept(picture, {.unit = name, .fixes = {make_fix()}, .seq = 1});
    accept(picture, {.unit = "blue/other", .fixes = {make_fix()}, .seq = 2});
    const auto index = picture.find_unit_index(name);
    picture.forget_unit(picture.find_unit(name)->name);  // the name lies in what is forgotten
    EXPECT_EQ(picture.find_unit(name), nullptr);
    EXPECT_EQ(picture.find_unit_index(name), index);
    EXPECT_NE(picture.find_unit("blue/other"), nullptr);
    accept(picture, {.unit = name, .fixes = {make_fix(kNoonUs - kSecond, 7, 7)}, .seq = 3});
    ASSERT_NE(picture.find_unit(name), nullptr);
    EXPECT_EQ(picture.find_unit_index(name), index);
    EXPECT_EQ(picture.find_unit(name)->fix.lat_e7(), 7);
    picture.forget_unit("nobody/here");
    EXPECT_EQ(picture.units().size(), 2u);
  }
}

TEST(PictureTest, a_cleared_or_moved_picture_starts_or_goes_on_as_it_should) {
  Picture picture;
  accept(picture, {.fixes = {make_fix()}, .seq = 5});
  Picture moved = std::move(picture);
  ASSERT_NE(moved.find_unit("blue/v1"), nullptr);
  accept(moved, {.fixes = {make_fix(kNoonUs, 4, 4)}, .seq = 6});
  EXPECT_EQ(moved.find_unit("blue/v1")->count, 2u);
  EXPECT_EQ(moved.units().size(), 1u);
  moved.clear();
  EXPECT_EQ(moved.last_seq(), 0u);
  EXPECT_EQ(moved.find_unit("blue/v1"), nullptr);
  EXPECT_TRUE(moved.units().empty());
}

/// A hub at which a unit has two sources, a tracker and a phone that ranks after it; and a console
/// that folds what the hub marked.
struct TwoSources {
  static constexpr std::uint64_t kTracker = 1;
  static constexpr std::uint64_t kPhone = 2;
  static constexpr std::uint64_t kSpare = 3;  // ranks as the tracker does
  static constexpr std::int32_t kOf[] = {0, 10, 20, 30};

  SourceRanks ranks{.by_source = {{kPhone, 2}}, .fresh_us = 30 * kSecond};
  Picture picture, console;
  std::uint64_t seq = 0;
  std::uint32_t aside = 0;

  /// A fix of that many seconds after noon, known `later_s` after that; what it is marked.
  unsigned hear(std::uint64_t source, std::int64_t at_s, std::int64_t later_s = 0) {
    const std::int64_t at_us = kNoonUs + at_s * kSecond;
    const BodyPtr body = Section{.fixes = {make_fix(at_us, kOf[source], static_cast<int>(at_s))},
                                 .seq = ++seq,
                                 .known_us = at_us + later_s * kSecond,
                                 .source = source}
                             .body();
    Folded folded;
    picture.fold_and_mark(test::writable(body), folded, &ranks);
    console.fold(body->bytes());
    aside += folded.fixes.at(0).aside;
    return folded.fixes.at(0).fixes->fixes()->Get(0)->marks();
  }
  /// Who moved the unit last, and the second of its fix; the same at the hub and at the console.
  std::pair<std::int32_t, int> stands() const {
    const Unit* unit = picture.find_unit("blue/v1");
    const Unit* shown = console.find_unit("blue/v1");
    EXPECT_EQ(shown->seq, unit->seq);
    EXPECT_EQ(shown->count, unit->count);
    return {unit->fix.lat_e7(), unit->fix.lon_e7()};
  }
  void expect(std::uint64_t source, int at_s) const {
    EXPECT_EQ(stands(), std::pair(kOf[source], at_s));
  }
};
constexpr unsigned kLate = static_cast<unsigned>(wire::FixMark::Late);
constexpr unsigned kAside = static_cast<unsigned>(wire::FixMark::Aside);

TEST(RankedSources, the_better_one_moves_the_unit_and_the_other_is_kept_and_counted) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  EXPECT_EQ(hub.hear(TwoSources::kPhone, 1), kAside);
  hub.expect(TwoSources::kTracker, 0);
  EXPECT_EQ(hub.aside, 1u);
  EXPECT_EQ(hub.picture.find_unit("blue/v1")->count, 2u);
  EXPECT_EQ(hub.hear(TwoSources::kPhone, -1), kAside) << "late beside the point: it is another's";
}

TEST(RankedSources, the_other_takes_over_when_the_better_one_is_unheard) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  EXPECT_EQ(hub.hear(TwoSources::kPhone, 29), kAside);
  EXPECT_EQ(hub.hear(TwoSources::kPhone, 30), 0u);
  hub.expect(TwoSources::kPhone, 30);
}

TEST(RankedSources, the_better_one_is_back_with_its_first_fix_though_it_is_a_little_older) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  hub.hear(TwoSources::kPhone, 100);
  EXPECT_EQ(hub.hear(TwoSources::kTracker, 95, 6), 0u) << "its link is slow, and always will be";
  hub.expect(TwoSources::kTracker, 95);
  EXPECT_EQ(hub.hear(TwoSources::kPhone, 102), kAside);
  EXPECT_EQ(hub.hear(TwoSources::kTracker, 96, 6), 0u);
  hub.expect(TwoSources::kTracker, 96);
}

TEST(RankedSources, a_backlog_of_the_better_one_does_not_move_the_unit_back) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  hub.hear(TwoSources::kPhone, 100);
  EXPECT_EQ(hub.hear(TwoSources::kTracker, 50, 51), kLate);
  hub.expect(TwoSources::kPhone, 100);
  // The newest first, and then the past: as trackers send it.
  hub.hear(TwoSources::kTracker, 101);
  EXPECT_EQ(hub.hear(TwoSources::kTracker, 99, 3), kLate);
  hub.expect(TwoSources::kTracker, 101);
}

TEST(RankedSources, a_backlog_of_the_other_one_from_when_it_was_alone_is_late_and_not_aside) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  hub.hear(TwoSources::kTracker, 1000);
  EXPECT_EQ(hub.hear(TwoSources::kPhone, 500, 501), kLate);
}

TEST(RankedSources, when_they_come_makes_no_difference) {
  TwoSources live, delayed;
  for (int at_s = 0; at_s < 200; at_s += 7) {
    // The tracker is silent from 50 to 150.
    const std::uint64_t source =
        at_s % 2 == 0 || (at_s > 50 && at_s < 150) ? TwoSources::kPhone : TwoSources::kTracker;
    EXPECT_EQ(live.hear(source, at_s), delayed.hear(source, at_s, 3600)) << at_s;
    EXPECT_EQ(live.stands(), delayed.stands());
  }
}

TEST(RankedSources, of_equal_rank_the_newest_wins) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 10);
  EXPECT_EQ(hub.hear(TwoSources::kSpare, 11), 0u);
  hub.expect(TwoSources::kSpare, 11);
  EXPECT_EQ(hub.hear(TwoSources::kTracker, 10), kLate);
  hub.ranks.by_source.clear();
  EXPECT_EQ(hub.hear(TwoSources::kPhone, 12), 0u);
  hub.expect(TwoSources::kPhone, 12);
}

TEST(RankedSources, within_one_section_the_source_stands_against_itself) {
  TwoSources hub;
  hub.hear(TwoSources::kPhone, 10);
  const BodyPtr body =
      Section{.fixes = {make_fix(kNoonUs + 9 * kSecond),  // takes over
                        make_fix(kNoonUs + 8 * kSecond), make_fix(kNoonUs + 9 * kSecond, 5, 5)},
              .seq = 2,
              .known_us = kNoonUs + 10 * kSecond,
              .source = TwoSources::kTracker}
          .body();
  Folded folded;
  hub.picture.fold_and_mark(test::writable(body), folded, &hub.ranks);
  const auto& fixes = *folded.fixes.at(0).fixes->fixes();
  EXPECT_EQ(fixes.Get(0)->marks(), 0u);
  EXPECT_EQ(fixes.Get(1)->marks(), kLate);
  EXPECT_EQ(fixes.Get(2)->marks(), 0u);
  EXPECT_EQ(hub.picture.find_unit("blue/v1")->seq, 4u);
}

TEST(RankedSources, who_is_no_more_gives_way_at_once) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  hub.ranks.by_source[TwoSources::kTracker] = kNoRank;
  EXPECT_EQ(hub.hear(TwoSources::kPhone, -1, 1), 0u);
  hub.expect(TwoSources::kPhone, -1);
}

TEST(RankedSources, after_a_restart_the_source_is_that_of_the_newest_fix) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  hub.hear(TwoSources::kPhone, 1);
  EntryWriter page;
  write_unit(hub.picture, *hub.picture.find_unit("blue/v1"), page);
  hub.picture.clear();
  hub.picture.fold(page.finish(kNoonUs)->bytes());
  EXPECT_EQ(hub.hear(TwoSources::kPhone, 2), kAside);
  hub.expect(TwoSources::kTracker, 0);
}

TEST(RankedSources, a_console_that_never_saw_the_better_one_shows_none_that_stood_aside) {
  TwoSources hub;
  hub.hear(TwoSources::kTracker, 0);
  hub.console.clear();
  hub.hear(TwoSources::kPhone, 1);
  EXPECT_EQ(hub.console.find_unit("blue/v1"), nullptr);
}

TEST(RankedSources, what_was_marked_is_counted_anew_and_not_judged_anew) {
  TwoSources hub;
  hub.hear(TwoSources::kPhone, 10);
  hub.hear(TwoSources::kTracker, 9);
  const Unit& stands = *hub.picture.find_unit("blue/v1");
  Picture other;
  Folded folded;
  for (const std::uint64_t seq : {1u, 2u}) {
    const BodyPtr body =
        Section{.fixes = {make_fix(kNoonUs + (11 - static_cast<std::int64_t>(seq)) * kSecond)},
                .seq = seq,
                .known_us = kNoonUs + 20 * kSecond,
                .first_count = 40}
            .body();
    other.fold_and_count(test::writable(body), folded);
    EXPECT_EQ(folded.fixes.at(0).fixes->stamp()->first_count(), seq);
  }
  EXPECT_EQ(other.find_unit("blue/v1")->seq, stands.seq);
}

}  // namespace
}  // namespace vigie
