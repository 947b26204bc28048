#pragma once
// The two ways to load a server: closed (as fast as it goes, a window of messages ahead of the
// slowest console and of the acknowledgements) and open (at a rate, whatever the server does).

#include <functional>

#include "tests/bench/peer.h"

namespace vigie::bench {

/// One server in a folder of its own, with its clients and its account.
struct Run {
  explicit Run(TempFolder made) : folder(std::move(made)) {}
  TempFolder folder;
  Poller poller;
  Account account;
  std::unique_ptr<Peer> peer;
  std::vector<std::uint64_t> next;  // by publisher: index of its next message
};

struct Shape {
  std::size_t publishers = 1;
  std::size_t consoles = 1;
  bool single = false;  // each message is handed over alone, publishers in turn
  bool latencies = false;
  bool heads = false;  // all consoles but the first count by the frames' heads (Vigie's alone)
};

/// Starts the server and opens its clients. The generator is pinned as `places.pinning` says.
Result<std::unique_ptr<Run>> begin_run(PeerKind kind, const std::filesystem::path& temp,
                                       const Places& places, const Spread& spread,
                                       const Shape& shape);

struct ClosedPlan {
  Shape shape = {};
  std::uint64_t window = 4096;
  double warm_seconds = 0.2;
  double seconds = 1;
  std::uint64_t messages_max = UINT64_MAX;  // ends before its time when so many are out
};
/// Messages a second from the end of the warming up until everything is delivered and acknowledged.
Result<double> closed_loop(Run& run, const ClosedPlan& plan);

struct OpenPlan {
  double rate = 1000;  // messages a second, at equal distances
  double warm_seconds = 0.3;
  double seconds = 2;
  /// Called at each step; may open consoles and the like.
  std::function<void()> each_step = nullptr;
  /// Goes on beyond its time until this is true (bounded to a minute); null: ends in time.
  std::function<bool()> until = nullptr;
};
/// Leaves latencies in the account. Fails when not everything arrived within ten seconds after.
Result<void> open_loop(Run& run, const OpenPlan& plan);

/// Waits until all that was published is delivered and acknowledged.
Result<void> drain(Run& run, double seconds);
/// Messages that every console has and the server acknowledged.
std::uint64_t completed(const Run& run);

}  // namespace vigie::bench
