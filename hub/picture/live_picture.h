#pragma once
// The live picture: the fold of the log up to now, the order in which units last moved, and pages
// of both for sessions. Front thread; owns the picture.

#include "hub/picture/moved_order.h"
#include "hub/picture/view_filter.h"

namespace vigie::picture {

/// How far a snapshot has been written: the next state and the next unit, by their places in the
/// picture.
struct PageCursor {
  std::size_t state = 0;
  std::size_t unit = 0;
  auto operator<=>(const PageCursor&) const = default;
};

class LivePicture {
 public:
  /// Goes on from what recovery folded.
  explicit LivePicture(Picture recovered);

  const Picture& picture() const { return picture_; }
  /// Folds a body that is not shared yet, and writes running counts and marks into it.
  void fold_and_mark(Body& body, Folded& folded);
  /// The same of a body whose fixes were marked before: what did not move a unit then does not now.
  void fold_and_count(Body& body, Folded& folded);
  /// How sources stand to each other from the next body on.
  void set_ranks(SourceRanks ranks) { ranks_ = std::move(ranks); }
  /// Fixes that stood aside so far.
  std::uint64_t aside() const { return aside_; }

  /// Writes states and units from the cursor on that the view shows, until the page holds about
  /// `bytes_goal`. False when there is nothing after the cursor any more. A page may be short or
  /// empty: at most `visits` units are looked at in one call.
  bool write_page(PageCursor& cursor, ViewFilter& filter, EntryWriter& page, std::size_t bytes_goal,
                  std::size_t visits) const;

  /// Writes the newest fix of each unit that moved after seq `after` and that the view shows, in
  /// the order in which they moved, until the page holds about `bytes_goal`. Returns the seq up to
  /// which all is written: the picture's last seq at the end.
  std::uint64_t write_moved(std::uint64_t after, ViewFilter& filter, EntryWriter& page,
                            std::size_t bytes_goal) const;

 private:
  void note_moves(const Folded& folded);
  Picture picture_;
  MovedOrder moved_;
  SourceRanks ranks_;
  std::uint64_t aside_ = 0;
};

}  // namespace vigie::picture
