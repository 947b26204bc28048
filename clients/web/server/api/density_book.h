#pragma once
// How many fixes there were, by stretches of time, as far as one viewer's own history was counted:
// which windows of time are to be counted for a question, what is known, and what it adds up to.
// Pure; one thread.
//
// Windows are whole hours while the range is short; they are counted once and serve every question.
// Of a long range two short windows of each bucket are counted, and stand for it. A window may be
// counted in parts, each of which begins where the one before ended: however short they are cut,
// its count becomes exact.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vigie::web::api {

/// The finest that is kept. Windows and buckets are multiples of it.
inline constexpr std::int64_t kDensitySlotUs = 10'000'000;

struct DensityWindow {
  std::int64_t from_us = 0;   // included
  std::int64_t until_us = 0;  // excluded
  auto operator<=>(const DensityWindow&) const = default;
};

/// What is to be read of a window: its rest, from there on.
struct DensityPart {
  DensityWindow window = {};
  std::int64_t from_us = 0;  // included
  /// Fixes in the slot of `from_us` that are before it: they are counted already.
  std::uint32_t before = 0;
};

/// What one reading counted of a part.
struct DensityCount {
  DensityPart part = {};
  std::int64_t until_us = 0;  // excluded; all before it is counted
  std::int64_t at_us = 0;     // the hub's clock when it was asked
  /// From the slot of `part.from_us` on; the last one is counted up to `until_us`.
  std::vector<std::uint32_t> slots = {};
};

/// A question, and the buckets and windows that answer it.
class DensityPlan {
 public:
  static constexpr std::size_t kBucketsMax = 500;
  static constexpr std::int64_t kExactUsMax = 72 * 3'600'000'000ll;

  /// REQUIRES from < until, 2 <= buckets <= kBucketsMax. The buckets begin at multiples of their
  /// width, so that questions that move along share what was counted; there may be fewer than were
  /// asked for. `now_us`: the hub's clock.
  DensityPlan(std::int64_t from_us, std::int64_t until_us, std::size_t buckets,
              std::int64_t now_us);

  std::int64_t first_us() const { return first_us_; }
  std::int64_t bucket_us() const { return bucket_us_; }
  std::size_t buckets() const { return buckets_; }
  std::int64_t now_us() const { return now_us_; }
  /// Windows stand for their buckets.
  bool sampled() const { return sampled_; }
  /// Those that have begun, the newest first.
  const std::vector<DensityWindow>& windows() const { return windows_; }
  /// What of a window counts for the question: up to there.
  std::int64_t end_in(const DensityWindow& window) const;

 private:
  void add_hours();
  void add_samples();

  std::int64_t first_us_;
  std::int64_t bucket_us_;
  std::size_t buckets_;
  const std::int64_t now_us_;
  bool sampled_ = false;
  std::vector<DensityWindow> windows_;
};

struct DensityAnswer {
  /// By bucket; empty: not counted yet, or not begun.
  std::vector<std::optional<std::uint64_t>> fixes = {};
  bool complete = true;       // all that have begun are there, and their windows are counted whole
  bool sampled = false;       // some are estimates from a part
  std::int64_t as_of_us = 0;  // of the oldest count in it; 0: none
};

/// What is known of one viewer's history by one clock.
class DensityBook {
 public:
  /// By known time what is past stays as it is; by true time late fixes come.
  explicit DensityBook(bool known_clock) : known_clock_(known_clock) {}

  /// What is to be counted next, the newest first of each kind: windows of which nothing is known,
  /// what is going on, windows that are estimated, those that were counted too long ago.
  std::vector<DensityPart> wanted(const DensityPlan& plan) const;
  DensityAnswer answer(const DensityPlan& plan) const;
  /// What does not go on where its window's count ended is left out: clear() came between.
  void add(const DensityCount& count);
  void clear() {
    counts_.clear();
    bytes_ = 0;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  /// Of one window. It is counted in passes: one goes from the window's begin to its end, or, while
  /// that is going on, from where nothing changes any more.
  struct Known {
    std::vector<std::uint32_t> slots = {};
    std::int64_t known_us = 0;     // what is before is counted
    std::int64_t upto_us = 0;      // from known_us to here there is more: it is estimated
    bool under_way = false;        // a pass was cut, and goes on
    bool whole = false;            // it began at the window's begin
    std::int64_t next_us = 0;      // where it goes on
    std::uint32_t before = 0;      // as DensityPart::before
    std::int64_t began_us = 0;     // the hub's clock at its first reading
    std::int64_t at_us = 0;        // and at its newest
    std::int64_t turns = 0;        // its readings
    std::int64_t whole_at_us = 0;  // began_us of the last whole pass that ended; 0: none
    std::int64_t whole_turns = 0;  // turns of that one

    bool is_estimated() const { return known_us < upto_us; }
    /// Mean of the slots that are counted; empty: none is.
    std::optional<std::uint64_t> mean(const DensityWindow& window) const;
  };

  /// When it was last counted, what is before `end_us` was not over.
  bool is_open(std::int64_t end_us, const Known& known) const;
  /// It was open, and that is long ago: there is more by now.
  bool went_on(std::int64_t end_us, const Known& known, std::int64_t now_us) const;
  bool is_stale(const DensityWindow& window, const Known& known, std::int64_t now_us) const;
  std::int64_t settled_us(std::int64_t at_us) const;
  std::int64_t as_of(const Known& known) const;
  std::optional<DensityPart> rest_of(const DensityWindow& window, const Known& known,
                                     const DensityPlan& plan) const;

  const bool known_clock_;
  std::map<DensityWindow, Known> counts_;
  std::size_t bytes_ = 0;
};

/// Joins parts that touch, at most so many to a run, so that each run is one reading. In the order
/// of the first of each.
std::vector<std::vector<DensityPart>> density_runs(const std::vector<DensityPart>& parts,
                                                   std::size_t run_max, std::size_t runs_max);

/// Counts the fixes of one run, which come in order of the clock.
class DensityCounter {
 public:
  /// REQUIRES: the parts rise and touch.
  explicit DensityCounter(std::vector<DensityPart> run);

  std::int64_t from_us() const { return run_.front().from_us; }
  std::int64_t until_us() const { return run_.back().window.until_us; }
  void add(std::int64_t time_us);
  /// All before that came, seen or not.
  void reach(std::int64_t time_us);
  /// Once. `complete`: all of the run came. Else what is before the newest that was added, or
  /// before what was reached: of that instant there may be more. Nothing of the parts that were not
  /// reached.
  std::vector<DensityCount> take(bool complete, std::int64_t at_us);

 private:
  std::int64_t base_us() const;

  const std::vector<DensityPart> run_;
  std::vector<std::uint32_t> slots_;  // from base_us()
  std::int64_t newest_us_;
  std::uint32_t at_newest_ = 0;  // fixes of that instant
};

}  // namespace vigie::web::api
