#pragma once
// The signals that end the server or have it read its certificate anew, as calls on the net thread.

#include <functional>
#include <memory>

#include "clients/web/server/ops/net.h"

namespace vigie::web {

class Signals {
 public:
  /// From here on SIGTERM, SIGINT and SIGHUP call `arrived` with their number, on the net thread;
  /// SIGPIPE is ignored (a peer that is gone is an error code, not the end of the program). `net`
  /// is borrowed and outlives this.
  Signals(Net& net, std::function<void(int number)> arrived);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct Inner;
  std::shared_ptr<Inner> inner_;
};

}  // namespace vigie::web
