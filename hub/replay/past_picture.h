#pragma once
// A picture of the past, in pages. A worker's thread.
//
//   as known at T:       the fold of all entries whose known time is at or before T: what the room
//                        could see.
//   as it truly was at T: the fold of all entries whose order (the lesser of corrected true time
//   and
//                        known time, picture.h) is at or before T: also what came in only later,
//                        from the week before T. What of a unit came later and is older than that
//                        week is not looked for: it stands where the room knew it. Of several
//                        sources of a unit, what stood aside when it came stands aside here.
//
// By a grant that has terms: as known at the end of the last step that may be read, and as the
// terms show it. With numbers of its own: in the order of the names, since the order in which units
// came to the hub tells of what is withheld.

#include <optional>

#include "hub/replay/own_numbers.h"
#include "hub/replay/task.h"
#include "schemas/model/picture.h"

namespace vigie::replay {

class PastPicture final : public Task {
 public:
  /// `store` and `clock` are borrowed.
  PastPicture(const Start& start, const store::Store& store, const Clock& clock, wire::LogId log);
  bool step(std::vector<Output>& out) override;
  void grant(std::uint64_t granted_bytes) override;
  void steer(const Steer&) override {}
  std::int64_t next_us() const override { return INT64_MAX; }

  /// All of it was sent.
  bool done() const { return done_; }
  /// The seq up to which it is the fold.
  std::uint64_t seq() const { return seq_; }
  /// The same, as it is told.
  std::uint64_t position() const { return names_ ? own_end(at_us_) : seq_; }
  /// What was folded. REQUIRES: done(), and that it did not fail; once.
  Picture take_picture() { return std::move(*picture_); }

 private:
  Result<void> build();
  Result<void> add_what_came_later();
  void put_in_order();
  void write_state_at(std::size_t place, EntryWriter& page) const;
  void write_unit_at(std::size_t place, EntryWriter& page) const;
  BodyPtr make_page();
  bool send_page(std::vector<Output>& out);
  bool shows(const Unit& unit) const;
  bool shows(const RetainedState& state) const;

  const Start start_;
  const std::int64_t at_us_;  // known time, or true time
  const store::Store& store_;
  const std::optional<OwnNames> names_;  // where the grant has numbers of its own
  const wire::LogId log_;                // as it is told
  std::uint64_t granted_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t seq_ = 0;
  std::optional<Picture> picture_;
  std::int64_t later_us_ = 0;  // of the week before T, not looked through yet for what came later
  std::int64_t slice_us_ = 0;  // so much of it at a time
  std::vector<std::size_t> state_order_;  // with numbers of its own; else as they lie
  std::vector<std::size_t> unit_order_;
  std::size_t next_state_ = 0;
  std::size_t next_unit_ = 0;
  bool first_page_ = true;
  BodyPtr page_;  // written, not sent yet
  bool page_is_last_ = false;
  bool done_ = false;
};

}  // namespace vigie::replay
