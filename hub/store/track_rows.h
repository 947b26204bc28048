#pragma once
// The value of a row of `track`: the fixes of one unit, of one hour of corrected true time, from
// one stretch of the log, by seq and time. Pure.
//
//   varint  last seq - first seq (the first stands in the key)
//   varint  time of the first, microseconds from the start of the hour
//   then for each further fix, in order of seq:
//   varint  seq - seq before
//   zigzag  (time - time before) - (the same of the fix before); the first time 0
//
// A unit that reports evenly costs 2 to 3 bytes a fix so.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace vigie::store {

class TrackRowWriter {
 public:
  TrackRowWriter(std::int32_t hour, std::uint64_t first_seq, std::int64_t time_us);
  /// REQUIRES: seq is greater than the last one.
  void add(std::uint64_t seq, std::int64_t time_us);
  std::string value() const;

 private:
  std::uint64_t first_seq_;
  std::uint64_t last_seq_;
  std::int64_t last_time_us_;
  std::int64_t last_step_us_ = 0;
  std::string rest_;
};

std::uint64_t track_row_last_seq(std::uint64_t first_seq, std::string_view value);
/// Calls visit(seq, time) for each fix until it returns false. False when the row is malformed.
bool read_track_row(std::int32_t hour, std::uint64_t first_seq, std::string_view value,
                    const std::function<bool(std::uint64_t seq, std::int64_t time_us)>& visit);

}  // namespace vigie::store
