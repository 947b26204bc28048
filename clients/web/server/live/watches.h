#pragma once
// All watches and browsers of the server: the room's face. Finds or opens the watch of an identity,
// or of what one grant shows it,
// keeps it a minute after its last use, makes browsers' sessions, and keeps the limits: browsers in
// all and per account, replays, catch-up sessions. Net thread, but for the destructor, which may
// run after Net::run() has returned and waits for the room's threads. Destroyed after the server
// that holds the browsers' sessions.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "clients/web/server/accounts/gate.h"
#include "clients/web/server/accounts/viewer.h"
#include "clients/web/server/http/web_socket.h"
#include "clients/web/server/live/counters.h"
#include "clients/web/server/live/limits.h"
#include "clients/web/server/live/watch.h"
#include "clients/web/server/live/yard.h"
#include "clients/web/server/ops/net.h"
#include "schemas/words/times.h"

namespace vigie::web {

class BrowserView;

class Watches {
 public:
  /// All are borrowed, and outlive it. `gate` ends sessions.
  Watches(LiveOptions options, Net& net, Gate& gate, const Clock& clock);
  ~Watches();
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  /// The watch of this viewer's identity, opened when there is none: what the identity may see and
  /// nothing else. Stays for LiveOptions::linger after the last call and the last browser; do not
  /// keep the reference beyond the call you are in, nor the callbacks of when_complete(). Null when
  /// there are LiveOptions::watches_max already, or the machine has no thread left.
  Watch* watch_of(const Viewer& viewer);
  /// The same, of what this grant shows that identity and nothing else. The grant is one of
  /// Watch::grants() of its watch: null where it is not, or where the identity has
  /// LiveOptions::grants_per_identity open already.
  Watch* watch_of(const Viewer& viewer, const GrantTold& grant);

  /// The one that is there, whatever has become of it; null: none is. `grant` empty: without terms.
  Watch* find(const Viewer& viewer, const std::string& grant = {});

  /// One browser's session, for HttpHandler::accept(). The viewer was let in by the gate. What
  /// exceeds a limit is closed with 1008 or 1013 as soon as it is open.
  std::unique_ptr<WebSocketUser> browser(const Viewer& viewer);

  /// Counted since the start, and what is there now.
  LiveCounters counters() const;
  const LiveOptions& options() const { return options_; }

 private:
  struct Kept;
  Watch* find_or_open(const Viewer& viewer, const std::string& key, WatchOptions options);
  bool has_room(const std::string& identity);
  void tick();

  const LiveOptions options_;
  Net& net_;
  Gate& gate_;
  const Clock& clock_;
  LiveCounters counters_;
  Yard yard_;
  LiveTally tally_;
  std::set<BrowserView*> browsers_;                       // whose socket is open
  std::map<std::string, std::unique_ptr<Kept>> watches_;  // by key file, name and grant
  Net::Timer timer_;
};

}  // namespace vigie::web
