#include "clients/cpp/core/replay_order.h"

#include <algorithm>

#include "clients/cpp/core/entries.h"

namespace vigie::client {
namespace {

/// All entries, as they lie.
std::vector<Item> items_of(const Frame& frame) {
  std::vector<Item> found;
  for_each_body(frame, [&](Bytes body) {
    BlockWalk walk(body);
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Batch) continue;
      const EntryPlace place{frame.header().log(), *block->header, block->batch()};
      for (const wire::Event* event : each(place.batch.events())) {
        found.emplace_back(event_item(place, *event));
      }
      for (const wire::State* state : each(place.batch.states())) {
        found.emplace_back(state_item(place, *state));
      }
      for (const wire::UnitFixes* section : each(place.batch.fixes())) {
        const auto count = static_cast<std::uint32_t>(size_of(section->fixes()));
        for (std::uint32_t i = 0; i < count; ++i) found.emplace_back(fix_item(place, *section, i));
      }
    }
  });
  return found;
}

}  // namespace

void ReplayOrder::sought() {
  had_.reset();
  aside_.reset();
}

ReplayOrder::Place ReplayOrder::place_of(const Item& item) const {
  const bool by_known = clock_ == ReplayClock::Known;
  const auto place = [&](const Stamp& stamp, ClockKind clock, std::int64_t true_time_us) {
    if (by_known) return Place{stamp.known_time_us, stamp.seq};
    return Place{corrected_true_time_us(true_time_us, clock, stamp), stamp.seq};
  };
  return std::visit(
      Match{[&](const FixItem& it) { return place(it.stamp, it.fix.clock, it.fix.true_time_us); },
            [&](const EventItem& it) {
              return place(it.stamp, it.event.clock, it.event.true_time_us);
            },
            [&](const StateItem& it) {
              return place(it.stamp, it.state.clock, it.state.true_time_us);
            },
            [](const auto&) { return Place(); }},
      item);
}

std::vector<Item> ReplayOrder::take(const Frame& frame) {
  std::vector<Item> found = items_of(frame);
  // A batch lists events before fixes; the replay's order is that of its clock.
  const auto before = [this](const Item& a, const Item& b) { return place_of(a) < place_of(b); };
  if (!std::is_sorted(found.begin(), found.end(), before)) {
    std::stable_sort(found.begin(), found.end(), before);
  }
  std::erase_if(found, [this](const Item& item) {
    const Place place = place_of(item);
    if (aside_ && place <= *aside_) return true;
    had_ = had_ ? std::max(*had_, place) : place;
    return false;
  });
  return found;
}

ReplayItem from_wire(const wire::ReplayState& state) {
  ReplayItem item{.request = state.request(),
                  .phase = static_cast<ReplayPhase>(state.phase()),
                  .time_us = state.time_us(),
                  .sent = state.sent(),
                  .code = from_wire(state.code()),
                  .reason = std::string(text_of(state.reason())),
                  .damaged = {}};
  for (const wire::SeqRange* range : each(state.damaged())) {
    item.damaged.push_back({range->first(), range->last()});
  }
  return item;
}

}  // namespace vigie::client
