#pragma once
// Builds `track`, `event_time` and `known` behind the log, a stretch at a time: it collects what
// bodies say, and then writes the rows in small batches, the last of which moves `built`. Rows of a
// stretch do not count before, and a stretch that a crash broke off is written again with the same
// end, so that its rows replace themselves. The builder's thread.

#include <boost/unordered/unordered_flat_map.hpp>

#include "hub/store/built.h"
#include "hub/store/entries.h"
#include "hub/store/track_rows.h"

namespace vigie::store {

class IndexBuilder {
 public:
  explicit IndexBuilder(const Database& database) : database_(database) {}

  /// Reads how far it had come.
  Result<void> load();
  /// The next seq it wants to see.
  std::uint64_t next_seq() const { return fed_ + 1; }
  std::uint64_t built_through() const { return built_.through; }

  /// Takes a body; one that it has seen is left aside. REQUIRES: not writing().
  void feed(Bytes body);
  /// True when the stretch is long enough to be written.
  bool stretch_is_full() const;
  /// True when the stretch holds something that was known before then.
  bool holds_from_before(std::int64_t known_us) const;
  /// Starts to write the stretch. REQUIRES: something was fed.
  void begin_writing();
  bool writing() const { return writing_; }
  /// Writes some rows; returns how many. The stretch ends when writing() turns false.
  Result<std::size_t> write_some();

 private:
  struct FixRef {
    std::int32_t hour;
    std::uint32_t unit;  // place in units_
    std::uint64_t seq;
    std::int64_t time_us;
  };
  struct EventRef {
    std::int64_t time_us;
    std::uint64_t seq;
  };
  struct SecondRef {
    std::int64_t second;
    std::uint64_t seq;
  };
  std::uint32_t unit_index(std::string_view unit);
  void sort_fixes();

  const Database& database_;
  Built built_;
  std::uint64_t fed_ = 0;          // the last seq fed
  std::uint64_t resumed_end_ = 0;  // of a stretch that a crash broke off; 0: none
  std::int64_t last_second_ = INT64_MIN;
  std::int64_t since_us_ = 0;  // known time of the stretch's first body
  std::vector<FixRef> fixes_;
  std::vector<EventRef> events_;
  std::vector<SecondRef> seconds_;
  std::vector<std::string> units_;
  boost::unordered_flat_map<std::string, std::uint32_t> unit_by_name_;
  bool writing_ = false;
  std::size_t fixes_written_ = 0;
  std::size_t events_written_ = 0;
  std::size_t seconds_written_ = 0;
};

}  // namespace vigie::store
