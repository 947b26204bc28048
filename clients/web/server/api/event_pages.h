#pragma once
// The log of events, a page at a time, in either direction and by either clock. The work of a page
// is bounded: so many events, so many bytes, so long; `next` goes on from where it ended, and a
// page may be empty and have a `next`. The range is read backwards in windows that grow, since the
// hub tells it forwards. A worker's thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/api/past.h"

namespace vigie::web::api {

/// A place between events, by the query's clock and then by seq.
struct EventPlace {
  std::int64_t time_us = 0;
  std::uint64_t seq = 0;
  auto operator<=>(const EventPlace&) const = default;
};
/// TIME-SEQ; opaque to who asks.
std::string place_text(const EventPlace& place);
/// Fails with Invalid.
Result<EventPlace> parse_place(std::string_view text);

struct EventQuery {
  PastQuery past = {};                         // until_us 0: to the end of the log
  std::set<std::string> kinds = {};            // empty: all
  std::set<client::Severity> severities = {};  // empty: all
  std::optional<client::Area> area = {};       // events without a position are outside of it
  bool newest_first = true;
  std::size_t limit = 100;
  std::optional<EventPlace> after = {};  // behind this one, in the order that is asked for
  std::int64_t now_us = 0;               // where windows begin when until_us is 0
};

struct EventPage {
  std::vector<client::EventItem> events = {};  // in the order that was asked for
  std::optional<EventPlace> next = {};         // there may be more
  std::vector<std::string> notices = {};
};

inline constexpr std::size_t kEventPageBytesMax = 4 * 1024 * 1024;

/// Reads a range forwards: read_past(), and of a test what it likes.
using ReadRange = std::function<Answered<PastEnd>(const PastQuery&, const TakeItem&)>;

/// Reads from the hub, all ranges together within the patience for one answer.
ReadRange read_within(const Patience& patience);

Answered<EventPage> read_event_page(const EventQuery& query, const ReadRange& read);

}  // namespace vigie::web::api
