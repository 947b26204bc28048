#include "clients/web/server/live/page_message.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "clients/web/server/live/shallow_json.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::web {
namespace {

using Json = nlohmann::json;

/// Shown to whoever sent it, and not longer than helps.
std::string shown(const Json& value) {
  constexpr std::size_t kBytesMax = 80;
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kBytesMax) text = text.substr(0, kBytesMax) + "...";
  return text;
}

/// Reads fields of one object, and keeps the first thing that is wrong.
class Fields {
 public:
  Fields(const Json& object, std::string path, std::string& wrong)
      : object_(object), path_(std::move(path)), wrong_(wrong) {}

  /// Null and absent are the same.
  const Json* find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  void only(std::initializer_list<std::string_view> names) const {
    for (const auto& [name, value] : object_.items()) {
      bool known = false;
      for (const std::string_view one : names) known = known || one == name;
      if (!known) fail(fmt::format("{} is no field of it", shown(path_ + name)));
    }
  }
  void fail(std::string reason) const {
    if (wrong_.empty()) wrong_ = std::move(reason);
  }
  void fail(const char* name, const Json& value, std::string_view must) const {
    fail(fmt::format("{}{} is {}, must be {}", path_, name, shown(value), must));
  }
  void missing(const char* name) const { fail(fmt::format("{}{} is missing", path_, name)); }

  std::uint64_t count(const char* name, std::uint64_t most) const {
    const Json* value = find(name);
    if (value == nullptr) {
      missing(name);
      return 0;
    }
    const bool whole = value->is_number_unsigned() && value->get<std::uint64_t>() <= most;
    if (whole) return value->get<std::uint64_t>();
    fail(name, *value, fmt::format("a whole number of 0..{}", most));
    return 0;
  }
  /// A seq, as a number or as its digits: not every reader of JSON keeps all of a large one.
  std::uint64_t place(const char* name) const {
    const Json* value = find(name);
    if (value == nullptr || !value->is_string()) return count(name, INT64_MAX);
    const std::string& digits = value->get_ref<const std::string&>();
    std::int64_t place = -1;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, place);
    if (error == std::errc() && stop == end && place >= 0) return static_cast<std::uint64_t>(place);
    fail(name, *value, fmt::format("a whole number of 0..{}, or its digits", INT64_MAX));
    return 0;
  }
  double number(const char* name, double least, double most) const {
    const Json* value = find(name);
    if (value == nullptr) {
      missing(name);
      return least;
    }
    if (value->is_number()) {
      const double number = value->get<double>();
      if (std::isfinite(number) && number >= least && number <= most) return number;
    }
    fail(name, *value, fmt::format("a number of {}..{}", least, most));
    return least;
  }
  /// Which of `words`; 0 when it is absent.
  std::size_t word(const char* name, std::initializer_list<std::string_view> words) const {
    const Json* value = find(name);
    if (value == nullptr) return 0;
    std::string all;
    std::size_t at = 0;
    for (const std::string_view word : words) {
      if (value->is_string() && value->get_ref<const std::string&>() == word) return at;
      all += fmt::format("{}\"{}\"", at == 0 ? "" : at + 1 == words.size() ? " or " : ", ", word);
      ++at;
    }
    fail(name, *value, all);
    return 0;
  }

 private:
  const Json& object_;
  const std::string path_;
  std::string& wrong_;
};

std::optional<AreaBox> read_area(const Fields& fields) {
  const Json* value = fields.find("area");
  if (value == nullptr) return std::nullopt;
  const char* must =
      "[west, south, east, north] in degrees: -180..180, -90..90, south not above north";
  double edges[4] = {};
  bool good = value->is_array() && value->size() == 4;
  for (std::size_t i = 0; good && i < 4; ++i) {
    const Json& edge = (*value)[i];
    good = edge.is_number();
    if (!good) break;
    edges[i] = edge.get<double>();
    const double most = i % 2 == 0 ? 180 : 90;
    good = std::isfinite(edges[i]) && edges[i] >= -most && edges[i] <= most;
  }
  if (!good || edges[1] > edges[3]) {
    fields.fail("area", *value, must);
    return std::nullopt;
  }
  const auto e7 = [](double degrees) {
    return static_cast<std::int32_t>(std::llround(degrees * 1e7));
  };
  return AreaBox{e7(edges[0]), e7(edges[1]), e7(edges[2]), e7(edges[3])};
}

template <typename Good>
std::vector<std::string> read_list(const Fields& fields, const char* name, std::size_t most,
                                   const char* must, const Good& good) {
  std::vector<std::string> texts;
  const Json* value = fields.find(name);
  if (value == nullptr) return texts;
  if (!value->is_array() || value->size() > most) {
    fields.fail(name, *value, fmt::format("a list of at most {}", most));
    return texts;
  }
  for (const Json& one : *value) {
    if (!one.is_string() || !good(one.get_ref<const std::string&>())) {
      fields.fail(name, one, must);
      return {};
    }
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

std::uint32_t read_outside(const Fields& fields) {
  const Json* value = fields.find("outside_ms");
  if (value == nullptr) return 0;
  const auto pace_ms = static_cast<std::uint32_t>(fields.count("outside_ms", kInterestPaceMsMax));
  if (pace_ms != 0 && pace_ms < kInterestOutsideMsMin) {
    fields.fail("outside_ms", *value,
                fmt::format("0 or {}..{}", kInterestOutsideMsMin, kInterestPaceMsMax));
  }
  return pace_ms;
}

Interest read_interest(const Fields& fields) {
  Interest interest;
  interest.area = read_area(fields);
  interest.units = read_list(fields, "units", kInterestUnitsMax, "units' names OWNER/NAME",
                             [](const std::string& text) { return is_unit_name(text); });
  interest.channels =
      read_list(fields, "channels", kInterestChannelsMax, "prefixes of CLASS/OWNER/GROUP",
                [](const std::string& text) { return is_channel_prefix(text); });
  const Json* classes = fields.find("classes");
  if (classes != nullptr) {
    interest.classes = 0;
    const auto take = [&](const std::string& text) {
      for (const auto one : {MessageClass::Track, MessageClass::Event, MessageClass::State}) {
        if (text != class_name(one)) continue;
        interest.classes |= 1u << static_cast<unsigned>(one);
        return true;
      }
      return false;
    };
    read_list(fields, "classes", kClassCount, "of \"track\", \"event\" and \"state\"", take);
  }
  if (fields.find("pace_ms") != nullptr) {
    interest.pace_ms = static_cast<std::uint32_t>(fields.count("pace_ms", kInterestPaceMsMax));
  }
  interest.outside_ms = read_outside(fields);
  interest.always = read_list(fields, "always", kInterestAlwaysMax, "units' names OWNER/NAME",
                              [](const std::string& text) { return is_unit_name(text); });
  return interest;
}

std::optional<ResumeToken> read_resume(const Fields& fields, std::string& wrong) {
  const Json* value = fields.find("resume");
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    fields.fail("resume", *value, "an object of log, event_seq and fix_seq");
    return std::nullopt;
  }
  const Fields inner(*value, "resume.", wrong);
  inner.only({"log", "event_seq", "fix_seq"});
  ResumeToken token;
  const Json* log = inner.find("log");
  const auto is_log = [](const std::string& text) {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  };
  if (log == nullptr) {
    inner.missing("log");
  } else if (!log->is_string() || !is_log(log->get_ref<const std::string&>())) {
    inner.fail("log", *log, "32 hexadecimal digits");
  } else {
    token.log = log->get<std::string>();
  }
  token.event_seq = inner.place("event_seq");
  token.fix_seq = inner.place("fix_seq");
  return token;
}

std::string read_grant(const Fields& fields) {
  const Json* value = fields.find("grant");
  if (value == nullptr) return {};
  if (value->is_string() && is_unit_name(value->get_ref<const std::string&>())) {
    return value->get<std::string>();
  }
  fields.fail("grant", *value, "a grant's name, OWNER/NAME, or null");
  return {};
}

PageMessage read_open(const Fields& fields, std::string& wrong) {
  fields.only({"type", "format", "resume", "grant", "area", "outside_ms", "always", "units",
               "channels", "classes", "pace_ms"});
  OpenMessage open;
  open.json = fields.word("format", {"flatbuffers", "json"}) == 1;
  open.resume = read_resume(fields, wrong);
  open.grant = read_grant(fields);
  open.interest = read_interest(fields);
  return open;
}

bool read_flag(const Fields& fields, const char* name) {
  const Json* value = fields.find(name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) fields.fail(name, *value, "true or false");
  return value->is_boolean() && value->get<bool>();
}

PageMessage read_past(const Fields& fields) {
  fields.only({"type", "request", "clock", "time_us", "speed", "paused"});
  PastMessage past;
  past.request = static_cast<std::uint32_t>(fields.count("request", UINT32_MAX));
  past.known_clock = fields.word("clock", {"true", "known"}) == 1;
  past.time_us = static_cast<std::int64_t>(
      fields.count("time_us", static_cast<std::uint64_t>(kTrueTimeUsMax)));
  if (fields.find("speed") != nullptr) {
    past.speed = fields.number("speed", kPastSpeedMin, kPastSpeedMax);
  }
  past.paused = read_flag(fields, "paused");
  return past;
}

PageMessage read_control(const Fields& fields) {
  fields.only({"type", "request", "do", "speed"});
  ControlMessage control;
  control.request = static_cast<std::uint32_t>(fields.count("request", UINT32_MAX));
  if (fields.find("do") == nullptr) fields.missing("do");
  control.what = static_cast<PastControl>(fields.word("do", {"pause", "resume", "speed", "stop"}));
  if (control.what == PastControl::Speed) {
    control.speed = fields.number("speed", kPastSpeedMin, kPastSpeedMax);
  }
  return control;
}

PageRefusal not_a_message(std::string reason) {
  return {true, "bad_message", std::move(reason), {}};
}

}  // namespace

std::variant<PageMessage, PageRefusal> parse_page_message(std::string_view text) {
  const auto [message, too_deep] = parse_shallow_json(text, kJsonDepthMax);
  if (too_deep) return not_a_message("the message is nested too deeply");
  if (message.is_discarded()) return not_a_message("the message is no JSON");
  if (!message.is_object()) return not_a_message("the message is no JSON object");
  const auto type = message.find("type");
  if (type == message.end() || !type->is_string()) {
    return not_a_message("the message has no type");
  }
  const std::string& name = type->get_ref<const std::string&>();
  std::string wrong;
  const Fields fields(message, {}, wrong);
  PageMessage read;
  if (name == "open") {
    read = read_open(fields, wrong);
  } else if (name == "interest") {
    fields.only(
        {"type", "area", "outside_ms", "always", "units", "channels", "classes", "pace_ms"});
    read = InterestMessage{read_interest(fields)};
  } else if (name == "probe") {
    fields.only({"type", "id"});
    read = ProbeMessage{fields.count("id", INT64_MAX)};
  } else if (name == "past") {
    read = read_past(fields);
  } else if (name == "control") {
    read = read_control(fields);
  } else {
    return PageRefusal{false, "unknown_type",
                       fmt::format("type is {}, which is none", shown(*type)), name.substr(0, 32)};
  }
  if (!wrong.empty()) return PageRefusal{false, "bad_field", std::move(wrong), name};
  return read;
}

}  // namespace vigie::web
