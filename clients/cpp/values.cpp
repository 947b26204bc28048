#include "vigie/values.h"

#include <fmt/format.h>

#include <cmath>

#include "schemas/messages/checks.h"
#include "schemas/messages/names.h"
#include "schemas/model/picture.h"
#include "vigie/items.h"
#include "vigie/view.h"

namespace vigie::client {
namespace {

constexpr std::int32_t kLatE7Max = 900'000'000;
constexpr std::int32_t kLonE7Max = 1'800'000'000;

std::optional<std::int32_t> within(double degrees, std::int32_t e7_max) {
  const auto e7 = e7_from_degrees(degrees);
  if (!e7 || *e7 < -e7_max || *e7 > e7_max) return std::nullopt;
  return e7;
}

}  // namespace

std::optional<std::int32_t> e7_from_degrees(double degrees) {
  constexpr double kScale = 1e7;
  if (!(std::abs(degrees) <= 214.0)) return std::nullopt;
  // The product is rounded once; fma gives what that left out, so that ties are decided by the
  // exact value.
  const double product = degrees * kScale;
  const double left_out = std::fma(degrees, kScale, -product);
  double nearest = std::round(product);
  const double distance = (product - nearest) + left_out;
  if (distance > 0.5 || (distance == 0.5 && nearest >= 0)) nearest += 1;
  if (distance < -0.5 || (distance == -0.5 && nearest <= 0)) nearest -= 1;
  return static_cast<std::int32_t>(nearest);
}

bool Fix::set_position(double latitude_degrees, double longitude_degrees) {
  const auto lat = within(latitude_degrees, kLatE7Max);
  const auto lon = within(longitude_degrees, kLonE7Max);
  if (!lat || !lon) return false;
  lat_e7 = *lat;
  lon_e7 = *lon;
  return true;
}

std::optional<Area> Area::from_degrees(double west, double south, double east, double north) {
  const auto w = within(west, kLonE7Max);
  const auto s = within(south, kLatE7Max);
  const auto e = within(east, kLonE7Max);
  const auto n = within(north, kLatE7Max);
  if (!w || !s || !e || !n || *s > *n) return std::nullopt;
  return Area{*w, *s, *e, *n};
}

std::string refusal_name(Refusal code) {
  return vigie::refusal_name(static_cast<wire::Refusal>(code));
}

std::string Id128::text() const {
  return fmt::format("{:016x}{:016x}", high, low);
}

std::int64_t corrected_true_time_us(std::int64_t true_time_us, ClockKind clock,
                                    const Stamp& stamp) {
  return vigie::corrected_true_time_us(true_time_us, static_cast<wire::Clock>(clock),
                                       stamp.clock_offset_us);
}

std::string channel_of(const FixItem& item) {
  return channel_name(MessageClass::Track, owner_of(item.fix.unit), group_or_none(item.fix.group));
}

std::string channel_of(const EventItem& item) {
  return channel_name(MessageClass::Event, owner_of(item.event.unit),
                      group_or_none(item.event.group));
}

std::string channel_of(const StateItem& item) {
  return channel_name(MessageClass::State, owner_of(item.state.name),
                      group_or_none(item.state.group));
}

namespace {

constexpr std::string_view kRoles[] = {"unknown", "tracker", "console",
                                       "gateway", "partner", "administrator"};

}  // namespace

std::string role_name(Role role) {
  const auto place = static_cast<std::size_t>(role);
  return std::string(place < std::size(kRoles) ? kRoles[place] : kRoles[0]);
}

Role role_of(const std::string& name) {
  for (std::size_t i = 1; i < std::size(kRoles); ++i) {
    if (kRoles[i] == name) return static_cast<Role>(i);
  }
  return Role::None;
}

}  // namespace vigie::client
