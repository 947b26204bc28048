#pragma once
// A picture and a ledger as pages: bodies that, folded, give the same again. Written a page at a
// time, for whoever must not stop for long. Pure.

#include "schemas/messages/entry_writer.h"
#include "schemas/model/ledger.h"
#include "schemas/model/picture.h"

namespace vigie {

class CheckpointPages {
 public:
  /// Both are borrowed, and must not change until the last page is written.
  CheckpointPages(const Picture& picture, const Ledger& ledger);
  /// The next page, of about limits::kPageBytesGoal; nullptr after the last. The last one carries
  /// the picture's last seq and known time.
  BodyPtr next();

 private:
  bool is_full() const { return page_.bytes() >= limits::kPageBytesGoal; }
  /// Fills page_ with what comes before the end.
  void fill();

  const Picture& picture_;
  const Ledger& ledger_;
  EntryWriter page_;
  std::size_t unit_ = 0;
  std::size_t state_ = 0;
  Ledger::Map::const_iterator spool_;
  bool done_ = false;
};

/// All pages at once, until the sink returns false.
void write_checkpoint(const Picture& picture, const Ledger& ledger,
                      const std::function<bool(Bytes page)>& sink);

}  // namespace vigie
