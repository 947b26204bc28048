#include "hub/replay/chunk.h"

#include <algorithm>

namespace vigie::replay {
namespace {

constexpr std::size_t kRunBytesMax = 2048;
constexpr std::size_t kNamesBytes = 512;  // a section's own fields, unit and group

}  // namespace

void Chunk::on_fixes(std::uint64_t first_seq, const wire::UnitFixes& section,
                     const wire::Batch& batch, std::size_t start, std::size_t length) {
  if (!view_.takes_section(section)) return;
  const FixesEntry run = run_of(section, batch, start, length);
  const std::size_t bytes = run.readings_bytes;
  sections_.push_back({.unit = std::string(run.unit),
                       .group = std::string(run.group),
                       .stamp = run.stamp,
                       .spool = run.spool,
                       .first_number = run.first_number,
                       .first_fix = fixes_.size(),
                       .first_readings = readings_.size(),
                       .readings_bytes = run.readings_bytes});
  fixes_.insert(fixes_.end(), run.fixes.begin(), run.fixes.end());
  readings_.insert(readings_.end(), run.readings.begin(),
                   run.readings.begin() + static_cast<std::ptrdiff_t>(bytes * length));
  for (std::size_t i = 0; i < length; ++i) {
    const wire::Fix& fix = run.fixes[i];
    if (!view_.takes_fix(section, fix)) continue;
    places_.push_back({first_seq + i, Lane::Fixes, sections_.size() - 1, i});
  }
}

void Chunk::on_event(std::uint64_t seq, const wire::Event& event, const wire::Batch& batch) {
  if (!view_.takes_event(event)) return;
  EntryWriter entry;
  entry.add_event(event, spool_of(event.spool(), batch.spool()));
  keep(Lane::Event, seq, event.stamp(), entry);
}

void Chunk::on_state(std::uint64_t seq, const wire::State& state, const wire::Batch& batch) {
  if (!view_.takes_state(state)) return;
  EntryWriter entry;
  entry.add_state(state, spool_of(state.spool(), batch.spool()));
  keep(Lane::State, seq, state.stamp(), entry);
}

void Chunk::keep(Lane lane, std::uint64_t seq, const wire::Stamp* stamp, EntryWriter& entry) {
  places_.push_back({seq, lane, kept_.size(), 0});
  kept_.push_back(entry.finish(stamp == nullptr ? 0 : stamp->known_time_us()));
}

void Chunk::close() {
  // The hub gives a batch's entries their seqs in the order in which they stand; a body may have
  // come from elsewhere.
  const auto by_seq = [](const Place& a, const Place& b) { return a.seq < b.seq; };
  if (!std::is_sorted(places_.begin(), places_.end(), by_seq)) {
    std::sort(places_.begin(), places_.end(), by_seq);
  }
}

std::optional<Chunk::Found> Chunk::find(std::uint64_t seq) const {
  const auto place = std::lower_bound(places_.begin(), places_.end(), seq,
                                      [](const Place& p, std::uint64_t s) { return p.seq < s; });
  if (place == places_.end() || place->seq != seq) return std::nullopt;
  return Found{place->lane, static_cast<std::size_t>(place - places_.begin())};
}

std::size_t Chunk::run_length(const Found& first, std::size_t most) const {
  if (first.lane != Lane::Fixes) return 1;
  const Place& start = places_[first.at];
  const std::size_t fix_bytes = sizeof(wire::Fix) + sections_[start.in].readings_bytes;
  most = std::min(most, std::max<std::size_t>(1, kRunBytesMax / fix_bytes));
  std::size_t length = 1;
  for (; length < most && first.at + length < places_.size(); ++length) {
    const Place& next = places_[first.at + length];
    if (next.in != start.in || next.lane != Lane::Fixes || next.seq != start.seq + length) break;
  }
  return length;
}

std::size_t Chunk::bytes_of(const Found& found) const {
  const Place& place = places_[found.at];
  if (place.lane != Lane::Fixes) return kept_[place.in]->bytes().size();
  return kRunBytesMax + kNamesBytes;
}

std::int64_t Chunk::write(const Found& found, std::size_t length, EntryWriter& out) const {
  const Place& place = places_[found.at];
  if (place.lane != Lane::Fixes) {
    BlockWalk walk(kept_[place.in]->bytes());
    const wire::Batch& batch = walk.next()->batch();
    if (place.lane == Lane::Event) {
      out.add_event(*batch.events()->Get(0), *batch.events()->Get(0)->spool());
    } else {
      out.add_state(*batch.states()->Get(0), *batch.states()->Get(0)->spool());
    }
    return kept_[place.in]->known_time_us();
  }
  const Section& section = sections_[place.in];
  const wire::Stamp& stamp = section.stamp;
  const std::size_t bytes = section.readings_bytes;
  const auto readings = std::span(readings_).subspan(section.first_readings);
  out.add_fixes(
      {.unit = section.unit,
       .group = section.group,
       .stamp = wire::Stamp(place.seq, stamp.known_time_us(), stamp.clock_offset_us(),
                            stamp.first_count() + static_cast<std::uint32_t>(place.at), 0),
       .spool = section.spool,
       .first_number = section.first_number + place.at,
       .fixes = std::span(fixes_).subspan(section.first_fix + place.at, length),
       .readings = bytes == 0 ? std::span<const std::uint8_t>()
                              : readings.subspan(place.at * bytes, length * bytes),
       .readings_bytes = section.readings_bytes});
  return stamp.known_time_us();
}

void Chunk::clear() {
  places_ = {};
  sections_ = {};
  fixes_ = {};
  readings_ = {};
  kept_ = {};
}

}  // namespace vigie::replay
