#include "clients/web/server/api/live_units.h"

#include <algorithm>
#include <string_view>

#include "schemas/messages/names.h"
#include "schemas/model/area.h"

namespace vigie::web::api {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

/// What a filter looks at.
struct Looks {
  std::string_view name;
  std::string_view group;
  std::string_view call_sign;
  std::int32_t lat_e7;
  std::int32_t lon_e7;
  std::int64_t time_us;
};

bool passes(const UnitFilter& filter, const Looks& unit) {
  if (!filter.unit.empty() && unit.name != filter.unit) return false;
  if (!filter.owner.empty() && owner_of(unit.name) != filter.owner) return false;
  if (!filter.group.empty() && unit.group != filter.group) return false;
  if (!filter.text.empty() && !contains(unit.name, filter.text) &&
      !contains(unit.call_sign, filter.text)) {
    return false;
  }
  if (filter.from_us && unit.time_us < *filter.from_us) return false;
  if (filter.until_us && unit.time_us > *filter.until_us) return false;
  if (!filter.area) return true;
  const AreaBox box{filter.area->west_e7, filter.area->south_e7, filter.area->east_e7,
                    filter.area->north_e7};
  return box.contains(unit.lat_e7, unit.lon_e7);
}

/// Which of the matching ones, sorted by name, are the page: [first, last).
struct Cut {
  std::size_t first = 0;
  std::size_t last = 0;
};
Cut cut_of(const UnitFilter& filter, std::size_t matched, std::size_t behind) {
  const std::size_t first = std::min(matched, behind + filter.skip);
  return {first, std::min(matched, first + std::min(filter.limit, matched))};
}

client::UnitCard card_of(const wire::CardT& card) {
  return {.call_sign = card.call_sign,
          .unit_kind = card.unit_kind,
          .symbol = card.symbol,
          .carried_by = card.carried_by};
}

std::string_view call_sign_of(const UnitNow& unit) {
  return unit.card ? std::string_view(unit.card->call_sign) : std::string_view();
}

constexpr std::int32_t kUnknownAltitude = INT32_MIN;
constexpr std::uint16_t kUnknown16 = UINT16_MAX;
constexpr std::uint16_t kOrMore16 = UINT16_MAX - 1;
constexpr std::uint8_t kUnknown8 = UINT8_MAX;

}  // namespace

UnitNow unit_of(const LiveUnit& unit, const wire::CardT* card) {
  const wire::PageFix& told = unit.newest;
  UnitNow now;
  client::Fix& fix = now.fix.fix;
  fix.unit = unit.name;
  fix.group = unit.group;
  fix.true_time_us = told.time_us();
  fix.clock = client::ClockKind::Satellite;  // the time is corrected already
  fix.lat_e7 = told.lat_e7();
  fix.lon_e7 = told.lon_e7();
  if (told.altitude_dm() != kUnknownAltitude) fix.altitude_mm = told.altitude_dm() * 100;
  if (told.speed_cm_s() != kUnknown16) fix.speed_mm_s = told.speed_cm_s() * 10u;
  if (told.course_cdeg() != kUnknown16) fix.course_mdeg = told.course_cdeg() * 10u;
  if (told.accuracy_dm() < kOrMore16) fix.h_accuracy_mm = told.accuracy_dm() * 100u;
  if (told.battery_percent() != kUnknown8) fix.battery_percent = told.battery_percent();
  now.fix.stamp.seq = told.seq();
  now.delay_known = told.delay_ms() != UINT32_MAX;
  now.fix.stamp.known_time_us = told.time_us() + std::int64_t{told.delay_ms()} * 1000;
  const auto flags = static_cast<wire::FixFlag>(told.flags());
  now.fix.implausible = (flags & wire::FixFlag::Implausible) == wire::FixFlag::Implausible;
  now.fix.count = unit.count;
  if (card != nullptr && !card->deleted) now.card = card_of(*card);
  return now;
}

UnitPage live_units(const Watch& watch, const UnitFilter& filter) {
  const SharedPicture& shared = watch.picture();
  const auto card_at = [&](const std::string& name) -> const wire::CardT* {
    const auto found = shared.cards().find(name);
    return found == shared.cards().end() ? nullptr : found->second.get();
  };
  std::vector<const LiveUnit*> found;
  for (const LiveUnit& unit : shared.units()) {
    if (!unit.present || unit.name.empty()) continue;
    const wire::CardT* const card = filter.text.empty() ? nullptr : card_at(unit.name);
    const Looks looks{.name = unit.name,
                      .group = unit.group,
                      .call_sign = card == nullptr ? std::string_view() : card->call_sign,
                      .lat_e7 = unit.newest.lat_e7(),
                      .lon_e7 = unit.newest.lon_e7(),
                      .time_us = unit.newest.time_us()};
    if (passes(filter, looks)) found.push_back(&unit);
  }
  std::sort(found.begin(), found.end(),
            [](const LiveUnit* a, const LiveUnit* b) { return a->name < b->name; });
  const auto behind = std::upper_bound(
      found.begin(), found.end(), filter.after,
      [](const std::string& after, const LiveUnit* unit) { return after < unit->name; });
  UnitPage page;
  page.matched = found.size();
  const Cut cut = cut_of(filter, found.size(), static_cast<std::size_t>(behind - found.begin()));
  page.more = cut.last < found.size();
  for (std::size_t i = cut.first; i < cut.last; ++i) {
    page.picture.units.push_back(unit_of(*found[i], card_at(found[i]->name)));
  }
  const client::ConsoleStatus status = watch.status();
  page.picture.time_us = status.hub_time_us;
  page.picture.overdue_after_ms = status.overdue_after_ms;
  page.picture.silent_after_ms = status.silent_after_ms;
  return page;
}

UnitPage past_units(PictureNow picture, const UnitFilter& filter) {
  std::vector<UnitNow>& units = picture.units;
  std::erase_if(units, [&](const UnitNow& unit) {
    return !passes(filter, {.name = unit.fix.fix.unit,
                            .group = unit.fix.fix.group,
                            .call_sign = call_sign_of(unit),
                            .lat_e7 = unit.fix.fix.lat_e7,
                            .lon_e7 = unit.fix.fix.lon_e7,
                            .time_us = unit.fix.position_time_us()});
  });
  const auto behind = std::upper_bound(
      units.begin(), units.end(), filter.after,
      [](const std::string& after, const UnitNow& unit) { return after < unit.fix.fix.unit; });
  UnitPage page;
  page.matched = units.size();
  const Cut cut = cut_of(filter, units.size(), static_cast<std::size_t>(behind - units.begin()));
  page.more = cut.last < units.size();
  units.erase(units.begin() + static_cast<std::ptrdiff_t>(cut.last), units.end());
  units.erase(units.begin(), units.begin() + static_cast<std::ptrdiff_t>(cut.first));
  page.picture = std::move(picture);
  return page;
}

}  // namespace vigie::web::api
