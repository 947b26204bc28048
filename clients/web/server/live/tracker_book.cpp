#include "clients/web/server/live/tracker_book.h"

#include <algorithm>
#include <variant>

namespace vigie::web {

std::uint64_t TrackerBook::Spool::missing() const {
  if (came.empty()) return lost;
  const std::uint64_t first = came.intervals().front().first;
  const std::uint64_t last = came.intervals().back().last;
  return lost + (last - first + 1 - came.count());
}

void TrackerBook::take(const client::Item& item) {
  const std::lock_guard lock(mutex_);
  if (const auto* fix = std::get_if<client::FixItem>(&item)) {
    take_fix(*fix);
  } else if (const auto* event = std::get_if<client::EventItem>(&item)) {
    take_name(event->stamp.name);
  } else if (const auto* state = std::get_if<client::StateItem>(&item)) {
    if (!state->snapshot) take_name(state->stamp.name);
  } else if (std::holds_alternative<client::ConflatedItem>(item) ||
             std::holds_alternative<client::LostItem>(item) ||
             std::holds_alternative<client::SnapshotBegin>(item)) {
    spools_.clear();
  }
}

void TrackerBook::take_fix(const client::FixItem& item) {
  auto found = units_.find(item.fix.unit);
  if (found == units_.end()) {
    if (units_.size() >= kUnitsMax) return;
    found = units_.emplace(item.fix.unit, Known{}).first;
    found->second.row.unit = item.fix.unit;
  }
  TrackerRow& row = found->second.row;
  row.heard_us = std::max(row.heard_us, item.stamp.known_time_us);
  if (!item.late && !item.aside) {
    row.delay_us = item.stamp.known_time_us - item.position_time_us();
    row.satellite = item.fix.clock == client::ClockKind::Satellite;
    row.offset_us = item.stamp.clock_offset_us;
    found->second.spool = {item.stamp.name.spool.high, item.stamp.name.spool.low};
  }
  if (item.snapshot) return;
  ++row.fixes;
  if (item.late) ++row.late;
  take_name(item.stamp.name);
}

void TrackerBook::take_name(const client::MessageName& name) {
  if (name.number == 0) return;  // what is shown by terms has no name
  const SpoolKey key{name.spool.high, name.spool.low};
  auto found = spools_.find(key);
  if (found == spools_.end()) {
    if (spools_.size() >= kSpoolsMax) return;
    found = spools_.emplace(key, Spool{}).first;
  }
  Spool& spool = found->second;
  // What was sent before this session began to look tells nothing.
  if (!spool.came.empty() && name.number < spool.came.intervals().front().first) return;
  spool.came.add(name.number, name.number);
  while (spool.came.intervals().size() > kHolesMax + 1) {
    const IntervalSet::Interval first = spool.came.intervals()[0];
    spool.lost += spool.came.intervals()[1].first - first.last - 1;
    spool.came.remove(first.first, first.last);
  }
}

std::vector<TrackerRow> TrackerBook::rows() const {
  const std::lock_guard lock(mutex_);
  std::vector<TrackerRow> rows;
  rows.reserve(units_.size());
  for (const auto& [name, known] : units_) {
    rows.push_back(known.row);
    const auto spool = spools_.find(known.spool);
    if (spool != spools_.end()) rows.back().missing = spool->second.missing();
  }
  return rows;
}

std::size_t TrackerBook::bytes() const {
  const std::lock_guard lock(mutex_);
  return units_.size() * (sizeof(Known) + 96) + spools_.size() * (sizeof(Spool) + 96);
}

}  // namespace vigie::web
