// Each refusal of a batch and of an entry, provoked by one well-formed batch with one thing spoilt.
#include "schemas/messages/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "schemas/words/times.h"
#include "tests/unit/schemas/samples.h"

namespace vigie {
namespace {

using test::make_batch;
using wire::Refusal;
using Spoil = std::function<void(wire::BatchT&)>;

/// A batch as it would arrive.
class Arrived {
 public:
  explicit Arrived(const wire::BatchT& batch) : bytes_(packed<wire::Batch>(batch)) {}
  const wire::Batch& batch() const {
    const wire::Batch* root = verified<wire::Batch>(bytes_);
    EXPECT_NE(root, nullptr);
    return *root;
  }

 private:
  std::vector<std::byte> bytes_;
};

RefusedRequest check_spoilt(const Spoil& spoil) {
  wire::BatchT batch = make_batch();
  spoil(batch);
  return check_batch(Arrived(batch).batch());
}

std::vector<RefusedNumbers> entries_spoilt(const Spoil& spoil) {
  wire::BatchT batch = make_batch();
  spoil(batch);
  const Arrived arrived(batch);
  EXPECT_FALSE(check_batch(arrived.batch())) << check_batch(arrived.batch()).reason;
  std::vector<RefusedNumbers> refused;
  check_entries(arrived.batch(), refused);
  return refused;
}

void expect_one(const Spoil& spoil, std::uint64_t first, std::uint64_t last, Refusal code,
                const std::string& in_reason) {
  const std::vector<RefusedNumbers> refused = entries_spoilt(spoil);
  ASSERT_EQ(refused.size(), 1u) << in_reason;
  EXPECT_EQ(refused[0].first, first);
  EXPECT_EQ(refused[0].last, last);
  EXPECT_EQ(refused[0].code, code) << refused[0].reason;
  EXPECT_THAT(refused[0].reason, testing::HasSubstr(in_reason));
  EXPECT_LT(refused[0].reason.size(), 256u);
}

void expect_fix(const std::function<void(wire::Fix&)>& spoil, Refusal code,
                const std::string& in_reason) {
  expect_one([&](auto& batch) { spoil(batch.fixes[0]->fixes[1]); }, 4, 4, code, in_reason);
}
void expect_event(const std::function<void(wire::EventT&)>& spoil, Refusal code,
                  const std::string& in_reason) {
  expect_one([&](auto& batch) { spoil(*batch.events[0]); }, 1, 1, code, in_reason);
}
void expect_state(const std::function<void(wire::StateT&)>& spoil, Refusal code,
                  const std::string& in_reason) {
  expect_one([&](auto& batch) { spoil(*batch.states[0]); }, 2, 2, code, in_reason);
}
void expect_section(const std::function<void(wire::UnitFixesT&)>& spoil, Refusal code,
                    const std::string& in_reason) {
  expect_one([&](auto& batch) { spoil(*batch.fixes[1]); }, 5, 6, code, in_reason);
}

TEST(ChecksTest, a_well_formed_batch_passes_whole) {
  EXPECT_FALSE(check_spoilt([](auto&) {}));
  EXPECT_TRUE(entries_spoilt([](auto&) {}).empty());
  const wire::BatchT batch = make_batch();
  EXPECT_EQ(entry_count(Arrived(batch).batch()), 6u);
}

TEST(ChecksTest, an_empty_batch_of_given_up_numbers_passes) {
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(test::kSpool);
  batch.given_up.emplace_back(1, 5);
  EXPECT_FALSE(check_batch(Arrived(batch).batch()));
}

TEST(ChecksTest, a_batch_without_a_spool_is_malformed) {
  EXPECT_EQ(check_spoilt([](auto& b) { b.spool.reset(); }).code, Refusal::Malformed);
  EXPECT_EQ(check_spoilt([](auto& b) { *b.spool = wire::Spool(); }).code, Refusal::Malformed);
}

TEST(ChecksTest, a_batch_of_too_many_messages_is_too_large) {
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(test::kSpool);
  // The check comes before any look at the entries, so the size in bytes does not matter here.
  batch.fixes.push_back(test::make_fixes(
      "blue/v1", 1, std::vector<wire::Fix>(limits::kBatchEntriesMax + 1, test::make_fix())));
  EXPECT_EQ(check_batch(Arrived(batch).batch()).code, Refusal::TooLarge);
}

/// A batch in which all events share one text.
std::vector<std::byte> sharing_batch(std::uint64_t events, std::size_t text_bytes) {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true);
  const auto text = builder.CreateString(std::string(text_bytes, 't'));
  const auto unit = builder.CreateString("blue/v1");
  const auto kind = builder.CreateString("text");
  const wire::Stamp stamp;
  std::vector<flatbuffers::Offset<wire::Event>> list;
  for (std::uint64_t number = 1; number <= events; ++number) {
    wire::EventBuilder event(builder);
    event.add_stamp(&stamp);
    event.add_number(number);
    event.add_unit(unit);
    event.add_true_time_us(test::kNoonUs);
    event.add_kind(kind);
    event.add_text(text);
    list.push_back(event.Finish());
  }
  const Bytes bytes =
      finished(builder, wire::CreateBatch(builder, &test::kSpool, 0, builder.CreateVector(list)));
  return {bytes.begin(), bytes.end()};
}

TEST(ChecksTest, texts_that_messages_share_count_once_for_each) {
  const auto checked = [](std::uint64_t events) {
    const std::vector<std::byte> bytes = sharing_batch(events, limits::kTextBytesMax);
    EXPECT_LE(bytes.size(), limits::kBatchBytesMax);
    return check_batch(*verified<wire::Batch>(bytes));
  };
  constexpr std::uint64_t kFit = limits::kBatchUnpackedBytesMax / limits::kTextBytesMax;
  EXPECT_FALSE(checked(kFit)) << checked(kFit).reason;
  EXPECT_EQ(checked(kFit + 1).code, Refusal::TooLarge);
  EXPECT_THAT(checked(kFit + 1).reason, testing::HasSubstr("at most 131072"));
}

TEST(ChecksTest, too_many_ranges_given_up_are_too_large) {
  const auto ranges = [](std::size_t count) {
    return check_spoilt([count](auto& b) { b.given_up.assign(count, wire::NumberRange(10, 12)); });
  };
  EXPECT_FALSE(ranges(limits::kGivenUpRangesMax));
  EXPECT_EQ(ranges(limits::kGivenUpRangesMax + 1).code, Refusal::TooLarge);
}

TEST(ChecksTest, numbers_that_do_not_rise_are_bad_numbers) {
  const Spoil cases[] = {
      [](auto& b) { b.events[0]->number = 0; },
      [](auto& b) { b.states[0]->number = 0; },
      [](auto& b) { b.fixes[0]->first_number = 0; },
      [](auto& b) { b.events.push_back(test::make_event("blue/v1", 1)); },
      [](auto& b) { b.states.push_back(test::make_state("blue/v1", 1)); },
      [](auto& b) { b.fixes[1]->first_number = 4; },
      [](auto& b) { b.fixes[1]->first_number = UINT64_MAX - 1; },
      [](auto& b) { b.fixes[0]->fixes.clear(); },
      [](auto& b) { b.given_up[0] = wire::NumberRange(0, 3); },
      [](auto& b) { b.given_up[0] = wire::NumberRange(5, 4); },
  };
  for (const Spoil& spoil : cases) {
    const RefusedRequest refused = check_spoilt(spoil);
    EXPECT_EQ(refused.code, Refusal::BadNumber) << &spoil - cases << ": " << refused.reason;
  }
}

TEST(ChecksTest, a_number_that_stands_twice_is_a_bad_number) {
  EXPECT_EQ(check_spoilt([](auto& b) { b.events[0]->number = 4; }).code, Refusal::BadNumber);
  EXPECT_EQ(check_spoilt([](auto& b) { b.states[0]->number = 6; }).code, Refusal::BadNumber);
  EXPECT_EQ(check_spoilt([](auto& b) { b.states[0]->number = 1; }).code, Refusal::BadNumber);
  EXPECT_FALSE(check_spoilt([](auto& b) { b.states[0]->number = 7; }));
}

TEST(ChecksTest, a_fix_off_the_globe_is_a_bad_position) {
  for (const std::int32_t lat : {900'000'001, -900'000'001, INT32_MIN, INT32_MAX}) {
    expect_fix([&](auto& f) { f.mutate_lat_e7(lat); }, Refusal::BadPosition, "lat_e7");
  }
  for (const std::int32_t lon : {1'800'000'001, -1'800'000'001, INT32_MIN, INT32_MAX}) {
    expect_fix([&](auto& f) { f.mutate_lon_e7(lon); }, Refusal::BadPosition, "lon_e7");
  }
  EXPECT_TRUE(entries_spoilt([](auto& b) {
                b.fixes[0]->fixes[0].mutate_lat_e7(-900'000'000);
                b.fixes[0]->fixes[1].mutate_lon_e7(1'800'000'000);
              }).empty());
}

TEST(ChecksTest, a_time_outside_2000_to_2100_is_a_bad_time) {
  for (const std::int64_t us :
       {kTrueTimeUsMin - 1, kTrueTimeUsMax + 1, std::int64_t{0}, INT64_MIN, INT64_MAX}) {
    expect_fix([&](auto& f) { f.mutate_true_time_us(us); }, Refusal::BadTime, "true_time_us");
    expect_event([&](auto& e) { e.true_time_us = us; }, Refusal::BadTime, "true_time_us");
    expect_state([&](auto& s) { s.true_time_us = us; }, Refusal::BadTime, "true_time_us");
  }
  EXPECT_TRUE(entries_spoilt([](auto& b) {
                b.fixes[0]->fixes[0].mutate_true_time_us(kTrueTimeUsMin);
                b.events[0]->true_time_us = kTrueTimeUsMax;
              }).empty());
}

TEST(ChecksTest, values_of_a_fix_out_of_range_are_bad_values) {
  const auto bad = [](const std::function<void(wire::Fix&)>& spoil, const char* field) {
    expect_fix(spoil, Refusal::BadValue, field);
  };
  bad([](auto& f) { f.mutate_clock(static_cast<wire::Clock>(2)); }, "clock");
  bad([](auto& f) { f.mutate_course_mdeg(360'000); }, "course_mdeg");
  bad([](auto& f) { f.mutate_battery_percent(101); }, "battery_percent");
  bad([](auto& f) { f.mutate_marks(1); }, "marks");
  bad([](auto& f) { f.mutate_reserved(1); }, "reserved");
}

TEST(ChecksTest, unknown_fix_types_and_sources_pass_for_newer_publishers) {
  EXPECT_TRUE(entries_spoilt([](auto& b) {
                b.fixes[0]->fixes[0].mutate_fix_type(static_cast<wire::FixType>(99));
                b.fixes[0]->fixes[0].mutate_source(static_cast<wire::FixSource>(99));
                b.states[0]->kind = static_cast<wire::StateKind>(99);
                b.states[0]->card.reset();
              }).empty());
}

TEST(ChecksTest, a_section_is_refused_as_a_whole) {
  expect_section([](auto& s) { s.unit = "nobody"; }, Refusal::BadName, "unit 'nobody'");
  expect_section([](auto& s) { s.unit = "a/b\x1B[2J"; }, Refusal::BadName, "a/b?[2J");
  expect_section([](auto& s) { s.unit = std::string(5000, 'z'); }, Refusal::BadName, "zzz...");
  expect_section([](auto& s) { s.group = "no group"; }, Refusal::BadName, "group 'no group'");
  expect_section([](auto& s) { s.stamp.reset(); }, Refusal::BadValue, "stamp");
  expect_section([](auto& s) { s.stamp->mutate_late_since(1); }, Refusal::BadValue, "stamp");
  expect_section([](auto& s) { s.readings.pop_back(); }, Refusal::BadValue, "readings has 5");
  expect_section([](auto& s) { s.readings_bytes = 0; }, Refusal::BadValue, "readings has 6");
  expect_section([](auto& s) { s.readings_bytes = limits::kReadingsBytesMax + 1; },
                 Refusal::TooLarge, "readings_bytes 1025");
}

TEST(ChecksTest, an_entry_that_names_another_spool_is_refused) {
  const auto other = [] { return std::make_unique<wire::Spool>(9, 9); };
  expect_section([&](auto& s) { s.spool = other(); }, Refusal::BadValue, "spool of its own");
  expect_event([&](auto& e) { e.spool = other(); }, Refusal::BadValue, "spool of its own");
  expect_state([&](auto& s) { s.spool = other(); }, Refusal::BadValue, "spool of its own");
}

TEST(ChecksTest, an_events_names_are_checked) {
  expect_event([](auto& e) { e.unit = "a/b/c"; }, Refusal::BadName, "unit");
  expect_event([](auto& e) { e.group = "/"; }, Refusal::BadName, "group");
  expect_event([](auto& e) { e.kind = "Halt"; }, Refusal::BadName, "kind");
  expect_event([](auto& e) { e.fields[0]->key.clear(); }, Refusal::BadName, "field key");
  expect_event([](auto& e) { e.fields[0]->key = std::string(65, 'k'); }, Refusal::BadName, "field");
  expect_event([](auto& e) { e.fields[0]->key = "\xFF"; }, Refusal::BadName, "field key");
}

TEST(ChecksTest, an_events_values_are_checked) {
  expect_event([](auto& e) { e.clock = static_cast<wire::Clock>(7); }, Refusal::BadValue, "clock");
  expect_event([](auto& e) { e.severity = static_cast<wire::Severity>(4); }, Refusal::BadValue,
               "severity");
  expect_event([](auto& e) { e.stamp.reset(); }, Refusal::BadValue, "stamp");
  expect_event([](auto& e) { e.stamp->mutate_first_seq(1); }, Refusal::BadValue, "stamp");
  expect_event([](auto& e) { e.text = "\xC0\xAF"; }, Refusal::BadValue, "text is not UTF-8");
  expect_event([](auto& e) { e.text = "x\x1b[31m"; }, Refusal::BadValue,
               "text has a control character: 'x?[31m'");
  expect_event([](auto& e) { e.text = "\xC2\x9B"; }, Refusal::BadValue,
               "text has a control character");
  expect_event([](auto& e) { e.fields[0]->value = "\x01"; }, Refusal::BadValue, "field value");
  expect_event([](auto& e) { e.position->mutate_lat_e7(INT32_MAX); }, Refusal::BadPosition,
               "position");
}

TEST(ChecksTest, an_event_with_a_field_key_twice_is_refused_by_the_key) {
  const auto add = [](wire::EventT& event, const char* key) {
    event.fields.push_back(std::make_unique<wire::FieldT>(*event.fields[0]));
    event.fields.back()->key = key;
  };
  expect_event(
      [&](auto& e) {
        add(e, "crew");
        add(e, "fuel");
        add(e, "crew");
      },
      Refusal::BadValue, "field key 'crew' stands twice");
  expect_event([&](auto& e) { add(e, e.fields[0]->key.c_str()); }, Refusal::BadValue,
               "stands twice");
}

TEST(ChecksTest, an_event_is_addressed_to_units_alone) {
  const auto addressed = [](const char* units) {
    return [units](wire::EventT& event) {
      event.fields[0]->key = "addressed_to";
      event.fields[0]->value = units;
    };
  };
  for (const char* units : {"blue/v1 blue/v2", "blue/v1", ""}) {
    EXPECT_TRUE(entries_spoilt([&](auto& batch) { addressed(units)(*batch.events[0]); }).empty());
  }
  expect_event(addressed("blue/v1 v2"), Refusal::BadName, "'addressed_to' has 'v2'");
  expect_event(addressed("blue/v1,blue/v2"), Refusal::BadName, "'blue/v1,blue/v2'");
}

TEST(ChecksTest, an_events_sizes_are_checked) {
  expect_event([](auto& e) { e.text = std::string(limits::kTextBytesMax + 1, 't'); },
               Refusal::TooLarge, "text has 4097");
  expect_event([](auto& e) { e.fields[0]->value = std::string(1025, 'v'); }, Refusal::TooLarge,
               "field value has 1025");
  expect_event([](auto& e) { e.references.resize(limits::kReferencesMax + 1); }, Refusal::TooLarge,
               "references has 33");
  expect_event(
      [](auto& e) {
        while (e.fields.size() <= limits::kFieldsMax) {
          e.fields.push_back(std::make_unique<wire::FieldT>(*e.fields[0]));
        }
      },
      Refusal::TooLarge, "fields has 33");
}

TEST(ChecksTest, a_state_is_checked) {
  expect_state([](auto& s) { s.name = "blue"; }, Refusal::BadName, "name");
  expect_state([](auto& s) { s.group = "a b"; }, Refusal::BadName, "group");
  expect_state([](auto& s) { s.clock = static_cast<wire::Clock>(2); }, Refusal::BadValue, "clock");
  expect_state([](auto& s) { s.stamp.reset(); }, Refusal::BadValue, "stamp");
  expect_state([](auto& s) { s.kind = wire::StateKind::None; }, Refusal::BadValue, "kind");
  expect_state([](auto& s) { s.card.reset(); }, Refusal::BadValue, "no card");
  EXPECT_TRUE(entries_spoilt([](auto& b) {
                b.states[0]->card.reset();
                b.states[0]->deleted = true;
              }).empty());
}

TEST(ChecksTest, a_unit_card_is_checked) {
  const auto card = [](const std::function<void(wire::UnitCardT&)>& spoil, Refusal code,
                       const char* field) {
    expect_state([&](auto& s) { spoil(*s.card); }, code, field);
  };
  card([](auto& c) { c.call_sign = std::string(65, 'c'); }, Refusal::TooLarge, "call_sign");
  card([](auto& c) { c.call_sign = "\x02"; }, Refusal::BadValue, "call_sign");
  card([](auto& c) { c.symbol = std::string(65, 's'); }, Refusal::TooLarge, "symbol");
  card([](auto& c) { c.unit_kind = "Big Truck"; }, Refusal::BadName, "unit_kind");
  card([](auto& c) { c.carried_by = "truck"; }, Refusal::BadName, "carried_by");
  card([](auto& c) { c.carries[1] = "x"; }, Refusal::BadName, "carries 'x'");
  card([](auto& c) { c.carries.assign(limits::kCarriesMax + 1, "a/b"); }, Refusal::TooLarge,
       "carries has 65");
}

TEST(ChecksTest, what_is_well_in_a_batch_with_refused_entries_stays_well) {
  const std::vector<RefusedNumbers> refused = entries_spoilt([](auto& b) {
    b.events[0]->kind = "?";
    b.fixes[0]->fixes[0].mutate_lat_e7(INT32_MAX);
    b.fixes[1]->unit = "?";
  });
  ASSERT_EQ(refused.size(), 3u);
  EXPECT_EQ(refused[0].first, 1u);
  EXPECT_EQ(refused[1].first, 3u);
  EXPECT_EQ(refused[1].last, 3u);
  EXPECT_EQ(refused[2].first, 5u);
  EXPECT_EQ(refused[2].last, 6u);
}

TEST(ChecksTest, every_refusal_has_a_name_of_its_own) {
  EXPECT_EQ(refusal_name(Refusal::BadPosition), "bad_position");
  EXPECT_EQ(refusal_name(Refusal::TooManySessions), "too_many_sessions");
  EXPECT_EQ(refusal_name(static_cast<Refusal>(999)), "code_999");
  std::vector<std::string> names;
  for (int code = 0; code <= static_cast<int>(Refusal::MAX); ++code) {
    names.push_back(refusal_name(static_cast<Refusal>(code)));
    EXPECT_THAT(names.back(), testing::MatchesRegex("[a-z]+(_[a-z]+)*"));
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace vigie
