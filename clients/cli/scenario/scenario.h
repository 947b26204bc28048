#pragma once
// A scenario as its file says it: who, where, which way, what is said, which links fail. The format
// is described in deploy/scenarios/README.md. Plain values.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schemas/words/result.h"
#include "vigie/values.h"

namespace vigie::cli {

/// In degrees, WGS 84.
struct ScenarioPlace {
  double lat = 0;
  double lon = 0;
};

/// How one gets on over a kind of ground.
struct ScenarioGround {
  double speed_m_s = 5;
  double wander_m = 0;       // how far a way bends off the straight line
  double pause_every_m = 0;  // a short halt about so often; 0: none
};

struct ScenarioUnit {
  std::string name;  // OWNER/NAME
  std::string group;
  client::UnitCard card;                      // call sign, kind, symbol
  std::int64_t report_us = 10'000'000;        // between fixes while it moves
  std::int64_t report_still_us = 60'000'000;  // and while it does not
  std::int64_t clock_error_us = 0;            // its clock minus the right time; 0: satellite time
};

struct ScenarioSaying {
  std::string by;  // OWNER/NAME; empty: the itinerary's first unit
  std::string kind;
  client::Severity severity = client::Severity::Info;
  std::string text;
  std::vector<client::Field> fields;
};

struct ScenarioStep {
  enum class Kind { Stay, Move, Search, Mark, Wait, Ride, Say };
  Kind kind = Kind::Stay;
  std::optional<ScenarioSaying> saying;  // at its beginning
  std::int64_t for_us = 0;               // Stay
  std::int64_t until_us = 0;             // Stay: scenario time since its start; 0: for_us counts
  std::vector<std::string> places;       // Move: way points. Search: corners of the area
  std::string ground;
  double spacing_m = 0;  // Search: between lines
  std::string mark;      // Mark: its name. Wait, Ride: until it is set
  std::string with;      // Ride: the carrier, OWNER/NAME
  std::size_t line = 0;  // in the file
};

struct ScenarioItinerary {
  std::string name;
  std::vector<std::string> units;  // in column: the first leads
  double gap_m = 50;               // between one and the next
  std::string at;                  // place at the start
  std::vector<ScenarioStep> steps;
};

struct ScenarioOutage {
  std::string unit;
  std::int64_t from_us = 0;  // since the start
  std::int64_t for_us = 0;
};

struct Scenario {
  std::string title;
  std::int64_t start_us = 0;  // UTC of its first moment
  std::uint64_t seed = 1;
  double noise_m = 3;     // of positions, 68 %
  double altitude_m = 0;  // about which the ground rises and falls
  std::map<std::string, ScenarioPlace> places;
  std::map<std::string, ScenarioGround> grounds;
  std::vector<ScenarioUnit> units;
  std::vector<ScenarioItinerary> itineraries;
  std::vector<ScenarioOutage> outages;
};

/// Reads and checks a scenario. Fails with Invalid: the sentence names `path`, line and key.
Result<Scenario> parse_scenario(const std::string& text, const std::string& path);
Result<Scenario> load_scenario(const std::string& path);

}  // namespace vigie::cli
