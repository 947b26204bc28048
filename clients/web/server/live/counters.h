#pragma once
// What the live room counts, for metrics and the status page. Plain numbers; net thread.

#include <cstdint>

namespace vigie::web {

struct LiveCounters {
  // Now.
  std::uint64_t watches = 0;
  std::uint64_t watches_live = 0;  // whose session with the hub stands
  std::uint64_t browsers = 0;
  std::uint64_t browsers_riding = 0;   // caught up, on the ring
  std::uint64_t browsers_paced = 0;    // asked for a pace
  std::uint64_t browsers_behind = 0;   // conflated until they have caught up
  std::uint64_t browsers_waiting = 0;  // not opened, or no picture yet
  std::uint64_t browser_bytes = 0;     // that their sessions take in memory
  std::uint64_t picture_bytes = 0;     // units, recent events, ring
  std::uint64_t catch_ups = 0;
  std::uint64_t replays = 0;
  // Since the start.
  std::uint64_t browsers_opened = 0;
  std::uint64_t fixes_in = 0;
  std::uint64_t events_in = 0;
  std::uint64_t frames_encoded = 0;  // shared frames made
  std::uint64_t frames_shared = 0;   // sent as they stand in the ring
  std::uint64_t frames_own = 0;      // made for one browser
  std::uint64_t frames_past = 0;
  std::uint64_t texts = 0;
  std::uint64_t bytes_shared = 0;
  std::uint64_t bytes_own = 0;      // past and texts too
  std::uint64_t conflated = 0;      // fixes left out for browsers
  std::uint64_t conflated_hub = 0;  // fixes that the hub left out for this server
  std::uint64_t resumed = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t resets = 0;  // another log, or refused
  std::uint64_t catch_ups_opened = 0;
  std::uint64_t catch_ups_failed = 0;
  std::uint64_t replays_opened = 0;
  std::uint64_t replays_refused = 0;
  std::uint64_t messages = 0;  // from pages
  std::uint64_t messages_refused = 0;
  // Closed by this side, by reason.
  std::uint64_t closed_session_ended = 0;  // 1008: signed out, revoked
  std::uint64_t closed_account_limit = 0;  // 1008
  std::uint64_t closed_full = 0;           // 1013
  std::uint64_t closed_deaf = 0;           // 1013
  std::uint64_t closed_flooding = 0;       // 1008: asks more than it takes answers
  std::uint64_t closed_catch_up = 0;       // 1013
  std::uint64_t closed_protocol = 0;       // 4000
  std::uint64_t closed_other = 0;          // by the browser, or with the connection
};

}  // namespace vigie::web
