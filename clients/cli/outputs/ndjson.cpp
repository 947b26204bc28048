#include "clients/cli/outputs/ndjson.h"

#include <fmt/format.h>

#include "clients/cli/outputs/access_line.h"
#include "clients/cli/outputs/json_line.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

using client::Match;

void add_stamp(JsonLine& line, const client::Stamp& stamp, std::string_view channel) {
  line.number("seq", stamp.seq);
  line.text("origin", stamp.origin.text());
  line.number("origin_seq", stamp.origin_seq);
  line.text("channel", channel);
}

void add_name(JsonLine& line, const client::Stamp& stamp) {
  line.text("spool", stamp.name.spool.text());
  line.number("number", stamp.name.number);
}

void add_times(JsonLine& line, std::string_view message_class, std::int64_t true_time_us,
               client::ClockKind clock, const client::Stamp* stamp) {
  line.text("class", message_class);
  line.time("true_time", true_time_us);
  if (stamp != nullptr) line.time("known_time", stamp->known_time_us);
  line.text("clock", clock == client::ClockKind::Satellite ? "satellite" : "device");
  if (stamp != nullptr && stamp->clock_offset_us != 0) {
    line.scaled("clock_offset_s", stamp->clock_offset_us, 6);
  }
}

void add_position(JsonLine& line, std::int32_t lat_e7, std::int32_t lon_e7) {
  line.scaled("lat", lat_e7, 7, 7);
  line.scaled("lon", lon_e7, 7, 7);
}

void add_fix(JsonLine& line, const client::Fix& fix) {
  add_position(line, fix.lat_e7, fix.lon_e7);
  if (fix.altitude_mm) line.scaled("alt_m", *fix.altitude_mm, 3);
  if (fix.speed_mm_s) line.scaled("speed_m_s", *fix.speed_mm_s, 3);
  if (fix.course_mdeg) line.scaled("course_deg", *fix.course_mdeg, 3);
  if (fix.h_accuracy_mm) line.scaled("h_acc_m", *fix.h_accuracy_mm, 3);
  if (fix.v_accuracy_mm) line.scaled("v_acc_m", *fix.v_accuracy_mm, 3);
  if (fix.fix_type != client::FixType::Unknown) line.text("fix_type", fix_type_name(fix.fix_type));
  if (fix.source != client::FixSource::Unknown) line.text("source", fix_source_name(fix.source));
  if (fix.satellites) line.number("satellites", *fix.satellites);
  if (fix.battery_percent) line.number("battery_percent", *fix.battery_percent);
}

void add_event(JsonLine& line, const client::Event& event) {
  line.text("kind", event.kind);
  line.text("severity", severity_name(event.severity));
  if (!event.text.empty()) line.text("text", event.text);
  if (event.position) add_position(line, event.position->lat_e7, event.position->lon_e7);
  if (!event.fields.empty()) {
    std::string fields = "{";
    for (const client::Field& field : event.fields) {
      if (fields.size() > 1) fields += ',';
      append_json_text(fields, field.key);
      fields += ':';
      append_json_text(fields, field.value);
    }
    line.raw("fields", fields + "}");
  }
  if (event.references.empty()) return;
  std::string references = "[";
  for (const client::MessageName& name : event.references) {
    references += fmt::format("{}{{\"spool\":\"{}\",\"number\":{}}}",
                              references.size() > 1 ? "," : "", name.spool.text(), name.number);
  }
  line.raw("references", references + "]");
}

void add_state(JsonLine& line, const client::State& state) {
  line.text("kind", state_kind_name(state.kind));
  if (state.deleted) {
    line.flag("deleted", true);
    return;
  }
  add_access(line, state);
  if (state.kind != client::StateKind::UnitCard) return;
  const client::UnitCard& card = state.card;
  if (!card.call_sign.empty()) line.text("call_sign", card.call_sign);
  if (!card.unit_kind.empty()) line.text("unit_kind", card.unit_kind);
  if (!card.symbol.empty()) line.text("symbol", card.symbol);
  if (!card.carried_by.empty()) line.text("carried_by", card.carried_by);
  if (card.carries.empty()) return;
  std::string carries = "[";
  for (const std::string& unit : card.carries) {
    if (carries.size() > 1) carries += ',';
    append_json_text(carries, unit);
  }
  line.raw("carries", carries + "]");
}

std::string fix_line(const client::FixItem& item) {
  JsonLine line;
  add_stamp(line, item.stamp, channel_of(item));
  line.text("unit", item.fix.unit);
  add_times(line, "track", item.fix.true_time_us, item.fix.clock, &item.stamp);
  add_fix(line, item.fix);
  line.number("count", item.count);
  if (item.conflated != 0) line.number("conflated", item.conflated);
  if (item.late) line.flag("late", true);
  if (item.aside) line.flag("aside", true);
  if (item.implausible) line.flag("implausible", true);
  if (item.snapshot) line.flag("snapshot", true);
  add_name(line, item.stamp);
  return line.finish();
}

std::string event_line(const client::EventItem& item) {
  JsonLine line;
  add_stamp(line, item.stamp, channel_of(item));
  line.text("unit", item.event.unit);
  add_times(line, "event", item.event.true_time_us, item.event.clock, &item.stamp);
  add_event(line, item.event);
  add_name(line, item.stamp);
  return line.finish();
}

std::string state_line(const client::StateItem& item) {
  JsonLine line;
  add_stamp(line, item.stamp, channel_of(item));
  line.text("unit", item.state.name);
  add_times(line, "state", item.state.true_time_us, item.state.clock, &item.stamp);
  add_state(line, item.state);
  if (item.snapshot) line.flag("snapshot", true);
  add_name(line, item.stamp);
  return line.finish();
}

JsonLine notice(std::string_view what) {
  JsonLine line;
  line.text("notice", what);
  return line;
}

std::string_view stale_name(client::Stale why) {
  constexpr std::string_view kNames[] = {"cut", "silent", "anew"};
  const auto index = static_cast<std::size_t>(why);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

std::string_view phase_name(client::ReplayPhase phase) {
  switch (phase) {
    case client::ReplayPhase::Playing:
      return "playing";
    case client::ReplayPhase::Paused:
      return "paused";
    case client::ReplayPhase::Ended:
      return "ended";
    case client::ReplayPhase::Failed:
      return "failed";
  }
  return "unknown";
}

std::string notice_line(const client::Item& item) {
  return std::visit(Match{[](const client::SnapshotBegin& begin) {
                            JsonLine line = notice("snapshot_begin");
                            line.flag("replaces", begin.replaces);
                            return line.finish();
                          },
                          [](const client::SnapshotEnd& end) {
                            JsonLine line = notice("snapshot_end");
                            line.number("as_of_seq", end.seq);
                            line.time("time", end.time_us);
                            line.number("units", end.units);
                            line.number("states", end.states);
                            return line.finish();
                          },
                          [](const client::LeaveItem& leave) {
                            JsonLine line = notice("leave");
                            line.text("unit", leave.unit);
                            return line.finish();
                          },
                          [](const client::LostItem& lost) {
                            JsonLine line = notice("lost");
                            line.number("first_seq", lost.first_seq);
                            line.number("last_seq", lost.last_seq);
                            return line.finish();
                          },
                          [](const client::ConflatedItem& conflated) {
                            JsonLine line = notice("conflated");
                            line.number("fixes", conflated.fixes);
                            line.number("units", conflated.units);
                            return line.finish();
                          },
                          [](const client::LinkItem& link) {
                            JsonLine line = notice("link");
                            line.text("state", link_state_name(link.state));
                            if (link.code != client::Refusal::None)
                              line.text("code", refusal_name(link.code));
                            if (link.state == client::LinkState::Stale)
                              line.text("stale", stale_name(link.stale));
                            if (!link.reason.empty()) line.text("reason", link.reason);
                            return line.finish();
                          },
                          [](const client::ReplayItem& replay) {
                            JsonLine line = notice("replay");
                            line.text("phase", phase_name(replay.phase));
                            line.time("time", replay.time_us);
                            line.number("sent", replay.sent);
                            if (!replay.reason.empty()) line.text("reason", replay.reason);
                            return line.finish();
                          },
                          [](const auto&) { return std::string(); }},
                    item);
}

}  // namespace

std::string ndjson_line(const client::Item& item, bool notices) {
  if (const auto* fix = std::get_if<client::FixItem>(&item)) return fix_line(*fix);
  if (const auto* event = std::get_if<client::EventItem>(&item)) return event_line(*event);
  if (const auto* state = std::get_if<client::StateItem>(&item)) return state_line(*state);
  return notices ? notice_line(item) : std::string();
}

std::string ndjson_line(const client::Fix& fix) {
  JsonLine line;
  line.text("channel",
            channel_name(MessageClass::Track, owner_of(fix.unit), group_or_none(fix.group)));
  line.text("unit", fix.unit);
  add_times(line, "track", fix.true_time_us, fix.clock, nullptr);
  add_fix(line, fix);
  return line.finish();
}

std::string ndjson_line(const client::Event& event) {
  JsonLine line;
  line.text("channel",
            channel_name(MessageClass::Event, owner_of(event.unit), group_or_none(event.group)));
  line.text("unit", event.unit);
  add_times(line, "event", event.true_time_us, event.clock, nullptr);
  add_event(line, event);
  return line.finish();
}

std::string ndjson_line(const client::State& state) {
  JsonLine line;
  line.text("channel",
            channel_name(MessageClass::State, owner_of(state.name), group_or_none(state.group)));
  line.text("unit", state.name);
  add_times(line, "state", state.true_time_us, state.clock, nullptr);
  add_state(line, state);
  return line.finish();
}

std::string notice_text(const client::Item& item) {
  return std::visit(
      Match{[](const client::LostItem& lost) {
              return fmt::format(
                  "seqs {}..{} are gone: older than what the hub keeps, or lost in a "
                  "crash before they were durable",
                  lost.first_seq, lost.last_seq);
            },
            [](const client::ConflatedItem& conflated) {
              return fmt::format("behind: {} fixes of {} units were left out, the newest was kept",
                                 conflated.fixes, conflated.units);
            },
            [](const client::LinkItem& link) {
              if (link.state == client::LinkState::Live || link.state == client::LinkState::Ended) {
                return link.code == client::Refusal::None
                           ? std::string()
                           : fmt::format("{}: {}", refusal_name(link.code), link.reason);
              }
              if (link.state == client::LinkState::Connecting) return std::string();
              if (link.state == client::LinkState::Stale) {
                return fmt::format("nothing new since {}: {}; coming back by itself",
                                   format_time(link.since_us),
                                   link.reason.empty() ? "the hub is away" : link.reason);
              }
              return fmt::format("the hub refuses the session: {}: {}", refusal_name(link.code),
                                 link.reason);
            },
            [](const client::ReplayItem& replay) {
              std::string text;
              for (const client::SeqRange& range : replay.damaged) {
                text += fmt::format("{}seqs {}..{} are damaged in the hub's store and missing here",
                                    text.empty() ? "" : "; ", range.first, range.last);
              }
              // Of what there was and is not kept any more; answers are for who steers.
              const bool is_end = replay.phase == client::ReplayPhase::Ended && replay.request == 0;
              if (is_end && !replay.reason.empty()) {
                text += fmt::format("{}{}", text.empty() ? "" : "; ", replay.reason);
              }
              return text;
            },
            [](const auto&) { return std::string(); }},
      item);
}

std::string_view severity_name(client::Severity severity) {
  constexpr std::string_view kNames[] = {"info", "notice", "warning", "severe"};
  const auto index = static_cast<std::size_t>(severity);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

std::string_view fix_type_name(client::FixType type) {
  constexpr std::string_view kNames[] = {"unknown",      "none",      "estimated", "2d",    "3d",
                                         "differential", "rtk_float", "rtk_fixed", "manual"};
  const auto index = static_cast<std::size_t>(type);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

std::string_view fix_source_name(client::FixSource source) {
  constexpr std::string_view kNames[] = {"unknown", "satellite", "cellular", "inertial",
                                         "manual",  "simulated", "replayed"};
  const auto index = static_cast<std::size_t>(source);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

std::string_view link_state_name(client::LinkState state) {
  constexpr std::string_view kNames[] = {"connecting", "live", "stale", "refused", "ended"};
  const auto index = static_cast<std::size_t>(state);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

}  // namespace vigie::cli
