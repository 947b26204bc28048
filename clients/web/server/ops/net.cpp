#include "clients/web/server/ops/net.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <utility>

namespace vigie::web {

namespace asio = boost::asio;

struct Net::Inner {
  asio::io_context loop{1};  // one thread runs it: Asio spares itself locks where it can
  asio::executor_work_guard<asio::io_context::executor_type> guard{loop.get_executor()};
};

Net::Net() : inner_(std::make_unique<Inner>()) {}

Net::~Net() {
  stop();
}

void Net::run() {
  inner_->loop.run();
  // Afterwards, not before: a stop() that came first must not be forgotten.
  inner_->loop.restart();
}

void Net::stop() {
  inner_->loop.stop();
}

void Net::post(std::function<void()> work) {
  asio::post(inner_->loop, std::move(work));
}

asio::io_context& Net::loop() {
  return inner_->loop;
}

/// Outlives its Timer for as long as Asio still holds a call that was cancelled too late.
struct Net::Timer::Inner {
  explicit Inner(Net& net) : timer(net.loop()) {}
  asio::steady_timer timer;
  std::uint64_t setting = 0;  // a call of an earlier setting does nothing
  std::function<void()> work;
};

Net::Timer::Timer(Net& net) : inner_(std::make_shared<Inner>(net)) {}

Net::Timer::~Timer() {
  cancel();
}

void Net::Timer::after(std::chrono::milliseconds time, std::function<void()> work) {
  const std::uint64_t setting = ++inner_->setting;
  inner_->work = std::move(work);
  inner_->timer.expires_after(time);
  inner_->timer.async_wait([inner = inner_, setting](boost::system::error_code error) {
    if (error || inner->setting != setting || !inner->work) return;
    // Moved out: the work may set the timer anew, or destroy it.
    const std::function<void()> due = std::exchange(inner->work, nullptr);
    due();
  });
}

void Net::Timer::cancel() {
  ++inner_->setting;
  inner_->work = nullptr;
  inner_->timer.cancel();
}

}  // namespace vigie::web
