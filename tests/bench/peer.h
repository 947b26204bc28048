#pragma once
// What is measured: a server with the clients that people would use it with. One thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/account.h"
#include "tests/bench/child.h"
#include "tests/bench/poller.h"

namespace vigie::bench {

enum class PeerKind {
  Vigie,
  VigieGuarded,
  RedisEverysec,
  RedisAlways,
  JetStream,
  Forwarder,
  Joined,
  JoinedSynced,
  Relay,
  RelayStored,
};

/// Where programs are, and where a server may write.
struct Places {
  std::filesystem::path programs;  // vigie-hub and the small servers of this folder
  std::filesystem::path folder;    // of this run
  Pinning pinning;
  std::vector<std::string> hub_set;  // KEY=VALUE: the hub's options
};

/// How the fixes of Vigie's publishers are spread.
struct Spread {
  std::size_t units = 1000;     // of all publishers together, taken in turn, one after each section
  std::size_t section_max = 0;  // fixes a section at most; 0: as many as the batch takes
  bool scattered = false;       // units in a random order, not in turn
};

class Peer {
 public:
  Peer(Poller& poller, Account& account, Places places)
      : poller_(poller), account_(account), places_(std::move(places)) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  /// Starts the server; returns when it takes connections.
  virtual Result<void> start() = 0;
  /// Consoles that get everything published from here on; returns when all of them would.
  virtual Result<void> open_consoles(std::size_t count) = 0;
  /// All consoles but the first will count messages by the heads of what they get, and read no
  /// further: what reading costs a console is then not in the figures. Before open_consoles().
  virtual void read_heads() {}
  virtual Result<void> open_publishers(std::size_t count) = 0;
  /// One more console, which gets everything there is from the beginning.
  virtual Result<void> open_replay() {
    return Fault{FaultCode::NotFound, "this server keeps nothing"};
  }
  /// Hands messages over and sends them; returns how many (fewer when the server grants no more).
  virtual std::size_t publish(std::size_t publisher, const Handover& handover) = 0;
  /// True when the server says that it has taken a message.
  virtual bool acknowledges() const = 0;
  Child* server() { return server_ ? &*server_ : nullptr; }
  const std::filesystem::path& folder() const { return places_.folder; }

 protected:
  Result<void> run(std::vector<std::string> argv) {
    if (argv[0].find('/') != std::string::npos && !std::filesystem::exists(argv[0])) {
      return Fault{FaultCode::NotFound, "no program " + argv[0]};
    }
    Result<Child> child =
        Child::start(argv, places_.folder / "server.log", places_.pinning.server_core);
    if (!child) return child.fault();
    server_.emplace(std::move(*child));
    return {};
  }
  Poller& poller() { return poller_; }
  Account& account() { return account_; }
  const Places& places() const { return places_; }

 private:
  Poller& poller_;
  Account& account_;
  Places places_;
  std::optional<Child> server_;
};

std::string_view peer_name(PeerKind kind);
std::unique_ptr<Peer> make_peer(PeerKind kind, Poller& poller, Account& account, Places places,
                                const Spread& spread);

}  // namespace vigie::bench
