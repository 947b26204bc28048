#include "hub/ops/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace vigie::ops {

Result<std::unique_ptr<StopSignals>> StopSignals::open() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);  // its terminal was closed
  if (const int error = pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    return Fault{FaultCode::Internal,
                 std::string("cannot block stop signals: ") + std::strerror(error)};
  }
  std::signal(SIGPIPE, SIG_IGN);
  const int descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor < 0) {
    return Fault{FaultCode::Internal,
                 std::string("cannot receive stop signals: ") + std::strerror(errno)};
  }
  return std::unique_ptr<StopSignals>(new StopSignals(descriptor));
}

StopSignals::~StopSignals() {
  ::close(descriptor_);
}

std::optional<int> StopSignals::take() {
  signalfd_siginfo info{};
  if (::read(descriptor_, &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

std::optional<int> StopSignals::wait(int wait_ms) {
  pollfd waiting{descriptor_, POLLIN, 0};
  ::poll(&waiting, 1, wait_ms);
  return take();
}

}  // namespace vigie::ops
