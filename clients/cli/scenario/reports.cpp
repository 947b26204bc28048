#include "clients/cli/scenario/reports.h"

#include <algorithm>
#include <cmath>

namespace vigie::cli {
namespace {

constexpr double kStill_m_s = 0.2;
constexpr double kNoiseMemory_s = 90;  // a receiver's error wanders rather than jumps

/// A receiver's error: a part that wanders and a part that is new each time.
class Receiver {
 public:
  Receiver(const Scenario& scenario, const ScenarioUnit& unit)
      : chance_(scenario.seed, unit.name), noise_m_(scenario.noise_m) {}

  client::Fix fix(const World& world, const ScenarioUnit& unit, const Motion& motion, double at_s) {
    const double keep = std::exp(-(at_s - last_s_) / kNoiseMemory_s);
    last_s_ = at_s;
    // A 68 % radius is about one and a half deviations of each axis.
    const double deviation = noise_m_ / 1.5;
    const double fresh = std::sqrt(1 - keep * keep);
    east_ = east_ * keep + fresh * chance_.normal() * deviation * 0.9;
    north_ = north_ * keep + fresh * chance_.normal() * deviation * 0.9;
    const Point seen{motion.at.x + east_ + chance_.normal() * deviation * 0.4,
                     motion.at.y + north_ + chance_.normal() * deviation * 0.4};
    const ScenarioPlace place = world.place(seen);
    client::Fix fix;
    fix.unit = unit.name;
    fix.group = unit.group;
    (void)fix.set_position(place.lat, place.lon);
    const double altitude = world.altitude_m(motion.at) + chance_.normal() * noise_m_;
    fix.altitude_mm = static_cast<std::int32_t>(std::lround(altitude * 10)) * 100;
    const double speed = std::max(0.0, motion.speed_m_s + chance_.normal() * 0.15);
    const bool moves = motion.speed_m_s > kStill_m_s;
    fix.speed_mm_s = static_cast<std::uint32_t>(std::lround((moves ? speed : 0) * 100)) * 10;
    if (moves) {
      const double course = std::fmod(motion.course_deg + chance_.normal() * 2 + 360, 360);
      fix.course_mdeg = static_cast<std::uint32_t>(std::lround(course * 10)) % 3600 * 100;
    }
    const double accuracy = noise_m_ * chance_.uniform(0.8, 1.7);
    fix.h_accuracy_mm = static_cast<std::uint32_t>(std::lround(accuracy * 10)) * 100;
    fix.v_accuracy_mm = static_cast<std::uint32_t>(std::lround(accuracy * 16)) * 100;
    fix.fix_type = client::FixType::ThreeD;
    fix.source = client::FixSource::Simulated;
    fix.satellites = static_cast<std::uint8_t>(chance_.uniform(7, 14));
    return fix;
  }
  Chance& chance() { return chance_; }

 private:
  Chance chance_;
  double noise_m_;
  double east_ = 0, north_ = 0;
  double last_s_ = 0;
};

/// A hand-held device empties over the day and is charged over night.
std::uint8_t battery_percent(double at_s) {
  const double hours = std::fmod(at_s / 3600, 24);
  return static_cast<std::uint8_t>(std::lround(100 - hours * 3.2));
}

void add_fixes(const Scenario& scenario, const World& world, std::size_t index,
               std::int64_t until_us, std::vector<Report>& reports) {
  const ScenarioUnit& unit = scenario.units[index];
  Receiver receiver(scenario, unit);
  // Trackers do not all report in the same instant.
  auto at_us =
      static_cast<std::int64_t>(receiver.chance().uniform(0, static_cast<double>(unit.report_us)));
  std::int64_t last_us = -unit.report_still_us;
  bool moved = false;
  for (; at_us < until_us; at_us += unit.report_us) {
    const double at_s = static_cast<double>(at_us) * 1e-6;
    const Motion motion = world.motion(index, at_s);
    const bool moves = motion.speed_m_s > kStill_m_s && !motion.is_carried;
    const bool due = at_us - last_us >= unit.report_still_us;
    if (moves || moved || due) {
      Report report{at_us, index, receiver.fix(world, unit, motion, at_s)};
      auto& fix = std::get<client::Fix>(report.message);
      if (unit.card.unit_kind == "foot") fix.battery_percent = battery_percent(at_s);
      reports.push_back(std::move(report));
      last_us = at_us;
    }
    moved = moves;
  }
}

void add_events(const Scenario& scenario, const World& world, std::vector<Report>& reports) {
  for (const Said& said : world.said()) {
    const ScenarioUnit& unit = scenario.units[said.unit];
    const ScenarioPlace place = world.place(world.motion(said.unit, said.at_s).at);
    client::Event event;
    event.unit = unit.name;
    event.group = unit.group;
    event.kind = said.saying.kind;
    event.severity = said.saying.severity;
    event.text = said.saying.text;
    event.fields = said.saying.fields;
    event.position = client::Place{static_cast<std::int32_t>(std::lround(place.lat * 1e7)),
                                   static_cast<std::int32_t>(std::lround(place.lon * 1e7))};
    reports.push_back({std::llround(said.at_s * 1e6), said.unit, std::move(event)});
  }
}

client::State card_of(const Scenario& scenario, const World& world, std::size_t index,
                      double at_s) {
  const ScenarioUnit& unit = scenario.units[index];
  client::State state;
  state.name = unit.name;
  state.group = unit.group;
  state.card = unit.card;
  for (const Carrying& carrying : world.carryings()) {
    if (at_s < carrying.from_s || at_s >= carrying.to_s) continue;
    if (carrying.unit == index) state.card.carried_by = scenario.units[carrying.carrier].name;
    if (carrying.carrier == index) state.card.carries.push_back(scenario.units[carrying.unit].name);
  }
  return state;
}

void add_cards(const Scenario& scenario, const World& world, std::vector<Report>& reports) {
  const auto add = [&](std::size_t unit, double at_s) {
    reports.push_back({std::llround(at_s * 1e6), unit, card_of(scenario, world, unit, at_s)});
  };
  for (std::size_t i = 0; i < scenario.units.size(); ++i) add(i, 0);
  for (const Carrying& carrying : world.carryings()) {
    for (const double at_s : {carrying.from_s, carrying.to_s}) {
      if (at_s == 0) continue;
      add(carrying.unit, at_s);
      add(carrying.carrier, at_s);
    }
  }
}

}  // namespace

std::vector<Report> make_reports(const Scenario& scenario, const World& world,
                                 std::int64_t until_us) {
  const auto end_us = static_cast<std::int64_t>(world.end_s() * 1e6);
  const std::int64_t until = until_us > 0 ? std::min(until_us, end_us) : end_us;
  std::vector<Report> reports;
  add_cards(scenario, world, reports);
  add_events(scenario, world, reports);
  for (std::size_t i = 0; i < scenario.units.size(); ++i) {
    add_fixes(scenario, world, i, until, reports);
  }
  std::erase_if(reports, [&](const Report& report) { return report.at_us > until; });
  std::stable_sort(reports.begin(), reports.end(),
                   [](const Report& a, const Report& b) { return a.at_us < b.at_us; });
  return reports;
}

void stamp_report(const Scenario& scenario, std::int64_t right_time_us, Report& report) {
  const std::int64_t error_us = scenario.units[report.unit].clock_error_us;
  // Receivers give satellite time; one that does not is as wrong as its own clock.
  const auto clock = error_us == 0 ? client::ClockKind::Satellite : client::ClockKind::Device;
  std::visit(
      [&](auto& message) {
        message.true_time_us = right_time_us + error_us;
        message.clock = clock;
      },
      report.message);
}

}  // namespace vigie::cli
