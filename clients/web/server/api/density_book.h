#pragma once
// How many fixes there were, by stretches of time, as far as one viewer's own history was counted:
// which windows of time are to be counted for a question, what is known, and what it adds up to.
// Pure; one thread.
//
// Windows are whole hours while the range is short; they are counted once and serve every question.
// Of a long range two short windows of each bucket are counted, and stand for it.

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

/// What was counted of a window.
struct DensityCount {
  DensityWindow window = {};
  std::int64_t at_us = 0;  // the hub's clock when it was asked
  bool estimated = false;  // counted in part: there was more than there was time for
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
  bool complete = true;       // all that have begun are there
  bool sampled = false;       // some are estimates from a part
  std::int64_t as_of_us = 0;  // of the oldest count in it; 0: none
};

/// What is known of one viewer's history by one clock.
class DensityBook {
 public:
  /// By known time what is past stays as it is; by true time late fixes come.
  explicit DensityBook(bool known_clock) : known_clock_(known_clock) {}

  /// Windows to be counted next, the newest first: those that are not known, then those that were
  /// counted too long ago.
  std::vector<DensityWindow> wanted(const DensityPlan& plan) const;
  DensityAnswer answer(const DensityPlan& plan) const;
  void add(DensityCount count);
  void clear() {
    counts_.clear();
    bytes_ = 0;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  bool is_due(const DensityCount& count, std::int64_t now_us) const;

  const bool known_clock_;
  std::map<DensityWindow, DensityCount> counts_;
  std::size_t bytes_ = 0;
};

/// Joins windows that touch, at most so many to a run, so that each run is one reading. In the
/// order of the first window of each.
std::vector<std::vector<DensityWindow>> density_runs(const std::vector<DensityWindow>& windows,
                                                     std::size_t run_max, std::size_t runs_max);

/// Counts the fixes of one run, which come in order of the clock.
class DensityCounter {
 public:
  /// REQUIRES: the windows rise and touch.
  explicit DensityCounter(std::vector<DensityWindow> run);

  void add(std::int64_t time_us);
  /// `complete`: all of the run came. Else the windows that were passed; where there is none, with
  /// `estimate`, the first one by what was seen of it.
  std::vector<DensityCount> take(bool complete, bool estimate, std::int64_t at_us);

 private:
  const std::vector<DensityWindow> run_;
  std::vector<std::uint32_t> slots_;
  std::int64_t reached_us_;
};

}  // namespace vigie::web::api
