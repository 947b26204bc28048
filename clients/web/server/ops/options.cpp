#include "clients/web/server/ops/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

#include "clients/web/server/ops/quantities.h"

namespace vigie::web {
namespace {

using Wrong = std::optional<std::string>;

Option text(std::string_view key, std::string WebConfig::*member) {
  return {key, OptionKind::Text,
          [member](WebConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::string>(&value);
            if (given == nullptr) return "must be text in quotes";
            config.*member = *given;
            return std::nullopt;
          },
          [member](const WebConfig& config) { return fmt::format("\"{}\"", config.*member); }};
}

Option flag(std::string_view key, bool WebConfig::*member) {
  return {key, OptionKind::Flag,
          [member](WebConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<bool>(&value);
            if (given == nullptr) return "must be true or false";
            config.*member = *given;
            return std::nullopt;
          },
          [member](const WebConfig& config) { return config.*member ? "true" : "false"; }};
}

template <typename T>
Option count(std::string_view key, T WebConfig::*member, std::int64_t least, std::int64_t most) {
  return {key, OptionKind::Count,
          [=](WebConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::int64_t>(&value);
            if (given == nullptr || *given < least || *given > most) {
              return fmt::format("must be a whole number from {} to {}", least, most);
            }
            config.*member = static_cast<T>(*given);
            return std::nullopt;
          },
          [member](const WebConfig& config) { return fmt::format("{}", config.*member); }};
}

Option duration(std::string_view key, std::int64_t WebConfig::*member, std::int64_t least_us,
                std::int64_t most_us) {
  return {key, OptionKind::Duration,
          [=](WebConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::string>(&value);
            const auto us =
                given == nullptr ? Result<std::int64_t>(Fault{}) : parse_duration(*given);
            if (!us || *us < least_us || *us > most_us) {
              return fmt::format("must be a duration from \"{}\" to \"{}\"",
                                 format_duration(least_us), format_duration(most_us));
            }
            config.*member = *us;
            return std::nullopt;
          },
          [=](const WebConfig& config) {
            return fmt::format("\"{}\"", format_duration(config.*member));
          }};
}

Option size(std::string_view key, std::size_t WebConfig::*member, std::uint64_t least,
            std::uint64_t most) {
  return {
      key, OptionKind::Size,
      [=](WebConfig& config, const OptionValue& value) -> Wrong {
        const auto* given = std::get_if<std::string>(&value);
        const auto bytes = given == nullptr ? Result<std::uint64_t>(Fault{}) : parse_size(*given);
        if (!bytes || *bytes < least || *bytes > most) {
          return fmt::format("must be a size from \"{}\" to \"{}\"", format_size(least),
                             format_size(most));
        }
        config.*member = static_cast<std::size_t>(*bytes);
        return std::nullopt;
      },
      [=](const WebConfig& config) { return fmt::format("\"{}\"", format_size(config.*member)); }};
}

template <typename Enum, std::size_t N>
Option choice(std::string_view key, std::function<Enum&(WebConfig&)> member,
              std::array<std::pair<std::string_view, Enum>, N> names) {
  return {key, OptionKind::Choice,
          [=](WebConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::string>(&value);
            std::string known;
            for (const auto& [name, meaning] : names) {
              known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", name);
              if (given == nullptr || *given != name) continue;
              member(config) = meaning;
              return std::nullopt;
            }
            return "must be one of " + known;
          },
          [=](const WebConfig& config) {
            WebConfig copy = config;
            for (const auto& [name, meaning] : names) {
              if (member(copy) == meaning) return fmt::format("\"{}\"", name);
            }
            return std::string();
          }};
}

Option list(std::string_view key, std::vector<std::string> WebConfig::*member) {
  return {key, OptionKind::List,
          [member](WebConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::vector<std::string>>(&value);
            const auto empty = [](const std::string& item) { return item.empty(); };
            if (given == nullptr || std::any_of(given->begin(), given->end(), empty)) {
              return "must be a list of texts, as in [\"one\", \"two\"]";
            }
            config.*member = *given;
            return std::nullopt;
          },
          [member](const WebConfig& config) {
            const auto& items = config.*member;
            return items.empty() ? std::string("[]")
                                 : fmt::format("[\"{}\"]", fmt::join(items, "\", \""));
          }};
}

/// ADDRESS:PORT; where that may be left out, empty.
Option listen_address(std::string_view key, std::string WebConfig::*member, bool may_be_empty) {
  Option made = text(key, member);
  made.set = [=](WebConfig& config, const OptionValue& value) -> Wrong {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr) return "must be text in quotes";
    if (!given->empty() || !may_be_empty) {
      const auto address = parse_listen(*given);
      if (!address) return address.fault().sentence;
    }
    config.*member = *given;
    return std::nullopt;
  };
  return made;
}

constexpr std::int64_t kSecond = kMicrosecondsPerSecond;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::uint64_t kKiB = 1ull << 10;
constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;

void add_place(std::vector<Option>& all) {
  using C = WebConfig;
  all.push_back(text("hub", &C::hub));
  all.push_back(listen_address("listen", &C::listen, false));
  all.push_back(text("data", &C::data));
  all.push_back(text("page", &C::page));
  all.push_back(text("maps", &C::maps));
  all.push_back(flag("open", &C::open));
  all.push_back(text("identity", &C::identity));
  all.push_back(text("certificate", &C::certificate));
  all.push_back(text("key", &C::key));
  all.push_back(list("names", &C::names));
  all.push_back(list("proxies", &C::proxies));
  all.push_back(text("base_url", &C::base_url));
  all.push_back(choice<LogFormat, 2>("log.format",
                                     [](C& config) -> LogFormat& { return config.log.format; },
                                     {{{"human", LogFormat::Human}, {"json", LogFormat::Json}}}));
  all.push_back(choice<LogLevel, 5>("log.level",
                                    [](C& config) -> LogLevel& { return config.log.level; },
                                    {{{"debug", LogLevel::Debug},
                                      {"info", LogLevel::Info},
                                      {"warning", LogLevel::Warning},
                                      {"error", LogLevel::Error},
                                      {"off", LogLevel::Off}}}));
  all.push_back({"log.file", OptionKind::Text,
                 [](C& config, const OptionValue& value) -> Wrong {
                   const auto* given = std::get_if<std::string>(&value);
                   if (given == nullptr) return "must be text in quotes";
                   config.log.file = *given;
                   return std::nullopt;
                 },
                 [](const C& config) { return fmt::format("\"{}\"", config.log.file); }});
  all.push_back(listen_address("metrics.listen", &C::metrics_listen, true));
}

void add_limits(std::vector<Option>& all) {
  using C = WebConfig;
  constexpr std::int64_t kMost = 1'000'000;
  all.push_back(count("http.connections", &C::connections, 1, kMost));
  all.push_back(count("http.connections_per_address", &C::connections_per_address, 1, kMost));
  all.push_back(size("http.head", &C::head_bytes, kKiB, kMiB));
  all.push_back(size("http.body", &C::body_bytes, kKiB, 64 * kMiB));
  all.push_back(size("http.message", &C::message_bytes, kKiB, 16 * kMiB));
  all.push_back(count("http.messages_per_second", &C::messages_per_second, 1, 10'000));
  all.push_back(duration("http.patience", &C::patience_us, kSecond / 10, 600 * kSecond));
  all.push_back(duration("http.idle", &C::idle_us, kSecond / 10, 3'600 * kSecond));
  all.push_back(duration("http.stalled", &C::stalled_us, kSecond / 10, 3'600 * kSecond));
  all.push_back(count("feed.browsers", &C::browsers, 1, kMost));
  all.push_back(count("feed.browsers_per_account", &C::browsers_per_account, 1, kMost));
  all.push_back(count("feed.identities", &C::identities, 1, 10'000));
  all.push_back(size("feed.ring", &C::ring_bytes, kMiB, 4 * kGiB));
  all.push_back(count("feed.events", &C::events_kept, 100, 10'000'000));
  all.push_back(size("feed.event_bytes", &C::event_bytes, kMiB, 4 * kGiB));
  all.push_back(count("feed.catch_ups", &C::catch_ups, 1, 1'000));
  all.push_back(duration("feed.linger", &C::linger_us, kSecond, kDay));
  all.push_back(duration("feed.deaf", &C::deaf_us, kSecond, 3'600 * kSecond));
  all.push_back(count("replays.max", &C::replays, 1, 10'000));
  all.push_back(count("replays.per_account", &C::replays_per_account, 1, 10'000));
  all.push_back(count("exports.max", &C::exports, 1, 1'000));
  all.push_back(count("exports.per_account", &C::exports_per_account, 1, 1'000));
  all.push_back(count("exports.readings", &C::readings, 1, 1'000));
  all.push_back(count("exports.readings_per_account", &C::readings_per_account, 1, 1'000));
  all.push_back(duration("accounts.session_idle", &C::session_idle_us, 60 * kSecond, 365 * kDay));
  all.push_back(
      duration("accounts.session_length", &C::session_length_us, 60 * kSecond, 3'650 * kDay));
  all.push_back(duration("accounts.link_valid", &C::link_valid_us, 60 * kSecond, 30 * kDay));
}

std::vector<Option> make_options() {
  std::vector<Option> all;
  add_place(all);
  add_limits(all);
  return all;
}

/// How many letters must be added, dropped or changed to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
      corner = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

Result<OptionValue> whole_number(std::string_view given) {
  std::int64_t number = 0;
  const char* const end = given.data() + given.size();
  const auto [stop, error] = std::from_chars(given.data(), end, number);
  if (error == std::errc() && stop == end) return OptionValue(number);
  return Fault{FaultCode::Invalid, fmt::format("'{}' is not a whole number", given)};
}

}  // namespace

std::span<const Option> web_options() {
  static const std::vector<Option> kOptions = make_options();
  return kOptions;
}

const Option* find_option(std::string_view key) {
  const auto all = web_options();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Option& option) { return option.key == key; });
  return found == all.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view unknown) {
  std::string_view best;
  std::size_t least = 3 + unknown.size() / 6;
  for (const Option& option : web_options()) {
    const std::size_t letters = distance(unknown, option.key);
    if (letters >= least) continue;
    least = letters;
    best = option.key;
  }
  return best;
}

Result<OptionValue> value_of_text(const Option& option, std::string_view given) {
  if (option.kind == OptionKind::Flag && (given == "true" || given == "false")) {
    return OptionValue(given == "true");
  }
  if (option.kind == OptionKind::Count) return whole_number(given);
  if (option.kind != OptionKind::List) return OptionValue(std::string(given));
  std::vector<std::string> items;
  while (!given.empty()) {
    const std::size_t comma = given.find(',');
    items.emplace_back(given.substr(0, comma));
    given = comma == std::string_view::npos ? std::string_view() : given.substr(comma + 1);
  }
  return OptionValue(std::move(items));
}

}  // namespace vigie::web
