#pragma once
// Entries of the log, copied out so that they can be written in another order than they lie in. A
// replay by true time reads some thousands of refs at a time: in the order of the log, which reads
// each body once, and writes them in the order of time. A worker's thread.

#include <deque>

#include "hub/replay/entry_reader.h"
#include "schemas/model/cut.h"

namespace vigie::replay {

class Chunk final : public EntrySink {
 public:
  /// Takes what the view takes. `view` is borrowed.
  explicit Chunk(const View& view) : view_(view) {}

  void on_fixes(std::uint64_t first_seq, const wire::UnitFixes& section, const wire::Batch& batch,
                std::size_t start, std::size_t length) override;
  void on_event(std::uint64_t seq, const wire::Event& event, const wire::Batch& batch) override;
  void on_state(std::uint64_t seq, const wire::State& state, const wire::Batch& batch) override;

  /// Where events, states and fixes stand in a Batch.
  enum class Lane { Event, State, Fixes };
  struct Found {
    Lane lane;
    std::size_t at;  // for write()
  };
  /// Once all is read, and before find().
  void close();
  std::optional<Found> find(std::uint64_t seq) const;
  /// How many of the next seqs, `most` at most and about 2 KB, are fixes that follow `first` in the
  /// same section; at least 1.
  std::size_t run_length(const Found& first, std::size_t most) const;
  /// About what writing it, and the run behind it, takes.
  std::size_t bytes_of(const Found& found) const;
  /// Writes an entry, or `length` fixes; returns their known time.
  std::int64_t write(const Found& found, std::size_t length, EntryWriter& out) const;
  /// Frees everything.
  void clear();

 private:
  struct Section {
    std::string unit;
    std::string group;
    wire::Stamp stamp;  // of the first fix that was kept
    wire::Spool spool;
    std::uint64_t first_number;
    std::size_t first_fix;       // in fixes_
    std::size_t first_readings;  // in readings_
    std::uint16_t readings_bytes;
  };
  struct Place {
    std::uint64_t seq;
    Lane lane;
    std::size_t in;  // sections_ or kept_
    std::size_t at;  // of a fix: in its section
  };
  void keep(Lane lane, std::uint64_t seq, const wire::Stamp* stamp, EntryWriter& entry);

  const View& view_;
  std::vector<Place> places_;  // rising
  std::vector<Section> sections_;
  std::vector<wire::Fix> fixes_;
  std::vector<std::uint8_t> readings_;
  std::vector<BodyPtr> kept_;  // an event or a state each
};

}  // namespace vigie::replay
