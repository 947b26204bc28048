// The trail drops nothing, is not flooded, and makes events that any reader takes.

#include "hub/security/audit_trail.h"

#include <gmock/gmock.h>

#include "schemas/messages/checks.h"
#include "schemas/words/times.h"
#include "tests/unit/schemas/samples.h"

namespace vigie::security {
namespace {

using test::kNoonUs;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t kPlenty = 64 * 1024;
constexpr std::size_t kAll = SIZE_MAX / 2;

AuditNote note_of(const std::string& kind, const std::string& who,
                  std::vector<std::string> owners = {"blue"}) {
  AuditNote note{.kind = kind, .owners = std::move(owners)};
  note.text = who + " did it";
  note.set("who", who);
  return note;
}

std::string field_of(const wire::EventT& event, const std::string& key) {
  for (const auto& field : event.fields) {
    if (field->key == key) return field->value;
  }
  return {};
}

struct Trail : AuditTrail {
  std::uint64_t seq = 100;
  std::int64_t now_us = kNoonUs;

  Trail() { set_known_time(now_us); }
  void wait(std::int64_t us) { set_known_time(now_us += us); }
  /// What is told now.
  std::vector<wire::EventT> told(std::size_t bytes_max = kAll) {
    std::vector<wire::EventT> events;
    const AuditBlock block = take({5, 6}, seq - 99, seq, now_us, bytes_max);
    EXPECT_LE(block.payload.size(), bytes_max);
    if (block.count == 0) return events;
    const auto* batch = flatbuffers::GetRoot<wire::Batch>(block.payload.data());
    EXPECT_EQ(size_of(batch->events()), block.count);
    for (const wire::Event* event : each(batch->events())) event->UnPackTo(&events.emplace_back());
    seq += block.count;
    return events;
  }
};

TEST(AuditTrail, an_entry_for_each_owner_in_its_own_channel_with_names_and_stamps_that_rise) {
  Trail trail;
  trail.note(note_of("granted", "blue/boss", {"blue", "green"}));
  trail.note(note_of("revoked", "blue/boss"));
  const auto told = trail.told();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].unit, "blue/audit");
  EXPECT_EQ(told[1].unit, "green/audit");
  EXPECT_EQ(told[1].text, "blue/boss did it");
  EXPECT_EQ(told[2].kind, "revoked");
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].group, kAuditGroup);
    EXPECT_EQ(told[i].number, 1 + i);
    EXPECT_EQ(told[i].stamp->first_seq(), 100 + i);
    EXPECT_EQ(told[i].stamp->known_time_us(), kNoonUs);
    EXPECT_EQ(told[i].true_time_us, kNoonUs);
    EXPECT_EQ(field_of(told[i], "who"), "blue/boss");
  }
  EXPECT_TRUE(trail.empty());
}

TEST(AuditTrail, what_it_makes_is_a_well_formed_batch_but_for_its_group_which_nobody_else_may_use) {
  Trail trail;
  AuditNote note = note_of("read_past", "blue/room");
  note.references.emplace_back(wire::Spool(1, 2), 3);
  note.from_us = kNoonUs - 1;
  note.until_us = kNoonUs;
  note.set("long", std::string(5000, 'x'));
  note.text = std::string(5000, 'y');
  trail.note(std::move(note));
  const AuditBlock block = trail.take({5, 6}, 1, 1, kNoonUs, kAll);
  const AlignedBytes copy(block.payload);
  const wire::Batch* batch = verified<wire::Batch>(copy.bytes());
  ASSERT_NE(batch, nullptr);
  std::vector<RefusedNumbers> refused;
  check_entries(*batch, refused);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_THAT(refused[0].reason, HasSubstr("_audit"));
  wire::EventT event;
  batch->events()->Get(0)->UnPackTo(&event);
  EXPECT_EQ(field_of(event, "from"), format_time(kNoonUs - 1));
  EXPECT_EQ(field_of(event, "to"), format_time(kNoonUs));
  EXPECT_LE(event.text.size(), limits::kTextBytesMax);
  event.group = "patrol";
  *event.stamp = wire::Stamp();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::Event::Pack(builder, &event));
  std::string reason;
  EXPECT_EQ(check_event(*flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()), &reason),
            wire::Refusal::None)
      << reason;
}

TEST(AuditTrail, only_what_has_room_is_taken_and_the_rest_waits) {
  Trail trail;
  for (int i = 0; i < 500; ++i) trail.note(note_of("invited", "blue/" + std::to_string(i)));
  EXPECT_EQ(trail.told(100).size(), 0u);
  std::size_t told = 0;
  while (!trail.empty()) {
    const auto some = trail.told(kPlenty / 4);
    ASSERT_FALSE(some.empty());
    for (const wire::EventT& one : some) {
      EXPECT_EQ(field_of(one, "who"), "blue/" + std::to_string(told++));
    }
  }
  EXPECT_EQ(told, 500u);
}

TEST(AuditTrail, a_full_one_says_so_and_still_takes_what_is_noted) {
  Trail trail;
  for (std::size_t i = 0; i < kAuditWaitingMax; ++i) {
    EXPECT_FALSE(trail.full());
    trail.note(note_of("invited", "blue/boss"));
  }
  EXPECT_TRUE(trail.full());
  trail.note(note_of("revoked", "blue/boss"));
  EXPECT_EQ(trail.told().size(), kAuditWaitingMax + 1);
  EXPECT_FALSE(trail.full());
}

TEST(AuditTrail, a_flood_is_told_once_and_then_once_a_minute_with_its_count) {
  Trail trail;
  for (int i = 0; i < 1000; ++i) trail.note_often(note_of("refused", "blue/v1"), 1);
  EXPECT_EQ(trail.told().size(), 1u);
  for (int i = 0; i < 10; ++i) {
    trail.wait(kAuditMinuteUs / 10 - 1);
    trail.note_often(note_of("refused", "blue/v1"), 1);
    EXPECT_EQ(trail.told().size(), 0u);
  }
  trail.wait(20);
  auto told = trail.told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(field_of(told[0], "count"), "1009");
  EXPECT_EQ(field_of(told[0], "since"), format_time(kNoonUs));
  // It goes on in the minute that follows.
  trail.note_often(note_of("refused", "blue/v1"), 1);
  EXPECT_EQ(trail.told().size(), 0u);
  trail.wait(kAuditMinuteUs);
  EXPECT_EQ(trail.told().size(), 1u);
  // And is forgotten after a quiet one.
  trail.wait(kAuditMinuteUs);
  trail.note_often(note_of("refused", "blue/v1"), 1);
  EXPECT_EQ(trail.told().size(), 1u);
}

TEST(AuditTrail, who_kind_and_code_are_counted_apart) {
  Trail trail;
  const auto refused = [](const std::string& who, const std::string& code) {
    AuditNote note = note_of("refused", who);
    note.set("code", code);
    return note;
  };
  for (int i = 0; i < 5; ++i) {
    trail.note_often(refused("blue/v1", "too_fast"), 1);
    trail.note_often(refused("blue/v1", "not_entitled"), 1);
    trail.note_often(refused("blue/v2", "too_fast"), 1);
  }
  EXPECT_EQ(trail.told().size(), 3u);
}

TEST(AuditTrail, each_owner_is_told_of_what_it_shows_and_of_no_other_owner) {
  Trail trail;
  AuditNote note = note_of("read_past", "blue/room", {"blue", "green", "red"});
  note.set("view", "event/red");
  note.grants = {"green/g", "red/r"};
  note.exceptions = {"red/r"};
  note.others_text = "it was shown something";
  trail.note(std::move(note));
  const auto told = trail.told();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(field_of(told[0], "grants"), "green/g red/r");
  EXPECT_EQ(field_of(told[0], "view"), "event/red");
  EXPECT_EQ(field_of(told[1], "grants"), "green/g");
  EXPECT_EQ(field_of(told[1], "exceptions"), "");
  EXPECT_EQ(field_of(told[1], "view"), "");
  EXPECT_EQ(told[1].text, "it was shown something");
  EXPECT_EQ(field_of(told[2], "grants"), "red/r");
  EXPECT_EQ(field_of(told[2], "exceptions"), "red/r");
}

TEST(AuditTrail, what_concerns_other_owners_is_counted_apart) {
  Trail trail;
  for (int i = 0; i < 3; ++i) {
    trail.note_often(note_of("read_past", "blue/room", {"blue", "green"}), 1);
    trail.note_often(note_of("read_past", "blue/room", {"blue", "red"}), 1);
  }
  EXPECT_EQ(trail.told().size(), 4u);
  trail.wait(kAuditMinuteUs);
  for (const wire::EventT& event : trail.told()) EXPECT_EQ(field_of(event, "count"), "2");
}

TEST(AuditTrail, what_waits_keeps_the_time_at_which_it_was_done) {
  Trail trail;
  trail.note(note_of("invited", "blue/boss"));
  trail.wait(1000);
  trail.note(note_of("invited", "blue/boss"));
  trail.wait(1000);
  const auto told = trail.told();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].true_time_us, kNoonUs);
  EXPECT_EQ(told[1].true_time_us, kNoonUs + 1000);
  EXPECT_EQ(told[1].stamp->known_time_us(), kNoonUs + 2000);
}

TEST(AuditTrail, a_closed_one_comes_to_an_end) {
  Trail trail;
  trail.note(note_of("hub_stopped", "hub"));
  trail.close();
  trail.note(note_of("invited", "blue/boss"));
  trail.note_often(note_of("refused", "blue/v1"), 1);
  trail.note_turned_away(7);
  EXPECT_EQ(trail.told().size(), 1u);
  trail.wait(2 * kAuditMinuteUs);
  EXPECT_TRUE(trail.empty());
}

TEST(AuditTrail, readings_are_told_each_for_itself_until_they_are_a_flood) {
  Trail trail;
  for (std::size_t i = 0; i < kReadingsAlone; ++i) {
    trail.note_often(note_of("read_past", "blue/room"), kReadingsAlone);
  }
  EXPECT_EQ(trail.told().size(), kReadingsAlone);
  AuditNote wide = note_of("read_past", "blue/room");
  wide.from_us = kNoonUs;
  wide.until_us = kNoonUs + 10;
  AuditNote early = wide;
  early.from_us = kNoonUs - 10;
  trail.note_often(std::move(wide), kReadingsAlone);
  trail.note_often(std::move(early), kReadingsAlone);
  trail.wait(kAuditMinuteUs);
  const auto told = trail.told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(field_of(told[0], "count"), "2");
  EXPECT_EQ(field_of(told[0], "from"), format_time(kNoonUs - 10)) << "none can hide in the flood";
  EXPECT_EQ(field_of(told[0], "to"), format_time(kNoonUs + 10));
  trail.note_often(note_of("read_past", "blue/room"), kReadingsAlone);
  EXPECT_EQ(trail.told().size(), 1u) << "the flood is over";
}

TEST(AuditTrail, many_names_cost_a_bounded_amount_and_none_goes_untold) {
  Trail trail;
  const std::size_t names = 3 * kAuditTalliesMax;
  for (std::size_t i = 0; i < names; ++i) {
    trail.note_often(note_of("refused", "blue/" + std::to_string(i)), 1);
  }
  // Another owner's are not among them.
  trail.note_often(note_of("refused", "green/1", {"green"}), 1);
  EXPECT_EQ(trail.told().size(), kAuditTalliesMax + 2);
  trail.wait(kAuditMinuteUs);
  const auto told = trail.told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(field_of(told[0], "who"), "several");
  EXPECT_EQ(field_of(told[0], "count"), std::to_string(names - kAuditTalliesMax - 1));
}

TEST(AuditTrail, connections_that_the_gate_turned_away_are_counted) {
  Trail trail;
  trail.note_turned_away(0);
  EXPECT_TRUE(trail.empty());
  trail.note_turned_away(3);
  trail.note_turned_away(3);
  trail.note_turned_away(10);
  auto told = trail.told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].unit, "_hub/audit");
  EXPECT_EQ(field_of(told[0], "endpoint"), "gate");
  EXPECT_EQ(field_of(told[0], "count"), "3");
  trail.wait(kAuditMinuteUs);
  told = trail.told();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(field_of(told[0], "count"), "7");
}

TEST(AuditTrail, at_the_end_what_was_counted_is_told) {
  Trail trail;
  for (int i = 0; i < 3; ++i) trail.note_often(note_of("refused", "blue/v1"), 1);
  trail.finish_counting();
  EXPECT_EQ(trail.told().size(), 2u);
  trail.wait(kAuditMinuteUs);
  EXPECT_TRUE(trail.empty());
}

}  // namespace
}  // namespace vigie::security
