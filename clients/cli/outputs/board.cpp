#include "clients/cli/outputs/board.h"

#include <algorithm>

namespace vigie::cli {

void Board::take(const client::Item& item) {
  std::visit(
      client::Match{
          [this](const client::FixItem& fix) { take_fix(fix); },
          [this](const client::EventItem& event) { take_event(event); },
          [this](const client::StateItem& state) {
            if (state.state.kind != client::StateKind::UnitCard) return;
            units_[state.state.name].card =
                state.state.deleted ? client::UnitCard() : state.state.card;
          },
          [this](const client::SnapshotEnd& end) { time_us_ = end.time_us; },
          [this](const client::LeaveItem& leave) {
            if (leave.state_kind == client::StateKind::None) units_.erase(leave.unit);
          },
          [this](const client::LostItem& lost) { lost_ += lost.last_seq - lost.first_seq + 1; },
          [this](const client::ReplayItem& replay) { take_replay(replay); }, [](const auto&) {}},
      item);
}

void Board::take_event(const client::EventItem& item) {
  const auto keep = [&item](std::deque<client::EventItem>& list, std::size_t most) {
    list.push_back(item);
    if (list.size() > most) list.pop_front();
  };
  ++event_count_;
  keep(events_, kEventsMax);
  if (item.event.severity == client::Severity::Severe) keep(severe_, kSevereMax);
}

void Board::take_replay(const client::ReplayItem& item) {
  // After a seek back, what stands here has not happened yet.
  const bool answers = item.request != 0 && item.phase != client::ReplayPhase::Ended;
  if (answers && item.time_us < time_us_) *this = Board();
  time_us_ = item.time_us;
  replay_ended_ = item.phase == client::ReplayPhase::Ended;
}

std::vector<const client::EventItem*> Board::events(std::size_t most) const {
  std::vector<const client::EventItem*> chosen;
  const auto add = [&chosen](const client::EventItem& item) {
    const bool had = std::any_of(chosen.begin(), chosen.end(), [&](const auto* other) {
      return other->stamp.seq == item.stamp.seq;
    });
    if (!had) chosen.push_back(&item);
  };
  for (auto item = severe_.rbegin(); item != severe_.rend() && chosen.size() < most / 2; ++item) {
    add(*item);
  }
  for (auto item = events_.rbegin(); item != events_.rend() && chosen.size() < most; ++item) {
    add(*item);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const auto* a, const auto* b) { return a->stamp.seq < b->stamp.seq; });
  return chosen;
}

void Board::take_fix(const client::FixItem& item) {
  BoardUnit& unit = units_[item.fix.unit];
  unit.count = std::max(unit.count, item.count);
  unit.conflated += item.conflated;
  conflated_ += item.conflated;
  if (!item.snapshot) {
    ++fixes_;
    ++unit.shown;
  }
  if (item.late) {
    ++late_;
    ++unit.late;
  }
  if (item.aside) {
    ++aside_;
    ++unit.aside;
    return;
  }
  unit.implausible = item.implausible;
  // What was not late moved its unit at the hub when it came, also where a better source takes over
  // with a fix that is a little older. By true time late ones come in their place, and move it too.
  const bool took_over = !item.late && item.stamp.seq > unit.seq;
  if (!took_over && item.position_time_us() < unit.position_time_us) return;
  unit.seq = item.stamp.seq;
  unit.has_fix = true;
  unit.position_time_us = item.position_time_us();
  unit.fix = item.fix;
}

}  // namespace vigie::cli
