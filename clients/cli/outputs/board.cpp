#include "clients/cli/outputs/board.h"

#include <algorithm>

namespace vigie::cli {

void Board::take(const client::Item& item) {
  std::visit(client::Match{[this](const client::FixItem& fix) { take_fix(fix); },
                           [this](const client::EventItem& event) {
                             ++event_count_;
                             events_.push_back(event);
                             if (events_.size() > kEventsMax) events_.pop_front();
                           },
                           [this](const client::StateItem& state) {
                             if (state.state.kind != client::StateKind::UnitCard) return;
                             units_[state.state.name].card =
                                 state.state.deleted ? client::UnitCard() : state.state.card;
                           },
                           [this](const client::SnapshotEnd& end) { time_us_ = end.time_us; },
                           [this](const client::LeaveItem& leave) {
                             if (leave.state_kind == client::StateKind::None)
                               units_.erase(leave.unit);
                           },
                           [this](const client::LostItem& lost) {
                             lost_ += lost.last_seq - lost.first_seq + 1;
                           },
                           [this](const client::ReplayItem& replay) {
                             time_us_ = replay.time_us;
                             replay_ended_ = replay.phase == client::ReplayPhase::Ended;
                           },
                           [](const auto&) {}},
             item);
}

void Board::take_fix(const client::FixItem& item) {
  BoardUnit& unit = units_[item.fix.unit];
  unit.count = std::max(unit.count, item.count);
  unit.conflated += item.conflated;
  unit.implausible = item.implausible;
  conflated_ += item.conflated;
  if (!item.snapshot) {
    ++fixes_;
    ++unit.shown;
  }
  if (item.late) {
    ++late_;
    ++unit.late;
  }
  if (item.position_time_us() < unit.position_time_us) return;
  unit.has_fix = true;
  unit.position_time_us = item.position_time_us();
  unit.fix = item.fix;
}

}  // namespace vigie::cli
