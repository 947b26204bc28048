#pragma once
// The hub's configuration: every option with its default, its unit and what it does. The file
// (deploy/vigie-hub.toml shows all of it) and the command line fill it; both are checked whole
// before anything starts. Times are microseconds, sizes bytes. A plain value: any thread may hold a
// copy.

#include <cstdint>
#include <string>
#include <vector>

#include "schemas/programs/log.h"
#include "schemas/words/limits.h"

namespace vigie::ops {

enum class OnDamage { Serve, Stop };
enum class Compression { None, Lz4 };
enum class SyncWhen {
  Always,  // acknowledged after fsync: survives a power cut
  Never,   // survives a kill of the hub, not a power cut: for tests and throw-away data
};

struct HubConfig {
  // --- where ---
  /// Directory of the log; made when it is missing. Required.
  std::string data;
  /// IPv4 or IPv6 address to serve on ("localhost" is taken as 127.0.0.1).
  std::string host = "127.0.0.1";
  /// Publish is here, listen on the next, HTTP status on the one after. 0: any three free ones in a
  /// row.
  std::uint16_t port = 7700;
  /// Directory for the local sockets `publish` and `listen` (ZeroMQ ipc); empty: none.
  std::string ipc;
  /// Asks nobody who they are and encrypts nothing; on loopback and local sockets alone.
  bool plain = false;
  /// Folder of the hub's keys, made at the first start; empty: `keys` in the log's directory.
  std::string keys;
  /// HTTP: /metrics, /healthz, /readyz and, on loopback alone, /status. They ask nobody who they
  /// are.
  bool status = true;
  /// Address of these pages; empty: `host` where that is loopback, else 127.0.0.1.
  std::string status_host;

  LogOptions log;

  // --- store ---
  SyncWhen sync = SyncWhen::Always;
  std::int64_t checkpoint_interval_us = 3'600 * kMicrosecondsPerSecond;
  // Also after so many: a start, and any picture of the past, folds no more.
  std::uint64_t checkpoint_entries = 500'000;
  OnDamage damage = OnDamage::Serve;
  Compression compression = Compression::Lz4;
  std::uint64_t memtable_bytes = 32ull << 20;
  std::uint64_t block_cache_bytes = 64ull << 20;
  std::uint64_t free_bytes_min = 64ull << 20;  // below: no new message is taken

  // --- retention; 0 means without end ---
  std::int64_t track_age_us_max = 0;
  std::int64_t event_age_us_max = 0;
  std::uint64_t disk_bytes_max = 0;

  // --- queues ---
  std::size_t ring_bytes = limits::kRingBytesMax;
  std::size_t store_queue_bytes = limits::kStoreQueueBytesMax;
  std::size_t publish_window_bytes = limits::kPublishWindowBytes;
  std::size_t console_window_bytes = limits::kCreditBytesMax;  // a greater one is taken as this

  // --- sessions ---
  std::size_t sessions_max = limits::kSessionsMax;
  std::size_t replays_max = limits::kReplaysMax;
  std::size_t sessions_per_identity = limits::kSessionsPerIdentity;
  std::size_t sessions_per_address = 1024;
  std::size_t replays_per_identity = limits::kReplaysPerIdentity;
  std::size_t replays_per_address = 32;
  std::uint64_t requests_per_second = 50;    // of one identity; four times that at once; 0: any
  std::uint64_t requests_per_address = 400;  // a second; the same
  // Whatever is sent to the listen endpoint, a second, and four times that at once; 0: any.
  std::uint64_t listen_messages_per_second = 5000;  // of one identity
  std::uint64_t listen_messages_per_address = 40'000;
  std::uint64_t listen_bytes_per_second = 4ull << 20;  // of one identity
  std::uint64_t listen_bytes_per_address = 32ull << 20;
  int replay_workers = 1;
  std::int64_t heartbeat_us = limits::kHeartbeatUs;
  std::int64_t silence_us_max = limits::kSilenceUsMax;  // a session unheard for so long is closed

  // --- freshness of units ---
  std::int64_t overdue_after_us = 60 * kMicrosecondsPerSecond;
  std::int64_t silent_after_us = 600 * kMicrosecondsPerSecond;
  /// A source of a unit stands before those that rank after it for so long after its newest fix.
  std::int64_t source_fresh_us = limits::kSourceFreshUs;

  // --- publishers ---
  std::size_t publishers_per_identity = limits::kPublishersPerIdentity;
  std::size_t spools_per_identity = 16 * 1024;  // that are not closed; each connection has one
  std::uint64_t publish_bytes_per_second =
      limits::kPublishBytesPerSecond;                     // of one identity; 0: any
  std::uint64_t publish_messages_per_second = 1'000'000;  // the same
  std::size_t publishers_per_address = 8192;
  std::uint64_t publish_bytes_per_address = 8 * limits::kPublishBytesPerSecond;  // a second; 0: any
  std::uint64_t publish_messages_per_address = 4'000'000;                        // the same
  std::int64_t spool_silent_us_max = limits::kSpoolSilentUsMax;

  // --- of one owner ---
  std::size_t grants_per_owner = 10'000;      // that stand
  std::size_t identities_per_owner = 10'000;  // that are neither revoked nor over
  std::size_t invitations_per_owner = 1'000;  // that are open

  // --- quarantine: what was refused; beyond these the oldest goes ---
  std::size_t quarantine_messages = limits::kQuarantineMessagesMax;
  std::size_t quarantine_bytes = limits::kQuarantineBytesMax;

  // --- connections that have not said who they are (ops/door_book.h) ---
  std::size_t door_connections = 16 * 1024;  // with those who are in
  std::size_t door_connections_per_address = limits::kConnectionsPerAddress;
  std::size_t door_connections_per_identity = 2048;
  std::size_t door_waiting = 4096;
  std::size_t door_under_way = limits::kHandshakesPendingMax;
  std::size_t door_handshakes_per_second = limits::kHandshakesPerSecond;
  std::size_t door_handshakes_per_address = limits::kHandshakesPerSecond;     // a second
  std::size_t door_handshakes_per_identity = limits::kHandshakesPerIdentity;  // a second

  // --- threads ---
  int io_threads = 1;            // ZeroMQ's
  std::vector<int> front_cpus;   // processors of the hot thread; empty: all
  std::vector<int> store_cpus;   // of the writer and the builder
  std::vector<int> replay_cpus;  // of the replay workers
};

/// True for 127.0.0.0/8 and ::1.
bool is_loopback(const std::string& address);

/// "tcp://HOST:PORT", with brackets around an IPv6 address.
std::string tcp_endpoint(const std::string& address, std::uint16_t port);

/// Where the keys lie.
std::string keys_folder(const HubConfig& config);
/// Where the HTTP pages are served.
std::string status_host(const HubConfig& config);

/// What is wrong between the options (each alone is checked when it is read): one sentence each.
std::vector<std::string> check_together(const HubConfig& config);

}  // namespace vigie::ops
