#pragma once
// A source gives the entries of a range of the past in the order of one clock, cut for a view. It
// knows neither credit nor pace: the player asks for what is due. A worker's thread.
//
// Each call looks at a bounded amount, so that a view that takes little of a long range keeps no
// other replay waiting. Between calls it may be told to rest(): then it holds nothing of the store
// and hardly any memory, only its place.

#include <memory>
#include <optional>

#include "hub/replay/own_numbers.h"
#include "hub/store/store.h"
#include "schemas/model/view.h"

namespace vigie::replay {

/// What there is to send next.
struct Looked {
  enum class What {
    Piece,    // entries, in `body`
    Later,    // nothing is due before `time_us`
    Looking,  // nothing found in what was looked at: everything before `time_us`; look again
    End,      // of the range
  };
  What what = What::End;
  std::int64_t time_us = 0;   // by the source's clock; of a piece, of its last entry
  Bytes body = {};            // from the BodyHeader on; valid until the source's next call
  std::uint64_t entries = 0;  // in `body`
};

struct SourceRange {
  std::int64_t from_us = 0;   // included
  std::int64_t until_us = 0;  // excluded
  std::uint64_t through = 0;  // entries beyond this seq are not looked at
  std::uint64_t after = 0;    // nor those up to this one (known source only)
  bool open_end = false;      // until_us stands for the end of the log
};

class Source {
 public:
  virtual ~Source() = default;
  /// Goes to the first entry at or after this time. Before the first look(), and any time later.
  virtual Result<void> seek(std::int64_t time_us) = 0;
  /// What comes next, as far as it is due at `due_us`; the same piece until take(). Damage is noted
  /// and passed over; a Fault is what makes going on impossible.
  virtual Result<Looked> look(std::int64_t due_us) = 0;
  /// The piece was sent. REQUIRES: look() gave one.
  virtual void take() = 0;
  /// Lets go of everything but its place. Needed before a look() whose `due_us` is earlier than one
  /// before.
  virtual void rest() = 0;
  /// Seqs in the range that could not be read, as they were met.
  virtual const std::vector<wire::SeqRange>& damaged() const = 0;
};

/// In order of seq. Whole stored bodies, as they lie, where the view takes everything and they fit
/// into `bytes_max`; a single entry may be larger than that.
std::unique_ptr<Source> make_known_source(const store::Store& store,
                                          std::shared_ptr<const View> view, SourceRange range,
                                          std::size_t bytes_max);
/// What `inner`, a known source of the view at large, gives: as the terms of the view's grant show
/// it, and then cut by the view. Fixes that stand for a step come at its end, if that is not after
/// `until_us`. With `names`, whose grant has own_numbers: moment by moment, by those, and no time
/// is told but of what is shown.
std::unique_ptr<Source> make_coarse_source(std::unique_ptr<Source> inner,
                                           std::shared_ptr<const View> view, std::int64_t until_us,
                                           std::size_t bytes_max,
                                           const std::optional<OwnNames>& names);
/// In order of corrected true time, then seq.
std::unique_ptr<Source> make_true_source(const store::Store& store,
                                         std::shared_ptr<const View> view, SourceRange range,
                                         std::size_t bytes_max);

}  // namespace vigie::replay
