#pragma once
// Cutting a body for a view. Pure: body, what its fold told, and the view in; the view's part out.
// Front thread.

#include "hub/feed/ring.h"

namespace vigie::feed {

enum class Lanes { All, EventsAndStates };

struct Cut {
  BodyPtr body;           // null: nothing of it is in the view
  std::uint64_t reached;  // everything of the view up to here is in `body`, or there was nothing
};

/// True when the view takes all that is in the entry, so that the body can be shared.
bool takes_whole(const Entry& entry, picture::ViewFilter& filter);

/// The view's part of the entry after seq `after`, at most about `bytes_max`: `reached` is below
/// the entry's last seq when there is more. For views that units can leave, with the leaves
/// (Lanes::All only).
Cut cut(const Entry& entry, picture::ViewFilter& filter, std::uint64_t after, std::size_t bytes_max,
        Lanes lanes);

}  // namespace vigie::feed
