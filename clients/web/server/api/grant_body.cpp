#include "clients/web/server/api/grant_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "clients/web/server/api/parameters.h"
#include "clients/web/server/live/shallow_json.h"
#include "schemas/messages/names.h"
#include "schemas/words/limits.h"
#include "schemas/words/times.h"

namespace vigie::web::api {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 14> kFields = {
    "name",  "to",      "classes", "groups",  "units",   "area",    "from",
    "until", "valid_s", "past",    "delay_s", "round_m", "every_s", "own_numbers"};
constexpr int kDepthMax = 4;
constexpr std::int64_t kValidSMax = std::int64_t{100} * 366 * 86'400;

/// Reads the members of one grant; the first fault is kept.
class Reading {
 public:
  explicit Reading(const Json& body) : body_(body) {
    for (const auto& [field, value] : body.items()) {
      if (std::find(kFields.begin(), kFields.end(), field) == kFields.end()) {
        refuse(is_kind(field) ? field : "a member", "it is not known here");
      }
    }
  }

  const Json* find(std::string_view field) const {
    const auto found = body_.find(std::string(field));
    return found == body_.end() || found->is_null() ? nullptr : &*found;
  }
  void refuse(std::string_view field, std::string_view why) {
    if (fault_.empty()) fault_ = fmt::format("'{}': {}", field, why);
  }
  const std::string& fault() const { return fault_; }

  std::string name(std::string_view field, bool (*is_good)(std::string_view),
                   std::string_view what) {
    const Json* const value = find(field);
    if (value != nullptr && value->is_string() && is_good(value->get<std::string>())) {
      return value->get<std::string>();
    }
    refuse(field, fmt::format("{} is needed", what));
    return {};
  }

  std::vector<std::string> names(std::string_view field, bool (*is_good)(std::string_view),
                                 std::string_view what) {
    std::vector<std::string> list;
    const Json* const value = find(field);
    if (value == nullptr) return list;
    if (!value->is_array() || value->size() > limits::kGrantGroupsMax) {
      refuse(field, fmt::format("it is a list of at most {}", limits::kGrantGroupsMax));
      return list;
    }
    for (const Json& one : *value) {
      if (one.is_string() && is_good(one.get<std::string>())) {
        list.push_back(one.get<std::string>());
      } else {
        refuse(field, fmt::format("each is {}", what));
      }
    }
    return list;
  }

  std::int64_t moment(std::string_view field) {
    const Json* const value = find(field);
    if (value == nullptr) return 0;
    if (!value->is_string() && !value->is_number_unsigned()) {
      refuse(field, "it is a time in quotes, or whole microseconds since 1970");
      return 0;
    }
    const auto moment =
        parse_moment(value->is_string() ? value->get<std::string>()
                                        : fmt::format("{}", value->get<std::uint64_t>()));
    if (moment) return *moment;
    refuse(field, moment.fault().sentence);
    return 0;
  }

  std::uint64_t whole(std::string_view field, std::uint64_t most) {
    const Json* const value = find(field);
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= most) {
      return value->get<std::uint64_t>();
    }
    refuse(field, fmt::format("it is a whole number from 0 to {}", most));
    return 0;
  }

  bool flag(std::string_view field) {
    const Json* const value = find(field);
    if (value != nullptr && !value->is_boolean()) refuse(field, "it is true or false");
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }

  std::optional<client::Area> area() {
    const Json* const value = find("area");
    if (value == nullptr) return {};
    const bool numbers =
        value->is_array() && value->size() == 4 &&
        std::all_of(value->begin(), value->end(), [](const Json& one) { return one.is_number(); });
    std::optional<client::Area> area;
    if (numbers) {
      area = client::Area::from_degrees((*value)[0].get<double>(), (*value)[1].get<double>(),
                                        (*value)[2].get<double>(), (*value)[3].get<double>());
    }
    if (!area) refuse("area", "it is [west, south, east, north] in degrees, south not above north");
    return area;
  }

  /// All, where none is named.
  void classes(client::Grant& grant) {
    const auto is_class = [](std::string_view name) {
      return name == "track" || name == "event" || name == "state";
    };
    const auto list = names("classes", is_class, "track, event or state");
    if (find("classes") == nullptr) return;
    if (list.empty()) refuse("classes", "it names none: leave it out for all");
    const auto has = [&](const char* name) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    grant.fixes = has("track");
    grant.events = has("event");
    grant.states = has("state");
  }

 private:
  const Json& body_;
  std::string fault_;
};

bool is_owner_or_name(std::string_view text) {
  return is_segment(text) || is_unit_name(text);
}

bool is_group(std::string_view text) {
  return text == kNoGroup || (is_segment(text) && !is_reserved_group(text));
}

void add_list(JsonText& json, std::string_view key, const std::vector<std::string>& list) {
  if (list.empty()) return;
  json.begin_array(key);
  for (const std::string& one : list) json.element(one);
  json.end_array();
}

void add_time(JsonText& json, std::string_view key, std::int64_t us) {
  if (us != 0) json.time(key, us);
}

void add_area(JsonText& json, const client::Area& area) {
  std::string text;
  JsonText edges(text);
  edges.begin_array();
  for (const std::int32_t edge : {area.west_e7, area.south_e7, area.east_e7, area.north_e7}) {
    edges.scaled({}, edge, 7, 1);
  }
  edges.end_array();
  json.raw("area", text);
}

}  // namespace

Answered<GrantOrder> parse_grant_body(std::string_view body, std::int64_t now_us) {
  const auto bad = [](std::string detail) {
    return trouble({.status = 400, .code = "bad_body", .detail = std::move(detail)});
  };
  const auto [json, too_deep] = parse_shallow_json(body, kDepthMax);
  if (too_deep) return bad("the body is nested too deeply");
  if (json.is_discarded() || !json.is_object()) return bad("the body is no JSON object");
  Reading read(json);
  GrantOrder order;
  client::Grant& grant = order.grant;
  order.name = read.name("name", is_segment, "a name without a slash");
  grant.to = read.name("to", is_owner_or_name, "an OWNER, or OWNER/NAME,");
  read.classes(grant);
  grant.groups = read.names("groups", is_group, "a group, or '-' for none");
  grant.units = read.names("units", is_unit_name, "OWNER/NAME");
  grant.area = read.area();
  grant.from_us = read.moment("from");
  grant.until_us = read.moment("until");
  const auto valid_s = static_cast<std::int64_t>(read.whole("valid_s", kValidSMax));
  if (valid_s == 0 && read.find("valid_s") != nullptr) {
    read.refuse("valid_s", "it is at least 1: leave it out for a grant without end");
  }
  if (valid_s != 0) grant.ends_us = now_us + valid_s * kMicrosecondsPerSecond;
  grant.past = read.flag("past");
  grant.delay_s = static_cast<std::uint32_t>(read.whole("delay_s", limits::kGrantDelaySMax));
  grant.round_m = static_cast<std::uint32_t>(read.whole("round_m", limits::kGrantRoundMMax));
  grant.every_s = static_cast<std::uint32_t>(read.whole("every_s", limits::kGrantEverySMax));
  grant.own_numbers = read.flag("own_numbers");
  if (!read.fault().empty()) return bad(read.fault());
  return order;
}

void add_grant(JsonText& json, const client::StateItem& item, bool given, std::int64_t now_us) {
  const client::Grant& grant = item.state.grant;
  const bool over = grant.ends_us != 0 && grant.ends_us <= now_us;
  json.begin_object();
  json.text("name", item.state.name);
  json.flag("given", given);
  json.text("to", grant.to);
  json.flag("stands", !grant.ended && !over);
  json.begin_array("classes");
  if (grant.fixes) json.element("track");
  if (grant.events) json.element("event");
  if (grant.states) json.element("state");
  json.end_array();
  add_list(json, "groups", grant.groups);
  add_list(json, "units", grant.units);
  if (grant.area) add_area(json, *grant.area);
  json.time("made", grant.made_us != 0 ? grant.made_us : item.stamp.known_time_us);
  add_time(json, "from", grant.from_us);
  add_time(json, "until", grant.until_us);
  add_time(json, "ends", grant.ended ? item.stamp.known_time_us : grant.ends_us);
  json.flag("past", grant.past);
  if (grant.delay_s != 0) json.number("delay_s", grant.delay_s);
  if (grant.round_m != 0) json.number("round_m", grant.round_m);
  if (grant.every_s != 0) json.number("every_s", grant.every_s);
  if (grant.own_numbers) json.flag("own_numbers", true);
  json.flag("by_itself", grant.has_terms());
  json.end_object();
}

}  // namespace vigie::web::api
