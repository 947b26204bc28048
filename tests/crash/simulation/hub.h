#pragma once
// The hub's rooms on one thread: the real front, store, builder and readers, over simulated links,
// clock and disk. It is killed by a power cut at any step (what was not synced is lost, a tail may
// be torn) and started again. One thread.

#include <memory>

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

  Endpoint publish;
  Endpoint listen;
  WorldClock clock;

 private:
  void turn();
  World& world_;
  test::FaultEnv disk_{true};
  std::deque<StoreNotice> notices_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<replay::Workers> workers_;
  std::unique_ptr<Front> front_;
  std::deque<replay::Output> outputs_;
};

}  // namespace vigie::simulation
