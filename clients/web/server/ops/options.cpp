#include "clients/web/server/ops/options.h"

namespace vigie::web {
namespace {

using Make = Makers<WebConfig>;

/// ADDRESS:PORT; where that may be left out, empty.
WebOption listen_address(std::string_view key, std::string WebConfig::*member, bool may_be_empty) {
  WebOption made = Make::text(key, member);
  made.set = [=](WebConfig& config, const OptionValue& value) -> Make::Wrong {
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

void add_place(std::vector<WebOption>& all) {
  using C = WebConfig;
  all.push_back(Make::text("hub", &C::hub));
  all.push_back(listen_address("listen", &C::listen, false));
  all.push_back(Make::text("data", &C::data));
  all.push_back(Make::text("page", &C::page));
  all.push_back(Make::text("maps", &C::maps));
  all.push_back(Make::flag("open", &C::open));
  all.push_back(Make::text("identity", &C::identity));
  all.push_back(Make::text("certificate", &C::certificate));
  all.push_back(Make::text("key", &C::key));
  all.push_back(Make::texts("names", &C::names));
  all.push_back(Make::texts("proxies", &C::proxies));
  all.push_back(Make::text("base_url", &C::base_url));
  Make::log(all, &C::log);
  all.push_back(listen_address("metrics.listen", &C::metrics_listen, true));
}

void add_limits(std::vector<WebOption>& all) {
  using C = WebConfig;
  constexpr std::int64_t kMost = 1'000'000;
  all.push_back(Make::count("http.connections", &C::connections, 1, kMost));
  all.push_back(Make::count("http.connections_per_address", &C::connections_per_address, 1, kMost));
  all.push_back(Make::size("http.head", &C::head_bytes, kKiB, kMiB));
  all.push_back(Make::size("http.body", &C::body_bytes, kKiB, 64 * kMiB));
  all.push_back(Make::size("http.message", &C::message_bytes, kKiB, 16 * kMiB));
  all.push_back(Make::count("http.messages_per_second", &C::messages_per_second, 1, 10'000));
  all.push_back(Make::duration("http.patience", &C::patience_us, kSecond / 10, 600 * kSecond));
  all.push_back(Make::duration("http.idle", &C::idle_us, kSecond / 10, 3'600 * kSecond));
  all.push_back(Make::duration("http.stalled", &C::stalled_us, kSecond / 10, 3'600 * kSecond));
  all.push_back(Make::count("feed.browsers", &C::browsers, 1, kMost));
  all.push_back(Make::count("feed.browsers_per_account", &C::browsers_per_account, 1, kMost));
  all.push_back(Make::count("feed.identities", &C::identities, 1, 10'000));
  all.push_back(Make::size("feed.ring", &C::ring_bytes, kMiB, 4 * kGiB));
  all.push_back(Make::count("feed.events", &C::events_kept, 100, 10'000'000));
  all.push_back(Make::size("feed.event_bytes", &C::event_bytes, kMiB, 4 * kGiB));
  all.push_back(Make::count("feed.catch_ups", &C::catch_ups, 1, 1'000));
  all.push_back(Make::duration("feed.linger", &C::linger_us, kSecond, kDay));
  all.push_back(Make::duration("feed.deaf", &C::deaf_us, kSecond, 3'600 * kSecond));
  all.push_back(Make::count("replays.max", &C::replays, 1, 10'000));
  all.push_back(Make::count("replays.per_account", &C::replays_per_account, 1, 10'000));
  all.push_back(Make::count("exports.max", &C::exports, 1, 1'000));
  all.push_back(Make::count("exports.per_account", &C::exports_per_account, 1, 1'000));
  all.push_back(Make::count("exports.readings", &C::readings, 1, 1'000));
  all.push_back(Make::count("exports.readings_per_account", &C::readings_per_account, 1, 1'000));
  all.push_back(
      Make::duration("accounts.session_idle", &C::session_idle_us, 60 * kSecond, 365 * kDay));
  all.push_back(
      Make::duration("accounts.session_length", &C::session_length_us, 60 * kSecond, 3'650 * kDay));
  all.push_back(Make::duration("accounts.link_valid", &C::link_valid_us, 60 * kSecond, 30 * kDay));
}

std::vector<WebOption> make_options() {
  std::vector<WebOption> all;
  add_place(all);
  add_limits(all);
  return all;
}

}  // namespace

std::span<const WebOption> web_options() {
  static const std::vector<WebOption> kOptions = make_options();
  return kOptions;
}

}  // namespace vigie::web
