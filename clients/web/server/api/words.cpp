#include "clients/web/server/api/words.h"

#include <fmt/format.h>

#include <iterator>

namespace vigie::web::api {
namespace {

template <std::size_t Count, typename Word>
std::string_view name_in(const std::string_view (&names)[Count], Word word) {
  const auto index = static_cast<std::size_t>(word);
  return index < Count ? names[index] : "unknown";
}

}  // namespace

std::string_view severity_name(client::Severity severity) {
  constexpr std::string_view kNames[] = {"info", "notice", "warning", "severe"};
  return name_in(kNames, severity);
}

std::string_view fix_type_name(client::FixType type) {
  constexpr std::string_view kNames[] = {"unknown",      "none",      "estimated", "2d",    "3d",
                                         "differential", "rtk_float", "rtk_fixed", "manual"};
  return name_in(kNames, type);
}

std::string_view fix_source_name(client::FixSource source) {
  constexpr std::string_view kNames[] = {"unknown", "satellite", "cellular", "inertial",
                                         "manual",  "simulated", "replayed"};
  return name_in(kNames, source);
}

std::string_view link_state_name(client::LinkState state) {
  constexpr std::string_view kNames[] = {"connecting", "live", "stale", "refused", "ended"};
  return name_in(kNames, state);
}

std::string_view freshness_name(client::Freshness freshness) {
  constexpr std::string_view kNames[] = {"unknown", "fresh", "overdue", "silent"};
  return name_in(kNames, freshness);
}

std::string_view clock_name(client::ClockKind clock) {
  return clock == client::ClockKind::Satellite ? "satellite" : "device";
}

std::string_view state_kind_name(client::StateKind kind) {
  constexpr std::string_view kNames[] = {"none", "unit_card", "identity", "invite", "grant"};
  return name_in(kNames, kind);
}

std::string message_name(const client::MessageName& name) {
  return fmt::format("{}:{}", name.spool.text(), name.number);
}

std::int64_t corrected_time_us(const client::EventItem& item) {
  return client::corrected_true_time_us(item.event.true_time_us, item.event.clock, item.stamp);
}

}  // namespace vigie::web::api
