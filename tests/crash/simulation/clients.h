#pragma once
// Simulated trackers and consoles: the client library's own state machines over simulated
// connections, with the account of what they were promised and shown kept outside of them. One
// thread.

#include <map>
#include <set>

#include "clients/cpp/core/console_core.h"
#include "clients/cpp/core/tracker_core.h"
#include "clients/cpp/spool/memory_spool.h"
#include "tests/crash/simulation/hub.h"

namespace vigie::simulation {

/// A message's name.
using Name = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;

/// A clock that is wrong by a constant.
class DeviceClock final : public Clock {
 public:
  DeviceClock(const Clock& right, std::int64_t wrong_us) : right_(right), wrong_us_(wrong_us) {}
  std::int64_t utc_us() const override { return right_.utc_us() + wrong_us_; }
  std::int64_t monotonic_us() const override { return right_.monotonic_us(); }

 private:
  const Clock& right_;
  const std::int64_t wrong_us_;
};

class Tracker {
 public:
  Tracker(World& world, Hub& hub, int index);
  /// Lives on: connects, sends, receives, and by chance publishes, loses its link, is killed and
  /// started again.
  void step(bool calm);
  bool settled() const { return core_->all_settled(); }
  /// Names that were acknowledged.
  const std::set<Name>& acknowledged() const { return acknowledged_; }
  const std::set<Name>& events() const { return events_; }

 private:
  void start();
  void say_something();
  void link(bool calm);
  World& world_;
  Hub& hub_;
  const int index_;
  DeviceClock clock_;
  client::MemorySpool spool_;
  std::unique_ptr<client::TrackerCore> core_;
  ops::PeerId peer_;
  std::set<Name> acknowledged_;
  std::set<Name> events_;
};

class Console {
 public:
  Console(World& world, Hub& hub, client::View view);
  void step(bool calm);
  /// How often each event was shown.
  const std::map<Name, int>& shown_events() const { return shown_events_; }
  /// Which name it saw at each seq.
  const std::map<std::uint64_t, Name>& names_by_seq() const { return names_by_seq_; }
  const Picture& picture() const { return core_->picture(); }
  /// How far its picture is whole.
  std::uint64_t position() const {
    const client::ConsoleStatus status = core_->status();
    return status.complete ? std::min(status.seq, status.event_seq) : 0;
  }
  /// Events after this seq are due; UINT64_MAX before the first session.
  std::uint64_t due_after() const { return due_after_; }
  /// Not empty once something impossible was seen.
  const std::string& wrong() const { return wrong_; }

 private:
  void see(std::uint64_t seq, const Name& name);
  World& world_;
  Hub& hub_;
  std::unique_ptr<client::ConsoleCore> core_;
  ops::PeerId peer_;
  std::int64_t stalled_until_us_ = 0;
  std::uint64_t due_after_ = UINT64_MAX;
  std::map<Name, int> shown_events_;
  std::map<std::uint64_t, Name> names_by_seq_;
  std::string wrong_;
};

}  // namespace vigie::simulation
