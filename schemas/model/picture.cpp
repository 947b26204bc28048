#include "schemas/model/picture.h"

#include <algorithm>

#include "schemas/messages/check_access.h"

namespace vigie {
namespace {

wire::Stamp stamp_of(const wire::Stamp* stamp) {
  return stamp == nullptr ? wire::Stamp() : *stamp;
}

/// The hub stamps bodies that are still its own; FlatBuffers' accessors are const.
wire::Fix& writable(const wire::Fix& fix) {
  return const_cast<wire::Fix&>(fix);
}
wire::Stamp& writable(const wire::Stamp& stamp) {
  return const_cast<wire::Stamp&>(stamp);
}

bool has_mark(const wire::Fix& fix, wire::FixMark mark) {
  return (fix.marks() & static_cast<std::uint8_t>(mark)) != 0;
}

/// Against what a unit stands at: what becomes of one fix.
enum class Verdict : std::uint8_t { Moves, Late, Aside };

std::uint8_t marks_of(const wire::Fix& fix, Verdict verdict, const wire::Stamp& stamp) {
  const std::int64_t known_us = stamp.known_time_us();
  const std::int64_t corrected =
      corrected_true_time_us(fix.true_time_us(), fix.clock(), stamp.clock_offset_us());
  const bool implausible =
      known_us <= INT64_MAX - limits::kAheadUsMax && corrected > known_us + limits::kAheadUsMax;
  const auto mark = [](bool is, wire::FixMark which) {
    return is ? static_cast<unsigned>(which) : 0u;
  };
  return static_cast<std::uint8_t>(mark(verdict == Verdict::Late, wire::FixMark::Late) |
                                   mark(verdict == Verdict::Aside, wire::FixMark::Aside) |
                                   mark(implausible, wire::FixMark::Implausible));
}

/// How the source of a section stands to that of its unit's newest fix.
enum class Precedence : std::uint8_t { Equal, Before, After };

Precedence precedence_of(const SourceRanks* ranks, const Unit& unit, const wire::Spool& spool) {
  if (ranks == nullptr || ranks->by_source.empty()) return Precedence::Equal;
  if (unit.seq == 0 || unit.spool.high() == spool.high()) return Precedence::Equal;
  const Rank own = ranks->rank_of(spool.high());
  const Rank standing = ranks->rank_of(unit.spool.high());
  if (own == standing) return Precedence::Equal;
  return own < standing ? Precedence::Before : Precedence::After;
}

/// REQUIRES: ranks, but where the precedence is equal.
Verdict verdict_of(std::int64_t order, std::int64_t standing, Precedence precedence,
                   const SourceRanks* ranks) {
  if (precedence != Precedence::Equal && ranks->are_near(order, standing)) {
    return precedence == Precedence::Before ? Verdict::Moves : Verdict::Aside;
  }
  return order < standing ? Verdict::Late : Verdict::Moves;
}

std::string channel_key(std::string_view owner, std::string_view group) {
  std::string key(owner);
  key.append("/").append(group);
  return key;
}

std::string state_key(wire::StateKind kind, std::string_view name) {
  std::string key(1, static_cast<char>(kind));
  key.append(name);
  return key;
}

/// Who may do what goes by the hub's own time: no device's clock may outrun a revocation.
std::int64_t order_us_of(const wire::State& state, const wire::Stamp& stamp) {
  if (is_access(state.kind())) return stamp.known_time_us();
  return order_us(state.true_time_us(), state.clock(), stamp.clock_offset_us(),
                  stamp.known_time_us());
}

}  // namespace

std::int64_t corrected_true_time_us(std::int64_t true_time_us, wire::Clock clock,
                                    std::int64_t clock_offset_us) {
  if (clock == wire::Clock::Satellite) return true_time_us;
  std::int64_t corrected = 0;
  // A frame's values are not range-checked again: what does not fit stays at the end of the range.
  if (__builtin_add_overflow(true_time_us, clock_offset_us, &corrected)) {
    return clock_offset_us < 0 ? INT64_MIN : INT64_MAX;
  }
  return corrected;
}

std::int64_t order_us(std::int64_t true_time_us, wire::Clock clock, std::int64_t clock_offset_us,
                      std::int64_t known_time_us) {
  return std::min(corrected_true_time_us(true_time_us, clock, clock_offset_us), known_time_us);
}

std::size_t Picture::Hash::operator()(std::string_view text) const {
  return std::hash<std::string_view>()(text);
}

void Picture::fold(Bytes body, Folded* folded) {
  fold_blocks<Way::ByMarks>(body, folded, nullptr);
}

void Picture::fold_and_mark(std::span<std::byte> body, Folded& folded, const SourceRanks* ranks) {
  fold_blocks<Way::Decide>(body, &folded, ranks);
}

void Picture::fold_and_count(std::span<std::byte> body, Folded& folded) {
  fold_blocks<Way::ByMarksAndCount>(body, &folded, nullptr);
}

void Picture::fold_by_order(Bytes body) {
  fold_blocks<Way::ByOrder>(body, nullptr, nullptr);
}

template <Picture::Way kWay>
void Picture::fold_blocks(std::span<const std::byte> body, Folded* folded,
                          const SourceRanks* ranks) {
  if (folded != nullptr) folded->clear();
  const auto& header = *reinterpret_cast<const wire::BodyHeader*>(body.data());
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() == wire::BlockKind::Void) fold_void(block->void_range());
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    if (folded != nullptr) {
      for (const wire::Event* event : each(batch.events())) {
        const ChannelIndex index =
            channel(owner_of(text_of(event->unit())), group_or_none(text_of(event->group())));
        folded->events.push_back({&batch, event, index});
      }
    }
    for (const wire::State* state : each(batch.states())) {
      fold_state(batch, *state, folded);
    }
    for (const wire::UnitFixes* fixes : each(batch.fixes())) {
      fold_fixes<kWay>(batch, *fixes, folded, ranks);
    }
  }
  last_seq_ = std::max(last_seq_, header.last_seq());
  last_known_time_us_ = std::max(last_known_time_us_, header.known_time_us());
}

template <Picture::Way kWay>
void Picture::fold_fixes(const wire::Batch& batch, const wire::UnitFixes& fixes, Folded* folded,
                         const SourceRanks* ranks) {
  const UnitIndex index = unit_index(text_of(fixes.unit()));
  Unit& unit = units_[index];
  const std::string_view group = group_or_none(text_of(fixes.group()));
  const ChannelIndex channel_now = unit.seq != 0 && channels_[unit.channel].group == group
                                       ? unit.channel
                                       : channel(owner_of(unit.name), group);
  FoldedFixes told{&batch,
                   &fixes,
                   index,
                   channel_now,
                   unit.channel,
                   unit.seq != 0,
                   unit.fix.lat_e7(),
                   unit.fix.lon_e7(),
                   unit.stamp.known_time_us(),
                   false,
                   0};
  if constexpr (kWay == Way::Decide || kWay == Way::ByMarksAndCount) {
    writable(*fixes.stamp()).mutate_first_count(unit.count + 1);
  }
  const wire::Stamp stamp = stamp_of(fixes.stamp());
  Precedence precedence = precedence_of(ranks, unit, spool_of(fixes.spool(), batch.spool()));
  const flatbuffers::uoffset_t count = fixes.fixes()->size();
  flatbuffers::uoffset_t newest = count;
  for (flatbuffers::uoffset_t i = 0; i < count; ++i) {
    const wire::Fix& fix = *fixes.fixes()->Get(i);
    const std::int64_t order =
        order_us(fix.true_time_us(), fix.clock(), stamp.clock_offset_us(), stamp.known_time_us());
    if constexpr (kWay == Way::Decide) {
      writable(fix).mutate_marks(
          marks_of(fix, verdict_of(order, unit.order_us, precedence, ranks), stamp));
    }
    const bool aside = has_mark(fix, wire::FixMark::Aside);
    const bool late =
        kWay == Way::ByOrder ? order < unit.order_us : has_mark(fix, wire::FixMark::Late);
    if (aside) ++told.aside;
    if (!late && !aside && stamp.first_seq() + i > unit.seq) {
      newest = i;
      unit.order_us = order;
      unit.seq = stamp.first_seq() + i;
      precedence = Precedence::Equal;
    }
  }
  const std::uint32_t counted = stamp.first_count() + count - 1 + stamp.late_since();
  // The first one seen of a unit is taken as it is: the count may have gone round by then.
  if (!told.had_position || static_cast<std::int32_t>(counted - unit.count) > 0) {
    unit.count = counted;
  }
  if (newest != count) {
    told.moved = true;
    unit.channel = channel_now;
    note_newest(unit, batch, fixes, newest);
    if constexpr (kWay == Way::ByOrder) {
      // Where it stands now it is not late.
      constexpr unsigned kLate = static_cast<unsigned>(wire::FixMark::Late);
      unit.fix.mutate_marks(static_cast<std::uint8_t>(unit.fix.marks() & ~kLate));
    }
  }
  if (folded != nullptr) folded->fixes.push_back(told);
}

void Picture::note_newest(Unit& unit, const wire::Batch& batch, const wire::UnitFixes& fixes,
                          flatbuffers::uoffset_t newest) {
  const wire::Stamp stamp = stamp_of(fixes.stamp());
  unit.fix = *fixes.fixes()->Get(newest);
  unit.count_at_newest = stamp.first_count() + newest;
  unit.stamp = wire::Stamp(unit.seq, stamp.known_time_us(), stamp.clock_offset_us(),
                           unit.count_at_newest, 0);
  unit.spool = spool_of(fixes.spool(), batch.spool());
  unit.number = fixes.first_number() + newest;
  const std::size_t bytes = fixes.readings_bytes();
  if (bytes != 0 && size_of(fixes.readings()) >= bytes * fixes.fixes()->size()) {
    const std::uint8_t* first = fixes.readings()->data() + newest * bytes;
    unit.readings.assign(first, first + bytes);
  } else {
    unit.readings.clear();
  }
}

void Picture::fold_state(const wire::Batch& batch, const wire::State& state, Folded* folded) {
  const std::string_view name = text_of(state.name());
  const ChannelIndex index = channel(owner_of(name), group_or_none(text_of(state.group())));
  if (folded != nullptr) folded->states.push_back({&batch, &state, index});
  const wire::Stamp stamp = stamp_of(state.stamp());
  const std::int64_t order = order_us_of(state, stamp);
  const std::string key = state_key(state.kind(), name);
  auto found = state_by_key_.find(key);
  if (found == state_by_key_.end()) {
    found = state_by_key_.emplace(key, states_.size()).first;
    states_.emplace_back();
  }
  RetainedState& retained = states_[found->second];
  const bool newer = retained.entry == nullptr || order > retained.order_us ||
                     (order == retained.order_us && stamp.first_seq() > retained.seq);
  if (!newer) return;
  EntryWriter writer;
  writer.add_state(state, spool_of(state.spool(), batch.spool()));
  retained = {.channel = index,
              .seq = stamp.first_seq(),
              .order_us = order,
              .deleted = state.deleted(),
              .kind = state.kind(),
              .name = std::string(name),
              .entry = writer.finish(stamp.known_time_us())};
}

void Picture::fold_void(const wire::SeqRange& range) {
  if (voids_.empty() || voids_.back().last() < range.first()) voids_.push_back(range);
}

UnitIndex Picture::unit_index(std::string_view name) {
  const auto found = unit_by_name_.find(name);
  if (found != unit_by_name_.end()) return found->second;
  const auto index = static_cast<UnitIndex>(units_.size());
  units_.emplace_back().name = name;
  unit_by_name_.emplace(units_.back().name, index);
  return index;
}

ChannelIndex Picture::channel(std::string_view owner, std::string_view group) {
  const std::string key = channel_key(owner, group);
  const auto found = channel_by_key_.find(key);
  if (found != channel_by_key_.end()) return found->second;
  const auto index = static_cast<ChannelIndex>(channels_.size());
  channels_.push_back({std::string(owner), std::string(group)});
  channel_by_key_.emplace(key, index);
  return index;
}

std::optional<UnitIndex> Picture::find_unit_index(std::string_view name) const {
  const auto found = unit_by_name_.find(name);
  if (found == unit_by_name_.end()) return std::nullopt;
  return found->second;
}

const Unit* Picture::find_unit(std::string_view name) const {
  const auto index = find_unit_index(name);
  return index && units_[*index].seq != 0 ? &units_[*index] : nullptr;
}

const wire::UnitCard* Picture::find_card(std::string_view name) const {
  const auto found = state_by_key_.find(state_key(wire::StateKind::UnitCard, name));
  if (found == state_by_key_.end()) return nullptr;
  const RetainedState& retained = states_[found->second];
  if (retained.deleted || retained.entry == nullptr) return nullptr;
  BlockWalk walk(retained.entry->bytes());
  const auto block = walk.next();
  return block->batch().states()->Get(0)->card();
}

void Picture::forget_unit(std::string_view name) {
  const auto index = find_unit_index(name);
  if (!index) return;
  Unit& unit = units_[*index];
  // The look-up's key borrows unit.name, and `name` may too: out with the key first.
  const std::string kept(name);
  const ChannelIndex channel_kept = unit.channel;
  unit_by_name_.erase(unit_by_name_.find(kept));
  unit = Unit();
  unit.name = kept;
  unit.channel = channel_kept;
  unit_by_name_.emplace(unit.name, *index);
}

void Picture::clear() {
  *this = Picture();
}

FixesEntry newest_of(const Picture& picture, const Unit& unit) {
  const std::string& group = picture.channels()[unit.channel].group;
  const wire::Stamp& own = unit.stamp;
  return {.unit = unit.name,
          .group = group == kNoGroup ? std::string_view() : std::string_view(group),
          .stamp = wire::Stamp(own.first_seq(), own.known_time_us(), own.clock_offset_us(),
                               unit.count_at_newest, unit.count - unit.count_at_newest),
          .spool = unit.spool,
          .first_number = unit.number,
          .fixes = {&unit.fix, 1},
          .readings = unit.readings,
          .readings_bytes = static_cast<std::uint16_t>(unit.readings.size())};
}

void write_unit(const Picture& picture, const Unit& unit, EntryWriter& page) {
  page.add_fixes(newest_of(picture, unit));
}

void write_state(const RetainedState& state, EntryWriter& page) {
  BlockWalk walk(state.entry->bytes());
  const auto block = walk.next();
  const wire::State& entry = *block->batch().states()->Get(0);
  page.add_state(entry, spool_of(entry.spool(), block->batch().spool()));
}

}  // namespace vigie
