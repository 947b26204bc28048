#pragma once
// One console's ordered conversation with the hub, bound to one connection. Front thread; owned by
// Sessions.
//
// A session is a place, not a queue: `fix` and `event` say how far it has the fixes, and the events
// and states. What it was told
// (`told_fix`, `told_event`) is the position after the last frame: it lags behind the place while
// what comes is not in the view, and while a picture is on its way.

#include <deque>
#include <memory>
#include <optional>

#include "hub/feed/ring.h"
#include "hub/ops/link.h"
#include "hub/picture/live_picture.h"
#include "hub/replay/own_numbers.h"
#include "hub/sessions/page_cache.h"

namespace vigie::sessions {

struct Session;

/// Sessions with equal views: what is cut for one is sent to all that are at the head.
struct ViewGroup {
  ViewGroup(View view, const Picture& picture)
      : filter(std::move(view), picture),
        shared_view(std::make_shared<const View>(filter.view())) {}
  picture::ViewFilter filter;
  std::shared_ptr<const View> shared_view;  // for the workers
  std::vector<Session*> current;            // at the head of the log
  std::uint64_t prev_sent = 0;  // position after the last frame that was cut for the group
  PageCache pages;
  std::size_t members = 0;
};

/// A snapshot that is being sent.
struct SnapshotProgress {
  picture::PageCursor cursor;
  std::uint64_t floor = 0;  // fixes after this seq may be missing in the pages sent so far
  bool first_page = true;
};

struct Session {
  std::uint64_t id = 0;  // names it to the workers; never reused
  ops::PeerId peer;
  std::string client;
  std::string user;     // the key it proved to hold; empty where nobody is asked
  std::string name;     // whose that is
  std::string address;  // where it comes from; empty: locally, or nobody is asked
  std::string grant;    // that it is opened by; empty: by all that need no session of their own
  std::optional<replay::OwnNames> own;  // where that grant has numbers of its own
  ops::Origin origin = {};              // to be cut
  std::uint64_t rights_at = 0;          // the log's head when what it may see became what it is
  bool unlooked = false;                // its rights are to be looked at: no entry is sent before
  wire::Mode mode = wire::Mode::Live;
  std::shared_ptr<ViewGroup> group;

  std::uint64_t granted_bytes = 0;  // running totals since Open
  std::uint64_t sent_bytes = 0;
  std::size_t frame_bytes_max = limits::kFrameBytesMax;

  std::uint64_t fix = 0;
  std::uint64_t event = 0;
  std::uint64_t told_fix = 0;
  std::uint64_t told_event = 0;
  bool current = false;  // rides at the head; fix and event are the ring's head
  bool ready = false;    // stands in the queue of those that can take more
  std::optional<SnapshotProgress> snapshot;
  std::int64_t pace_due_us = 0;  // monotonic: a paced view's next time for fixes

  bool reading_kept = false;  // a worker reads events and states for it
  std::deque<BodyPtr> kept;   // what it read, not sent yet
  std::uint64_t kept_through = 0;
  bool seeking = false;    // a worker looks up its first place; nothing is sent before
  bool at_worker = false;  // a replay or a picture of the past

  std::int64_t heard_us = 0;  // monotonic
  std::int64_t sent_us = 0;   // monotonic
  std::uint64_t probe = 0;    // the greatest that came
  bool probe_due = false;     // it is still to be said back
  std::int64_t probe_us = 0;  // monotonic, when one was last answered
  std::uint64_t frames = 0;
  std::uint64_t conflated_frames = 0;
  std::uint64_t refills = 0;

  std::uint64_t credit() const {
    return granted_bytes > sent_bytes ? granted_bytes - sent_bytes : 0;
  }
  bool paced() const { return group->filter.view().pace_ms() != 0; }
};

}  // namespace vigie::sessions
