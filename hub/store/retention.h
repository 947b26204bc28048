#pragma once
// Drops the oldest, by age and by disk budget, whole files at a time. A new floor is on disk and
// known to every reader before anything below it goes. The track floor moves only to where a
// checkpoint stands, so that no state is lost and pictures can be had from the floor on; events and
// states above the event floor stay in `keep` after their bodies are gone. The builder's thread.

#include "hub/store/checkpoints.h"
#include "hub/store/queries.h"

namespace vigie::store {

class Retention {
 public:
  Retention(const Sources& sources, std::atomic<std::uint64_t>& floor,
            std::atomic<std::uint64_t>& event_floor, const StoreOptions& options);

  /// Looks once at age, budget and checkpoints. `built_through`: nothing behind it is dropped.
  /// Returns how many files went.
  Result<std::size_t> run(std::uint64_t built_through, std::uint64_t last_seq);

 private:
  struct Target {
    std::uint64_t track;
    std::uint64_t event;
  };
  Result<Target> by_age(std::uint64_t last_seq) const;
  void by_budget(Target& target, std::uint64_t checkpoint_limit) const;
  Result<void> store_floors(const Target& target);
  Result<std::size_t> drop(const std::vector<Checkpoint>& checkpoints);
  Result<std::size_t> drop_below(Family family, std::uint64_t key) const;
  Result<std::size_t> drop_expired(Family family, std::uint64_t floor) const;
  Result<std::size_t> thin(const std::vector<Checkpoint>& checkpoints) const;

  const Sources sources_;
  std::atomic<std::uint64_t>& floor_;
  std::atomic<std::uint64_t>& event_floor_;
  const StoreOptions& options_;
};

}  // namespace vigie::store
