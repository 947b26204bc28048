#include "tests/crash/simulation/guest.h"

#include <fmt/format.h>

#include <algorithm>

namespace vigie::simulation {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

bool names(const std::vector<std::string>& list, const std::string& one) {
  return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

void Guest::step(bool calm) {
  const bool over = by_ != nullptr && by_->ended;
  if (console_ == nullptr || over || (!calm && world_.chance(3))) {
    if (console_ != nullptr) console_->leave();
    console_.reset();
    by_ = office_.any_with_terms(owner_);
    if (by_ == nullptr) return;
    const client::Grant& grant = by_->grant;
    terms_ = {.delay_us = grant.delay_s * kSecondUs,
              .every_us = grant.every_s * kSecondUs,
              .round_m = grant.round_m,
              .own_numbers = grant.own_numbers};
    console_ = std::make_unique<Console>(world_, hub_, office_.guest(owner_), client::View(),
                                         by_->name, [this](const auto& item) { look(item); });
  }
  console_->step(calm);
}

void Guest::look(const client::Item& item) {
  std::visit(
      client::Match{[&](const client::FixItem& fix) { look_at(fix); },
                    [&](const client::EventItem& event) { look_at(event); },
                    [&](const client::StateItem& state) { look_at(state); }, [](const auto&) {}},
      item);
}

void Guest::look_at(const client::FixItem& item) {
  const client::Fix& fix = item.fix;
  look_at_entry(by_->grant.fixes, fix.unit, fix.group, item.stamp);
  look_at_position(fix.lat_e7, fix.lon_e7);
  if (terms_.round_m != 0 && fix.speed_mm_s) fail("a speed");
  const std::int64_t known_us = item.stamp.known_time_us;
  if (terms_.every_us == 0) return look_at_time(known_us);
  look_at_time(terms_.step_end(known_us) - 1);
  const std::pair<std::uint64_t, std::int64_t> one{item.stamp.seq, fix.true_time_us};
  const auto [found, is_new] =
      steps_.try_emplace({by_->name, fix.unit, terms_.step_of(known_us)}, one);
  if (!is_new && found->second != one) fail("two fixes of one step");
}

void Guest::look_at(const client::EventItem& item) {
  const client::Event& event = item.event;
  look_at_entry(by_->grant.events, event.unit, event.group, item.stamp);
  look_at_time(item.stamp.known_time_us);
}

void Guest::look_at(const client::StateItem& item) {
  const client::State& state = item.state;
  look_at_entry(by_->grant.states, state.name, state.group, item.stamp);
  look_at_time(item.stamp.known_time_us);
}

void Guest::look_at_entry(bool of_class, const std::string& unit, const std::string& group,
                          const client::Stamp& stamp) {
  ++shown_;
  const client::Grant& grant = by_->grant;
  const bool in_time = grant.until_us == 0 || stamp.known_time_us < grant.until_us;
  const bool granted = of_class && owner_of(unit) == owner_of(by_->name) &&
                       names(grant.groups, group) && names(grant.units, unit) && in_time;
  if (!granted) fail(fmt::format("something of '{}' in group '{}'", unit, group));
}

void Guest::look_at_position(std::int32_t lat_e7, std::int32_t lon_e7) {
  if (const auto& area = by_->grant.area) {
    const bool inside = lat_e7 >= area->south_e7 && lat_e7 <= area->north_e7 &&
                        lon_e7 >= area->west_e7 && lon_e7 <= area->east_e7;
    if (!inside) fail("a position outside of its area");
  }
  if (terms_.round_m == 0) return;
  const CellCentre centre = cell_centre(lat_e7, lon_e7, terms_.round_m);
  if (centre.lat_e7 != lat_e7 || centre.lon_e7 != lon_e7) fail("a position finer than its cells");
}

void Guest::look_at_time(std::int64_t known_us) {
  const std::int64_t until_us = terms_.read_until_us(hub_.latest_us());
  if (known_us >= until_us) {
    fail(fmt::format("what may not be read for {} us yet", known_us - until_us + 1));
  }
}

void Guest::fail(const std::string& what) {
  wrong_ = fmt::format("by '{}' {} was shown {}", by_->name, owner_, what);
}

}  // namespace vigie::simulation
