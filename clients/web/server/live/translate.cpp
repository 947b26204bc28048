#include "clients/web/server/live/translate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace vigie::web {
namespace {

/// `value` divided and rounded, or `most` when that is beyond it; unknown: `unknown`.
std::uint16_t small(const std::optional<std::uint32_t>& value, std::uint32_t divisor,
                    std::uint16_t most, std::uint16_t unknown) {
  if (!value) return unknown;
  const std::uint64_t rounded = (std::uint64_t{*value} + divisor / 2) / divisor;
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(rounded, most));
}

std::uint8_t flags_of(const client::FixItem& item) {
  unsigned flags = 0;
  const auto set = [&](bool yes, wire::FixFlag flag) {
    if (yes) flags |= static_cast<unsigned>(flag);
  };
  set(item.late, wire::FixFlag::Late);
  set(item.implausible, wire::FixFlag::Implausible);
  set(item.aside, wire::FixFlag::Aside);
  set(item.snapshot, wire::FixFlag::Snapshot);
  set(item.fix.clock == client::ClockKind::Satellite, wire::FixFlag::Satellite);
  return static_cast<std::uint8_t>(flags);
}

std::string text_of(const client::MessageName& name) {
  return fmt::format("{}:{}", name.spool.text(), name.number);
}

}  // namespace

wire::PageFix page_fix(const client::FixItem& item, std::uint32_t unit) {
  const client::Fix& fix = item.fix;
  const std::int64_t time_us = item.position_time_us();
  // The difference of two numbers of 64 bits fits the unsigned ones; known is the greater.
  const std::uint64_t delay_us =
      static_cast<std::uint64_t>(item.stamp.known_time_us) - static_cast<std::uint64_t>(time_us);
  const std::uint64_t delay_ms = std::min<std::uint64_t>(delay_us / 1000, UINT32_MAX);
  const std::int32_t altitude =
      fix.altitude_mm ? *fix.altitude_mm / 100 : std::numeric_limits<std::int32_t>::min();
  std::uint16_t course = small(fix.course_mdeg, 10, 36'000, 65'535);
  if (course == 36'000) course = 0;
  return wire::PageFix(item.stamp.seq, time_us, unit, fix.lat_e7, fix.lon_e7, item.count,
                       static_cast<std::uint32_t>(delay_ms), altitude,
                       small(fix.speed_mm_s, 10, 65'534, 65'535), course,
                       small(fix.h_accuracy_mm, 100, 65'534, 65'535), flags_of(item),
                       fix.battery_percent.value_or(255));
}

wire::EventT page_event(client::EventItem&& item) {
  client::Event& event = item.event;
  wire::EventT out;
  out.seq = item.stamp.seq;
  out.unit = std::move(event.unit);
  out.group = std::move(event.group);
  out.time_us = client::corrected_true_time_us(event.true_time_us, event.clock, item.stamp);
  out.known_us = item.stamp.known_time_us;
  out.kind = std::move(event.kind);
  out.severity =
      static_cast<wire::Severity>(std::min<unsigned>(static_cast<unsigned>(event.severity), 3));
  out.text = std::move(event.text);
  if (event.position) {
    out.position = std::make_unique<wire::Place>(event.position->lat_e7, event.position->lon_e7);
  }
  out.name = text_of(item.stamp.name);
  for (const client::MessageName& name : event.references) out.references.push_back(text_of(name));
  for (client::Field& field : event.fields) {
    auto copy = std::make_unique<wire::FieldT>();
    copy->key = std::move(field.key);
    copy->value = std::move(field.value);
    out.fields.push_back(std::move(copy));
  }
  return out;
}

wire::CardT page_card(client::StateItem&& item) {
  client::State& state = item.state;
  wire::CardT out;
  out.seq = item.stamp.seq;
  out.unit = std::move(state.name);
  out.group = std::move(state.group);
  out.deleted = state.deleted;
  if (state.deleted) return out;
  out.call_sign = std::move(state.card.call_sign);
  out.unit_kind = std::move(state.card.unit_kind);
  out.symbol = std::move(state.card.symbol);
  out.carried_by = std::move(state.card.carried_by);
  return out;
}

std::uint32_t Translator::index_of(const std::string& name, const std::string* group,
                                   std::vector<Change>& out) {
  const auto found = units_.find(name);
  if (found == units_.end()) {
    const auto index = static_cast<std::uint32_t>(units_.size());
    const std::string first_group = group == nullptr ? std::string() : *group;
    units_.emplace(name, Known{.index = index, .group = first_group});
    out.emplace_back(UnitNamed{index, name, first_group});
    return index;
  }
  Known& known = found->second;
  if (group != nullptr && known.group != *group) {
    known.group = *group;
    out.emplace_back(UnitNamed{known.index, name, *group});
  }
  return known.index;
}

/// A view by numbers of its own has no running counts; by them a cursor sees that a unit moved.
std::uint32_t Translator::count_of(const client::FixItem& item) {
  if (item.count != 0) return item.count;
  Known& known = units_.find(item.fix.unit)->second;
  // A picture lists again what came already.
  if (item.stamp.seq != std::exchange(known.counted, item.stamp.seq)) ++known.count;
  return known.count;
}

void Translator::fix(client::FixItem& item, std::vector<Change>& out) {
  // A fix that does not move its unit says nothing of the group it is in now.
  const bool moves = !item.late && !item.aside;
  const std::uint32_t unit = index_of(item.fix.unit, moves ? &item.fix.group : nullptr, out);
  item.count = count_of(item);
  out.emplace_back(page_fix(item, unit));
}

void Translator::translate(client::Item&& item, std::vector<Change>& out) {
  const auto state = [&](client::StateItem& it) {
    if (it.state.kind != client::StateKind::UnitCard) return;
    out.emplace_back(CardTold{std::make_shared<const wire::CardT>(page_card(std::move(it)))});
  };
  const auto leave = [&](const client::LeaveItem& it) {
    if (it.state_kind == client::StateKind::None) {
      const std::uint32_t unit = index_of(it.unit, nullptr, out);
      out.emplace_back(UnitLeft{unit, it.seq});
    } else if (it.state_kind == client::StateKind::UnitCard) {
      wire::CardT card;
      card.seq = it.seq;
      card.unit = it.unit;
      card.deleted = true;
      out.emplace_back(CardTold{std::make_shared<const wire::CardT>(card)});
    }
  };
  std::visit(client::Match{
                 [&](client::FixItem& it) { fix(it, out); },
                 [&](client::EventItem& it) {
                   out.emplace_back(
                       EventSaid{std::make_shared<const wire::EventT>(page_event(std::move(it)))});
                 },
                 state, leave,
                 [&](client::SnapshotBegin& it) { out.emplace_back(PictureBegins{it.replaces}); },
                 [&](client::SnapshotEnd& it) {
                   out.emplace_back(PictureEnds{it.seq, it.time_us});
                 },
                 [&](client::LostItem& it) {
                   out.emplace_back(SeqsLost{it.first_seq, it.last_seq});
                 },
                 [&](client::ConflatedItem& it) { out.emplace_back(LeftOut{it.fixes}); },
                 [&](client::LinkItem& it) { out.emplace_back(LinkTold{std::move(it)}); },
                 [&](client::ReplayItem& it) { out.emplace_back(ReplayTold{std::move(it)}); }},
             item);
}

}  // namespace vigie::web
