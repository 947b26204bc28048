#include "hub/replay/own_moments.h"

#include <algorithm>

namespace vigie::replay {
namespace {

constexpr std::size_t kRunBytesMax = 2048;
constexpr std::size_t kFrameSlack = 512;  // headers, and what an entry writer does not foresee
constexpr std::size_t kNamesBytes = 512;  // a section's own fields, unit and group

wire::Stamp own_stamp(const wire::Stamp& stamp, std::uint64_t seq) {
  return {seq, stamp.known_time_us(), stamp.clock_offset_us(), 0, 0};
}

/// An event or state under another seq and name; what it takes, in bytes.
template <typename Native>
const typename Native::TableType& packed_into(flatbuffers::FlatBufferBuilder& builder,
                                              const Native& native) {
  builder.Finish(Native::TableType::Pack(builder, &native));
  return *flatbuffers::GetRoot<typename Native::TableType>(builder.GetBufferPointer());
}

template <typename Native>
void rename(Native& native, const wire::Spool& of_batch, const OwnNames& names) {
  const wire::Spool spool = native.spool == nullptr ? of_batch : *native.spool;
  const wire::MessageName name = names.name(spool, native.number);
  native.spool = std::make_unique<wire::Spool>(name.spool());
  native.number = name.number();
}

}  // namespace

OwnMoments::OwnMoments(std::shared_ptr<const View> view, OwnNames names, std::size_t bytes_max)
    : view_(std::move(view)),
      shown_(view_->permitted()),
      names_(names),
      in_steps_(terms_of(*view_).every_us != 0),
      bytes_max_(bytes_max - std::min(bytes_max / 4, kFrameSlack)) {}

void OwnMoments::clear() {
  open_ = false;
  events_ = states_ = fixes_ = 0;
  event_list_.clear();
  state_list_.clear();
  runs_.clear();
  seen_.clear();
  leaves_.clear();
}

void OwnMoments::add(Bytes coarse, std::deque<OwnPart>& out) {
  const std::int64_t known_us = header_of(coarse).known_time_us();
  if (open_ && known_us != moment_us_) close(out);
  open_ = true;
  moment_us_ = known_us;
  BlockWalk walk(coarse);
  while (const auto block = walk.next()) {
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    const wire::Spool spool = spool_of(nullptr, batch.spool());
    for (const wire::Event* event : each(batch.events())) {
      if (!shown_.takes_event(*event)) continue;
      ++events_;
      if (!view_->takes_event(*event)) continue;
      wire::EventT& own = event_list_.emplace_back(events_, wire::EventT()).second;
      event->UnPackTo(&own);
      rename(own, spool, names_);
      for (wire::MessageName& name : own.references) {
        name = names_.name(name.spool(), name.number());
      }
    }
    for (const wire::State* state : each(batch.states())) {
      if (!shown_.takes_state(*state)) continue;
      ++states_;
      if (!view_->takes_state(*state)) continue;
      wire::StateT& own = state_list_.emplace_back(states_, wire::StateT()).second;
      state->UnPackTo(&own);
      rename(own, spool, names_);
    }
    for (const wire::UnitFixes* section : each(batch.fixes())) add_fixes(*section, batch);
  }
}

void OwnMoments::add_fixes(const wire::UnitFixes& section, const wire::Batch& batch) {
  const bool takes = shown_.takes_section(section);
  const bool in_view = takes && view_->takes_section(section);
  for (flatbuffers::uoffset_t i = 0; i < section.fixes()->size(); ++i) {
    const wire::Fix& fix = *section.fixes()->Get(i);
    const bool shown = takes && shown_.takes_fix(section, fix);
    if (shown) ++fixes_;
    seen_.push_back({section.stamp()->first_seq() + i, section.stamp()->known_time_us(), fixes_});
    if (shown && in_view && view_->takes_fix(section, fix)) show_fix(section, batch, i);
  }
}

void OwnMoments::show_fix(const wire::UnitFixes& section, const wire::Batch& batch,
                          std::size_t at) {
  const FixesEntry one = run_of(section, batch, at, 1);
  if (!runs_.empty() && !in_steps_) {
    Run& run = runs_.back();
    const bool follows = run.unit == one.unit && run.group == one.group &&
                         run.place + run.fixes.size() == fixes_ &&
                         run.stamp.clock_offset_us() == one.stamp.clock_offset_us() &&
                         run.readings_bytes == one.readings_bytes;
    if (follows) {
      run.fixes.push_back(one.fixes.front());
      run.readings.insert(run.readings.end(), one.readings.begin(), one.readings.end());
      return;
    }
  }
  runs_.push_back({.unit = std::string(one.unit),
                   .group = std::string(one.group),
                   .stamp = one.stamp,
                   .place = fixes_,
                   .fixes = {one.fixes.front()},
                   .readings = {one.readings.begin(), one.readings.end()},
                   .readings_bytes = one.readings_bytes});
}

void OwnMoments::add_leave(std::string_view unit, std::uint64_t seq) {
  const auto by =
      std::find_if(seen_.begin(), seen_.end(), [seq](const Seen& seen) { return seen.seq == seq; });
  if (by != seen_.end()) leaves_.push_back({std::string(unit), *by});
}

std::uint64_t OwnMoments::fix_seq(std::int64_t known_us, std::uint64_t place) const {
  return in_steps_ ? own_end(known_us) : own_seq(moment_us_, events_ + states_ + place);
}

void OwnMoments::close(std::deque<OwnPart>& out) {
  if (!open_) return;
  reached_ = own_seq(moment_us_, 0);
  write_events(out);
  write_states(out);
  reached_ = own_seq(moment_us_, events_ + states_);
  for (const Run& run : runs_) write_run(run, out);
  for (const Leaving& leave : leaves_) {
    make_room(leave.unit.size() + kNamesBytes, out);
    writer_.add_leave(leave.unit, fix_seq(leave.by.known_us, leave.by.shown));
  }
  reached_ = std::max(reached_, own_end(moment_us_));
  if (!writer_.empty()) {
    end_part(out);
    out.back().last = true;
  }
  clear();
}

void OwnMoments::write_events(std::deque<OwnPart>& out) {
  for (auto& [place, event] : event_list_) {
    const std::uint64_t seq = own_seq(moment_us_, place);
    if (seq <= had_event_) continue;
    event.stamp = std::make_unique<wire::Stamp>(own_stamp(*event.stamp, seq));
    flatbuffers::FlatBufferBuilder builder;
    const wire::Event& own = packed_into(builder, event);
    make_room(builder.GetSize(), out);
    writer_.add_event(own, *event.spool);
    reached_ = seq;
  }
}

void OwnMoments::write_states(std::deque<OwnPart>& out) {
  for (auto& [place, state] : state_list_) {
    const std::uint64_t seq = own_seq(moment_us_, events_ + place);
    if (seq <= had_event_) continue;
    state.stamp = std::make_unique<wire::Stamp>(own_stamp(*state.stamp, seq));
    flatbuffers::FlatBufferBuilder builder;
    const wire::State& own = packed_into(builder, state);
    make_room(builder.GetSize(), out);
    writer_.add_state(own, *state.spool);
    reached_ = seq;
  }
}

void OwnMoments::write_run(const Run& run, std::deque<OwnPart>& out) {
  const std::size_t most =
      std::max<std::size_t>(1, kRunBytesMax / (sizeof(wire::Fix) + run.readings_bytes));
  for (std::size_t at = 0; at < run.fixes.size(); at += most) {
    const std::size_t length = std::min(most, run.fixes.size() - at);
    const std::size_t bytes = run.readings_bytes;
    make_room(length * (sizeof(wire::Fix) + bytes) + kNamesBytes, out);
    const std::uint64_t seq = fix_seq(run.stamp.known_time_us(), run.place + at);
    writer_.add_fixes({.unit = run.unit,
                       .group = run.group,
                       .stamp = own_stamp(run.stamp, seq),
                       .spool = {},
                       .first_number = 0,
                       .fixes = std::span(run.fixes).subspan(at, length),
                       .readings = std::span(run.readings).subspan(at * bytes, length * bytes),
                       .readings_bytes = run.readings_bytes});
  }
}

void OwnMoments::make_room(std::size_t bytes, std::deque<OwnPart>& out) {
  if (!writer_.empty() && writer_.bytes() + bytes > bytes_max_) end_part(out);
}

void OwnMoments::end_part(std::deque<OwnPart>& out) {
  out.push_back({.body = writer_.finish(moment_us_, own_end(moment_us_)),
                 .moment_us = moment_us_,
                 .event = reached_,
                 .last = false});
}

std::optional<OwnNames> own_names(const Start& start, const wire::LogId& log) {
  if (!terms_of(*start.view).own_numbers) return std::nullopt;
  return OwnNames(log, start.grant);
}

std::shared_ptr<const View> read_for(const View& view) {
  const bool all = terms_of(view).own_numbers;
  return std::make_shared<const View>(all ? view.permitted().at_large() : view.at_large());
}

void write_own_unit(const Picture& picture, const Unit& unit, EntryWriter& page) {
  FixesEntry entry = newest_of(picture, unit);
  entry.stamp = own_stamp(entry.stamp, own_end(entry.stamp.known_time_us()));
  entry.spool = {};
  entry.first_number = 0;
  page.add_fixes(entry);
}

void write_own_state(const RetainedState& state, const OwnNames& names, EntryWriter& page) {
  BlockWalk walk(state.entry->bytes());
  const auto block = walk.next();
  wire::StateT own;
  block->batch().states()->Get(0)->UnPackTo(&own);
  rename(own, spool_of(nullptr, block->batch().spool()), names);
  own.stamp =
      std::make_unique<wire::Stamp>(own_stamp(*own.stamp, own_end(state.entry->known_time_us())));
  flatbuffers::FlatBufferBuilder builder;
  const wire::State& renamed = packed_into(builder, own);
  page.add_state(renamed, *own.spool);
}

}  // namespace vigie::replay
