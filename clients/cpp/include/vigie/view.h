#pragma once
// What a console or replay asks for, and how it reaches the hub. Plain values.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vigie/area.h"
#include "vigie/values.h"

namespace vigie::client {

/// An empty list means all. Area and pace cut fixes only, unless area_cuts_events.
struct View {
  std::vector<std::string> channels =
      {};  // prefixes of CLASS/OWNER/GROUP, matching whole segments; "*" for any class
  bool fixes = true;
  bool events = true;
  bool states = true;
  std::vector<std::string> units = {};  // OWNER/NAME
  std::optional<Area> area = {};
  std::uint32_t pace_ms = 0;  // 0: as it comes; else fixes at most once in this time, conflated
  bool area_cuts_events = false;
};

/// How the hub is reached. Everything but `hub` may be left as it is.
struct LinkOptions {
  /// HOST:PORT (publish on PORT, listen on PORT + 1; an IPv6 address in brackets), or
  /// ipc://DIRECTORY (its sockets `publish` and `listen`).
  std::string hub = "127.0.0.1:7700";
  /// Who we are: a key file, as `vigie join` writes it. Read at the opening and again whenever the
  /// connection is made anew, so that a key that was changed is taken up; written when the hub
  /// tells that it has another key. Empty: nobody, for a hub that asks nobody (plain).
  std::string identity = {};
  std::string client = {};           // program and version, for the hub's status; at most 128 bytes
  std::uint32_t reconnect_ms = 200;  // first wait after a cut; doubled up to the next, with jitter
  std::uint32_t reconnect_ms_max = 10'000;
  std::uint32_t heartbeat_ms = 5'000;  // of the connection; a peer silent for three of them is cut
  /// Called on a thread of the library's with what somebody should look after: the hub has another
  /// key, and the key file, which keeps it, can't be written. Once.
  std::function<void(const std::string&)> on_warning = {};
};

}  // namespace vigie::client
