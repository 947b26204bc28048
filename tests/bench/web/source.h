#pragma once
// Publishes positions and events into each kind of server, at a rate. One thread.

#include <memory>

#include "tests/bench/web/session.h"

namespace vigie::bench {

class Source {
 public:
  virtual ~Source() = default;
  virtual Result<void> begin(int port, double seconds) = 0;
  virtual bool ready() const = 0;
  /// Hands over so many positions, each of the next unit; returns how many the server takes.
  virtual std::size_t publish(std::size_t count) = 0;
  virtual void publish_event() = 0;
  /// Everything that was handed over is on its way, and acknowledged where the server does that.
  virtual bool settled() const = 0;
};

std::unique_ptr<Source> make_source(Server server, Poller& poller, std::size_t units);

}  // namespace vigie::bench
