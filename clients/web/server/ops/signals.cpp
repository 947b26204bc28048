#include "clients/web/server/ops/signals.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <utility>

namespace vigie::web {

struct Signals::Inner : std::enable_shared_from_this<Inner> {
  Inner(Net& net, std::function<void(int)> call)
      : set(net.loop(), SIGTERM, SIGINT, SIGHUP), arrived(std::move(call)) {}

  void wait() {
    set.async_wait([self = shared_from_this()](boost::system::error_code error, int number) {
      if (error || !self->arrived) return;
      self->arrived(number);
      self->wait();
    });
  }

  boost::asio::signal_set set;
  std::function<void(int)> arrived;
};

Signals::Signals(Net& net, std::function<void(int)> arrived)
    : inner_(std::make_shared<Inner>(net, std::move(arrived))) {
  std::signal(SIGPIPE, SIG_IGN);
  inner_->wait();
}

Signals::~Signals() {
  inner_->arrived = nullptr;
  boost::system::error_code ignored;  // it ends either way
  inner_->set.cancel(ignored);
}

}  // namespace vigie::web
