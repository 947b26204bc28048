// What programs and pages write to the API: parameters, moments, areas, ids and the body of an
// event. The first byte says which.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clients/web/server/api/csv.h"
#include "clients/web/server/api/event_body.h"
#include "clients/web/server/api/event_pages.h"
#include "clients/web/server/api/gpx.h"
#include "clients/web/server/api/ogc_request.h"
#include "clients/web/server/api/parameters.h"
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
  switch (data[0] % 4) {
    case 0: {
      if (vigie::is_utf8(text)) read_parameters(text);
      break;
    }
    case 1: {
      const auto event = api::parse_event_body(text, "alpha/room");
      if (event) require(vigie::is_unit_name(event->unit) && vigie::is_text(event->text));
      break;
    }
    case 2: {
      (void)api::parse_bbox(text).ok();
      (void)api::parse_ogc_time(text).ok();
      (void)api::parse_feature_id(text);
      if (const auto place = api::parse_place(text)) {
        require(api::parse_place(api::place_text(*place)).ok());
      }
      break;
    }
    default:
      write_texts(text);
  }
  return 0;
}
