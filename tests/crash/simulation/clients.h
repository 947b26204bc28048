#pragma once
// Simulated trackers and consoles: the client library's own state machines over simulated
// connections, with the account of what they were promised and shown kept outside of them. One
// thread.

#include <functional>
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

/// A person or device, with the key that it holds by now.
struct Person {
  std::string name = {};  // OWNER/NAME
  client::Role role = client::Role::None;
  std::vector<std::string> units = {};
  std::string key = {};
};

/// Whoever publishes: a connection, a spool and the library's own core.
class Publisher {
 public:
  /// `who` is borrowed, and its key may change.
  Publisher(World& world, Hub& hub, const Person& who, std::int64_t clock_wrong_us = 0);
  std::int64_t utc_us() const { return clock_.utc_us(); }
  /// The message's name; none when the spool is full.
  std::optional<Name> publish(client::MessageKind kind,
                              const Result<std::vector<std::byte>>& payload);
  /// Connects, sends, receives, and by chance loses its link, is killed and started again.
  void step(bool calm);
  bool settled() const { return core_->all_settled(); }
  /// Names that were acknowledged.
  const std::set<Name>& acknowledged() const { return acknowledged_; }
  /// Names that were refused for good.
  const std::set<Name>& refused() const { return refused_; }

 private:
  void start();
  void link(bool calm);
  World& world_;
  Hub& hub_;
  const Person& who_;
  DeviceClock clock_;
  client::MemorySpool spool_;
  std::unique_ptr<client::TrackerCore> core_;
  ops::PeerId peer_;
  bool turned_away_ = false;  // until the core says that it tries again
  std::set<Name> acknowledged_;
  std::set<Name> refused_;
};

class Tracker {
 public:
  /// It is enrolled for the first of its units alone, and by chance says something for another.
  Tracker(World& world, Hub& hub, const Person& who, int index);
  /// Lives on, and by chance publishes.
  void step(bool calm);
  const Publisher& publisher() const { return publisher_; }
  const std::set<Name>& events() const { return events_; }
  /// What it said for a unit that is not its own.
  const std::set<Name>& foreign() const { return foreign_; }

 private:
  void say_something();
  World& world_;
  const int index_;
  const std::string unit_;
  Publisher publisher_;
  std::set<Name> events_;
  std::set<Name> foreign_;
};

class Console {
 public:
  using Look = std::function<void(const client::Item& item)>;
  /// `who` is borrowed, and its key may change. By a grant that has terms it keeps no account of
  /// what it is shown: `look` does.
  Console(World& world, Hub& hub, const Person& who, client::View view, std::string grant = {},
          Look look = {});
  void step(bool calm);
  /// It is looked at no more.
  void leave();
  const Person& who() const { return who_; }
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
  void link(bool calm);
  void keep(const client::Item& item);
  void see(std::uint64_t seq, const Name& name);
  World& world_;
  Hub& hub_;
  const Person& who_;
  const Look look_;
  std::unique_ptr<client::ConsoleCore> core_;
  ops::PeerId peer_;
  bool turned_away_ = false;  // until the core says that it tries again
  std::int64_t stalled_until_us_ = 0;
  std::uint64_t due_after_ = UINT64_MAX;
  std::map<Name, int> shown_events_;
  std::map<std::uint64_t, Name> names_by_seq_;
  std::string wrong_;
};

}  // namespace vigie::simulation
