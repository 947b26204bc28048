#pragma once
// The audit as people read it, and what of it they asked for. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vigie/items.h"

namespace vigie::cli {

/// An empty one asks for all.
struct AuditFilter {
  std::string who;                // OWNER/NAME, or OWNER: anybody of it
  std::vector<std::string> what;  // kinds
};

/// The kinds of entries that hubs of today write (schemas/messages/PROTOCOL.md).
std::span<const std::string_view> audit_kinds();

/// The value of an event's field; empty when it has none of that key.
std::string_view field_of(const client::Event& event, std::string_view key);

/// True for an entry of the audit that was asked for. One that stands for acts of several is by
/// anybody.
bool wants(const AuditFilter& filter, const client::Event& event);

/// Time, who, what, and the sentence with the range that was read and how often; one line. With
/// `owners` it says in whose audit it stands.
std::string audit_line(const client::EventItem& item, bool owners);

}  // namespace vigie::cli
