#include "clients/cli/scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "clients/cli/scenario/checked_table.h"
#include "schemas/messages/names.h"

namespace vigie::cli {
namespace {

constexpr double kKmhToMs = 1 / 3.6;
constexpr std::int64_t kSecondUs = 1'000'000;

class Loader {
 public:
  explicit Loader(const std::string& path) : faults_(path) {}

  Result<Scenario> load(const toml::table& root) {
    CheckedTable file(root, "scenario", faults_);
    scenario_.title = file.text("title", "");
    scenario_.start_us = file.moment("start");
    if (scenario_.start_us == 0) file.fault("start", "is missing");
    scenario_.seed = static_cast<std::uint64_t>(file.integer("seed", 1));
    scenario_.noise_m = file.number("noise_m", 3, 0, 1000);
    scenario_.altitude_m = file.number("altitude_m", 0, -500, 9000);
    load_places(file);
    load_grounds(file);
    for (const toml::table* table : file.tables("unit")) load_unit(*table);
    for (const toml::table* table : file.tables("itinerary")) load_itinerary(*table);
    for (const toml::table* table : file.tables("outage")) load_outage(*table);
    file.finish();
    if (!faults_.first() && scenario_.units.empty()) file.fault("unit", "there is none");
    if (faults_.first()) return *faults_.first();
    return std::move(scenario_);
  }

 private:
  void load_places(CheckedTable& file) {
    const toml::table* places = file.table("places");
    if (places == nullptr) return;
    for (const auto& [key, value] : *places) {
      const toml::array* pair = value.as_array();
      const bool is_pair = pair != nullptr && pair->size() == 2;
      // A degree that is no number falls out of the range below.
      const double lat = is_pair ? (*pair)[0].value_or(1e9) : 1e9;
      const double lon = is_pair ? (*pair)[1].value_or(1e9) : 1e9;
      if (lat < -85 || lat > 85 || lon < -180 || lon > 180) {
        faults_.add(value.source().begin.line,
                    fmt::format("places: '{}' is not [LAT, LON] in degrees", key.str()));
        continue;
      }
      scenario_.places[std::string(key.str())] = {lat, lon};
    }
  }

  void load_grounds(CheckedTable& file) {
    const toml::table* grounds = file.table("ground");
    if (grounds == nullptr) return;
    for (const auto& [key, value] : *grounds) {
      if (value.as_table() == nullptr) {
        faults_.add(value.source().begin.line,
                    fmt::format("ground: '{}' is not a table", key.str()));
        continue;
      }
      CheckedTable table(*value.as_table(), fmt::format("ground '{}'", key.str()), faults_);
      ScenarioGround& ground = scenario_.grounds[std::string(key.str())];
      ground.speed_m_s = table.number("speed_kmh", 18, 0.5, 1000) * kKmhToMs;
      ground.wander_m = table.number("wander_m", 0, 0, 2000);
      ground.pause_every_m = table.number("pause_every_km", 0, 0, 1000) * 1000;
      table.finish();
    }
  }

  void load_unit(const toml::table& node) {
    CheckedTable table(node, fmt::format("unit {}", scenario_.units.size() + 1), faults_);
    ScenarioUnit unit;
    unit.name = table.needed_text("name");
    if (!is_unit_name(unit.name))
      table.fault("name", fmt::format("'{}' is not OWNER/NAME", unit.name));
    if (has_unit(unit.name)) table.fault("name", fmt::format("'{}' stands there twice", unit.name));
    unit.group = table.text("group", "");
    if (!unit.group.empty() && !is_segment(unit.group)) {
      table.fault("group", fmt::format("'{}' is not a group's name", unit.group));
    }
    unit.card.unit_kind = table.text("kind", "");
    if (!unit.card.unit_kind.empty() && !is_kind(unit.card.unit_kind)) {
      table.fault("kind", fmt::format("'{}': 1-32 of a-z, 0-9, '_'", unit.card.unit_kind));
    }
    unit.card.call_sign = table.text("call_sign", "");
    unit.card.symbol = table.text("symbol", "");
    unit.report_us = table.duration("report", unit.report_us);
    unit.report_still_us = table.duration("report_still", unit.report_still_us);
    unit.clock_error_us = table.duration("clock_error", 0);
    if (unit.report_us < kSecondUs / 10) table.fault("report", "is below 100 ms");
    if (unit.report_still_us < unit.report_us) table.fault("report_still", "is below 'report'");
    table.finish();
    scenario_.units.push_back(std::move(unit));
  }

  bool has_unit(const std::string& name) const {
    return std::any_of(scenario_.units.begin(), scenario_.units.end(),
                       [&](const ScenarioUnit& unit) { return unit.name == name; });
  }
  void need_unit(CheckedTable& table, std::string_view key, const std::string& name) {
    if (!has_unit(name)) table.fault(key, fmt::format("there is no unit '{}'", name));
  }
  void need_place(CheckedTable& table, std::string_view key, const std::string& name) {
    if (!scenario_.places.contains(name))
      table.fault(key, fmt::format("there is no place '{}'", name));
  }

  void load_itinerary(const toml::table& node) {
    CheckedTable table(node, fmt::format("itinerary {}", scenario_.itineraries.size() + 1),
                       faults_);
    ScenarioItinerary itinerary;
    itinerary.name = table.text("name", "");
    itinerary.units = table.texts("units");
    if (itinerary.units.empty()) table.fault("units", "there is none");
    for (const std::string& unit : itinerary.units) {
      need_unit(table, "units", unit);
      if (!placed_.insert(unit).second) {
        table.fault("units", fmt::format("'{}' has an itinerary already", unit));
      }
    }
    itinerary.gap_m = table.number("gap_m", 50, 0, 5000);
    itinerary.at = table.needed_text("at");
    need_place(table, "at", itinerary.at);
    for (const toml::table* step : table.tables("steps")) {
      itinerary.steps.push_back(load_step(*step, itinerary));
    }
    table.finish();
    scenario_.itineraries.push_back(std::move(itinerary));
  }

  ScenarioStep load_step(const toml::table& node, const ScenarioItinerary& itinerary) {
    CheckedTable table(
        node, fmt::format("itinerary '{}', step {}", itinerary.name, itinerary.steps.size() + 1),
        faults_);
    ScenarioStep step;
    step.line = table.line();
    const std::string what = table.needed_text("do");
    if (what == "stay")
      load_stay(table, step);
    else if (what == "move")
      load_move(table, step);
    else if (what == "search")
      load_search(table, step);
    else if (what == "mark" || what == "wait") {
      step.kind = what == "mark" ? ScenarioStep::Kind::Mark : ScenarioStep::Kind::Wait;
      step.mark = table.needed_text("mark");
    } else if (what == "ride") {
      step.kind = ScenarioStep::Kind::Ride;
      step.mark = table.needed_text("until");
      step.with = table.needed_text("with");
      need_unit(table, "with", step.with);
    } else if (what == "say") {
      step.kind = ScenarioStep::Kind::Say;
      if (!table.has("event")) table.fault("event", "is missing");
    } else if (!what.empty()) {
      table.fault(
          "do", fmt::format("'{}' is not one of stay, move, search, mark, wait, ride, say", what));
    }
    load_saying(table, step);
    table.finish();
    return step;
  }

  void load_stay(CheckedTable& table, ScenarioStep& step) {
    step.for_us = table.duration("for", 0);
    const std::int64_t until = table.moment("until");
    if (until != 0) step.until_us = until - scenario_.start_us;
    if ((until != 0) == (step.for_us != 0)) table.fault("for", "give either 'for' or 'until'");
    if (step.for_us < 0) table.fault("for", "is negative");
  }

  void load_move(CheckedTable& table, ScenarioStep& step) {
    step.kind = ScenarioStep::Kind::Move;
    step.places = table.texts("to");
    if (step.places.empty()) table.fault("to", "there is no place");
    for (const std::string& place : step.places) need_place(table, "to", place);
    load_ground(table, step);
  }

  void load_search(CheckedTable& table, ScenarioStep& step) {
    step.kind = ScenarioStep::Kind::Search;
    step.places = table.texts("corners");
    if (step.places.size() < 3) table.fault("corners", "an area has three at least");
    for (const std::string& place : step.places) need_place(table, "corners", place);
    step.spacing_m = table.number("spacing_m", 200, 5, 10'000);
    load_ground(table, step);
  }

  void load_ground(CheckedTable& table, ScenarioStep& step) {
    step.ground = table.needed_text("ground");
    if (!scenario_.grounds.contains(step.ground)) {
      table.fault("ground", fmt::format("there is no ground '{}'", step.ground));
    }
  }

  void load_saying(CheckedTable& table, ScenarioStep& step) {
    if (!table.has("event")) return;
    ScenarioSaying saying;
    saying.kind = table.needed_text("event");
    if (!is_kind(saying.kind))
      table.fault("event", fmt::format("'{}': 1-32 of a-z, 0-9, '_'", saying.kind));
    saying.text = table.text("text", "");
    saying.by = table.text("by", "");
    if (!saying.by.empty()) need_unit(table, "by", saying.by);
    const std::string severity = table.text("severity", "info");
    constexpr std::string_view kSeverities[] = {"info", "notice", "warning", "severe"};
    const auto* at = std::find(std::begin(kSeverities), std::end(kSeverities), severity);
    if (at == std::end(kSeverities)) {
      table.fault("severity", "is not info, notice, warning or severe");
    } else {
      saying.severity = static_cast<client::Severity>(at - std::begin(kSeverities));
    }
    if (const toml::table* fields = table.table("fields")) {
      for (const auto& [key, value] : *fields) {
        const auto text = value.value<std::string>();
        if (!text)
          table.fault("fields", fmt::format("'{}' is not a text", key.str()));
        else
          saying.fields.push_back({std::string(key.str()), *text});
      }
    }
    step.saying = std::move(saying);
  }

  void load_outage(const toml::table& node) {
    CheckedTable table(node, fmt::format("outage {}", scenario_.outages.size() + 1), faults_);
    const std::int64_t from_us = table.moment("from") - scenario_.start_us;
    const std::int64_t for_us = table.duration("for", 0);
    if (for_us <= 0) table.fault("for", "is missing or not above 0");
    for (const std::string& unit : table.texts("units")) {
      need_unit(table, "units", unit);
      scenario_.outages.push_back({unit, from_us, for_us});
    }
    if (!table.has("units")) table.fault("units", "is missing");
    table.finish();
  }

  TomlFaults faults_;
  Scenario scenario_;
  std::set<std::string> placed_;  // units that have an itinerary
};

}  // namespace

Result<Scenario> parse_scenario(const std::string& text, const std::string& path) {
  try {
    const toml::table root = toml::parse(text, path);
    return Loader(path).load(root);
  } catch (const toml::parse_error& error) {
    return Fault{FaultCode::Invalid,
                 fmt::format("{}:{}: {}", path, error.source().begin.line, error.description())};
  }
}

Result<Scenario> load_scenario(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  // From an empty file there is nothing to copy, which a stream takes for a failure.
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || !text) {
    return Fault{FaultCode::NotFound, fmt::format("{}: cannot be read", path)};
  }
  return parse_scenario(text.str(), path);
}

}  // namespace vigie::cli
