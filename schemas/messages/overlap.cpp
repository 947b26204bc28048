#include "schemas/messages/overlap.h"

#include <algorithm>
#include <array>

namespace vigie {
namespace {

/// UnitFixes, Event and State have their stamp in the first field.
constexpr std::size_t kStamp = 1;
static_assert(wire::UnitFixes::VT_STAMP == 4 && wire::Event::VT_STAMP == 4 &&
              wire::State::VT_STAMP == 4);

/// A bit for each 8 bytes from the root on. Stamps and fixes are aligned to 8 and have multiples of
/// 8 bytes, so they fill their granules; anything else that touches one of these overlaps them.
class Granules {
 public:
  explicit Granules(const void* root) : base_(address(root) & ~std::uintptr_t{7}) {}

  /// Takes bytes for the hub's writing. False when they are taken already or lie outside.
  bool claim(const void* at, std::size_t bytes) {
    const std::uintptr_t from = address(at);
    if (from < base_ || from - base_ + bytes > kWindowBytes) return false;
    return walk(from - base_, bytes, [](std::uint64_t& word, std::uint64_t mask) {
      const bool fresh = (word & mask) == 0;
      word |= mask;
      return fresh;
    });
  }

  /// True when none of these bytes is claimed. What lies before the root (vtables) never is.
  bool is_free(const void* at, std::size_t bytes) {
    std::uintptr_t from = address(at);
    const std::uintptr_t end = from + bytes;
    if (end <= base_) return true;
    from = std::max(from, base_);
    if (end - base_ > kWindowBytes) return false;
    return walk(from - base_, end - from,
                [](std::uint64_t& word, std::uint64_t mask) { return (word & mask) == 0; });
  }

 private:
  static constexpr std::size_t kWindowBytes = limits::kBatchBytesMax;
  static std::uintptr_t address(const void* at) { return reinterpret_cast<std::uintptr_t>(at); }

  /// Calls visit(word, mask) for the bits of offset..offset+bytes until it says false.
  bool walk(std::size_t offset, std::size_t bytes, auto visit) {
    if (bytes == 0) return true;
    std::size_t granule = offset / 8;
    const std::size_t last = (offset + bytes - 1) / 8;
    while (granule <= last) {
      const std::size_t bit = granule % 64;
      const std::size_t count = std::min(last - granule + 1, 64 - bit);
      const std::uint64_t ones = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
      if (!visit(taken_[granule / 64], ones << bit)) return false;
      granule += count;
    }
    return true;
  }

  std::uintptr_t base_;
  std::array<std::uint64_t, kWindowBytes / 8 / 64> taken_{};
};

bool vector_free(Granules& granules, const void* vector, std::size_t elements,
                 std::size_t element_bytes) {
  if (vector == nullptr) return true;
  return granules.is_free(vector, sizeof(flatbuffers::uoffset_t) + elements * element_bytes);
}

template <typename T>
bool offsets_free(Granules& granules, const flatbuffers::Vector<flatbuffers::Offset<T>>* vector) {
  return vector_free(granules, vector, size_of(vector), sizeof(flatbuffers::uoffset_t));
}

template <typename T>
bool structs_free(Granules& granules, const flatbuffers::Vector<const T*>* vector) {
  return vector_free(granules, vector, size_of(vector), sizeof(T));
}

bool text_free(Granules& granules, const flatbuffers::String* text) {
  return text == nullptr ||
         vector_free(granules, text, text->size() + 1, 1);  // its ending zero too
}

/// The vtable (its two lengths at least), and the place of each field. A scalar is aligned to its
/// size, so its first byte stands for it; structs are looked at by the callers. The first `claimed`
/// fields (the stamp) are taken for writing themselves.
template <typename T>
bool table_free(Granules& granules, const T& table, std::size_t claimed = 0) {
  constexpr std::size_t kSlot = sizeof(flatbuffers::voffset_t);
  const auto* start = reinterpret_cast<const std::uint8_t*>(&table);
  const std::uint8_t* vtable = reinterpret_cast<const flatbuffers::Table*>(&table)->GetVTable();
  const auto vtable_bytes = flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable);
  if (!granules.is_free(start, sizeof(flatbuffers::soffset_t)) ||
      !granules.is_free(vtable, std::max(std::size_t{vtable_bytes}, 2 * kSlot))) {
    return false;
  }
  for (std::size_t at = (2 + claimed) * kSlot; at + kSlot <= vtable_bytes; at += kSlot) {
    const auto offset = flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable + at);
    if (offset != 0 && !granules.is_free(start + offset, 1)) return false;
  }
  return true;
}

template <typename T>
bool struct_free(Granules& granules, const T* value) {
  return value == nullptr || granules.is_free(value, sizeof(T));
}

bool claim_stamp(Granules& granules, const wire::Stamp* stamp) {
  return stamp == nullptr || granules.claim(stamp, sizeof *stamp);
}

bool claim_all(Granules& granules, const wire::Batch& batch) {
  for (const wire::UnitFixes* section : each(batch.fixes())) {
    if (!claim_stamp(granules, section->stamp()) ||
        !granules.claim(section->fixes()->data(), section->fixes()->size() * sizeof(wire::Fix))) {
      return false;
    }
  }
  for (const wire::Event* event : each(batch.events())) {
    if (!claim_stamp(granules, event->stamp())) return false;
  }
  for (const wire::State* state : each(batch.states())) {
    if (!claim_stamp(granules, state->stamp())) return false;
  }
  return true;
}

bool section_free(Granules& granules, const wire::UnitFixes& section) {
  return table_free(granules, section, kStamp) && text_free(granules, section.unit()) &&
         text_free(granules, section.group()) &&
         granules.is_free(section.fixes(), sizeof(flatbuffers::uoffset_t)) &&
         vector_free(granules, section.readings(), size_of(section.readings()), 1) &&
         struct_free(granules, section.spool());
}

bool event_free(Granules& granules, const wire::Event& event) {
  for (const wire::Field* field : each(event.fields())) {
    if (!table_free(granules, *field) || !text_free(granules, field->key()) ||
        !text_free(granules, field->value())) {
      return false;
    }
  }
  return table_free(granules, event, kStamp) && text_free(granules, event.unit()) &&
         text_free(granules, event.group()) && text_free(granules, event.kind()) &&
         text_free(granules, event.text()) && struct_free(granules, event.position()) &&
         structs_free(granules, event.references()) && offsets_free(granules, event.fields()) &&
         struct_free(granules, event.spool());
}

bool texts_free(Granules& granules,
                const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list) {
  for (const auto* text : each(list)) {
    if (!text_free(granules, text)) return false;
  }
  return offsets_free(granules, list);
}

bool card_free(Granules& granules, const wire::UnitCard& card) {
  return table_free(granules, card) && text_free(granules, card.call_sign()) &&
         text_free(granules, card.unit_kind()) && text_free(granules, card.symbol()) &&
         text_free(granules, card.carried_by()) && texts_free(granules, card.carries());
}

bool access_free(Granules& granules, const wire::State& state) {
  if (const wire::Identity* identity = state.identity()) {
    if (!table_free(granules, *identity) || !text_free(granules, identity->key()) ||
        !texts_free(granules, identity->units()) || !text_free(granules, identity->invite())) {
      return false;
    }
  }
  if (const wire::Invite* invite = state.invite()) {
    if (!table_free(granules, *invite) || !text_free(granules, invite->key()) ||
        !texts_free(granules, invite->units())) {
      return false;
    }
  }
  const wire::Grant* grant = state.grant();
  return grant == nullptr ||
         (table_free(granules, *grant) && text_free(granules, grant->to()) &&
          texts_free(granules, grant->groups()) && texts_free(granules, grant->units()) &&
          struct_free(granules, grant->area()));
}

bool state_free(Granules& granules, const wire::State& state) {
  return table_free(granules, state, kStamp) && text_free(granules, state.name()) &&
         text_free(granules, state.group()) &&
         (state.card() == nullptr || card_free(granules, *state.card())) &&
         access_free(granules, state) && struct_free(granules, state.spool());
}

}  // namespace

bool writable_parts_stand_alone(const wire::Batch& batch) {
  Granules granules(&batch);
  if (!claim_all(granules, batch)) return false;
  for (const wire::UnitFixes* section : each(batch.fixes())) {
    if (!section_free(granules, *section)) return false;
  }
  for (const wire::Event* event : each(batch.events())) {
    if (!event_free(granules, *event)) return false;
  }
  for (const wire::State* state : each(batch.states())) {
    if (!state_free(granules, *state)) return false;
  }
  return table_free(granules, batch) && struct_free(granules, batch.spool()) &&
         offsets_free(granules, batch.events()) && offsets_free(granules, batch.states()) &&
         offsets_free(granules, batch.fixes()) && structs_free(granules, batch.given_up());
}

}  // namespace vigie
