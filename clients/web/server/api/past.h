#pragma once
// Reads the hub's past for one answer, as the identity of whoever asked: a range by a Replay, a
// past picture by a Console. Each call makes a session of its own and ends it. A worker's thread;
// waits for the hub.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "clients/web/server/api/trouble.h"
#include "clients/web/server/api/unit_now.h"
#include "schemas/words/times.h"
#include "vigie/replay.h"
#include "vigie/view.h"

namespace vigie::web::api {

/// Who looks, and at what: all that is shown without terms, or what one grant shows by its terms.
struct Sight {
  client::LinkOptions link = {};
  std::string grant = {};         // OWNER/NAME; empty: without terms. With one by known time alone
  std::int64_t held_back_us = 0;  // by that grant: positions are so much older
};

struct PastQuery {
  client::LinkOptions link = {};
  client::View view = {};
  client::ReplayClock clock = client::ReplayClock::True;
  std::int64_t from_us = 0;   // included
  std::int64_t until_us = 0;  // excluded; 0: to the end of the log as it is now
  std::string grant = {};     // as Sight
  std::int64_t held_back_us = 0;
  bool exported = false;  // a range leaves the room, and is not looked at: ReplayOptions::exported

  void look_by(const Sight& sight) {
    link = sight.link;
    grant = sight.grant;
    held_back_us = sight.held_back_us;
  }
};

/// How long, and whether anybody still wants it.
struct Patience {
  const Clock& clock;
  std::int64_t hub_us = 10'000'000;  // for the hub to say something
  std::int64_t all_us = 0;           // for the whole; 0: without end
  std::function<bool()> stopped = {};
  bool tell_reached = false;  // PastEnd::reached_us is wanted, at the cost of one more question
};

struct PastEnd {
  bool complete = true;                   // false: `take` ended it, or nobody wants it any more
  bool too_slow = false;                  // `all_us` was over before the end
  std::int64_t reached_us = 0;            // then: all before that was taken; 0: not known
  std::vector<std::string> notices = {};  // what is missing, in sentences
};

/// Given each fix, event and state; false: enough.
using TakeItem = std::function<bool(const client::Item&)>;

/// Fails when the hub refuses it or is away.
Answered<PastEnd> read_past(const PastQuery& query, const Patience& patience, const TakeItem& take);

/// The picture as of `from_us` (0: now): units that stood somewhere, by name. By a grant a moment
/// that it does not show yet is the newest that it shows. Fails as read_past().
Answered<PictureNow> past_picture(const PastQuery& query, const Patience& patience);

}  // namespace vigie::web::api
