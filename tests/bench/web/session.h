#pragma once
// What one browser would know: the time of the newest position of each unit, and the events. Three
// kinds of server are listened to by the same clock and into the same tally. One thread.

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/histogram.h"
#include "tests/bench/web/web_socket.h"

namespace vigie::bench {

/// Microseconds since 1970, as publishers stamp with.
std::int64_t utc_us();

/// What all sessions of a run count together.
struct Tally {
  Histogram latency = {};  // of each position that was news: from its publishing to its arrival
  Histogram event_latency = {};
  std::uint64_t fixes = 0;
  std::uint64_t conflated = 0;
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  std::uint64_t out_of_order = 0;  // events that came twice, or not in their order
};

/// A message of the peers: as much as a browser gets of a fix from Vigie. `event` 0: a position.
struct PeerPayload {
  std::int64_t time_us = 0;
  std::uint32_t unit = 0;
  std::uint32_t event = 0;
  char rest[32] = {};
};
static_assert(sizeof(PeerPayload) == 48);

class Session : public WebSocketClient {
 public:
  Session(Poller& poller, Tally& tally, std::string path, std::string protocol)
      : WebSocketClient(poller, std::move(path), std::move(protocol)), tally_(tally) {}

  /// It would get what is published from here on.
  virtual bool opened() const = 0;
  std::uint64_t events() const { return events_; }
  /// By unit: when its newest position was published; 0: none has come.
  const std::vector<std::int64_t>& newest() const { return newest_; }

 protected:
  Tally& tally() { return tally_; }
  void take_position(std::size_t unit, std::int64_t time_us, std::int64_t now_us, bool news) {
    if (unit >= newest_.size()) newest_.resize(unit + 1);
    newest_[unit] = std::max(newest_[unit], time_us);
    ++tally_.fixes;
    if (news) tally_.latency.add((now_us - time_us) * 1000);
  }
  void take_event(std::uint64_t place, std::int64_t time_us, std::int64_t now_us) {
    if (place <= last_event_) ++tally_.out_of_order;
    last_event_ = std::max(last_event_, place);
    ++events_;
    tally_.event_latency.add((now_us - time_us) * 1000);
  }

 private:
  Tally& tally_;
  std::vector<std::int64_t> newest_;
  std::uint64_t events_ = 0;
  std::uint64_t last_event_ = 0;
};

enum class Server { Vigie, Mqtt, Nats };

/// Not connected yet; begin() does. `own`: units that it follows as they move, of the others it
/// asks for the newest position each 10 s, as a page does whose map shows a part of them; only its
/// own are in the tally then. Empty: it follows all. Vigie alone has that.
std::unique_ptr<Session> make_session(Server server, Poller& poller, Tally& tally,
                                      std::size_t index, std::vector<std::string> own = {});

}  // namespace vigie::bench
