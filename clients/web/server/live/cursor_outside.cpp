// Units outside the area, where the interest has a pace for them: the newest fix of each that moved
// since its share's last turn. They are marked as what stands, for they are no news of this moment.

#include <algorithm>

#include "clients/web/server/live/cursor.h"
#include "clients/web/server/live/page_fix.h"

namespace vigie::web {

bool Cursor::is_near(const LiveUnit& unit, std::uint32_t index) {
  return filter_.is_near(index, unit.name, unit.group, unit.newest.lat_e7(), unit.newest.lon_e7());
}

bool Cursor::is_owed(const LiveUnit& unit, std::uint32_t index) {
  return owes_ && unit.version > turns_.version_of(index) && is_near(unit, index);
}

std::uint64_t Cursor::token_fix_seq() const {
  return owes_ ? std::min(fix_seq_, turns_.fix_seq()) : fix_seq_;
}

void Cursor::take_turns(const SharedPicture& picture, std::int64_t now_us, FrameWriter& out) {
  if (!paces_outside()) return;
  const std::int64_t pace_us = std::int64_t{filter_.interest().outside_ms} * 1000;
  const auto& units = picture.units();
  while (turns_.go_on({picture.version(), picture.fix_seq()}, now_us, pace_us)) {
    for (; turns_.at() < units.size(); turns_.pass()) {
      if (is_full(out)) return;
      const std::uint32_t index = turns_.at();
      const LiveUnit& unit = units[index];
      if (unit.version <= turns_.version_of(index)) continue;
      if (!wants(unit, index) || is_near(unit, index)) continue;
      name(unit, index, out);
      out.fix(with_flags(unit.newest,
                         unit.newest.flags() | static_cast<unsigned>(wire::FixFlag::Snapshot)));
      shown_.set(index);
      if (index < counts_.size()) counts_[index] = unit.count;
    }
    turns_.end_turn();
  }
}

}  // namespace vigie::web
