#include "clients/web/server/live/event_log.h"

#include <algorithm>

namespace vigie::web {

std::size_t bytes_of(const Said& said) {
  std::size_t bytes = sizeof(Said) + 64;
  if (said.card != nullptr) {
    const wire::CardT& card = *said.card;
    bytes += sizeof card + card.unit.size() + card.group.size() + card.call_sign.size() +
             card.unit_kind.size() + card.symbol.size() + card.carried_by.size();
  }
  if (said.event != nullptr) {
    const wire::EventT& event = *said.event;
    bytes += sizeof event + event.unit.size() + event.group.size() + event.kind.size() +
             event.text.size() + event.name.size();
    for (const std::string& name : event.references) bytes += sizeof name + name.size();
    for (const auto& field : event.fields) {
      bytes += sizeof *field + field->key.size() + field->value.size();
    }
  }
  return bytes;
}

EventLog::EventLog(std::size_t count_max, std::size_t bytes_max)
    : count_max_(count_max), bytes_max_(bytes_max) {}

void EventLog::add(Said said) {
  const std::size_t bytes = bytes_of(said);
  const std::uint64_t reached =
      std::max(said.seq, kept_.empty() ? floor_seq_ : kept_.back().reached);
  kept_.push_back({std::move(said), reached, bytes});
  bytes_ += bytes;
  while (kept_.size() > count_max_ || (bytes_ > bytes_max_ && kept_.size() > 1)) {
    floor_seq_ = kept_.front().reached;
    bytes_ -= kept_.front().bytes;
    kept_.pop_front();
    ++first_;
  }
}

void EventLog::begin(std::uint64_t floor_seq) {
  first_ = end();
  kept_.clear();
  bytes_ = 0;
  floor_seq_ = floor_seq;
}

std::optional<std::uint64_t> EventLog::after(std::uint64_t seq) const {
  if (seq < floor_seq_) return std::nullopt;
  const auto found =
      std::upper_bound(kept_.begin(), kept_.end(), seq,
                       [](std::uint64_t value, const Kept& kept) { return value < kept.reached; });
  return first_ + static_cast<std::uint64_t>(found - kept_.begin());
}

}  // namespace vigie::web
