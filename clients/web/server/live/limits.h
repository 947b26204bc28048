#pragma once
// What an operator may set for live sessions, and the limits that are kept by counting. Plain
// values; net thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "clients/web/server/live/shared_picture.h"

namespace vigie::web {

struct LiveOptions {
  std::string hub = "127.0.0.1:7700";  // HOST:PORT or ipc://DIRECTORY, as client::LinkOptions::hub
  std::string server = {};             // program and version, told in `hello` and to the hub
  SharedPictureOptions picture = {};
  std::chrono::milliseconds linger{60'000};  // a watch without users
  std::size_t watches_max = 256;             // identities at once, and grants that they look by
  std::size_t grants_per_identity = 4;       // that are looked by at once; the hub has a limit, too
  std::size_t browsers_max = 1024;           // in all; beyond: 1013
  std::size_t browsers_per_account = 64;     // beyond: 1008; counts for "nobody" together too
  std::size_t catch_ups_max = 8;             // hub sessions for those beyond the recent events
  std::size_t replays_max = 16;
  std::size_t replays_per_account = 2;
  std::chrono::milliseconds deaf{60'000};      // takes nothing for so long: closed with 1013
  std::chrono::milliseconds unopened{10'000};  // no `open` in this time: closed with 4000
  std::uint32_t ride_ms_max = 750;             // farther behind in the ring: positions conflate
  /// The hub does not know the key of that identity any more. Told each second while it is so. Net
  /// thread; must not end a watch or a browser's session before it returns.
  std::function<void(const std::string& identity_path)> revoked = {};
};

/// What is in use of the limits. A replay and a catch-up count until their thread has ended, so
/// that many that are begun and left soon are not more threads than that.
struct LiveTally {
  std::size_t browsers = 0;
  std::size_t catch_ups = 0;
  std::size_t replays = 0;
  std::map<std::string, std::size_t> browsers_of = {};  // by account
  std::map<std::string, std::size_t> replays_of = {};
};

}  // namespace vigie::web
