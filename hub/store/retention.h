#pragma once
// Drops the oldest, by age and by disk budget, whole files at a time. A new floor is on disk and
// known to every reader before anything below it goes. The track floor moves only to where a
// checkpoint stands, so that no state is lost and pictures can be had from the floor on; events and
// states above the event floor stay in `keep` after their bodies are gone. Age is judged by a time
// that does not leap (trusted_time.h). The builder's thread.

#include "hub/store/checkpoints.h"
#include "hub/store/queries.h"
#include "schemas/words/trusted_time.h"

namespace vigie::store {

class Retention {
 public:
  /// `last_trust`: as the store had it when the hub started.
  Retention(const Sources& sources, LiveFloors& floors, const StoreOptions& options,
            const Trust& last_trust);

  /// Looks once at age, budget and checkpoints. `built_through`: nothing behind it is dropped.
  /// Returns how many files went.
  Result<std::size_t> run(std::uint64_t built_through, std::uint64_t last_seq);
  /// The time by which age is judged.
  std::int64_t now_us() { return time_.now_us(); }
  /// Notes it on disk now and then, for the next start: a leap is not forgotten with the process.
  Result<void> note_time();

 private:
  Result<Floors> by_age(std::uint64_t last_seq);
  void by_budget(Floors& target, std::uint64_t checkpoint_limit) const;
  Result<std::int64_t> gone_events_us(const Floors& target) const;
  Result<void> store_floors(const Floors& target);
  Result<std::size_t> drop(const std::vector<Checkpoint>& checkpoints);
  Result<std::size_t> drop_below(Family family, std::uint64_t key) const;
  Result<std::size_t> drop_expired(Family family, std::uint64_t floor) const;
  Result<std::size_t> thin(const std::vector<Checkpoint>& checkpoints);

  const Sources sources_;
  LiveFloors& floors_;
  const StoreOptions& options_;
  TrustedTime time_;
  std::int64_t noted_us_ = 0;
};

}  // namespace vigie::store
