#include "hub/ops/loop.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "hub/ops/assert.h"

namespace vigie::ops {

struct Loop::Rest {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool woken = false;
  std::atomic<bool> granted{true};

  void wait(const std::stop_token& stop, std::int64_t idle_us) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, stop, std::chrono::microseconds(idle_us), [this] { return woken; });
    woken = false;
  }
};

namespace {

bool set_processors(const std::vector<int>& cpus) {
  if (cpus.empty()) return true;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) {
    if (cpu < 0 || cpu >= CPU_SETSIZE) return false;
    CPU_SET(static_cast<std::size_t>(cpu), &set);
  }
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

bool set_niceness(int niceness) {
  if (niceness == 0) return true;
  const sched_param none{};
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  const bool batch = pthread_setschedparam(pthread_self(), SCHED_BATCH, &none) == 0;
  return ::setpriority(PRIO_PROCESS, thread, niceness) == 0 && batch;
}

bool apply(const LoopOptions& options) {
  const std::string name = options.name.substr(0, 15);
  const bool named = pthread_setname_np(pthread_self(), name.c_str()) == 0;
  const bool nice = set_niceness(options.niceness);
  return set_processors(options.cpus) && nice && named;
}

Fault fault_of_exception(const std::string& name) {
  try {
    throw;
  } catch (const std::exception& error) {
    return {FaultCode::Internal, "loop " + name + " ended by an exception: " + error.what()};
  } catch (...) {
    return {FaultCode::Internal, "loop " + name + " ended by an exception of unknown type"};
  }
}

}  // namespace

Loop::Loop(LoopOptions options, Step step)
    : rest_(std::make_unique<Rest>()), on_stop_(options.on_stop) {
  VIGIE_ASSERT(step != nullptr, options.name);
  thread_ = std::jthread([rest = rest_.get(), options = std::move(options),
                          step = std::move(step)](const std::stop_token& stop) {
    rest->granted.store(apply(options));
    try {
      while (!stop.stop_requested()) {
        const std::size_t done = step(stop);
        if (done == 0 && options.idle_us > 0) rest->wait(stop, options.idle_us);
      }
    } catch (...) {
      if (!options.on_failure) throw;
      options.on_failure(fault_of_exception(options.name));
    }
  });
}

Loop::~Loop() {
  request_stop();
  join();
}

void Loop::wake() {
  {
    const std::lock_guard lock(rest_->mutex);
    rest_->woken = true;
  }
  rest_->changed.notify_all();
}

void Loop::request_stop() {
  if (thread_.request_stop() && on_stop_) on_stop_();
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

bool Loop::granted() const {
  return rest_->granted.load();
}

}  // namespace vigie::ops
