#include "clients/cli/outputs/table_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/outputs/text.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kUnitWidthMin = 16;
constexpr std::size_t kUnitWidthMax = 34;

std::string state_text(client::Freshness freshness) {
  switch (freshness) {
    case client::Freshness::Fresh:
      return "● fresh";
    case client::Freshness::Overdue:
      return "◐ overdue";
    case client::Freshness::Silent:
      return "○ silent";
    case client::Freshness::Unknown:
      break;
  }
  return "";
}

}  // namespace

client::Freshness freshness_of(const BoardUnit& unit, const TableStatus& status) {
  if (!unit.has_fix || status.now_us == 0 || status.silent_after_ms == 0) {
    return client::Freshness::Unknown;
  }
  const std::int64_t age_ms = (status.now_us - unit.position_time_us) / 1000;
  if (age_ms >= status.silent_after_ms) return client::Freshness::Silent;
  if (age_ms >= status.overdue_after_ms) return client::Freshness::Overdue;
  return client::Freshness::Fresh;
}

TableColumns::TableColumns(const Board& board, std::size_t width) {
  struct Candidate {
    Column column;
    int place;  // from left to right
  };
  // The most needed first.
  const Candidate candidates[] = {
      {{Kind::State, "STATE", 9, false}, 3},         {{Kind::Age, "AGE", 7, true}, 4},
      {{Kind::Position, "POSITION", 20, true}, 5},   {{Kind::Speed, "KM/H", 5, true}, 6},
      {{Kind::Course, "CRS", 4, true}, 7},           {{Kind::Late, "LATE", 5, true}, 9},
      {{Kind::Conflated, "CONFL", 6, true}, 10},     {{Kind::Fixes, "FIXES", 8, true}, 11},
      {{Kind::CallSign, "CALL SIGN", 12, false}, 1}, {{Kind::Group, "GROUP", 10, false}, 2},
      {{Kind::Altitude, "ALT M", 6, true}, 8},
  };
  std::size_t longest = kUnitWidthMin;
  for (const auto& [name, unit] : board.units()) longest = std::max(longest, text_width(name));
  longest = std::min(longest, kUnitWidthMax);
  std::size_t used = 1 + kUnitWidthMin;
  std::vector<Candidate> chosen;
  for (const Candidate& candidate : candidates) {
    if (used + 1 + candidate.column.width > width) break;
    used += 1 + candidate.column.width;
    chosen.push_back(candidate);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Candidate& a, const Candidate& b) { return a.place < b.place; });
  const std::size_t spare = width > used ? width - used : 0;
  const std::size_t wider = std::min(spare, longest - kUnitWidthMin);
  columns_.push_back({Kind::Unit, "UNIT", kUnitWidthMin + wider, false});
  for (const Candidate& candidate : chosen) columns_.push_back(candidate.column);
  // What is left makes the position more exact: two columns a decimal.
  for (Column& column : columns_) {
    if (column.kind != Kind::Position) continue;
    while (decimals_ < 7 && spare >= wider + 2 * static_cast<std::size_t>(decimals_ - 3)) {
      ++decimals_;
      column.width += 2;
    }
  }
}

std::string TableColumns::heads() const {
  std::string line;
  for (const Column& column : columns_) {
    line += ' ';
    line +=
        column.to_the_right ? right(column.head, column.width) : left(column.head, column.width);
  }
  return line;
}

std::string TableColumns::row(const std::string& name, const BoardUnit& unit,
                              const TableStatus& status, bool color) const {
  std::string line;
  for (const Column& column : columns_) {
    const std::string text = cell(column, name, unit, status);
    const std::string filled =
        column.to_the_right ? right(text, column.width) : left(text, column.width);
    const std::string_view paint = color ? cell_style(column.kind, unit, status) : "";
    line += ' ';
    line += paint.empty() ? filled : fmt::format("{}{}{}", paint, filled, style::kPlain);
  }
  return line;
}

std::string TableColumns::cell(const Column& column, const std::string& name, const BoardUnit& unit,
                               const TableStatus& status) const {
  switch (column.kind) {
    case Kind::Unit:
      return harmless(name);
    case Kind::CallSign:
      return harmless(unit.card.call_sign);
    case Kind::Late:
      return unit.late == 0 ? "" : count_text(unit.late);
    case Kind::Conflated:
      return unit.conflated == 0 ? "" : count_text(unit.conflated);
    default:
      break;
  }
  if (!unit.has_fix) return column.kind == Kind::State ? "no fix" : "";
  const client::Fix& fix = unit.fix;
  switch (column.kind) {
    case Kind::Group:
      return harmless(fix.group);
    case Kind::State:
      return state_text(freshness_of(unit, status));
    case Kind::Age:
      return status.now_us == 0 ? "" : age_text(status.now_us - unit.position_time_us);
    case Kind::Position:
      return position_text(fix.lat_e7, fix.lon_e7, decimals_);
    case Kind::Speed:
      return fix.speed_mm_s
                 ? fmt::format("{}", (std::uint64_t{*fix.speed_mm_s} * 36 + 5000) / 10'000)
                 : "";
    case Kind::Course:
      return fix.course_mdeg ? fmt::format("{:03}", (*fix.course_mdeg + 500) / 1000 % 360) : "";
    case Kind::Altitude:
      return fix.altitude_mm ? fmt::format("{}", *fix.altitude_mm / 1000) : "";
    case Kind::Fixes:
      return count_text(unit.count);
    default:
      return "";
  }
}

std::string_view TableColumns::cell_style(Kind kind, const BoardUnit& unit,
                                          const TableStatus& status) {
  if (kind == Kind::Late || kind == Kind::Conflated) return style::kWarning;
  if (kind == Kind::Age && unit.implausible) return style::kAlarm;
  if (kind == Kind::Unit) return style::kStrong;
  if (kind != Kind::State && kind != Kind::Age) {
    return status.link == client::LinkState::Stale ? style::kFaint : "";
  }
  switch (freshness_of(unit, status)) {
    case client::Freshness::Fresh:
      return style::kGood;
    case client::Freshness::Overdue:
      return style::kWarning;
    case client::Freshness::Silent:
      return style::kAlarm;
    case client::Freshness::Unknown:
      break;
  }
  return "";
}

}  // namespace vigie::cli
