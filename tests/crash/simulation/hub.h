#pragma once
// The hub's rooms on one thread: the real front, store, builder and readers, over simulated links,
// clock and disk. It asks everybody who they are, and a witness looks at every frame that it sends:
// nothing may be in it that whoever gets it may not see at that moment. It is killed by a power cut
// at any step (what was not synced is lost, a tail may be torn) and started again. One thread.

#include <memory>
#include <set>

#include "hub/front.h"
#include "tests/crash/simulation/links.h"
#include "tests/unit/support/fault_file_system.h"

namespace vigie::simulation {

/// The world's time; the wall clock may be stepped in both directions.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(const World& world) : world_(world) {}
  std::int64_t utc_us() const override { return kEpochUs + world_.now_us + step_us; }
  std::int64_t monotonic_us() const override { return world_.now_us; }
  std::int64_t step_us = 0;

 private:
  static constexpr std::int64_t kEpochUs = 1'772'000'000'000'000;
  const World& world_;
};

/// With less the store takes nothing new. A write that finds no space at all is no matter of the
/// simulation: RocksDB then waits in real time.
inline constexpr std::uint64_t kFreeBytesMin = 1ull << 30;

class Hub {
 public:
  explicit Hub(World& world);
  ~Hub();
  bool up() const { return front_ != nullptr; }
  /// Starts on what the disk holds. False when it refused to, which is a failure of the simulation.
  bool start(std::string& why);
  /// The power goes.
  void crash();
  /// One turn of each loop that chance picks.
  void step();
  /// One turn of everything, disk included.
  void settle();
  Front& front() { return *front_; }
  store::Store& store() { return *store_; }
  test::FaultFileSystem& disk() { return disk_.faults(); }
  /// What the holder of a key may see by now; null: nobody known holds it. REQUIRES: up().
  std::shared_ptr<const Entitlement> entitlement(const std::string& key) const;
  /// The known time of the first state of that name in the log; 0: none is durable.
  std::int64_t known_us_of(std::string_view state) const;
  /// The one whom the hub's own configuration names.
  const std::string& administrator_key() const { return administrator_.key; }
  static constexpr const char* kAdministrator = "_hub/administrator";
  /// Who is named so is shown by grants that have terms alone: the guest itself looks at it.
  static constexpr const char* kGuest = "/guest";
  /// The latest that it ever was by its clock.
  std::int64_t latest_us() const { return latest_us_; }
  /// Not empty once somebody was sent what he may not see.
  const std::string& wrong() const { return wrong_; }
  /// Entries of another owner that were sent to somebody: released, as far as nothing is wrong.
  std::uint64_t released() const { return released_; }

  Endpoint publish;
  Endpoint listen;
  WorldClock clock;

 private:
  void turn();
  void witness(const std::string& user, Bytes bytes);
  void witness_entry(const std::string& user, const Entitlement& rights, const AccessEntry& entry,
                     std::int64_t read_us);
  World& world_;
  const security::HubAdministrator administrator_;
  std::set<std::string> allowed_;
  const security::Registry* registry_ = nullptr;  // the front's
  // What each key may see, as of a version of the registry.
  mutable std::map<std::string, std::shared_ptr<const Entitlement>> rights_;
  mutable std::uint64_t rights_version_ = 0;
  std::string wrong_;
  std::uint64_t released_ = 0;
  std::int64_t latest_us_ = 0;

  test::FaultEnv disk_{true};
  std::deque<StoreNotice> notices_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<replay::Workers> workers_;
  std::unique_ptr<Front> front_;
  std::deque<replay::Output> outputs_;
};

}  // namespace vigie::simulation
