#include "hub/ops/door.h"

#include <fmt/format.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "hub/ops/connection.h"
#include "hub/ops/router_socket.h"

namespace vigie::ops {
namespace {

constexpr long kTickMs = 10;  // while handshakes wait or are under way
constexpr long kRestMs = 1000;
constexpr std::int64_t kWarningUs = 60 * kMicrosecondsPerSecond;
/// More than a stranger has to say before it is answered (a greeting and HELLO: 266 bytes), and no
/// more than half of the receive buffer that a connection has anyway.
constexpr int kShutBytes = 32 * 1024;
/// What the hub has sent when it answers INITIATE: a greeting and WELCOME (RFC 23, RFC 26). Any
/// more is READY, or the error that a failed handshake ends with.
constexpr std::uint64_t kHandshakeBytes = 64 + 170;
/// More are granted nobody whose kernel was not told so (fs.nr_open).
constexpr std::size_t kDescriptorsMax = 1024 * 1024;
constexpr int kEvents = ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED |
                        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_MONITOR_STOPPED |
                        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

void set_wanted_bytes(int descriptor, int bytes) {
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

bool is_local(int descriptor) {
  int family = 0;
  socklen_t size = sizeof family;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0 || family == AF_UNIX;
}

bool handshake_is_done(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_bytes_sent - info.tcpi_bytes_retrans > kHandshakeBytes;
}

/// As many as there may be, from now on; SIZE_MAX: no end is known.
std::size_t descriptors_granted() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : std::size_t{limit.rlim_cur};
}

/// Connections that the descriptors are enough for, some being left to the files and the rest.
std::size_t connections_granted() {
  constexpr std::size_t kOthersMin = 256;
  const std::size_t granted = descriptors_granted();
  if (granted == SIZE_MAX) return SIZE_MAX;
  const std::size_t others = std::max(kOthersMin, granted / 8);
  return granted > 2 * others ? granted - others : granted / 2;
}

DoorLimits within_what_is_granted(const DoorLimits& limits, const Log& log) {
  const std::size_t granted = connections_granted();
  if (granted >= limits.connections) return limits;
  const DoorLimits scaled = scaled_to(limits, granted);
  log.warning("fewer descriptors than door.connections needs: fewer connections are taken",
              {{"wanted", limits.connections},
               {"taken", scaled.connections},
               {"of_one_address", scaled.connections_per_address},
               {"waiting", scaled.waiting}});
  return scaled;
}

DoorBook::Id id_of(Door::Number watch, std::uint32_t descriptor) {
  return std::uint64_t{watch} << 32 | descriptor;
}

Door::Number watch_of(DoorBook::Id id) {
  return static_cast<Door::Number>(id >> 32);
}

std::size_t descriptor_of(DoorBook::Id id) {
  return static_cast<std::uint32_t>(id);
}

void bump(std::atomic<std::uint64_t>& count, std::uint64_t by = 1) {
  count.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace

Door::Door(SocketContext& context, DoorLimits limits, const Clock& clock, const Log& log,
           Failed failed)
    : context_(context),
      limits_(within_what_is_granted(limits, log)),
      clock_(clock),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      asked_(std::min(descriptors_granted(), kDescriptorsMax)),
      failed_(std::move(failed)),
      book_(limits_),
      cuts_(log, clock, "connections are cut off at the door", kWarningUs),
      thread_([this](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), "vigie-door");
        run(stop);
      }) {}

Door::~Door() {
  thread_.request_stop();
  wake();
  thread_.join();
  take_new_watches();
  for (const Watch& watch : watches_) zmq_close(watch.monitor);
  ::close(wake_);
}

void Door::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(wake_, &one, sizeof one);
}

Door::Number Door::watch(void* socket) {
  const std::lock_guard lock(mutex_);
  if (watch_count_ == std::numeric_limits<Number>::max()) {
    errno = EMFILE;
    return 0;
  }
  const Number number = ++watch_count_;
  const std::string name = fmt::format("inproc://vigie-door-{}", number);
  if (zmq_socket_monitor(socket, name.c_str(), kEvents) != 0) return 0;
  void* monitor = zmq_socket(context_.handle(), ZMQ_PAIR);
  if (monitor == nullptr) return 0;
  // No I/O thread ever waits until an event is heard.
  const int none = 0;
  zmq_setsockopt(monitor, ZMQ_LINGER, &none, sizeof none);
  zmq_setsockopt(monitor, ZMQ_RCVHWM, &none, sizeof none);
  if (zmq_connect(monitor, name.c_str()) != 0) {
    zmq_close(monitor);
    return 0;
  }
  new_watches_.push_back({monitor, number});
  wake();
  return number;
}

void Door::take_new_watches() {
  const std::lock_guard lock(mutex_);
  watches_.insert(watches_.end(), new_watches_.begin(), new_watches_.end());
  new_watches_.clear();
}

bool Door::wait() {
  std::vector<zmq_pollitem_t> polled{{nullptr, wake_, ZMQ_POLLIN, 0},
                                     {nullptr, told_.descriptor(), ZMQ_POLLIN, 0}};
  for (const Watch& watch : watches_) polled.push_back({watch.monitor, 0, ZMQ_POLLIN, 0});
  const bool busy = book_.waiting() + book_.under_way().size() > 0;
  const int ready =
      zmq_poll(polled.data(), static_cast<int>(polled.size()), busy ? kTickMs : kRestMs);
  if (ready < 0 && errno != EINTR) {
    if (failed_) failed_(zmq_strerror(errno));
    return false;
  }
  std::uint64_t woken = 0;
  [[maybe_unused]] const auto got = ::read(wake_, &woken, sizeof woken);
  return true;
}

void Door::run(const std::stop_token& stop) {
  while (!stop.stop_requested() && wait()) {
    take_new_watches();
    std::erase_if(watches_, [this](const Watch& watch) {
      const bool over = !hear(watch);
      if (over) zmq_close(watch.monitor);
      return over;
    });
    for (const Told& told : told_.take_all()) on_told(told);
    turn(clock_.monotonic_us());
    note_figures();
  }
}

/// All that waits. False when the socket is no more.
bool Door::hear(const Watch& watch) {
  struct [[gnu::packed]] Event {
    std::uint16_t kind;
    std::uint32_t value;
  } event{};
  while (zmq_recv(watch.monitor, &event, sizeof event, ZMQ_DONTWAIT) ==
         static_cast<int>(sizeof event)) {
    zmq_recv(watch.monitor, nullptr, 0, 0);  // the endpoint's address
    if (!on_event(watch, event.kind, event.value)) return false;
  }
  return true;
}

bool Door::on_event(const Watch& watch, std::uint16_t event, std::uint32_t value) {
  const DoorBook::Id id = id_of(watch.number, value);
  const int descriptor = static_cast<int>(value);
  switch (event) {
    case ZMQ_EVENT_LISTENING:
      if (!is_local(descriptor)) set_wanted_bytes(descriptor, kShutBytes);
      break;
    case ZMQ_EVENT_ACCEPTED:
      on_accepted(id, descriptor);
      break;
    case ZMQ_EVENT_DISCONNECTED:
      on_gone(id);
      break;
    case ZMQ_EVENT_ACCEPT_FAILED:
      bump(not_accepted_);
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      bump(failed_protocol_);
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      bump(failed_key_);
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      bump(broken_off_);
      break;
    default:
      return event != ZMQ_EVENT_MONITOR_STOPPED;
  }
  return true;
}

void Door::on_accepted(DoorBook::Id id, int descriptor) {
  on_gone(id);  // where its end was not heard of
  const Origin origin = origin_of(descriptor);
  const std::string address = address_of(descriptor);
  if (address.empty()) return;  // gone already, or a local socket
  if (const auto limit = book_.came(id, address, clock_.monotonic_us())) {
    refuse(origin, address, *limit);
    return;
  }
  origins_[id] = origin;
}

void Door::on_gone(DoorBook::Id id) {
  book_.gone(id);
  origins_.erase(id);
}

/// Before the connection is let on: no message of it comes first.
void Door::ask_whose(DoorBook::Id id) {
  const std::size_t place = descriptor_of(id);
  if (place < asked_.size()) asked_[place].store(watch_of(id), std::memory_order_release);
}

void Door::tell_whose(Number watch, int descriptor, std::string_view key, std::string address) {
  const auto place = static_cast<std::uint32_t>(descriptor);
  // First: from here on the door may ask of another connection that has the descriptor; another
  // socket's is left as it is.
  Number asked = watch;
  asked_[place].compare_exchange_strong(asked, 0, std::memory_order_relaxed);
  const bool told = told_.post({id_of(watch, place), std::string(key), std::move(address)});
  if (told) return;
  asked = 0;
  asked_[place].compare_exchange_strong(asked, watch, std::memory_order_relaxed);
}

void Door::on_told(const Told& told) {
  const auto origin = origins_.find(told.id);
  if (origin == origins_.end()) return;
  // What an earlier connection of that descriptor said may be read only now.
  if (book_.address_of(told.id) != told.address) return ask_whose(told.id);
  if (const auto limit = book_.heard(told.id, told.key)) {
    refuse(origin->second, told.address, *limit);
  }
}

void Door::refuse(const Origin& origin, const std::string& address, DoorLimit limit) {
  bump(cut_[static_cast<std::size_t>(limit)]);
  cuts_.say(fmt::format("{}: {}", address, word_of(limit)));
  cut_off(origin);
}

void Door::turn(std::int64_t now_us) {
  std::vector<DoorBook::Id> done;
  for (const DoorBook::Id id : book_.under_way()) {
    if (handshake_is_done(origins_[id].descriptor)) done.push_back(id);
  }
  for (const DoorBook::Id id : done) book_.done(id);
  bump(let_in_, done.size());
  for (const DoorBook::Late& late : book_.late(now_us)) {
    refuse(origins_[late.id], late.address, late.limit);
  }
  for (const DoorBook::Turn& next : book_.next(now_us)) {
    bump(waited_us_, static_cast<std::uint64_t>(next.waited_us));
    const Origin& origin = origins_[next.id];
    if (!is_still(origin)) continue;
    ask_whose(next.id);
    set_wanted_bytes(origin.descriptor, 1);
  }
  if (now_us < tidy_us_) return;
  tidy_us_ = now_us + kMicrosecondsPerSecond;
  book_.tidy(now_us);
  cuts_.tick();
}

void Door::note_figures() {
  open_.store(book_.open(), std::memory_order_relaxed);
  waiting_.store(book_.waiting(), std::memory_order_relaxed);
  under_way_.store(book_.under_way().size(), std::memory_order_relaxed);
  addresses_.store(book_.addresses(), std::memory_order_relaxed);
  identities_.store(book_.identities(), std::memory_order_relaxed);
}

void Door::show(Figures& figures) const {
  const auto ask = [&figures](const char* name, const char* help, const Count& count,
                              const Labels& labels = {}) {
    figures.ask(
        name, help, [&count] { return static_cast<double>(count.load(std::memory_order_relaxed)); },
        labels);
  };
  ask("vigie_door_connections", "Connections, of those who are in and of others", open_);
  ask("vigie_door_waiting", "Connections that wait for their handshake", waiting_);
  ask("vigie_door_under_way", "Handshakes under way", under_way_);
  ask("vigie_door_addresses", "Addresses that connections are counted for", addresses_);
  ask("vigie_door_identities", "Keys that connections are counted for", identities_);
  ask("vigie_door_answered_total", "Handshakes that came to their end", let_in_);
  ask("vigie_door_waited_microseconds_total", "What all waited before their handshakes",
      waited_us_);
  ask("vigie_door_not_accepted_total", "Connections that the system did not grant", not_accepted_);
  const char* const failed = "Handshakes that failed";
  ask("vigie_door_failed_total", failed, failed_protocol_, {{"kind", "protocol"}});
  ask("vigie_door_failed_total", failed, failed_key_, {{"kind", "key"}});
  ask("vigie_door_failed_total", failed, broken_off_, {{"kind", "broken_off"}});
  for (std::size_t i = 0; i < kDoorLimits; ++i) {
    ask("vigie_door_cut_total", "Connections that were cut off at a limit", cut_[i],
        {{"limit", std::string(word_of(static_cast<DoorLimit>(i)))}});
  }
}

}  // namespace vigie::ops
