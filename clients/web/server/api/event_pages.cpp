#include "clients/web/server/api/event_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/words.h"
#include "schemas/model/area.h"

namespace vigie::web::api {
namespace {

constexpr std::int64_t kWindowUsFirst = 600 * kMicrosecondsPerSecond;
constexpr std::int64_t kWindowGrowth = 4;

std::size_t bytes_of(const client::EventItem& item) {
  std::size_t bytes = sizeof item + item.event.text.size() + item.event.references.size() * 24;
  for (const client::Field& field : item.event.fields) {
    bytes += sizeof field + field.key.size() + field.value.size();
  }
  return bytes;
}

EventPlace place_of(const EventQuery& query, const client::EventItem& item) {
  return {query.past.clock == client::ReplayClock::Known ? item.stamp.known_time_us
                                                         : corrected_time_us(item),
          item.stamp.seq};
}

bool matches(const EventQuery& query, const client::EventItem& item) {
  const client::Event& event = item.event;
  if (!query.kinds.empty() && !query.kinds.contains(event.kind)) return false;
  if (!query.severities.empty() && !query.severities.contains(event.severity)) return false;
  if (!query.area) return true;
  const AreaBox box{query.area->west_e7, query.area->south_e7, query.area->east_e7,
                    query.area->north_e7};
  return event.position && box.contains(event.position->lat_e7, event.position->lon_e7);
}

Trouble too_slow() {
  return {.status = 503,
          .code = "too_slow",
          .detail = "the hub did not read that range in time: ask for a shorter one",
          .retry_after_s = 5};
}

Answered<EventPage> oldest_first(const EventQuery& query, const ReadRange& read) {
  EventPage page;
  PastQuery past = query.past;
  if (query.after) past.from_us = std::max(past.from_us, query.after->time_us);
  if (past.until_us != 0 && past.from_us >= past.until_us) return page;
  std::size_t bytes = 0;
  std::optional<EventPlace> seen;
  bool full = false;
  auto end = read(past, [&](const client::Item& item) {
    const auto* event = std::get_if<client::EventItem>(&item);
    if (event == nullptr) return true;
    const EventPlace place = place_of(query, *event);
    if (query.after && place <= *query.after) return true;
    if (matches(query, *event)) {
      if (page.events.size() == query.limit || bytes >= kEventPageBytesMax) {
        full = true;
        return false;
      }
      page.events.push_back(*event);
      bytes += bytes_of(*event);
    }
    seen = place;
    return true;
  });
  if (!end) return trouble(std::move(end.error()));
  if (!end->complete && !full && !seen) return trouble(too_slow());
  page.notices = std::move(end->notices);
  if (!end->complete) page.next = seen;
  return page;
}

/// The newest of one window: [from, until).
struct Window {
  std::deque<client::EventItem> events;  // oldest first
  std::size_t bytes = 0;
  bool dropped = false;  // older ones of the window did not fit
};

Answered<PastEnd> read_window(const EventQuery& query, const PastQuery& past,
                              std::size_t events_max, std::size_t bytes_max, const ReadRange& read,
                              Window& window) {
  return read(past, [&](const client::Item& item) {
    const auto* event = std::get_if<client::EventItem>(&item);
    if (event == nullptr || !matches(query, *event)) return true;
    if (query.after && place_of(query, *event) >= *query.after) return true;
    window.events.push_back(*event);
    window.bytes += bytes_of(*event);
    while (window.events.size() > events_max ||
           (window.bytes > bytes_max && window.events.size() > 1)) {
      window.bytes -= bytes_of(window.events.front());
      window.events.pop_front();
      window.dropped = true;
    }
    return true;
  });
}

Answered<EventPage> newest_first(const EventQuery& query, const ReadRange& read) {
  EventPage page;
  PastQuery past = query.past;
  std::int64_t end_us = past.until_us != 0 ? past.until_us : query.now_us;
  if (query.after) {
    end_us = query.after->time_us + 1;
    if (past.until_us != 0) end_us = std::min(end_us, past.until_us);
    past.until_us = end_us;
  }
  std::int64_t window_us = kWindowUsFirst;
  std::size_t bytes = 0;
  for (bool first = true; first || past.until_us > query.past.from_us; first = false) {
    past.from_us = std::max(query.past.from_us, end_us - window_us);
    if (past.until_us != 0 && past.from_us >= past.until_us) return page;
    Window window;
    auto end = read_window(query, past, query.limit - page.events.size(),
                           kEventPageBytesMax - bytes, read, window);
    if (!end) return trouble(std::move(end.error()));
    if (!end->complete) {
      // What this window had is asked for again; the windows before it stand.
      if (first) return trouble(too_slow());
      page.next = EventPlace{end_us, 0};
      return page;
    }
    std::move(end->notices.begin(), end->notices.end(), std::back_inserter(page.notices));
    std::move(window.events.rbegin(), window.events.rend(), std::back_inserter(page.events));
    bytes += window.bytes;
    const bool more = window.dropped || past.from_us > query.past.from_us;
    const bool full = page.events.size() == query.limit || bytes >= kEventPageBytesMax;
    if (window.dropped || (full && more)) {
      page.next = place_of(query, page.events.back());
      return page;
    }
    end_us = past.until_us = past.from_us;
    window_us *= kWindowGrowth;
  }
  return page;
}

}  // namespace

std::string place_text(const EventPlace& place) {
  return fmt::format("{}-{}", place.time_us, place.seq);
}

Result<EventPlace> parse_place(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto time = parse_whole(text.substr(0, dash));
    const auto seq = parse_whole(text.substr(dash + 1));
    if (time && seq && *time <= static_cast<std::uint64_t>(kTrueTimeUsMax)) {
      return EventPlace{static_cast<std::int64_t>(*time), *seq};
    }
  }
  return Fault{FaultCode::Invalid, "it is what an answer before gave as `next`"};
}

ReadRange read_within(const Patience& patience) {
  const std::int64_t began_us = patience.clock.monotonic_us();
  return [patience, began_us](const PastQuery& past, const TakeItem& take) {
    Patience left = patience;
    const std::int64_t used_us = patience.clock.monotonic_us() - began_us;
    if (left.all_us != 0) left.all_us = std::max<std::int64_t>(left.all_us - used_us, 1);
    return read_past(past, left, take);
  };
}

Answered<EventPage> read_event_page(const EventQuery& query, const ReadRange& read) {
  return query.newest_first ? newest_first(query, read) : oldest_first(query, read);
}

}  // namespace vigie::web::api
