#include "schemas/messages/checks.h"

#include <fmt/format.h>

#include "schemas/messages/addressee.h"
#include "schemas/messages/check_access.h"
#include "schemas/messages/check_parts.h"
#include "schemas/messages/names.h"
#include "schemas/messages/overlap.h"
#include "schemas/words/interval_set.h"
#include "schemas/words/times.h"

namespace vigie {
namespace {

using wire::Refusal;

constexpr std::uint32_t kCourseMdegEnd = 360'000;

bool is_true_time(std::int64_t us) {
  return us >= kTrueTimeUsMin && us <= kTrueTimeUsMax;
}

bool is_zero(const wire::Stamp* stamp) {
  static constexpr std::byte zeros[sizeof(wire::Stamp)]{};
  return stamp != nullptr && std::memcmp(stamp, zeros, sizeof zeros) == 0;
}

/// An entry's own spool is for frames; the hub would settle its number for somebody else.
Refusal check_no_spool(const wire::Spool* spool, std::string_view name, std::string* reason) {
  if (spool == nullptr) return Refusal::None;
  return refuse(Refusal::BadValue, reason, "an entry of '{}' names a spool of its own",
                shown(name));
}

Refusal check_unit_and_group(std::string_view unit, std::string_view group, const char* field,
                             std::string* reason) {
  if (!is_unit_name(unit)) {
    return refuse(Refusal::BadName, reason, "{} '{}' is not OWNER/NAME", field, shown(unit));
  }
  if (!group.empty() && !is_segment(group)) {
    return refuse(Refusal::BadName, reason, "group '{}' is not a name", shown(group));
  }
  return Refusal::None;
}

/// What says who may do what has a group of its own, and so has the hub's account of who did what.
Refusal check_not_reserved(std::string_view group, std::string_view unit, std::string* reason) {
  if (!is_reserved_group(group)) return Refusal::None;
  return refuse(Refusal::BadName, reason, "group '{}' of '{}' is kept for {}", group, shown(unit),
                group == kAccessGroup ? "identities, invitations and grants"
                                      : "the hub's own account of who did what");
}

Refusal check_text(std::string_view text, std::size_t bytes_max, const char* field,
                   std::string* reason) {
  if (text.size() > bytes_max) {
    return refuse(Refusal::TooLarge, reason, "{} has {} bytes, at most {} are taken", field,
                  text.size(), bytes_max);
  }
  if (!is_text(text)) {
    return refuse(Refusal::BadValue, reason, "{} {}: '{}'", field,
                  is_utf8(text) ? "has a control character" : "is not UTF-8 text", shown(text));
  }
  return Refusal::None;
}

Refusal check_clock(std::int64_t true_time_us, wire::Clock clock, std::string* reason) {
  if (!is_true_time(true_time_us)) {
    return refuse(Refusal::BadTime, reason, "true_time_us {} is not between 2000 and 2100",
                  true_time_us);
  }
  if (clock > wire::Clock::MAX) {
    return refuse(Refusal::BadValue, reason, "clock {} is not known", static_cast<int>(clock));
  }
  return Refusal::None;
}

/// True when the key of the field at `index` is one before it, too. There are at most kFieldsMax.
bool is_repeated(const wire::Event& event, flatbuffers::uoffset_t index) {
  const std::string_view key = text_of(event.fields()->Get(index)->key());
  for (flatbuffers::uoffset_t i = 0; i < index; ++i) {
    if (text_of(event.fields()->Get(i)->key()) == key) return true;
  }
  return false;
}

Refusal check_addressees(const wire::Event& event, std::string* reason) {
  std::string_view units = addressed_to(event);
  for (std::string_view one = next_addressee(units); !one.empty(); one = next_addressee(units)) {
    if (is_unit_name(one)) continue;
    return refuse(Refusal::BadName, reason, "field '{}' has '{}', which is not OWNER/NAME",
                  kAddressedTo, shown(one));
  }
  return Refusal::None;
}

Refusal check_fields(const wire::Event& event, std::string* reason) {
  if (size_of(event.fields()) > limits::kFieldsMax) {
    return refuse(Refusal::TooLarge, reason, "fields has {} entries, at most {} are taken",
                  size_of(event.fields()), limits::kFieldsMax);
  }
  flatbuffers::uoffset_t index = 0;
  for (const wire::Field* field : each(event.fields())) {
    const std::string_view key = text_of(field->key());
    if (key.empty() || key.size() > limits::kFieldKeyBytesMax || !is_text(key)) {
      return refuse(Refusal::BadName, reason, "field key '{}' is not 1-{} bytes of text",
                    shown(key), limits::kFieldKeyBytesMax);
    }
    const Refusal bad =
        check_text(text_of(field->value()), limits::kFieldValueBytesMax, "field value", reason);
    if (bad != Refusal::None) return bad;
    // Whoever reads fields as an object, as JSON does, would lose all values but one.
    if (is_repeated(event, index++)) {
      return refuse(Refusal::BadValue, reason, "field key '{}' stands twice", shown(key));
    }
  }
  return check_addressees(event, reason);
}

Refusal check_card(const wire::UnitCard& card, std::string* reason) {
  for (const auto& [text, field] : {std::pair{text_of(card.call_sign()), "call_sign"},
                                    std::pair{text_of(card.symbol()), "symbol"}}) {
    const Refusal bad = check_text(text, limits::kNameBytesMax, field, reason);
    if (bad != Refusal::None) return bad;
  }
  const std::string_view kind = text_of(card.unit_kind());
  if (!kind.empty() && !is_kind(kind)) {
    return refuse(Refusal::BadName, reason, "unit_kind '{}' is not a kind", shown(kind));
  }
  const std::string_view carried_by = text_of(card.carried_by());
  if (!carried_by.empty() && !is_unit_name(carried_by)) {
    return refuse(Refusal::BadName, reason, "carried_by '{}' is not OWNER/NAME", shown(carried_by));
  }
  if (size_of(card.carries()) > limits::kCarriesMax) {
    return refuse(Refusal::TooLarge, reason, "carries has {} units, at most {} are taken",
                  size_of(card.carries()), limits::kCarriesMax);
  }
  for (const auto* carried : each(card.carries())) {
    if (!is_unit_name(text_of(carried))) {
      return refuse(Refusal::BadName, reason, "carries '{}' is not OWNER/NAME",
                    shown(text_of(carried)));
    }
  }
  return Refusal::None;
}

/// What is wrong with a section of fixes as a whole.
Refusal check_section(const wire::UnitFixes& section, std::string* reason) {
  const Refusal bad =
      check_unit_and_group(text_of(section.unit()), text_of(section.group()), "unit", reason);
  if (bad != Refusal::None) return bad;
  if (!is_zero(section.stamp())) {
    return refuse(Refusal::BadValue, reason, "stamp of unit '{}' is absent or not zero",
                  shown(text_of(section.unit())));
  }
  if (const Refusal kept =
          check_not_reserved(text_of(section.group()), text_of(section.unit()), reason);
      kept != Refusal::None) {
    return kept;
  }
  if (section.readings_bytes() > limits::kReadingsBytesMax) {
    return refuse(Refusal::TooLarge, reason, "readings_bytes {} is over {}",
                  section.readings_bytes(), limits::kReadingsBytesMax);
  }
  const Refusal owned = check_no_spool(section.spool(), text_of(section.unit()), reason);
  if (owned != Refusal::None) return owned;
  const std::size_t wanted = std::size_t{section.readings_bytes()} * section.fixes()->size();
  if (size_of(section.readings()) != wanted) {
    return refuse(Refusal::BadValue, reason, "readings has {} bytes, {} fixes of {} need {}",
                  size_of(section.readings()), section.fixes()->size(), section.readings_bytes(),
                  wanted);
  }
  return Refusal::None;
}

void note_refused(std::vector<RefusedNumbers>& refused, std::uint64_t first, std::uint64_t last,
                  Refusal code, std::string reason) {
  refused.push_back({first, last, code, std::move(reason)});
}

void check_fixes(const wire::UnitFixes& section, std::vector<RefusedNumbers>& refused) {
  std::string reason;
  const std::uint64_t first = section.first_number();
  const flatbuffers::uoffset_t count = section.fixes()->size();
  const Refusal whole = check_section(section, &reason);
  if (whole != Refusal::None) {
    note_refused(refused, first, first + count - 1, whole, std::move(reason));
    return;
  }
  for (flatbuffers::uoffset_t i = 0; i < count; ++i) {
    const wire::Fix& fix = *section.fixes()->Get(i);
    if (check_fix(fix, nullptr) == Refusal::None) continue;
    const Refusal code = check_fix(fix, &reason);
    note_refused(refused, first + i, first + i, code, reason);
  }
}

RefusedRequest bad_number(std::string reason) {
  return {Refusal::BadNumber, std::move(reason)};
}

/// Numbers of events or of states: at least 1 and rising.
template <typename List>
RefusedRequest check_rising(const List* list, const char* what) {
  std::uint64_t last = 0;
  for (const auto* entry : each(list)) {
    if (entry->number() <= last) {
      return bad_number(
          fmt::format("number {} of {} does not rise above {}", entry->number(), what, last));
    }
    last = entry->number();
  }
  return {};
}

RefusedRequest check_sections(const wire::Batch& batch, std::size_t& entries) {
  std::uint64_t last = 0;
  for (const wire::UnitFixes* section : each(batch.fixes())) {
    const std::size_t count = section->fixes()->size();
    if (count == 0) return bad_number("a section of fixes is empty");
    if (section->first_number() <= last || section->first_number() > UINT64_MAX - count) {
      return bad_number(fmt::format("first_number {} of unit '{}' does not rise above {}",
                                    section->first_number(), shown(text_of(section->unit())),
                                    last));
    }
    last = section->first_number() + count - 1;
    entries += count;
  }
  return {};
}

/// What messages may share in the batch and not in the log, each counted where it stands.
std::size_t unpacked_bytes(const wire::Batch& batch) {
  std::size_t bytes = 0;
  for (const wire::Event* event : each(batch.events())) {
    bytes +=
        text_of(event->text()).size() + size_of(event->references()) * sizeof(wire::MessageName);
    for (const wire::Field* field : each(event->fields())) {
      bytes += text_of(field->key()).size() + text_of(field->value()).size();
    }
  }
  for (const wire::State* state : each(batch.states())) {
    bytes += access_bytes(*state);
    if (state->card() == nullptr) continue;
    for (const auto* carried : each(state->card()->carries())) bytes += text_of(carried).size();
  }
  for (const wire::UnitFixes* section : each(batch.fixes())) bytes += size_of(section->readings());
  return bytes;
}

/// No number twice among events, states and fixes.
RefusedRequest check_disjoint(const wire::Batch& batch) {
  if (size_of(batch.events()) + size_of(batch.states()) == 0) return {};
  IntervalSet seen;
  for (const wire::UnitFixes* section : each(batch.fixes())) {
    seen.add(section->first_number(), section->first_number() + section->fixes()->size() - 1);
  }
  const auto add = [&](std::uint64_t number) {
    const bool fresh = !seen.contains(number);
    seen.add(number, number);
    return fresh;
  };
  for (const wire::Event* event : each(batch.events())) {
    if (!add(event->number())) {
      return bad_number(fmt::format("number {} stands twice", event->number()));
    }
  }
  for (const wire::State* state : each(batch.states())) {
    if (!add(state->number())) {
      return bad_number(fmt::format("number {} stands twice", state->number()));
    }
  }
  return {};
}

}  // namespace

wire::Refusal check_fix(const wire::Fix& fix, std::string* reason) {
  if (!is_position(fix.lat_e7(), fix.lon_e7())) {
    return refuse(Refusal::BadPosition, reason, "lat_e7 {} lon_e7 {} is out of range", fix.lat_e7(),
                  fix.lon_e7());
  }
  const Refusal bad_time = check_clock(fix.true_time_us(), fix.clock(), reason);
  if (bad_time != Refusal::None) return bad_time;
  if (fix.course_mdeg() >= kCourseMdegEnd && fix.course_mdeg() != kUnknownU32) {
    return refuse(Refusal::BadValue, reason, "course_mdeg {} is not 0..359999", fix.course_mdeg());
  }
  if (fix.battery_percent() > 100 && fix.battery_percent() != kUnknownU8) {
    return refuse(Refusal::BadValue, reason, "battery_percent {} is not 0..100",
                  fix.battery_percent());
  }
  if (fix.marks() != 0 || fix.reserved() != 0) {
    return refuse(Refusal::BadValue, reason, "marks {} and reserved {} must be 0", fix.marks(),
                  fix.reserved());
  }
  return Refusal::None;
}

wire::Refusal check_event(const wire::Event& event, std::string* reason) {
  Refusal bad = check_unit_and_group(text_of(event.unit()), text_of(event.group()), "unit", reason);
  if (bad != Refusal::None) return bad;
  bad = check_not_reserved(text_of(event.group()), text_of(event.unit()), reason);
  if (bad != Refusal::None) return bad;
  bad = check_clock(event.true_time_us(), event.clock(), reason);
  if (bad != Refusal::None) return bad;
  if (!is_zero(event.stamp())) {
    return refuse(Refusal::BadValue, reason, "stamp of event {} is absent or not zero",
                  event.number());
  }
  bad = check_no_spool(event.spool(), text_of(event.unit()), reason);
  if (bad != Refusal::None) return bad;
  if (!is_kind(text_of(event.kind()))) {
    return refuse(Refusal::BadName, reason, "kind '{}' is not 1-{} of a-z, 0-9, _",
                  shown(text_of(event.kind())), limits::kKindBytesMax);
  }
  if (event.severity() > wire::Severity::MAX) {
    return refuse(Refusal::BadValue, reason, "severity {} is not known",
                  static_cast<int>(event.severity()));
  }
  bad = check_text(text_of(event.text()), limits::kTextBytesMax, "text", reason);
  if (bad != Refusal::None) return bad;
  if (event.position() != nullptr &&
      !is_position(event.position()->lat_e7(), event.position()->lon_e7())) {
    return refuse(Refusal::BadPosition, reason, "position lat_e7 {} lon_e7 {} is out of range",
                  event.position()->lat_e7(), event.position()->lon_e7());
  }
  if (size_of(event.references()) > limits::kReferencesMax) {
    return refuse(Refusal::TooLarge, reason, "references has {} entries, at most {} are taken",
                  size_of(event.references()), limits::kReferencesMax);
  }
  return check_fields(event, reason);
}

wire::Refusal check_state(const wire::State& state, std::string* reason) {
  Refusal bad = check_unit_and_group(text_of(state.name()), text_of(state.group()), "name", reason);
  if (bad != Refusal::None) return bad;
  bad = check_clock(state.true_time_us(), state.clock(), reason);
  if (bad != Refusal::None) return bad;
  if (!is_zero(state.stamp())) {
    return refuse(Refusal::BadValue, reason, "stamp of state {} is absent or not zero",
                  state.number());
  }
  bad = check_no_spool(state.spool(), text_of(state.name()), reason);
  if (bad != Refusal::None) return bad;
  if (state.kind() == wire::StateKind::None) {
    return refuse(Refusal::BadValue, reason, "kind of state '{}' is absent",
                  shown(text_of(state.name())));
  }
  if (state.kind() == wire::StateKind::UnitCard && !state.deleted() && state.card() == nullptr) {
    return refuse(Refusal::BadValue, reason, "state '{}' has no card",
                  shown(text_of(state.name())));
  }
  if (is_access(state.kind())) return check_access(state, reason);
  bad = check_not_reserved(text_of(state.group()), text_of(state.name()), reason);
  if (bad != Refusal::None) return bad;
  if (state.identity() != nullptr || state.invite() != nullptr || state.grant() != nullptr) {
    return refuse(Refusal::BadValue, reason, "state '{}' says who may do what, and is of kind {}",
                  shown(text_of(state.name())), static_cast<int>(state.kind()));
  }
  return state.card() == nullptr ? Refusal::None : check_card(*state.card(), reason);
}

std::size_t entry_count(const wire::Batch& batch) {
  std::size_t count = size_of(batch.events()) + size_of(batch.states());
  for (const wire::UnitFixes* section : each(batch.fixes())) count += section->fixes()->size();
  return count;
}

RefusedRequest check_batch(const wire::Batch& batch) {
  if (batch.spool() == nullptr || (batch.spool()->high() == 0 && batch.spool()->low() == 0)) {
    return {Refusal::Malformed, "the batch names no spool"};
  }
  std::size_t entries = size_of(batch.events()) + size_of(batch.states());
  if (RefusedRequest bad = check_sections(batch, entries)) return bad;
  if (entries > limits::kBatchEntriesMax) {
    return {Refusal::TooLarge, fmt::format("the batch has {} messages, at most {} are taken",
                                           entries, limits::kBatchEntriesMax)};
  }
  if (RefusedRequest bad = check_rising(batch.events(), "events")) return bad;
  if (RefusedRequest bad = check_rising(batch.states(), "states")) return bad;
  if (size_of(batch.given_up()) > limits::kGivenUpRangesMax) {
    return {Refusal::TooLarge, fmt::format("given_up has {} ranges, at most {} are taken",
                                           size_of(batch.given_up()), limits::kGivenUpRangesMax)};
  }
  for (const wire::NumberRange* range : each(batch.given_up())) {
    if (range->first() == 0 || range->last() < range->first()) {
      return bad_number(
          fmt::format("given_up {}..{} is not a range", range->first(), range->last()));
    }
  }
  if (const std::size_t bytes = unpacked_bytes(batch); bytes > limits::kBatchUnpackedBytesMax) {
    return {
        Refusal::TooLarge,
        fmt::format("texts, fields, references, carried units and readings of the batch come to "
                    "{} bytes, at most {} are taken",
                    bytes, limits::kBatchUnpackedBytesMax)};
  }
  if (!writable_parts_stand_alone(batch)) {
    return {Refusal::Malformed, "parts of the batch overlap, or lie too far apart"};
  }
  return check_disjoint(batch);
}

void check_entries(const wire::Batch& batch, std::vector<RefusedNumbers>& refused) {
  std::string reason;
  for (const wire::Event* event : each(batch.events())) {
    const Refusal code = check_event(*event, &reason);
    if (code == Refusal::None) continue;
    note_refused(refused, event->number(), event->number(), code, reason);
  }
  for (const wire::State* state : each(batch.states())) {
    const Refusal code = check_state(*state, &reason);
    if (code == Refusal::None) continue;
    note_refused(refused, state->number(), state->number(), code, reason);
  }
  if (size_of(batch.states()) > 1) check_access_alone(batch, refused);
  for (const wire::UnitFixes* section : each(batch.fixes())) check_fixes(*section, refused);
}

}  // namespace vigie
