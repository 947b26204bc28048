#include "hub/feed/ring.h"

#include <algorithm>

namespace vigie::feed {

void Box::add(std::int32_t lat_e7, std::int32_t lon_e7) {
  south_e7 = std::min(south_e7, lat_e7);
  north_e7 = std::max(north_e7, lat_e7);
  west_e7 = std::min(west_e7, lon_e7);
  east_e7 = std::max(east_e7, lon_e7);
}

bool Box::inside(const AreaBox& area) const {
  // An area that crosses the antimeridian never holds a whole box for sure: then each fix is asked.
  if (south_e7 > north_e7) return true;
  return area.west_e7 <= area.east_e7 && area.contains(south_e7, west_e7) &&
         area.contains(north_e7, east_e7);
}

Entry& Ring::push(BodyPtr body, Folded folded) {
  Entry& entry = entries_.emplace_back();
  entry.body = std::move(body);
  entry.folded = std::move(folded);
  entry.prev_seq = head_;
  ++pushed_;
  note_channels(entry);
  head_ = entry.last_seq();
  bytes_ += entry.body->frame_bytes().size();
  return entry;
}

void Ring::note_channels(Entry& entry) {
  BlockWalk walk(entry.body->bytes());
  while (const auto block = walk.next()) {
    entry.only_batches = entry.only_batches && block->header->kind() == wire::BlockKind::Batch;
  }
  for (const FoldedEvent& event : entry.folded.events) {
    use(entry, MessageClass::Event, event.channel);
  }
  for (const FoldedState& state : entry.folded.states) {
    use(entry, MessageClass::State, state.channel);
  }
  for (const FoldedFixes& fixes : entry.folded.fixes) {
    use(entry, MessageClass::Track, fixes.channel);
    if (fixes.had_position) {
      use(entry, MessageClass::Track, fixes.channel_before);
      entry.box.add(fixes.lat_e7_before, fixes.lon_e7_before);
    }
    for (const wire::Fix* fix : *fixes.fixes->fixes()) entry.box.add(fix->lat_e7(), fix->lon_e7());
  }
}

void Ring::use(Entry& entry, MessageClass message_class, ChannelIndex channel) {
  auto& used_in = used_in_[static_cast<std::size_t>(message_class)];
  if (channel >= used_in.size()) used_in.resize(channel + 1, 0);
  if (used_in[channel] == pushed_) return;
  used_in[channel] = pushed_;
  entry.channels.push_back({message_class, channel});
}

void Ring::trim(std::uint64_t durable) {
  while (bytes_ > bytes_max_ && !entries_.empty() && entries_.front().last_seq() <= durable) {
    tail_ = entries_.front().last_seq();
    bytes_ -= entries_.front().body->frame_bytes().size();
    entries_.pop_front();
  }
}

Entry* Ring::after(std::uint64_t seq) {
  const auto found = std::upper_bound(
      entries_.begin(), entries_.end(), seq,
      [](std::uint64_t value, const Entry& entry) { return value < entry.last_seq(); });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace vigie::feed
