// Works the itineraries out, step by step and in turn, because one may wait for another.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "clients/cli/scenario/world.h"

namespace vigie::cli {

namespace {

constexpr double kSeconds = 1e-6;  // of µs

}  // namespace

class WorldMaker {
 public:
  explicit WorldMaker(const Scenario& scenario)
      : scenario_(scenario),
        world_(scenario,
               scenario.places.empty() ? ScenarioPlace() : scenario.places.begin()->second) {}

  Result<World> make() {
    world_.places_.resize(scenario_.units.size());
    world_.journeys_.resize(scenario_.itineraries.size());
    for (std::size_t i = 0; i < scenario_.itineraries.size(); ++i) begin(i);
    bool moved = true;
    while (moved) {
      moved = false;
      for (Run& run : runs_) {
        while (run.step < run.itinerary->steps.size() && take_step(run)) moved = true;
      }
    }
    for (const Run& run : runs_) {
      if (run.step < run.itinerary->steps.size()) {
        const ScenarioStep& step = run.itinerary->steps[run.step];
        return Fault{FaultCode::Invalid,
                     fmt::format("itinerary '{}', line {}: waits for the mark '{}', which is never "
                                 "set, or set only after this",
                                 run.itinerary->name, step.line, step.mark)};
      }
      world_.end_s_ = std::max(world_.end_s_, run.now_s);
    }
    std::stable_sort(world_.said_.begin(), world_.said_.end(),
                     [](const Said& a, const Said& b) { return a.at_s < b.at_s; });
    return std::move(world_);
  }

 private:
  struct Run {
    const ScenarioItinerary* itinerary;
    std::size_t journey;
    Chance chance;
    std::size_t step = 0;
    double now_s = 0;
  };

  std::size_t unit_index(const std::string& name) const {
    const auto at = std::find_if(scenario_.units.begin(), scenario_.units.end(),
                                 [&](const ScenarioUnit& unit) { return unit.name == name; });
    return static_cast<std::size_t>(at - scenario_.units.begin());
  }
  Point point(const std::string& place) const {
    return world_.plane_.point(scenario_.places.at(place));
  }
  Journey& journey(const Run& run) { return world_.journeys_[run.journey]; }

  void begin(std::size_t index) {
    const ScenarioItinerary& itinerary = scenario_.itineraries[index];
    runs_.push_back({&itinerary, index, Chance(scenario_.seed, itinerary.name)});
    for (std::size_t i = 0; i < itinerary.units.size(); ++i) {
      world_.places_[unit_index(itinerary.units[i])] = {index,
                                                        itinerary.gap_m * static_cast<double>(i)};
    }
    world_.journeys_[index].stretches.push_back({0, {point(itinerary.at)}, {0}, {{0, 0}}});
  }

  /// False: it must wait for another itinerary, and nothing was done.
  bool take_step(Run& run) {
    const ScenarioStep& step = run.itinerary->steps[run.step];
    using Kind = ScenarioStep::Kind;
    if (step.kind == Kind::Wait && !marks_.contains(step.mark)) return false;
    if (step.kind == Kind::Ride && !can_ride(step)) return false;
    if (step.saying) say(run, *step.saying);
    switch (step.kind) {
      case Kind::Stay:
        run.now_s = step.until_us != 0
                        ? std::max(run.now_s, static_cast<double>(step.until_us) * kSeconds)
                        : run.now_s + static_cast<double>(step.for_us) * kSeconds;
        break;
      case Kind::Move: {
        std::vector<Point> to;
        for (const std::string& place : step.places) to.push_back(point(place));
        travel(run, to, scenario_.grounds.at(step.ground));
        break;
      }
      case Kind::Search: {
        std::vector<Point> corners;
        for (const std::string& place : step.places) corners.push_back(point(place));
        travel(run, comb(journey(run).stretches.back().way.back(), corners, step.spacing_m),
               scenario_.grounds.at(step.ground));
        break;
      }
      case Kind::Mark:
        marks_.emplace(step.mark, run.now_s);
        break;
      case Kind::Wait:
        run.now_s = std::max(run.now_s, marks_.at(step.mark));
        break;
      case Kind::Ride:
        ride(run, step);
        break;
      case Kind::Say:
        break;
    }
    ++run.step;
    return true;
  }

  void say(const Run& run, const ScenarioSaying& saying) {
    const std::string& by = saying.by.empty() ? run.itinerary->units.front() : saying.by;
    world_.said_.push_back({run.now_s, unit_index(by), saying});
  }

  void travel(Run& run, const std::vector<Point>& to, const ScenarioGround& ground) {
    Stretch& stretch = journey(run).stretches.back();
    const std::vector<Point> way = bending_way(stretch.way.back(), to, ground, run.chance);
    if (way.size() < 2) return;
    std::vector<double> along = {stretch.along_m.back()};
    for (std::size_t i = 1; i < way.size(); ++i) {
      along.push_back(along.back() + std::max(distance(way[i - 1], way[i]), 1e-3));
    }
    const std::vector<Passage> passages = time_way(way, along, ground, run.chance);
    for (const Passage& passage : passages) {
      stretch.passages.push_back({run.now_s + passage.at_s, passage.along_m});
    }
    stretch.way.insert(stretch.way.end(), way.begin() + 1, way.end());
    stretch.along_m.insert(stretch.along_m.end(), along.begin() + 1, along.end());
    run.now_s += passages.back().at_s;
  }

  /// A ride ends at a mark; the carrier's own journey must be known up to then.
  bool can_ride(const ScenarioStep& step) const {
    const auto mark = marks_.find(step.mark);
    if (mark == marks_.end()) return false;
    const std::size_t journey_of_carrier = world_.places_[unit_index(step.with)].journey;
    if (journey_of_carrier == SIZE_MAX) return true;
    const Run& carrier = runs_[journey_of_carrier];
    return carrier.now_s >= mark->second || carrier.step >= carrier.itinerary->steps.size();
  }

  void ride(Run& run, const ScenarioStep& step) {
    const double until_s = std::max(run.now_s, marks_.at(step.mark));
    const std::size_t carrier = unit_index(step.with);
    journey(run).rides.push_back(
        {run.now_s, until_s, unit_index(run.itinerary->units.front()), carrier});
    for (const std::string& unit : run.itinerary->units) {
      world_.carryings_.push_back({run.now_s, until_s, unit_index(unit), carrier});
    }
    run.now_s = until_s;
    const Point at = world_.motion(carrier, until_s).at;
    journey(run).stretches.push_back({until_s, {at}, {0}, {{until_s, 0}}});
  }

  const Scenario& scenario_;
  World world_;
  std::vector<Run> runs_;
  std::map<std::string, double> marks_;
};

Result<World> World::make(const Scenario& scenario) {
  return WorldMaker(scenario).make();
}

}  // namespace vigie::cli
