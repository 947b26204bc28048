#pragma once
// Where what takes long is done: reading the hub's past, writing exports. A bounded number of
// worker threads, a bounded number of requests that wait, and no more than so many of one viewer.
// Whoever has the fewest running is next, and of those the one who was served least lately: one
// viewer's long work holds up its own, and nobody else's for longer than one work takes.
// Work whose viewer's session ends is stopped, and what it streams is cut.
// take() and the destructor: net thread (the destructor also after Net::run()).

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "clients/web/server/accounts/gate.h"
#include "clients/web/server/http/response.h"
#include "clients/web/server/ops/net.h"

namespace vigie::web::api {

/// One request on its worker.
class DeskJob {
 public:
  /// Nobody wants the rest: stop soon. Any thread.
  bool stopped() const { return stopped_; }
  /// Once, with the whole answer, or with stream() in it.
  void respond(Response response) const { respond_(std::move(response)); }
  const std::shared_ptr<BodyStream>& stream() const { return stream_; }

 private:
  friend class Desk;
  Respond respond_;
  std::shared_ptr<BodyStream> stream_ = std::make_shared<BodyStream>();
  std::atomic<bool> stopped_ = false;
};

struct DeskOptions {
  std::string what = "requests";  // as it stands in the refusal
  std::size_t threads = 2;
  std::size_t waiting_max = 0;  // that wait for a thread; beyond: refused
  std::size_t per_viewer = 2;   // of one identity, running and waiting; beyond: refused
  /// Running of one identity, so that some thread is left to others; 0: all threads. Whoever looks
  /// at an open server is one identity, and nobody else is there: it gets all.
  std::size_t running_per_viewer = 0;
  std::function<void(const std::string&)> warn = {};  // of a work that threw; any thread
};

struct DeskCounters {
  std::uint64_t taken = 0;
  std::uint64_t refused = 0;
  std::uint64_t running = 0;  // now, and waiting
};

class Desk {
 public:
  using Work = std::function<void(const DeskJob&)>;

  Desk(Net& net, Gate& gate, DeskOptions options);
  /// Stops what runs and waits for it.
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  /// Has `work` done on a worker; answers 429 with Retry-After when there is no place.
  void take(const Viewer& viewer, Respond respond, Work work);
  DeskCounters counters() const;

 private:
  class Inner;
  std::shared_ptr<Inner> inner_;
};

}  // namespace vigie::web::api
