#include "clients/cli/outputs/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/outputs/ndjson.h"
#include "clients/cli/outputs/table_columns.h"
#include "clients/cli/outputs/text.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kHeadLines = 3;  // title, counts, column heads
constexpr std::size_t kFootLines = 1;

std::size_t event_lines(const TableSize& size) {
  return size.rows < 12 ? 0 : std::max<std::size_t>(3, size.rows / 4);
}

/// Lines are cut before they are painted: escape sequences take no columns.
std::string painted(std::string_view style, std::string text, const TableSize& size) {
  text = left(text, size.columns);
  return size.color ? fmt::format("{}{}{}", style, text, style::kPlain) : text;
}

std::string title_line(const TableStatus& status, const TableSize& size) {
  std::string state;
  std::string_view style = style::kTitle;
  switch (status.link) {
    case client::LinkState::Live:
      state = status.word;
      break;
    case client::LinkState::Connecting:
      state = "CONNECTING";
      style = style::kTitleWarning;
      break;
    case client::LinkState::Ended:
      state = status.reason.empty() ? status.end_word : status.reason;
      break;
    case client::LinkState::Refused:
      state = "REFUSED: " + status.reason;
      style = style::kTitleAlarm;
      break;
    case client::LinkState::Stale:
      state = fmt::format("LINK LOST {} ago", age_text(status.link_age_us));
      style = style::kTitleAlarm;
      break;
  }
  if (status.is_over) state = status.end_word;
  if (!status.warning.empty()) {
    state += "  ! " + status.warning;
    if (style == style::kTitle) style = style::kTitleWarning;
  }
  if (!status.failure.empty()) {
    state = "FAILED: " + status.failure;
    style = style::kTitleAlarm;
  }
  std::string text = fmt::format(" vigie {}  {}", status.title, harmless(state));
  // The reason needs the room more than a clock that stands.
  const std::string clock = status.now_us == 0 || !status.failure.empty()
                                ? ""
                                : format_time(status.now_us).substr(0, 19) + "Z ";
  const std::size_t room = size.columns - std::min(size.columns, text_width(clock));
  return painted(style, left(text, room) + clock, size);
}

std::string counts_line(const Board& board, const TableStatus& status, const TableSize& size) {
  std::size_t fresh = 0, overdue = 0, silent = 0;
  for (const auto& [name, unit] : board.units()) {
    if (!unit.has_fix) continue;
    const client::Freshness at = freshness_of(unit, status);
    fresh += at == client::Freshness::Fresh;
    overdue += at == client::Freshness::Overdue;
    silent += at == client::Freshness::Silent;
  }
  std::string text = fmt::format(" {} units", count_text(board.units().size()));
  if (fresh + overdue + silent > 0) {
    text += fmt::format(": {} fresh, {} overdue, {} silent", fresh, overdue, silent);
  }
  text += fmt::format("   fixes {}", count_text(board.fixes()));
  if (board.late() > 0) text += fmt::format("  late {}", count_text(board.late()));
  if (board.aside() > 0) text += fmt::format("  aside {}", count_text(board.aside()));
  if (board.conflated() > 0) text += fmt::format("  conflated {}", count_text(board.conflated()));
  if (board.lost() > 0) text += fmt::format("  lost {}", count_text(board.lost()));
  if (status.behind > 0) text += fmt::format("  behind {}", count_text(status.behind));
  return painted(style::kPlain, text, size);
}

std::string_view severity_style(client::Severity severity) {
  switch (severity) {
    case client::Severity::Severe:
      return style::kAlarm;
    case client::Severity::Warning:
      return style::kWarning;
    case client::Severity::Notice:
      return style::kStrong;
    default:
      return style::kPlain;
  }
}

std::string event_line(const client::EventItem& item, const TableSize& size) {
  const client::Event& event = item.event;
  const std::string text =
      fmt::format(" {} {} {}  {}", clock_text(event.true_time_us), left(harmless(event.unit), 18),
                  left(harmless(event.kind), 13), harmless(event.text));
  return painted(severity_style(event.severity), cut_to(text, size.columns), size);
}

void add_events(const Board& board, const TableSize& size, std::size_t lines,
                std::vector<std::string>& out) {
  std::string rule = fmt::format("── events {} ", count_text(board.event_count()));
  while (text_width(rule) < size.columns) rule += "─";
  out.push_back(painted(style::kFaint, rule, size));
  const auto shown = board.events(lines);
  for (const client::EventItem* event : shown) out.push_back(event_line(*event, size));
  for (std::size_t i = shown.size(); i < lines; ++i) out.emplace_back();
}

}  // namespace

std::size_t units_on_screen(const TableSize& size) {
  const std::size_t events = event_lines(size);
  const std::size_t others = kHeadLines + kFootLines + (events > 0 ? events + 1 : 0);
  return size.rows > others ? size.rows - others : 1;
}

std::vector<std::string> render_table(const Board& board, const TableStatus& status,
                                      const TableSize& size) {
  const bool screen = size.rows != 0;
  const std::size_t room = screen ? units_on_screen(size) : board.units().size();
  const std::size_t units = board.units().size();
  const std::size_t first = units > room ? std::min(size.first_unit, units - room) : 0;

  const TableColumns columns(board, size.columns);
  std::vector<std::string> lines;
  lines.push_back(title_line(status, size));
  lines.push_back(counts_line(board, status, size));
  lines.push_back(painted(style::kHeads, columns.heads(), size));
  auto at = board.units().begin();
  std::advance(at, static_cast<std::ptrdiff_t>(first));
  for (std::size_t i = 0; i < room; ++i) {
    if (at == board.units().end()) {
      lines.emplace_back();
      continue;
    }
    lines.push_back(columns.row(at->first, at->second, status, size.color));
    ++at;
  }
  const std::size_t events = screen ? event_lines(size) : board.events(Board::kEventsMax).size();
  if (events > 0) add_events(board, size, events, lines);
  if (!screen) return lines;
  std::string foot = " q quit";
  if (size.has_replay_keys) foot += "   space pause   left/right a minute   +/- speed";
  if (units > room) {
    foot += fmt::format("   up/down: units {}-{} of {}", first + 1, first + room, units);
  }
  lines.push_back(painted(style::kFaint, foot, size));
  lines.resize(std::min(lines.size(), size.rows));
  return lines;
}

}  // namespace vigie::cli
