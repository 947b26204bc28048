#pragma once
// A source gives the entries of a range of the past in the order of one clock, cut for a view. A worker's thread.

#include <deque>
#include <memory>
#include <optional>

#include "hub/store/store.h"
#include "schemas/model/view.h"

namespace vigie::replay {

/// Entries that go out together: one body.
struct Piece {
  std::int64_t time_us = 0;     // by the source's clock, of the first entry
  Bytes body;                   // from the BodyHeader on; valid until the source's next call
  BodyPtr made;                 // keeps it, where the source made it
};

struct SourceRange {
  std::int64_t from_us = 0;     // included
  std::int64_t until_us = 0;    // excluded
  std::uint64_t through = 0;    // entries beyond this seq are not looked at
};

class Source {
 public:
  virtual ~Source() = default;
  /// Goes to the first entry at or after this time. Before the first next(), and any time later.
  virtual void seek(std::int64_t time_us) = 0;
  /// The time of what next() would give; empty at the end of the range.
  virtual std::optional<std::int64_t> peek() = 0;
  /// The next entries that are due at `due_us`. REQUIRES: peek() is not later than that.
  virtual Piece next(std::int64_t due_us) = 0;
  /// Seqs that could not be read, as they were met.
  virtual const std::vector<wire::SeqRange>& damaged() const = 0;
};

/// In order of seq; whole stored bodies as they lie where the view takes everything and they fit into `bytes_max`.
std::unique_ptr<Source> make_known_source(const store::Store& store, std::shared_ptr<const View> view,
                                          SourceRange range, std::size_t bytes_max);
/// In order of corrected true time, then seq.
std::unique_ptr<Source> make_true_source(const store::Store& store, std::shared_ptr<const View> view,
                                         SourceRange range, std::size_t bytes_max);

}  // namespace vigie::replay
