#pragma once
// To which units an event is addressed, as an order is: its field `addressed_to` names them, with a
// space between two. Trackers and gateways of such a unit see it beside what their units say. Pure.

#include <string_view>

#include "schemas/messages/wire.h"

namespace vigie {

inline constexpr std::string_view kAddressedTo = "addressed_to";

/// The value of that field; empty: the event is addressed to nobody.
std::string_view addressed_to(const wire::Event& event);
/// The first of the units, which is taken away from `units`; empty: there is none.
std::string_view next_addressee(std::string_view& units);

}  // namespace vigie
