#include "hub/ops/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

#include "hub/ops/quantities.h"

namespace vigie::ops {
namespace {

using Wrong = std::optional<std::string>;

Option text(std::string_view key, std::string HubConfig::*member) {
  return {key, OptionKind::Text,
          [member](HubConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::string>(&value);
            if (given == nullptr) return "must be text in quotes";
            config.*member = *given;
            return std::nullopt;
          },
          [member](const HubConfig& config) { return fmt::format("\"{}\"", config.*member); }};
}

Option flag(std::string_view key, bool HubConfig::*member) {
  return {key, OptionKind::Flag,
          [member](HubConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<bool>(&value);
            if (given == nullptr) return "must be true or false";
            config.*member = *given;
            return std::nullopt;
          },
          [member](const HubConfig& config) { return config.*member ? "true" : "false"; }};
}

template <typename T>
Option count(std::string_view key, T HubConfig::*member, std::int64_t least, std::int64_t most) {
  return {key, OptionKind::Count,
          [=](HubConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::int64_t>(&value);
            if (given == nullptr || *given < least || *given > most) {
              return fmt::format("must be a whole number from {} to {}", least, most);
            }
            config.*member = static_cast<T>(*given);
            return std::nullopt;
          },
          [member](const HubConfig& config) { return fmt::format("{}", config.*member); }};
}

/// What stands for "without end" where 0 means that.
constexpr std::string_view kForEver = "forever";
constexpr std::string_view kNoBudget = "none";

enum class Zero { Refused, Endless };

Option duration(std::string_view key, std::int64_t HubConfig::*member, std::int64_t least_us,
                std::int64_t most_us, Zero zero = Zero::Refused) {
  return {key, OptionKind::Duration,
          [=](HubConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::string>(&value);
            if (given != nullptr && zero == Zero::Endless && *given == kForEver) {
              config.*member = 0;
              return std::nullopt;
            }
            const auto us =
                given == nullptr ? Result<std::int64_t>(Fault{}) : parse_duration(*given);
            if (!us || *us < least_us || *us > most_us) {
              return fmt::format("must be a duration from \"{}\" to \"{}\"{}",
                                 format_duration(least_us), format_duration(most_us),
                                 zero == Zero::Endless ? " or \"forever\"" : "");
            }
            config.*member = *us;
            return std::nullopt;
          },
          [=](const HubConfig& config) {
            const std::int64_t us = config.*member;
            if (us == 0 && zero == Zero::Endless) return fmt::format("\"{}\"", kForEver);
            return fmt::format("\"{}\"", format_duration(us));
          }};
}

template <typename T>
Option size(std::string_view key, T HubConfig::*member, std::uint64_t least, std::uint64_t most,
            Zero zero = Zero::Refused) {
  return {key, OptionKind::Size,
          [=](HubConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::string>(&value);
            if (given != nullptr && zero == Zero::Endless && *given == kNoBudget) {
              config.*member = 0;
              return std::nullopt;
            }
            const auto bytes =
                given == nullptr ? Result<std::uint64_t>(Fault{}) : parse_size(*given);
            if (!bytes || *bytes < least || *bytes > most) {
              return fmt::format("must be a size from \"{}\" to \"{}\"{}", format_size(least),
                                 format_size(most), zero == Zero::Endless ? " or \"none\"" : "");
            }
            config.*member = static_cast<T>(*bytes);
            return std::nullopt;
          },
          [=](const HubConfig& config) {
            if (config.*member == 0 && zero == Zero::Endless)
              return fmt::format("\"{}\"", kNoBudget);
            return fmt::format("\"{}\"", format_size(config.*member));
          }};
}

template <typename Enum, std::size_t N>
Option choice(std::string_view key, std::function<Enum&(HubConfig&)> member,
              std::array<std::pair<std::string_view, Enum>, N> names) {
  return {key, OptionKind::Choice,
          [=](HubConfig& config, const OptionValue& value) -> Wrong {
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
          [=](const HubConfig& config) {
            HubConfig copy = config;
            for (const auto& [name, meaning] : names) {
              if (member(copy) == meaning) return fmt::format("\"{}\"", name);
            }
            return std::string();
          }};
}

Option cpus(std::string_view key, std::vector<int> HubConfig::*member) {
  return {key, OptionKind::Cpus,
          [member](HubConfig& config, const OptionValue& value) -> Wrong {
            const auto* given = std::get_if<std::vector<std::int64_t>>(&value);
            const auto fits = [](std::int64_t cpu) { return cpu >= 0 && cpu < 1024; };
            if (given == nullptr || !std::all_of(given->begin(), given->end(), fits)) {
              return "must be a list of processor numbers from 0 to 1023, as in [0, 1]";
            }
            (config.*member).assign(given->begin(), given->end());
            return std::nullopt;
          },
          [member](const HubConfig& config) {
            return fmt::format("[{}]", fmt::join(config.*member, ", "));
          }};
}

constexpr std::int64_t kSecond = kMicrosecondsPerSecond;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;
constexpr std::uint64_t kTiB = 1ull << 40;

void add_place(std::vector<Option>& all) {
  using C = HubConfig;
  all.push_back(text("data", &C::data));
  all.push_back(text("host", &C::host));
  all.push_back(count("port", &C::port, 0, 65'533));
  all.push_back(text("ipc", &C::ipc));
  all.push_back(flag("plain", &C::plain));
  all.push_back(text("keys", &C::keys));
  all.push_back(flag("status", &C::status));
  all.push_back(text("status_host", &C::status_host));
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
}

void add_store(std::vector<Option>& all) {
  using C = HubConfig;
  all.push_back(choice<SyncWhen, 2>("store.sync",
                                    [](C& config) -> SyncWhen& { return config.sync; },
                                    {{{"always", SyncWhen::Always}, {"never", SyncWhen::Never}}}));
  all.push_back(duration("store.checkpoint_interval", &C::checkpoint_interval_us, kSecond, kDay));
  all.push_back(count("store.checkpoint_entries", &C::checkpoint_entries, 1'000, 1'000'000'000));
  all.push_back(choice<OnDamage, 2>("store.damage",
                                    [](C& config) -> OnDamage& { return config.damage; },
                                    {{{"serve", OnDamage::Serve}, {"stop", OnDamage::Stop}}}));
  all.push_back(choice<Compression, 2>("store.compression",
                                       [](C& config) -> Compression& { return config.compression; },
                                       {{{"none", Compression::None}, {"lz4", Compression::Lz4}}}));
  all.push_back(size("store.memtable", &C::memtable_bytes, kMiB / 4, kGiB));
  all.push_back(size("store.block_cache", &C::block_cache_bytes, kMiB, kTiB));
  all.push_back(size("store.free_min", &C::free_bytes_min, 0, kTiB));
  all.push_back(
      duration("retention.tracks", &C::track_age_us_max, kSecond, 36'525 * kDay, Zero::Endless));
  all.push_back(
      duration("retention.events", &C::event_age_us_max, kSecond, 36'525 * kDay, Zero::Endless));
  all.push_back(size("retention.disk", &C::disk_bytes_max, kMiB, 1024 * kTiB, Zero::Endless));
}

void add_serving(std::vector<Option>& all) {
  using C = HubConfig;
  all.push_back(size("queues.ring", &C::ring_bytes, kMiB, 64 * kGiB));
  all.push_back(size("queues.store", &C::store_queue_bytes, limits::kBodyBytesMax * 2, 16 * kGiB));
  all.push_back(
      size("queues.publish_window", &C::publish_window_bytes, limits::kBatchBytesMax, 64 * kMiB));
  all.push_back(count("sessions.max", &C::sessions_max, 1, 1'000'000));
  all.push_back(count("sessions.replays_max", &C::replays_max, 1, 10'000));
  all.push_back(count("sessions.per_identity", &C::sessions_per_identity, 1, 1'000'000));
  all.push_back(count("sessions.replays_per_identity", &C::replays_per_identity, 1, 10'000));
  all.push_back(count("sessions.requests_per_second", &C::requests_per_second, 0, 1'000'000));
  all.push_back(count("sessions.replay_workers", &C::replay_workers, 1, 64));
  all.push_back(duration("sessions.heartbeat", &C::heartbeat_us, kSecond / 10, 60 * kSecond));
  all.push_back(duration("sessions.silence", &C::silence_us_max, kSecond, 3'600 * kSecond));
  // Told to consoles in 32 bits of milliseconds: 49.7 days.
  all.push_back(duration("freshness.overdue_after", &C::overdue_after_us, kSecond, 30 * kDay));
  all.push_back(duration("freshness.silent_after", &C::silent_after_us, kSecond, 49 * kDay));
  all.push_back(duration("freshness.source_fresh", &C::source_fresh_us, kSecond / 1000, 30 * kDay));
  all.push_back(count("publishers.per_identity", &C::publishers_per_identity, 1, 1'000'000));
  all.push_back(count("publishers.spools_per_identity", &C::spools_per_identity, 1, 1'000'000));
  all.push_back(size("publishers.bytes_per_second", &C::publish_bytes_per_second,
                     2 * limits::kBatchBytesMax, kTiB, Zero::Endless));
  all.push_back(
      count("publishers.messages_per_second", &C::publish_messages_per_second, 0, 1'000'000'000));
  all.push_back(duration("spools.silence", &C::spool_silent_us_max, kDay, 3'650 * kDay));
  all.push_back(count("quarantine.messages", &C::quarantine_messages, 16, 1'000'000));
  all.push_back(size("quarantine.bytes", &C::quarantine_bytes, kMiB, 16 * kGiB));
  all.push_back(count("threads.io", &C::io_threads, 1, 16));
  all.push_back(cpus("threads.front_cpus", &C::front_cpus));
  all.push_back(cpus("threads.store_cpus", &C::store_cpus));
  all.push_back(cpus("threads.replay_cpus", &C::replay_cpus));
}

void add_door(std::vector<Option>& all) {
  using C = HubConfig;
  constexpr std::int64_t kMost = 1'000'000;
  all.push_back(count("door.connections", &C::door_connections, 1, kMost));
  all.push_back(count("door.connections_per_address", &C::door_connections_per_address, 1, kMost));
  all.push_back(count("door.waiting", &C::door_waiting, 2, kMost));
  all.push_back(count("door.under_way", &C::door_under_way, 2, kMost));
  all.push_back(count("door.handshakes_per_second", &C::door_handshakes_per_second, 1, kMost));
  all.push_back(count("door.handshakes_per_address", &C::door_handshakes_per_address, 1, kMost));
  all.push_back(count("door.handshakes_per_identity", &C::door_handshakes_per_identity, 1, kMost));
}

std::vector<Option> make_options() {
  std::vector<Option> all;
  add_place(all);
  add_store(all);
  add_serving(all);
  add_door(all);
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

std::span<const Option> hub_options() {
  static const std::vector<Option> kOptions = make_options();
  return kOptions;
}

const Option* find_option(std::string_view key) {
  const auto all = hub_options();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Option& option) { return option.key == key; });
  return found == all.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view unknown) {
  std::string_view best;
  std::size_t least = 3 + unknown.size() / 6;
  for (const Option& option : hub_options()) {
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
  if (option.kind != OptionKind::Cpus) return OptionValue(std::string(given));
  std::vector<std::int64_t> numbers;
  while (!given.empty()) {
    const auto number = whole_number(given.substr(0, given.find(',')));
    if (!number) return number.fault();
    numbers.push_back(std::get<std::int64_t>(*number));
    const std::size_t comma = given.find(',');
    given = comma == std::string_view::npos ? std::string_view() : given.substr(comma + 1);
  }
  return OptionValue(numbers);
}

}  // namespace vigie::ops
