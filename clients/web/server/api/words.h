#pragma once
// The names of the hub's numbered words, as `vigie` prints them. Pure.

#include <string>
#include <string_view>

#include "vigie/console.h"
#include "vigie/items.h"

namespace vigie::web::api {

std::string_view severity_name(client::Severity severity);
std::string_view fix_type_name(client::FixType type);
std::string_view fix_source_name(client::FixSource source);
std::string_view link_state_name(client::LinkState state);
std::string_view freshness_name(client::Freshness freshness);
std::string_view clock_name(client::ClockKind clock);
std::string_view state_kind_name(client::StateKind kind);
/// SPOOL:NUMBER, a message's name for ever.
std::string message_name(const client::MessageName& name);
/// The true time, corrected where it is a device's.
std::int64_t corrected_time_us(const client::EventItem& item);

}  // namespace vigie::web::api
