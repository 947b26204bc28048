#include "hub/ops/options.h"

namespace vigie::ops {
namespace {

using Make = Makers<HubConfig>;

constexpr std::int64_t kSecond = kMicrosecondsPerSecond;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;
constexpr std::uint64_t kTiB = 1ull << 40;

void add_place(std::vector<HubOption>& all) {
  using C = HubConfig;
  all.push_back(Make::text("data", &C::data));
  all.push_back(Make::text("host", &C::host));
  all.push_back(Make::count("port", &C::port, 0, 65'533));
  all.push_back(Make::text("ipc", &C::ipc));
  all.push_back(Make::flag("plain", &C::plain));
  all.push_back(Make::text("keys", &C::keys));
  all.push_back(Make::flag("status", &C::status));
  all.push_back(Make::text("status_host", &C::status_host));
  Make::log(all, &C::log);
}

void add_store(std::vector<HubOption>& all) {
  using C = HubConfig;
  all.push_back(
      Make::choice<SyncWhen, 2>("store.sync", [](C& config) -> SyncWhen& { return config.sync; },
                                {{{"always", SyncWhen::Always}, {"never", SyncWhen::Never}}}));
  all.push_back(
      Make::duration("store.checkpoint_interval", &C::checkpoint_interval_us, kSecond, kDay));
  all.push_back(
      Make::count("store.checkpoint_entries", &C::checkpoint_entries, 1'000, 1'000'000'000));
  all.push_back(Make::choice<OnDamage, 2>(
      "store.damage", [](C& config) -> OnDamage& { return config.damage; },
      {{{"serve", OnDamage::Serve}, {"stop", OnDamage::Stop}}}));
  all.push_back(Make::choice<Compression, 2>(
      "store.compression", [](C& config) -> Compression& { return config.compression; },
      {{{"none", Compression::None}, {"lz4", Compression::Lz4}}}));
  all.push_back(Make::size("store.memtable", &C::memtable_bytes, kMiB / 4, kGiB));
  all.push_back(Make::size("store.block_cache", &C::block_cache_bytes, kMiB, kTiB));
  all.push_back(Make::size("store.free_min", &C::free_bytes_min, 0, kTiB));
  all.push_back(Make::duration("retention.tracks", &C::track_age_us_max, kSecond, 36'525 * kDay,
                               Zero::Endless));
  all.push_back(Make::duration("retention.events", &C::event_age_us_max, kSecond, 36'525 * kDay,
                               Zero::Endless));
  all.push_back(Make::size("retention.disk", &C::disk_bytes_max, kMiB, 1024 * kTiB, Zero::Endless));
}

void add_serving(std::vector<HubOption>& all) {
  using C = HubConfig;
  all.push_back(Make::size("queues.ring", &C::ring_bytes, kMiB, 64 * kGiB));
  all.push_back(
      Make::size("queues.store", &C::store_queue_bytes, limits::kBodyBytesMax * 2, 16 * kGiB));
  all.push_back(Make::size("queues.publish_window", &C::publish_window_bytes,
                           limits::kBatchBytesMax, 64 * kMiB));
  all.push_back(Make::size("queues.console_window", &C::console_window_bytes,
                           limits::kCreditBytesMax / 2, 64 * kMiB));
  all.push_back(Make::count("sessions.max", &C::sessions_max, 1, 1'000'000));
  all.push_back(Make::count("sessions.replays_max", &C::replays_max, 1, 10'000));
  all.push_back(Make::count("sessions.per_identity", &C::sessions_per_identity, 1, 1'000'000));
  all.push_back(Make::count("sessions.per_address", &C::sessions_per_address, 1, 1'000'000));
  all.push_back(Make::count("sessions.replays_per_identity", &C::replays_per_identity, 1, 10'000));
  all.push_back(Make::count("sessions.replays_per_address", &C::replays_per_address, 1, 10'000));
  all.push_back(Make::count("sessions.requests_per_second", &C::requests_per_second, 0, 1'000'000));
  all.push_back(
      Make::count("sessions.requests_per_address", &C::requests_per_address, 0, 1'000'000));
  all.push_back(Make::count("sessions.messages_per_second", &C::listen_messages_per_second, 0,
                            1'000'000'000));
  all.push_back(Make::count("sessions.messages_per_address", &C::listen_messages_per_address, 0,
                            1'000'000'000));
  all.push_back(Make::size("sessions.bytes_per_second", &C::listen_bytes_per_second,
                           2 * limits::kRequestBytesMax, kTiB, Zero::Endless));
  all.push_back(Make::size("sessions.bytes_per_address", &C::listen_bytes_per_address,
                           2 * limits::kRequestBytesMax, kTiB, Zero::Endless));
  all.push_back(Make::count("sessions.replay_workers", &C::replay_workers, 1, 64));
  all.push_back(Make::duration("sessions.heartbeat", &C::heartbeat_us, kSecond / 10, 60 * kSecond));
  all.push_back(Make::duration("sessions.silence", &C::silence_us_max, kSecond, 3'600 * kSecond));
  // Told to consoles in 32 bits of milliseconds: 49.7 days.
  all.push_back(
      Make::duration("freshness.overdue_after", &C::overdue_after_us, kSecond, 30 * kDay));
  all.push_back(Make::duration("freshness.silent_after", &C::silent_after_us, kSecond, 49 * kDay));
  all.push_back(
      Make::duration("freshness.source_fresh", &C::source_fresh_us, kSecond / 1000, 30 * kDay));
  all.push_back(Make::count("quarantine.messages", &C::quarantine_messages, 16, 1'000'000));
  all.push_back(Make::size("quarantine.bytes", &C::quarantine_bytes, kMiB, 16 * kGiB));
  all.push_back(Make::count("threads.io", &C::io_threads, 1, 16));
  all.push_back(Make::numbers("threads.front_cpus", &C::front_cpus, 1023, "processor numbers"));
  all.push_back(Make::numbers("threads.store_cpus", &C::store_cpus, 1023, "processor numbers"));
  all.push_back(Make::numbers("threads.replay_cpus", &C::replay_cpus, 1023, "processor numbers"));
}

void add_publishing(std::vector<HubOption>& all) {
  using C = HubConfig;
  constexpr std::uint64_t kMessagesMost = 1'000'000'000;
  all.push_back(Make::count("publishers.per_identity", &C::publishers_per_identity, 1, 1'000'000));
  all.push_back(Make::count("publishers.per_address", &C::publishers_per_address, 1, 1'000'000));
  all.push_back(
      Make::count("publishers.spools_per_identity", &C::spools_per_identity, 1, 1'000'000));
  all.push_back(Make::size("publishers.bytes_per_second", &C::publish_bytes_per_second,
                           2 * limits::kBatchBytesMax, kTiB, Zero::Endless));
  all.push_back(Make::size("publishers.bytes_per_address", &C::publish_bytes_per_address,
                           2 * limits::kBatchBytesMax, kTiB, Zero::Endless));
  all.push_back(Make::count("publishers.messages_per_second", &C::publish_messages_per_second, 0,
                            kMessagesMost));
  all.push_back(Make::count("publishers.messages_per_address", &C::publish_messages_per_address, 0,
                            kMessagesMost));
  all.push_back(Make::duration("spools.silence", &C::spool_silent_us_max, kDay, 3'650 * kDay));
  all.push_back(Make::count("grants.per_owner", &C::grants_per_owner, 1, 1'000'000));
  all.push_back(Make::count("identities.per_owner", &C::identities_per_owner, 1, 1'000'000));
  all.push_back(Make::count("invitations.per_owner", &C::invitations_per_owner, 1, 1'000'000));
}

void add_door(std::vector<HubOption>& all) {
  using C = HubConfig;
  constexpr std::int64_t kMost = 1'000'000;
  all.push_back(Make::count("door.connections", &C::door_connections, 1, kMost));
  all.push_back(
      Make::count("door.connections_per_address", &C::door_connections_per_address, 1, kMost));
  all.push_back(
      Make::count("door.connections_per_identity", &C::door_connections_per_identity, 1, kMost));
  all.push_back(Make::count("door.waiting", &C::door_waiting, 2, kMost));
  all.push_back(Make::count("door.under_way", &C::door_under_way, 2, kMost));
  all.push_back(
      Make::count("door.handshakes_per_second", &C::door_handshakes_per_second, 1, kMost));
  all.push_back(
      Make::count("door.handshakes_per_address", &C::door_handshakes_per_address, 1, kMost));
  all.push_back(
      Make::count("door.handshakes_per_identity", &C::door_handshakes_per_identity, 1, kMost));
}

std::vector<HubOption> make_options() {
  std::vector<HubOption> all;
  add_place(all);
  add_store(all);
  add_serving(all);
  add_publishing(all);
  add_door(all);
  return all;
}

}  // namespace

std::span<const HubOption> hub_options() {
  static const std::vector<HubOption> kOptions = make_options();
  return kOptions;
}

}  // namespace vigie::ops
