// What programs and pages write to the API: parameters, moments, areas, ids, places in lists, and
// the bodies of an event and of a grant. The first byte says which.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "clients/web/server/api/csv.h"
#include "clients/web/server/api/event_body.h"
#include "clients/web/server/api/event_pages.h"
#include "clients/web/server/api/gpx.h"
#include "clients/web/server/api/grant_body.h"
#include "clients/web/server/api/ogc_request.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/tracker_page.h"
#include "schemas/messages/names.h"

namespace {

using namespace vigie::web;

void require(bool holds) {
  if (!holds) std::abort();
}

void read_parameters(std::string_view text) {
  Request request;
  request.path = "/ogc/collections/units/items";
  request.query = {{"v", std::string(text)}};
  api::Parameters parameters(request, {"v"});
  parameters.units("v", 10);
  parameters.kinds("v", 10);
  parameters.whole("v", 1, 10, 1);
  parameters.one_of("v", {"a", "b"}, 0);
  parameters.segment("v");
  parameters.moment("v");
  parameters.area("v");
  if (parameters.trouble()) require(parameters.trouble()->detail.size() < 1'000);
  api::address_with(request, "http://a/ogc", "offset", text);
}

void read_grant(std::string_view text) {
  Request request;
  request.query = {{"grant", std::string(text)}};
  for (const bool by_true_time : {false, true}) {
    api::Parameters parameters(request, {"grant"});
    const std::string grant = parameters.grant(by_true_time);
    require(grant.empty() || (grant == text && vigie::is_unit_name(grant)));
    require(parameters.trouble().has_value() == (grant.empty() || by_true_time));
    if (parameters.trouble()) require(parameters.trouble()->detail.size() < 1'000);
  }
}

/// What is taken holds what the hub would ask for, and is told as a text.
void read_grant_body(std::string_view text) {
  constexpr std::int64_t kNowUs = 1'772'000'000'000'000;
  const auto order = api::parse_grant_body(text, kNowUs);
  if (!order) {
    const std::string& why = order.error().detail;
    require(!why.empty() && why.size() < 1'000 && vigie::is_utf8(why));
    return;
  }
  const vigie::client::Grant& grant = order->grant;
  require(vigie::is_segment(order->name));
  require(vigie::is_segment(grant.to) || vigie::is_unit_name(grant.to));
  require(grant.fixes || grant.events || grant.states);
  require(grant.ends_us == 0 || grant.ends_us > kNowUs);
  for (const std::string& unit : grant.units) require(vigie::is_unit_name(unit));
  for (const std::string& group : grant.groups) {
    require(group == vigie::kNoGroup || vigie::is_segment(group));
  }
  vigie::client::StateItem item;
  item.state.name = "alpha/" + order->name;
  item.state.grant = grant;
  std::string told;
  api::JsonText json(told);
  api::add_grant(json, item, true, kNowUs);
  require(vigie::is_utf8(told) && told.front() == '{' && told.back() == '}');
}

void read_places(std::string_view text) {
  (void)api::parse_bbox(text).ok();
  (void)api::parse_ogc_time(text).ok();
  (void)api::parse_feature_id(text);
  if (const auto place = api::parse_place(text)) {
    require(api::parse_place(api::place_text(*place)).ok());
  }
  if (const auto place = api::parse_tracker_place(text)) {
    const auto again = api::parse_tracker_place(api::tracker_place_text(*place));
    require(again && again->missing == place->missing && again->delay_us == place->delay_us &&
            again->unit == place->unit);
  }
}

void write_texts(std::string_view text) {
  std::string out;
  api::append_json_text(out, text);
  require(vigie::is_utf8(out));
  out.clear();
  api::append_xml_text(out, text);
  require(out.find('<') == std::string::npos);
  out.clear();
  api::append_csv_text(out, text);
  require(out.empty() || out[0] != '=');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0: {
      if (vigie::is_utf8(text)) read_parameters(text);
      if (vigie::is_utf8(text) && !text.empty()) read_grant(text);
      break;
    }
    case 1: {
      const auto event = api::parse_event_body(text, "alpha/room");
      if (event) require(vigie::is_unit_name(event->unit) && vigie::is_text(event->text));
      break;
    }
    case 2: {
      read_places(text);
      break;
    }
    case 3: {
      write_texts(text);
      break;
    }
    default:
      read_grant_body(text);
  }
  return 0;
}
