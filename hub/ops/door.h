#pragma once
// The door before the gate: the connections of the TCP endpoints that have not said who they are.
// A handshake costs ZeroMQ's I/O threads some hundred microseconds of cryptography, and those
// threads carry the feed too. So connections are accepted shut (the listening sockets' SO_RCVLOWAT,
// which they inherit: what the peer says wakes nobody), wait in the kernel, and are let go on a few
// at a time, the addresses by turns; what is over a limit is cut off. Who waits costs an accepted
// connection and nothing else. What comes and goes is heard from libzmq's monitors; whose
// a connection is, from the thread that reads its first message.
//
// A thread of its own. Made before the sockets that it guards, destroyed after them and before the
// context.

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "hub/ops/door_book.h"
#include "hub/ops/figures.h"
#include "hub/ops/link.h"
#include "hub/ops/mailbox.h"
#include "schemas/programs/log.h"
#include "schemas/words/times.h"

namespace vigie::ops {

class SocketContext;

class Door {
 public:
  /// As many descriptors as the system grants are asked for; where they are fewer than `limits`
  /// allows connections, so are those. `context` and `clock` are borrowed. `failed` runs on the
  /// door's thread, and must not wait: after it nobody is let on any more.
  using Failed = std::function<void(std::string_view why)>;
  Door(SocketContext& context, DoorLimits limits, const Clock& clock, const Log& log,
       Failed failed = {});
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// A watched socket.
  using Number = std::uint8_t;
  /// Before the socket is bound; on the thread that makes it. 0 when libzmq can't (errno).
  Number watch(void* socket);
  /// Whether the door wants to know whose the socket's connection with this descriptor is: from its
  /// turn on until it is told. For each message, it costs a look at one byte. Here and below: the
  /// thread that reads the socket.
  bool asks_whose(Number watch, int descriptor) const {
    const auto place = static_cast<std::size_t>(descriptor);
    return place < asked_.size() && asked_[place].load(std::memory_order_acquire) == watch;
  }
  /// By which key and from which address a message of that connection came. The newest of too many
  /// of one key is cut off. What one said that is gone may count for the next from its address that
  /// got its descriptor, where nothing was read in between. REQUIRES: the door asks.
  void tell_whose(Number watch, int descriptor, std::string_view key, std::string address);
  /// Borrows this; figures.forget_asked() before it goes.
  void show(Figures& figures) const;

  // As the thread saw it last; any thread.
  std::uint64_t open() const { return open_.load(std::memory_order_relaxed); }
  std::uint64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::uint64_t under_way() const { return under_way_.load(std::memory_order_relaxed); }
  std::uint64_t cut(DoorLimit limit) const {
    return cut_[static_cast<std::size_t>(limit)].load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kToldMax = 16 * 1024;  // that wait; more are asked of again
  using Count = std::atomic<std::uint64_t>;
  struct Watch {
    void* monitor;
    Number number;
  };
  struct Told {
    DoorBook::Id id;
    std::string key;
    std::string address;
  };
  void run(const std::stop_token& stop);
  bool wait();
  void take_new_watches();
  void wake() const;
  bool hear(const Watch& watch);
  bool on_event(const Watch& watch, std::uint16_t event, std::uint32_t value);
  void on_accepted(DoorBook::Id id, int descriptor);
  void on_gone(DoorBook::Id id);
  void ask_whose(DoorBook::Id id);
  void on_told(const Told& told);
  void turn(std::int64_t now_us);
  void refuse(const Origin& origin, const std::string& address, DoorLimit limit);
  void note_figures();

  SocketContext& context_;
  const DoorLimits limits_;
  const Clock& clock_;
  const int wake_;  // an eventfd
  Mailbox<Told> told_{kToldMax};
  std::vector<std::atomic<Number>> asked_;  // which socket's, by descriptor; 0: none is asked of
  const Failed failed_;

  // Its thread's own.
  DoorBook book_;
  std::unordered_map<DoorBook::Id, Origin> origins_;
  std::vector<Watch> watches_;
  RepeatedWarning cuts_;
  std::int64_t tidy_us_ = 0;

  std::mutex mutex_;
  std::vector<Watch> new_watches_;  // under the mutex
  Number watch_count_ = 0;          // the same

  Count open_{0}, waiting_{0}, under_way_{0}, addresses_{0}, identities_{0};
  Count let_in_{0}, waited_us_{0}, not_accepted_{0};
  Count failed_protocol_{0}, failed_key_{0}, broken_off_{0};
  std::array<Count, kDoorLimits> cut_{};
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace vigie::ops
