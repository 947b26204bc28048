#include "clients/web/server/live/past_gather.h"

#include <algorithm>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "clients/web/server/live/page_fix.h"

namespace vigie::web {
namespace {

constexpr unsigned kLate = static_cast<unsigned>(wire::FixFlag::Late);
constexpr unsigned kStays = kLate | static_cast<unsigned>(wire::FixFlag::Aside);

}  // namespace

void PastGather::say(Said said) {
  said_bytes_ += bytes_of(said);
  batch_.said.push_back(std::move(said));
}

void PastGather::take(std::vector<Change>& changes) {
  for (Change& change : changes) {
    if (auto* fix = std::get_if<wire::PageFix>(&change)) {
      const unsigned cleared = true_clock_ ? kLate : 0;
      batch_.fixes.push_back(with_flags(*fix, fix->flags() & ~cleared));
      std::erase(batch_.leaves, fix->unit());
    } else if (auto* named = std::get_if<UnitNamed>(&change)) {
      batch_.names.push_back(std::move(*named));
    } else if (auto* event = std::get_if<EventSaid>(&change)) {
      say({event->event->seq, std::move(event->event), nullptr, {}});
    } else if (auto* card = std::get_if<CardTold>(&change)) {
      say({card->card->seq, nullptr, std::move(card->card), {}});
    } else if (const auto* left = std::get_if<UnitLeft>(&change)) {
      batch_.leaves.push_back(left->unit);
    } else if (auto* told = std::get_if<ReplayTold>(&change)) {
      const client::ReplayItem& item = told->replay;
      constexpr std::string_view kPhases[] = {"playing", "paused", "ended", "failed"};
      const auto phase = std::min<std::size_t>(static_cast<std::size_t>(item.phase), 3);
      tell({0, kPhases[phase], item.time_us,
            item.phase == client::ReplayPhase::Failed ? replay_reason(item.code, item.reason)
                                                      : replay_notice(item),
            item.damaged});
    }
  }
  changes.clear();
  if (!batch_.snapshot && batch_.fixes.size() > conflate_at_) conflate();
}

void PastGather::conflate() {
  const std::size_t before = batch_.fixes.size();
  boost::unordered_flat_map<std::uint32_t, std::size_t> newest;
  for (std::size_t i = 0; i < before; ++i) {
    const wire::PageFix& fix = batch_.fixes[i];
    if ((static_cast<unsigned>(fix.flags()) & kStays) == 0) newest[fix.unit()] = i;
  }
  std::vector<wire::PageFix> kept;
  kept.reserve(newest.size());
  for (std::size_t i = 0; i < before; ++i) {
    const auto found = newest.find(batch_.fixes[i].unit());
    if (found != newest.end() && found->second == i) kept.push_back(batch_.fixes[i]);
  }
  batch_.conflated += before - kept.size();
  batch_.fixes = std::move(kept);
  // Many units alone may be more than that: then it is done again when as many more have come.
  conflate_at_ = std::max(kFixesMax, 2 * batch_.fixes.size());
}

PastBatch PastGather::finish(std::int64_t time_us) {
  batch_.time_us = time_us;
  said_bytes_ = 0;
  conflate_at_ = kFixesMax;
  return std::exchange(batch_, {});
}

}  // namespace vigie::web
