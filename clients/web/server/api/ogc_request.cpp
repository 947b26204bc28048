#include "clients/web/server/api/ogc_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "schemas/messages/names.h"

namespace vigie::web::api {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Empty: open.
Result<std::optional<std::int64_t>> parse_end(std::string_view text) {
  if (text.empty() || text == "..") return std::optional<std::int64_t>();
  const auto time = parse_moment(text);
  if (!time) return time.fault();
  return std::optional<std::int64_t>(*time);
}

}  // namespace

Result<client::Area> parse_bbox(std::string_view text) {
  const auto parts = split(text.substr(0, 512), ',');
  if (parts.size() != 4 && parts.size() != 6) {
    return Fault{FaultCode::Invalid,
                 fmt::format("a bbox has 4 or 6 numbers, this one has {}", parts.size())};
  }
  std::vector<double> numbers;
  for (const std::string_view part : parts) {
    const auto number = parse_degrees(part);
    if (!number) return number.fault();
    numbers.push_back(*number);
  }
  const std::size_t half = parts.size() / 2;
  const auto longitude = [](double degrees) { return std::clamp(degrees, -180.0, 180.0); };
  const auto latitude = [](double degrees) { return std::clamp(degrees, -90.0, 90.0); };
  const auto area =
      client::Area::from_degrees(longitude(numbers[0]), latitude(numbers[1]),
                                 longitude(numbers[half]), latitude(numbers[half + 1]));
  if (area) return *area;
  return Fault{FaultCode::Invalid, "its south is north of its north"};
}

Result<OgcTime> parse_ogc_time(std::string_view text) {
  const auto parts = split(text.substr(0, 512), '/');
  OgcTime time;
  if (parts.size() == 1) {
    const auto moment = parse_moment(text);
    if (!moment) return moment.fault();
    time.instant = true;
    time.from_us = time.until_us = *moment;
    return time;
  }
  if (parts.size() != 2) {
    return Fault{FaultCode::Invalid, "an interval is BEGIN/END, each may be '..'"};
  }
  const auto from = parse_end(parts[0]);
  if (!from) return from.fault();
  const auto until = parse_end(parts[1]);
  if (!until) return until.fault();
  time.from_us = *from;
  time.until_us = *until;
  if (time.from_us && time.until_us && *time.from_us > *time.until_us) {
    return Fault{FaultCode::Invalid, "the interval ends before it begins"};
  }
  return time;
}

std::string ogc_base(const Request& request, const std::string& base_url) {
  if (!base_url.empty()) {
    const bool slash = base_url.back() == '/';
    return base_url.substr(0, base_url.size() - (slash ? 1 : 0)) + "/ogc";
  }
  return fmt::format("{}://{}/ogc", request.secure ? "https" : "http", request.host);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string address_with(const Request& request, const std::string& base, std::string_view name,
                         std::string_view value) {
  std::string address = base;
  std::string_view rest = std::string_view(request.path).substr(std::string_view("/ogc").size());
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    address += "/" + percent_encoded(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  char lead = '?';
  for (const auto& [known, given] : request.query) {
    if (known == name) continue;
    address += lead + percent_encoded(known) + "=" + percent_encoded(given);
    lead = '&';
  }
  if (!name.empty()) {
    address += lead + percent_encoded(name) + "=" + percent_encoded(value);
  }
  return address;
}

std::string address_of(const Request& request, const std::string& base) {
  return address_with(request, base, {}, {});
}

void add_link(JsonText& json, std::string_view rel, std::string_view type, std::string_view href,
              std::string_view title) {
  json.begin_object();
  json.text("rel", rel);
  json.text("type", type);
  if (!title.empty()) json.text("title", title);
  json.text("href", href);
  json.end_object();
}

std::string feature_id(std::string_view unit) {
  std::string id(unit);
  std::replace(id.begin(), id.end(), '/', ':');
  return id;
}

std::optional<FeatureId> parse_feature_id(std::string_view id) {
  const auto parts = split(id, ':');
  if (parts.size() != 2 && parts.size() != 3) return {};
  FeatureId found;
  found.unit = std::string(parts[0]) + "/" + std::string(parts[1]);
  if (!is_unit_name(found.unit)) return {};
  if (parts.size() == 2) return found;
  const auto part = parse_whole(parts[2]);
  if (!part || *part < 2 || *part > 1'000'000) return {};
  found.part = static_cast<int>(*part);
  return found;
}

}  // namespace vigie::web::api
