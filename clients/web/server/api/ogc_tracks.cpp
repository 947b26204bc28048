// The collection `tracks` of /ogc, streamed: a page is so many units.

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/ogc.h"
#include "clients/web/server/api/track_export.h"
#include "clients/web/server/api/track_lines.h"
#include "clients/web/server/live/watches.h"
#include "schemas/messages/names.h"

namespace vigie::web::api {
namespace {

constexpr std::size_t kUnitsDefault = 10;
constexpr std::size_t kUnitsMax = 100;  // in a page, whatever is asked: it has a next one
constexpr std::size_t kOffsetMax = 1'000'000'000;
constexpr std::int64_t kDefaultUs = 3600 * kMicrosecondsPerSecond;
constexpr std::size_t kPieceBytes = 32 * 1024;

std::string ogc_track_id(const std::string& unit, int part) {
  return part == 1 ? feature_id(unit) : fmt::format("{}:{}", feature_id(unit), part);
}

struct Range {
  std::int64_t from_us = 0;
  std::int64_t until_us = 0;
};

Range range_of(const std::optional<OgcTime>& time, std::int64_t now) {
  Range range;
  range.until_us = time && time->until_us ? *time->until_us + 1 : now + 1;
  range.from_us = time && time->from_us ? *time->from_us : range.until_us - kDefaultUs;
  // "../B" is all until then; without a datetime it is the last hour.
  if (time && !time->from_us) range.from_us = kTrueTimeUsMin;
  range.until_us = std::max(range.until_us, range.from_us + 1);
  return range;
}

TrackQuery query_of(const client::LinkOptions& link, const Range& range,
                    std::vector<std::string> units) {
  TrackQuery query;
  query.past.link = link;
  query.past.clock = client::ReplayClock::True;
  query.past.from_us = range.from_us;
  query.past.until_us = range.until_us;
  query.past.exported = true;
  query.units = std::move(units);
  return query;
}

/// The units of a page, and of those behind it.
struct PagePlan {
  std::vector<std::string> units = {};  // all, in order
  std::size_t first = 0;
  std::size_t limit = 0;
  std::function<std::string(std::size_t)> address = {};  // of the page that begins there
};

/// Writes the page piece by piece; begins to answer with the first one. Where none of its units has
/// a track, the units of the next page are read too: clients take an empty page for the last one.
class PageStream {
 public:
  PageStream(const DeskJob& job, OgcPage page, PagePlan plan)
      : job_(job), page_(std::move(page)), plan_(std::move(plan)) {
    append_collection_begin(piece_);
  }

  void run(TrackQuery query, const Patience& patience) {
    const std::vector<std::string>& all = plan_.units;
    std::vector<std::string> notices;
    std::size_t first = std::min(plan_.first, all.size());
    do {
      const std::size_t last = std::min(all.size(), first + plan_.limit);
      query.units = {all.begin() + static_cast<std::ptrdiff_t>(first),
                     all.begin() + static_cast<std::ptrdiff_t>(last)};
      if (!read(query, patience, notices)) return;
      first = last;
    } while (lines_.features() == 0 && first < all.size());
    if (first < all.size()) page_.next = plan_.address(first);
    page_.returned = lines_.features();
    append_collection_end(piece_, ogc_members(page_) + notices_member(notices));
    if (give()) job_.stream()->finish();
  }

 private:
  /// False: it was cut, and answered.
  bool read(const TrackQuery& query, const Patience& patience, std::vector<std::string>& notices) {
    const auto end = read_tracks(query, true, patience, [&](const client::FixItem& item) {
      lines_.fix(piece_, item);
      return piece_.size() < kPieceBytes || give();
    });
    if (!end && !begun_) {
      job_.respond(response_of(end.error()));
      return false;
    }
    if (!end || !end->complete) {
      job_.stream()->fail();
      if (!begun_) job_.respond(problem(401, "signed_out", "the session ended meanwhile"));
      return false;
    }
    lines_.end_unit(piece_);
    notices.insert(notices.end(), end->notices.begin(), end->notices.end());
    return true;
  }

  bool give() {
    if (!begun_) {
      Response response = answer_geojson({});
      response.stream = job_.stream();
      job_.respond(std::move(response));
      begun_ = true;
    }
    return job_.stream()->write(std::exchange(piece_, {}));
  }

  const DeskJob& job_;
  OgcPage page_;
  const PagePlan plan_;
  TrackLines lines_{ogc_track_id};
  std::string piece_;
  bool begun_ = false;
};

Patience patience_of(const Api& api, const DeskJob& job) {
  return {.clock = api.clock, .hub_us = api.options.hub_patience.count() * 1000, .stopped = [&job] {
            return job.stopped();
          }};
}

std::vector<std::string> units_of(const Watch& watch, const std::string& owner) {
  std::vector<std::string> units;
  for (const LiveUnit& unit : watch.picture().units()) {
    if (unit.name.empty() || (!owner.empty() && owner_of(unit.name) != owner)) continue;
    units.push_back(unit.name);
  }
  std::sort(units.begin(), units.end());
  return units;
}

}  // namespace

void ogc_tracks(Api& api, const Call& call) {
  Parameters parameters(*call.request,
                        {"bbox", "datetime", "limit", "offset", "unit", "owner", "f"});
  read_ogc_format(parameters);
  const auto area = read_bbox(parameters);
  const Range range = range_of(read_datetime(parameters), now_us(api, call.viewer));
  const std::size_t limit =
      std::min<std::size_t>(parameters.whole("limit", 1, kOgcLimitMax, kUnitsDefault), kUnitsMax);
  const std::size_t offset = parameters.whole("offset", 0, kOffsetMax, 0);
  const auto named = parameters.units("unit", 1);
  const std::string owner = parameters.segment("owner");
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  with_picture(api, call, [&api, call, area, range, limit, offset, named, owner](Watch& watch) {
    TrackQuery query = query_of(watch.link_options(), range, {});
    query.past.view.area = area;
    OgcPage page;
    page.base = ogc_base(*call.request, api.options.base_url);
    page.collection = call.parts[0];
    page.self = address_of(*call.request, page.base);
    page.made_us = api.clock.utc_us();
    const PagePlan plan{.units = named.empty() ? units_of(watch, owner) : named,
                        .first = offset,
                        .limit = limit,
                        .address = [request = call.request, base = page.base](std::size_t first) {
                          return address_with(*request, base, "offset", std::to_string(first));
                        }};
    api.exports.take(call.viewer, call.respond, [&api, query, page, plan](const DeskJob& job) {
      PageStream(job, page, plan).run(query, patience_of(api, job));
    });
  });
}

void ogc_track(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"datetime", "f"});
  read_ogc_format(parameters);
  const Range range = range_of(read_datetime(parameters), now_us(api, call.viewer));
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  const auto id = parse_feature_id(call.parts[1]);
  const auto none = [call] {
    return problem(404, "no_such_feature",
                   fmt::format("there is no track '{}' in that time, in what you may see",
                               call.parts[1].substr(0, 80)));
  };
  if (!id) return call.respond(none());
  const auto link = link_of(api, call);
  if (!link) return;
  const TrackQuery query = query_of(*link, range, {id->unit});
  const auto part = static_cast<std::size_t>(id->part);
  read_on_desk(api, call, [&api, call, query, part, none](const Patience& patience) {
    TrackLines lines(ogc_track_id);
    std::string feature;
    // Of the parts before it nothing is kept, of those behind it nothing is read.
    const auto end = read_tracks(query, true, patience, [&](const client::FixItem& item) {
      std::string piece;
      lines.fix(piece, item);
      if (lines.features() == part) feature += piece;
      return lines.features() <= part;
    });
    if (!end) return response_of(end.error());
    if (lines.features() <= part) lines.end_unit(feature);
    const std::size_t begin = feature.find('{');
    if (lines.features() < part || begin == std::string::npos) return none();
    return ogc_feature(api, call, feature.substr(begin));
  });
}

}  // namespace vigie::web::api
