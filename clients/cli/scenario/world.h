#pragma once
// A scenario worked out: where each unit is at each moment, what is said when, who is carried by
// whom. Pure; the same scenario and seed give the same world.

#include <cstdint>
#include <string>
#include <vector>

#include "clients/cli/scenario/geometry.h"
#include "clients/cli/scenario/scenario.h"

namespace vigie::cli {

struct Motion {
  Point at;
  double speed_m_s = 0;
  double course_deg = 0;
  bool is_carried = false;
};

/// One stretch of a journey that is travelled without a break. Times in seconds since the start.
struct Stretch {
  double begin_s = 0;
  std::vector<Point> way;
  std::vector<double> along_m;  // of each point of the way, from 0
  std::vector<Passage> passages;
};

struct Carrying {
  double from_s = 0;
  double to_s = 0;
  std::size_t unit = 0;     // is carried
  std::size_t carrier = 0;  // by this one; places in Scenario::units
};

struct Said {
  double at_s = 0;
  std::size_t unit = 0;
  ScenarioSaying saying;
};

/// Where the units of one itinerary go: a column, each unit a gap behind the one before.
struct Journey {
  std::vector<Stretch> stretches;
  std::vector<Carrying> rides;  // of its first unit; the others ride along
};

class World {
 public:
  /// `scenario` outlives the world. Fails with Invalid when an itinerary waits for a mark that is
  /// never set; the sentence names it.
  static Result<World> make(const Scenario& scenario);

  Motion motion(std::size_t unit, double at_s) const;
  ScenarioPlace place(Point point) const { return plane_.place(point); }
  /// Metres above mean sea level of the ground there.
  double altitude_m(Point point) const;
  double end_s() const { return end_s_; }
  const std::vector<Said>& said() const { return said_; }
  const std::vector<Carrying>& carryings() const { return carryings_; }

 private:
  friend class WorldMaker;
  explicit World(const Scenario& scenario, ScenarioPlace origin)
      : scenario_(&scenario), plane_(origin) {}

  struct UnitPlace {
    std::size_t journey = SIZE_MAX;  // SIZE_MAX: the unit has no itinerary and stands at the origin
    double behind_m = 0;
  };
  const Scenario* scenario_;
  Plane plane_;
  std::vector<Journey> journeys_;  // one an itinerary
  std::vector<UnitPlace> places_;  // one a unit
  std::vector<Said> said_;
  std::vector<Carrying> carryings_;
  double end_s_ = 0;
};

}  // namespace vigie::cli
