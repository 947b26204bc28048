#include "clients/web/server/api/event_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "clients/web/server/api/words.h"
#include "schemas/messages/names.h"
#include "schemas/words/limits.h"

namespace vigie::web::api {
namespace {

using Json = nlohmann::json;

Fault bad(std::string_view member, std::string_view why) {
  return {FaultCode::Invalid, fmt::format("'{}': {}", member, why)};
}

/// Reads the members of one event; the first fault is kept.
class Reading {
 public:
  explicit Reading(const Json& body) : body_(body) {}

  std::string text(const char* member, std::size_t bytes_max) {
    const Json* const value = find(member);
    if (value == nullptr) return {};
    if (!value->is_string()) return refuse(member, "it is a text");
    const auto& text = value->get_ref<const std::string&>();
    if (text.size() > bytes_max) {
      return refuse(member, fmt::format("it has {} bytes, at most {}", text.size(), bytes_max));
    }
    if (!is_text(text)) {
      return refuse(member, "it has control characters other than tab and newline");
    }
    return text;
  }

  std::string name(const char* member, bool (*is_good)(std::string_view), std::string_view what) {
    const std::string text = this->text(member, 1024);
    if (find(member) == nullptr || fault_ || is_good(text)) return text;
    return refuse(member, fmt::format("'{}' is no {}", text.substr(0, 80), what));
  }

  client::Severity severity() {
    const std::string word = text("severity", 32);
    if (find("severity") == nullptr || fault_) return client::Severity::Info;
    for (const auto severity : {client::Severity::Info, client::Severity::Notice,
                                client::Severity::Warning, client::Severity::Severe}) {
      if (severity_name(severity) == word) return severity;
    }
    refuse("severity", fmt::format("'{}' is not one of info, notice, warning, severe", word));
    return client::Severity::Info;
  }

  std::optional<client::Place> position() {
    const Json* const value = find("position");
    if (value == nullptr || value->is_null()) return {};
    client::Fix place;
    if (!value->is_object() || value->size() != 2 || !value->contains("lat") ||
        !value->contains("lon") || !(*value)["lat"].is_number() || !(*value)["lon"].is_number()) {
      refuse("position", "it is an object of two numbers, lat and lon");
    } else if (!place.set_position((*value)["lat"].get<double>(), (*value)["lon"].get<double>())) {
      refuse("position", "lat is -90..90 and lon -180..180");
    } else {
      return client::Place{place.lat_e7, place.lon_e7};
    }
    return {};
  }

  std::vector<client::MessageName> references() {
    std::vector<client::MessageName> names;
    const Json* const value = find("references");
    if (value == nullptr) return names;
    if (!value->is_array() || value->size() > limits::kReferencesMax) {
      refuse("references",
             fmt::format("it is a list of at most {} names of messages", limits::kReferencesMax));
      return names;
    }
    for (const Json& one : *value) {
      const auto name =
          one.is_string() ? parse_message_name(one.get_ref<const std::string&>()) : std::nullopt;
      if (name) {
        names.push_back(*name);
      } else {
        refuse("references", "each is a text SPOOL:NUMBER");
      }
    }
    return names;
  }

  std::vector<client::Field> fields() {
    std::vector<client::Field> fields;
    const Json* const value = find("fields");
    if (value == nullptr) return fields;
    if (!value->is_object() || value->size() > limits::kFieldsMax) {
      refuse("fields", fmt::format("it is an object of at most {} texts", limits::kFieldsMax));
      return fields;
    }
    for (const auto& [key, text] : value->items()) {
      const bool good_key = !key.empty() && key.size() <= limits::kFieldKeyBytesMax && is_text(key);
      if (!good_key || !text.is_string()) {
        refuse("fields", "each is a text, by a key of 1-64 bytes");
        break;
      }
      const auto& content = text.get_ref<const std::string&>();
      if (content.size() > limits::kFieldValueBytesMax || !is_text(content)) {
        refuse("fields", fmt::format("'{}' has over {} bytes or control characters", key,
                                     limits::kFieldValueBytesMax));
        break;
      }
      fields.push_back({key, content});
    }
    return fields;
  }

  std::string refuse(std::string_view member, std::string_view why) {
    if (!fault_) fault_ = bad(member, why);
    return {};
  }
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  const Json* find(const char* member) const {
    const auto found = body_.find(member);
    return found == body_.end() ? nullptr : &*found;
  }

  const Json& body_;
  std::optional<Fault> fault_;
};

constexpr const char* kMembers[] = {"kind",  "text",       "severity", "position",
                                    "group", "references", "unit",     "fields"};

/// The body as an object whose members are known and stand there once.
Result<Json> parse_object(std::string_view body) {
  std::set<std::string> seen;
  std::string twice;
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event != Json::parse_event_t::key || depth != 1) return true;
    const auto& key = parsed.get_ref<const std::string&>();
    if (!seen.insert(key).second) twice = key;
    return true;
  };
  Json json = Json::parse(body, look, false);
  if (json.is_discarded() || !json.is_object()) {
    return Fault{FaultCode::Invalid, "the body is no JSON object in UTF-8"};
  }
  if (!twice.empty()) return bad(twice.substr(0, 80), "it is given twice");
  for (const auto& [key, value] : json.items()) {
    const auto same = [&key = key](const char* member) { return key == member; };
    if (std::none_of(std::begin(kMembers), std::end(kMembers), same)) {
      return bad(key.substr(0, 80),
                 "there is no such member; there is kind, text, severity, position, group, "
                 "references, unit, fields");
    }
  }
  return json;
}

}  // namespace

std::optional<client::MessageName> parse_message_name(std::string_view text) {
  constexpr std::size_t kHalf = 16;
  if (text.size() < 2 * kHalf + 2 || text[2 * kHalf] != ':') return {};
  const auto number_in = [](std::string_view digits, int base, std::uint64_t& number) {
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
    return error == std::errc() && stop == end;
  };
  client::MessageName name;
  if (!number_in(text.substr(0, kHalf), 16, name.spool.high) ||
      !number_in(text.substr(kHalf, kHalf), 16, name.spool.low) ||
      !number_in(text.substr(2 * kHalf + 1), 10, name.number) || name.number == 0) {
    return {};
  }
  return name;
}

Answered<client::Event> parse_event_body(std::string_view body, const std::string& own_unit) {
  const auto json = parse_object(body);
  const auto refused = [](const Fault& fault) {
    return trouble({.status = 400, .code = "bad_body", .detail = fault.sentence});
  };
  if (!json) return refused(json.fault());
  Reading reading(*json);
  client::Event event;
  event.kind = reading.name("kind", is_kind, "kind: 1-32 of a-z, 0-9 and '_'");
  if (!json->contains("kind")) reading.refuse("kind", "it is missing");
  event.text = reading.text("text", limits::kTextBytesMax);
  if (event.kind == "text" && event.text.empty()) {
    reading.refuse("text", "there is nothing to say: give a text, or another kind");
  }
  event.severity = reading.severity();
  event.position = reading.position();
  event.group = reading.name("group", is_segment, "group: 1-64 bytes of a name");
  event.references = reading.references();
  event.fields = reading.fields();
  event.unit = reading.name("unit", is_unit_name, "unit: OWNER/NAME");
  if (!json->contains("unit")) event.unit = own_unit;
  if (event.unit.empty()) {
    reading.refuse("unit", "it is missing, and nobody signed in whose name could stand for it");
  }
  if (reading.fault()) return refused(*reading.fault());
  return event;
}

}  // namespace vigie::web::api
