#pragma once
// The web server's configuration: every option with its default, its unit and what it does. The
// file (deploy/vigie-web.toml shows all of it) and the command line fill it; both are checked whole
// before anything starts. Times are microseconds, sizes bytes. A plain value: any thread may hold a
// copy.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "schemas/programs/log.h"

namespace vigie::web {

struct WebConfig {
  // --- where ---
  /// HOST:PORT of the hub's first port, or ipc://DIRECTORY.
  std::string hub = "127.0.0.1:7700";
  /// ADDRESS:PORT to serve on; an IPv6 address in brackets. Port 0: any free one.
  std::string listen = "127.0.0.1:7780";
  /// Folder of accounts and their keys; made when it is missing. Empty: see data_folder().
  std::string data;
  /// The page's built folder; empty: beside the program, else where it was built.
  std::string page;
  /// Folder of the user's own maps (NAME.pmtiles, DIR/z/x/y.png); empty: none.
  std::string maps;
  /// Nobody signs in: everybody sees and sends as `identity`. On loopback alone.
  bool open = false;
  /// With `open`: the key file that everybody looks through; empty: the hub asks nobody.
  std::string identity;

  // --- how browsers reach it ---
  std::string certificate;  // PEM files; both empty: no TLS
  std::string key;
  std::vector<std::string> names;    // HOST or HOST:PORT, besides its address and localhost
  std::vector<std::string> proxies;  // addresses whose X-Forwarded-* headers count
  std::string base_url;              // what links begin with; empty: as was asked

  LogOptions log;

  /// ADDRESS:PORT of /metrics, /healthz and /readyz; empty: none. They ask nobody who they are.
  std::string metrics_listen = "127.0.0.1:7782";

  // --- connections ---
  std::size_t connections = 2048;
  std::size_t connections_per_address = 512;
  std::size_t head_bytes = 16 * 1024;
  std::size_t body_bytes = 256 * 1024;
  std::size_t message_bytes = 64 * 1024;
  std::size_t messages_per_second = 64;
  std::int64_t patience_us = 10 * kMicrosecondsPerSecond;
  std::int64_t idle_us = 60 * kMicrosecondsPerSecond;
  std::int64_t stalled_us = 30 * kMicrosecondsPerSecond;

  // --- live sessions ---
  std::size_t browsers = 1024;
  std::size_t browsers_per_account = 64;
  std::size_t identities = 256;
  std::size_t catch_ups = 8;
  std::size_t replays = 16;
  std::size_t replays_per_account = 2;
  std::size_t ring_bytes = 16 * 1024 * 1024;
  std::size_t events_kept = 20'000;
  std::size_t event_bytes = 16 * 1024 * 1024;
  std::int64_t linger_us = 60 * kMicrosecondsPerSecond;
  std::int64_t deaf_us = 60 * kMicrosecondsPerSecond;

  // --- exports and what is read from the past ---
  std::size_t exports = 4;
  std::size_t exports_per_account = 2;
  std::size_t readings = 3;
  std::size_t readings_per_account = 8;

  // --- accounts ---
  std::int64_t session_idle_us = 12 * 3'600 * kMicrosecondsPerSecond;
  std::int64_t session_length_us = 7 * 86'400 * kMicrosecondsPerSecond;
  std::int64_t link_valid_us = 86'400 * kMicrosecondsPerSecond;
};

/// ADDRESS:PORT taken apart; an IPv6 address without its brackets. Fails with Invalid.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};
Result<ListenAddress> parse_listen(const std::string& text);

/// True for 127.0.0.0/8 and ::1.
bool is_loopback(const std::string& address);

/// `data`, or where it is empty $VIGIE_WEB_DATA, $STATE_DIRECTORY (systemd's),
/// $XDG_STATE_HOME/vigie-web, or ~/.local/state/vigie-web. Fails with Invalid when none of them is
/// set.
Result<std::string> data_folder(const WebConfig& config);

/// What is wrong between the options (each alone is checked when it is read): one sentence each.
std::vector<std::string> check_together(const WebConfig& config);

}  // namespace vigie::web
