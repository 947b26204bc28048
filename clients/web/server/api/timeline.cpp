// GET /api/v1/timeline: how many events of each severity fall into each bin of a range, for a time
// bar. Fixes are not counted: the hub has no cheap count of them, and a place in its log would tell
// of what the caller may not see.

#include <fmt/format.h>

#include <array>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/timeline_bins.h"
#include "clients/web/server/api/words.h"

namespace vigie::web::api {
namespace {

constexpr std::int64_t kDefaultUs = 86'400 * kMicrosecondsPerSecond;
constexpr std::uint64_t kBinsMax = 2'000;
constexpr std::uint64_t kBinsDefault = 200;

Response timeline_response(const PastQuery& query, const TimelineBins& bins, const PastEnd& end) {
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.text("clock", query.clock == client::ReplayClock::True ? "true" : "known");
  json.time("from", query.from_us);
  json.time("to", query.until_us);
  json.scaled("bin_s", bins.bin_us(), 6);
  json.number("events", bins.total());
  // Not whole: counted up to here, in the time that one answer is given.
  json.flag("complete", end.complete);
  if (!end.complete) json.time("counted_until", bins.reached_us());
  for (std::size_t severity = 0; severity < TimelineBins::kSeverities; ++severity) {
    json.begin_array(severity_name(static_cast<client::Severity>(severity)));
    for (const std::uint64_t count : bins.counts(severity)) json.number({}, count);
    json.end_array();
  }
  if (!end.notices.empty()) {
    json.begin_array("notices");
    for (const std::string& notice : end.notices) json.element(notice);
    json.end_array();
  }
  json.end_object();
  return answer("application/json", body + "\n");
}

Response count_timeline(const PastQuery& query, std::uint64_t bins, const Patience& patience) {
  TimelineBins counted(query.from_us, query.until_us, bins);
  const auto end = read_past(query, patience, [&](const client::Item& item) {
    if (const auto* event = std::get_if<client::EventItem>(&item)) {
      counted.add(query.clock == client::ReplayClock::Known ? event->stamp.known_time_us
                                                            : corrected_time_us(*event),
                  event->event.severity);
    }
    return true;
  });
  return end ? timeline_response(query, counted, *end) : response_of(end.error());
}

}  // namespace

void get_timeline(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"from", "to", "bins", "clock", "owner", "grant"});
  PastQuery query;
  const auto from = parameters.moment("from");
  const auto until = parameters.moment("to");
  query.until_us = until.value_or(now_us(api, call.viewer));
  query.from_us = from.value_or(query.until_us - kDefaultUs);
  if (query.from_us >= query.until_us) {
    parameters.refuse(fmt::format("'from' {} is not before 'to' {}", format_time(query.from_us),
                                  format_time(query.until_us)));
  }
  const std::uint64_t bins = parameters.whole("bins", 1, kBinsMax, kBinsDefault);
  query.clock = parameters.one_of("clock", {"true", "known"}, 0) == 0 ? client::ReplayClock::True
                                                                      : client::ReplayClock::Known;
  const std::string grant = parameters.grant(query.clock == client::ReplayClock::True);
  const std::string owner = parameters.segment("owner");
  if (!owner.empty()) query.view.channels = {"event/" + owner};
  query.view.fixes = query.view.states = false;
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  with_sight(api, call, grant, [&api, call, query, bins](const Sight& sight) mutable {
    query.look_by(sight);
    read_on_desk(api, call, [query, bins](const Patience& patience) {
      return count_timeline(query, bins, patience);
    });
  });
}

}  // namespace vigie::web::api
