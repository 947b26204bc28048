#pragma once
// Reads single entries of the log by their seqs. A replay by true time wants entries that lie
// scattered: asked for many at once, each body is read once, in the order of the log. A worker's
// thread.

#include <span>

#include "hub/replay/damage.h"

namespace vigie::replay {

/// What the reader tells; all it gives is borrowed for the call.
class EntrySink {
 public:
  virtual ~EntrySink() = default;
  /// `length` fixes of a section from the `start`-th on; the first has this seq, the others follow
  /// one by one.
  virtual void on_fixes(std::uint64_t first_seq, const wire::UnitFixes& section,
                        const wire::Batch& batch, std::size_t start, std::size_t length) = 0;
  virtual void on_event(std::uint64_t seq, const wire::Event& event, const wire::Batch& batch) = 0;
  virtual void on_state(std::uint64_t seq, const wire::State& state, const wire::Batch& batch) = 0;
};

class EntryReader {
 public:
  explicit EntryReader(const store::Store& store) : store_(store) {}

  /// Gives the entries with these seqs (rising) to the sink, in order of seq. What is gone or
  /// damaged is left out; below the tracks' floor events and states are found. Holds nothing of the
  /// store afterwards.
  Result<void> read(std::span<const std::uint64_t> seqs, EntrySink& sink, Damage& damage);

 private:
  Result<void> read_kept(std::span<const std::uint64_t> seqs, EntrySink& sink);
  Result<void> read_log(std::span<const std::uint64_t> seqs, EntrySink& sink, Damage& damage);
  const store::Store& store_;
};

}  // namespace vigie::replay
