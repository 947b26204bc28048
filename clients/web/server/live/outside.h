#pragma once
// When units outside the area are sent: in turns, a share of them at each, so that what goes over
// the line is even in time; and how far each share has come. Pure; one thread.

#include <algorithm>
#include <array>
#include <cstdint>

namespace vigie::web {

class OutsideTurns {
 public:
  /// A unit belongs to the share of its index modulo this.
  static constexpr std::uint32_t kShares = 16;

  /// A place in the picture: everything had up to here.
  struct Place {
    std::uint64_t version = 0;
    std::uint64_t fix_seq = 0;
  };

  /// All shares stand at this place; a turn that was under way is left.
  void begin(const Place& place) {
    had_.fill(place);
    leave_turn();
  }
  /// The share of a turn that was left keeps its place, and is the next.
  void leave_turn() { under_way_ = false; }

  /// Whether there is a turn to go on with; begins one where it is due. All have theirs in
  /// `pace_us`. A browser that took nothing for long catches up at once.
  bool go_on(const Place& picture, std::int64_t now_us, std::int64_t pace_us) {
    if (under_way_) return true;
    if (now_us < next_us_) return false;
    next_us_ = std::max(next_us_, now_us - pace_us) + pace_us / kShares;
    under_way_ = true;
    end_ = picture;
    at_ = share_;
    return true;
  }
  /// The unit to look at; to be followed by pass().
  std::uint32_t at() const { return at_; }
  void pass() { at_ += kShares; }
  void end_turn() {
    had_[share_] = end_;
    share_ = (share_ + 1) % kShares;
    under_way_ = false;
  }

  /// What moved behind this version was not sent while the unit was outside.
  std::uint64_t version_of(std::uint32_t index) const { return had_[index % kShares].version; }
  std::uint64_t fix_seq() const {
    return std::min_element(had_.begin(), had_.end(),
                            [](const Place& a, const Place& b) { return a.fix_seq < b.fix_seq; })
        ->fix_seq;
  }
  bool has_all(std::uint64_t version) const {
    return std::all_of(had_.begin(), had_.end(),
                       [&](const Place& one) { return one.version == version; });
  }
  std::int64_t next_us() const { return next_us_; }

 private:
  std::array<Place, kShares> had_ = {};
  std::uint32_t share_ = 0;
  bool under_way_ = false;
  std::uint32_t at_ = 0;  // the next unit of the turn
  Place end_ = {};        // what the share will have had behind it
  std::int64_t next_us_ = 0;
};

}  // namespace vigie::web
