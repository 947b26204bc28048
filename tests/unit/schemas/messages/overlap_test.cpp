#include "schemas/messages/overlap.h"

#include <gtest/gtest.h>

#include "schemas/messages/checks.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/seed.h"
#include "tests/unit/schemas/spoil.h"

namespace vigie {
namespace {

using test::make_batch;

/// A batch's bytes, with a way to let a field name other bytes than its own.
class Crafted {
 public:
  explicit Crafted(const wire::BatchT& batch)
      : bytes_(packed<wire::Batch>(batch)), root_(flatbuffers::GetRoot<wire::Batch>(data())) {}
  const wire::Batch* verify() const { return verified<wire::Batch>(bytes_); }
  const wire::Batch& root() const { return *root_; }

  /// Lets the offset field `slot` of `table` name `target`, which lies behind it.
  template <typename Table>
  void redirect(const Table& table, flatbuffers::voffset_t slot, const void* target) {
    const std::uint8_t* field =
        reinterpret_cast<const flatbuffers::Table*>(&table)->GetAddressOf(slot);
    ASSERT_NE(field, nullptr);
    const auto* to = static_cast<const std::uint8_t*>(target);
    ASSERT_GT(to, field);
    flatbuffers::WriteScalar(const_cast<std::uint8_t*>(field),
                             static_cast<flatbuffers::uoffset_t>(to - field));
  }

 private:
  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(bytes_.data()); }
  std::vector<std::byte> bytes_;
  const wire::Batch* root_;
};

TEST(OverlapTest, what_a_builder_makes_stands_alone) {
  const Crafted batch(make_batch());
  EXPECT_TRUE(writable_parts_stand_alone(batch.root()));
}

// The packer writes back to front: what was packed first lies behind all the others.

TEST(OverlapTest, an_empty_readings_vector_inside_a_stamp_is_refused) {
  wire::BatchT native = make_batch();
  native.fixes[1]->readings_bytes = 0;
  Crafted batch(native);
  const wire::UnitFixes& section = *batch.root().fixes()->Get(1);
  batch.redirect(section, wire::UnitFixes::VT_READINGS, batch.root().events()->Get(0)->stamp());
  ASSERT_NE(batch.verify(), nullptr) << "a verifier alone lets it pass";
  EXPECT_EQ(section.readings()->size(), 0u);
  EXPECT_FALSE(writable_parts_stand_alone(batch.root()));
  const RefusedRequest refused = check_batch(batch.root());
  EXPECT_EQ(refused.code, wire::Refusal::Malformed) << refused.reason;
}

TEST(OverlapTest, an_empty_list_of_fields_inside_a_stamp_is_refused) {
  wire::BatchT native = make_batch();
  native.events.push_back(test::make_event("blue/v2", 20));
  Crafted batch(native);
  const wire::Stamp* stamp = batch.root().events()->Get(0)->stamp();
  batch.redirect(*batch.root().events()->Get(1), wire::Event::VT_FIELDS,
                 reinterpret_cast<const std::uint8_t*>(stamp) + 24);
  ASSERT_NE(batch.verify(), nullptr);
  EXPECT_FALSE(writable_parts_stand_alone(batch.root()));
}

TEST(OverlapTest, a_field_that_shares_the_place_of_its_own_tables_stamp_is_refused) {
  Crafted batch(make_batch());
  const wire::Event& event = *batch.root().events()->Get(0);
  auto* vtable =
      const_cast<std::uint8_t*>(reinterpret_cast<const flatbuffers::Table*>(&event)->GetVTable());
  const auto place =
      flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable + wire::Event::VT_STAMP);
  flatbuffers::WriteScalar(vtable + wire::Event::VT_TRUE_TIME_US, place);
  ASSERT_NE(batch.verify(), nullptr);
  EXPECT_FALSE(writable_parts_stand_alone(batch.root()));
}

TEST(OverlapTest, two_sections_with_the_same_fixes_are_refused) {
  Crafted batch(make_batch());
  const wire::UnitFixes& first = *batch.root().fixes()->Get(0);
  const wire::UnitFixes& second = *batch.root().fixes()->Get(1);
  const bool first_lies_in_front = &first < &second;
  const wire::UnitFixes& front = first_lies_in_front ? first : second;
  const wire::UnitFixes& back = first_lies_in_front ? second : first;
  batch.redirect(front, wire::UnitFixes::VT_FIXES, back.fixes());
  ASSERT_NE(batch.verify(), nullptr);
  EXPECT_FALSE(writable_parts_stand_alone(batch.root()));
}

TEST(OverlapTest, an_entry_that_stands_twice_in_the_list_is_refused) {
  Crafted batch(make_batch());
  const auto* list = batch.root().fixes();
  const auto* slots = reinterpret_cast<const std::uint8_t*>(list->data());
  const auto offset = flatbuffers::ReadScalar<flatbuffers::uoffset_t>(slots + 4) + 4;
  flatbuffers::WriteScalar(const_cast<std::uint8_t*>(slots),
                           static_cast<flatbuffers::uoffset_t>(offset));
  ASSERT_NE(batch.verify(), nullptr);
  EXPECT_EQ(list->Get(0), list->Get(1));
  EXPECT_FALSE(writable_parts_stand_alone(batch.root()));
}

TEST(OverlapTest, objects_too_far_from_the_root_are_refused) {
  wire::BatchT native = make_batch();
  native.fixes[0]->fixes.assign(limits::kBatchBytesMax / sizeof(wire::Fix), test::make_fix());
  EXPECT_FALSE(writable_parts_stand_alone(Crafted(native).root()));
}

/// Everything of a batch but what the hub writes.
std::vector<std::byte> rest_of(const wire::Batch& batch) {
  std::unique_ptr<wire::BatchT> native(batch.UnPack());
  for (auto& event : native->events) event->stamp.reset();
  for (auto& state : native->states) state->stamp.reset();
  for (auto& section : native->fixes) {
    section->stamp.reset();
    for (wire::Fix& fix : section->fixes) fix.mutate_marks(0);
  }
  return packed<wire::Batch>(*native);
}

void write_all(const wire::Stamp* stamp) {
  if (stamp == nullptr) return;
  auto& own = const_cast<wire::Stamp&>(*stamp);
  own.mutate_first_seq(UINT64_MAX);
  own.mutate_known_time_us(-1);
  own.mutate_clock_offset_us(-1);
  own.mutate_first_count(UINT32_MAX);
  own.mutate_late_since(UINT32_MAX);
}

/// Writes into the batch as the hub does, with the worst values.
void write_like_the_hub(const wire::Batch& batch) {
  for (const wire::Event* event : each(batch.events())) write_all(event->stamp());
  for (const wire::State* state : each(batch.states())) write_all(state->stamp());
  for (const wire::UnitFixes* section : each(batch.fixes())) {
    write_all(section->stamp());
    for (const wire::Fix* fix : *section->fixes()) const_cast<wire::Fix*>(fix)->mutate_marks(0xFF);
  }
}

TEST(OverlapTest, what_passes_is_changed_by_the_hubs_writing_in_stamps_and_marks_only) {
  test::Chance chance(test::seed());
  const std::vector<std::byte> good = packed<wire::Batch>(make_batch());
  int passed = 0;
  int refused = 0;
  for (int round = 0; round < 30'000; ++round) {
    test::ExactBytes spoilt(good);
    for (int changes = chance.pick(1, 3); changes > 0; --changes) {
      const std::size_t place = chance.pick<std::size_t>(0, good.size() / 4 - 1) * 4;
      // Offsets are small; so are most places to name.
      const auto value = chance.pick<std::uint32_t>(0, static_cast<std::uint32_t>(good.size()));
      std::memcpy(&spoilt.at(place), &value, sizeof value);
    }
    const wire::Batch* batch = verified<wire::Batch>(spoilt.bytes());
    if (batch == nullptr) continue;
    if (!writable_parts_stand_alone(*batch)) {
      ++refused;
      continue;
    }
    ++passed;
    const std::vector<std::byte> before = rest_of(*batch);
    write_like_the_hub(*batch);
    ASSERT_NE(verified<wire::Batch>(spoilt.bytes()), nullptr);
    ASSERT_EQ(rest_of(*batch), before);
  }
  EXPECT_GT(passed, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace vigie
