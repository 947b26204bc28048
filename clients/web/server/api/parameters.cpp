#include "clients/web/server/api/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::web::api {
namespace {

Fault invalid(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

/// As it stands in an error: what is too long is cut, and is valid UTF-8 still.
std::string shown(std::string_view text) {
  constexpr std::size_t kBytesMax = 80;
  if (text.size() <= kBytesMax) return std::string(text);
  std::size_t end = kBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace

Result<std::uint64_t> parse_whole(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) {
    return invalid(fmt::format("'{}' is no whole number", shown(text)));
  }
  return number;
}

Result<double> parse_degrees(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end || !std::isfinite(number)) {
    return invalid(fmt::format("'{}' is no number of degrees", shown(text)));
  }
  return number;
}

Result<std::int64_t> parse_moment(std::string_view text) {
  if (text.size() > 64) return invalid(fmt::format("'{}' is no time", shown(text)));
  const auto whole = parse_whole(text);
  std::int64_t us = 0;
  if (whole) {
    us = *whole > static_cast<std::uint64_t>(kTrueTimeUsMax) ? kTrueTimeUsMax + 1
                                                             : static_cast<std::int64_t>(*whole);
  } else {
    const auto time = parse_time(text);
    if (!time) return time.fault();
    us = *time;
  }
  if (us < kTrueTimeUsMin || us > kTrueTimeUsMax) {
    return invalid(fmt::format(
        "time '{}' is not between 2000 and 2100; a count is in microseconds since 1970", text));
  }
  return us;
}

Result<client::Area> parse_area(std::string_view text) {
  std::array<double, 4> degrees{};
  std::string_view rest = text;
  for (std::size_t i = 0; i < degrees.size(); ++i) {
    const std::size_t comma = i + 1 < degrees.size() ? rest.find(',') : rest.size();
    if (comma == std::string_view::npos) {
      return invalid(
          fmt::format("'{}' is no area: write WEST,SOUTH,EAST,NORTH in degrees", shown(text)));
    }
    const auto number = parse_degrees(rest.substr(0, comma));
    if (!number) return number.fault();
    degrees[i] = *number;
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  const auto area = client::Area::from_degrees(degrees[0], degrees[1], degrees[2], degrees[3]);
  if (!area) {
    return invalid(
        fmt::format("'{}' is no area: west and east are -180..180, south and north "
                    "-90..90, south at most north",
                    shown(text)));
  }
  return *area;
}

Parameters::Parameters(const Request& request, std::initializer_list<std::string_view> allowed)
    : request_(request) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      refuse(allowed.size() == 0
                 ? fmt::format("there is no parameter '{}': this takes none", shown(name))
                 : fmt::format("there is no parameter '{}'; there is {}", shown(name),
                               fmt::join(allowed, ", ")));
    } else if (!seen.insert(name).second) {
      refuse(fmt::format("parameter '{}' is given twice", name));
    }
  }
}

void Parameters::refuse(std::string detail) {
  if (trouble_) return;
  trouble_ = Trouble{.status = 400, .code = "bad_parameter", .detail = std::move(detail)};
}

std::optional<std::string_view> Parameters::value_of(std::string_view name) const {
  return request_.parameter(name);
}

std::string Parameters::text(std::string_view name, std::size_t bytes_max) {
  const auto value = value_of(name);
  if (!value) return {};
  if (value->size() > bytes_max) {
    refuse(fmt::format("parameter '{}' has {} bytes, at most {}", name, value->size(), bytes_max));
    return {};
  }
  return std::string(*value);
}

std::optional<std::int64_t> Parameters::moment(std::string_view name) {
  const auto value = value_of(name);
  if (!value) return {};
  const auto time = parse_moment(*value);
  if (time) return *time;
  refuse(fmt::format("parameter '{}': {}", name, time.fault().sentence));
  return {};
}

std::optional<client::Area> Parameters::area(std::string_view name) {
  const auto value = value_of(name);
  if (!value) return {};
  const auto area = parse_area(*value);
  if (area) return *area;
  refuse(fmt::format("parameter '{}': {}", name, area.fault().sentence));
  return {};
}

std::uint64_t Parameters::whole(std::string_view name, std::uint64_t least, std::uint64_t most,
                                std::uint64_t otherwise) {
  const auto value = value_of(name);
  if (!value) return otherwise;
  const auto number = parse_whole(*value);
  if (number && *number >= least && *number <= most) return *number;
  refuse(fmt::format("parameter '{}' is '{}'; it is a whole number, {}..{}", name, shown(*value),
                     least, most));
  return otherwise;
}

std::size_t Parameters::one_of(std::string_view name, std::initializer_list<std::string_view> words,
                               std::size_t otherwise) {
  const auto value = value_of(name);
  if (!value) return otherwise;
  const auto found = std::find(words.begin(), words.end(), *value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  refuse(fmt::format("parameter '{}' is '{}'; it is one of {}", name, shown(*value),
                     fmt::join(words, ", ")));
  return otherwise;
}

bool Parameters::flag(std::string_view name) {
  return one_of(name, {"false", "true"}, 0) == 1;
}

std::vector<std::string> Parameters::units(std::string_view name, std::size_t most) {
  return list(name, most, is_unit_name, "no unit: write OWNER/NAME");
}

std::vector<std::string> Parameters::kinds(std::string_view name, std::size_t most) {
  return list(name, most, is_kind, "no kind: write 1-32 of a-z, 0-9 and '_'");
}

std::vector<std::string> Parameters::list(std::string_view name, std::size_t most,
                                          bool (*is_good)(std::string_view),
                                          std::string_view what) {
  std::vector<std::string> words;
  const auto value = value_of(name);
  if (!value) return words;
  std::set<std::string_view> seen;
  std::string_view rest = *value;
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view word = rest.substr(0, comma);
    if (!is_good(word)) {
      refuse(fmt::format("parameter '{}': '{}' is {}; several are separated by commas", name,
                         shown(word), what));
      return {};
    }
    if (seen.insert(word).second) words.emplace_back(word);
    if (words.size() > most) {
      refuse(fmt::format("parameter '{}' names more than {}", name, most));
      return {};
    }
    if (comma == rest.size()) return words;
    rest.remove_prefix(comma + 1);
  }
}

std::string Parameters::grant(bool by_true_time) {
  const auto value = value_of("grant");
  if (!value) return {};
  if (!is_unit_name(*value)) {
    refuse(fmt::format("parameter 'grant': '{}' is no grant: write OWNER/NAME", shown(*value)));
    return {};
  }
  if (by_true_time) {
    refuse(
        fmt::format("parameter 'clock' has to be 'known' with 'grant': what '{}' shows by its "
                    "terms can't be read by true time",
                    *value));
  }
  return std::string(*value);
}

std::string Parameters::segment(std::string_view name) {
  const auto value = value_of(name);
  if (!value) return {};
  if (is_segment(*value)) return std::string(*value);
  refuse(
      fmt::format("parameter '{}': '{}' is no name; it is 1-64 bytes of letters, digits, '-', "
                  "'_' and '.'",
                  name, shown(*value)));
  return {};
}

}  // namespace vigie::web::api
