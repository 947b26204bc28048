#include "clients/cli/outputs/audit_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/outputs/text.h"
#include "schemas/messages/names.h"

namespace vigie::cli {
namespace {

constexpr std::string_view kInvitation = "invitation of ";

/// The name in it: an invitation acts for who it is of.
std::string_view name_in(std::string_view who) {
  return who.starts_with(kInvitation) ? who.substr(kInvitation.size()) : who;
}

constexpr std::string_view kKinds[] = {
    "invited",     "invite_withdrawn", "enrolled",        "rotated",
    "changed",     "revoked",          "granted",         "grant_ended",
    "refused",     "read_past",        "exported",        "acknowledged",
    "hub_started", "hub_stopped",      "hub_key_rotated", "read_quarantined"};

}  // namespace

std::span<const std::string_view> audit_kinds() {
  return kKinds;
}

std::string_view field_of(const client::Event& event, std::string_view key) {
  for (const client::Field& field : event.fields) {
    if (field.key == key) return field.value;
  }
  return {};
}

bool wants(const AuditFilter& filter, const client::Event& event) {
  if (event.group != kAuditGroup) return false;
  const bool kind = filter.what.empty() || std::find(filter.what.begin(), filter.what.end(),
                                                     event.kind) != filter.what.end();
  if (!kind || filter.who.empty()) return kind;
  const std::string_view who = name_in(field_of(event, "who"));
  return who == filter.who || who == "several" ||
         (who.find('/') != std::string_view::npos && owner_of(who) == filter.who);
}

std::string audit_line(const client::EventItem& item, bool owners) {
  const client::Event& event = item.event;
  std::string line =
      fmt::format("{}  {}  {}  {}", moment_text(item.stamp.known_time_us / 1'000'000 * 1'000'000),
                  left(harmless(field_of(event, "who")), 20), left(harmless(event.kind), 16),
                  harmless(event.text));
  const std::string_view from = field_of(event, "from");
  const std::string_view to = field_of(event, "to");
  if (!from.empty()) line += fmt::format(", from {}", harmless(from));
  if (!to.empty() && to != from) line += fmt::format(" to {}", harmless(to));
  if (const std::string_view count = field_of(event, "count"); !count.empty()) {
    line += fmt::format(" ({} times", harmless(count));
    const std::string_view since = field_of(event, "since");
    line += since.empty() ? ")" : fmt::format(" since {})", harmless(since));
  }
  if (owners) line += fmt::format("  [{}]", owner_of(event.unit));
  return line + "\n";
}

}  // namespace vigie::cli
