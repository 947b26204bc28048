#include "hub/store/track_rows.h"

#include "hub/store/keys.h"

namespace vigie::store {
namespace {

void put_varint(std::string& to, std::uint64_t value) {
  while (value >= 0x80) {
    to.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  to.push_back(static_cast<char>(value));
}

bool get_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Differences wrap around as unsigned numbers do, so that no time overflows.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

}  // namespace

TrackRowWriter::TrackRowWriter(std::int32_t hour, std::uint64_t first_seq, std::int64_t time_us)
    : first_seq_(first_seq), last_seq_(first_seq), last_time_us_(time_us) {
  put_varint(rest_, static_cast<std::uint64_t>(minus(time_us, hour * kHourUs)));
}

void TrackRowWriter::add(std::uint64_t seq, std::int64_t time_us) {
  const std::int64_t step_us = minus(time_us, last_time_us_);
  put_varint(rest_, seq - last_seq_);
  put_varint(rest_, zigzag(minus(step_us, last_step_us_)));
  last_seq_ = seq;
  last_time_us_ = time_us;
  last_step_us_ = step_us;
}

std::string TrackRowWriter::value() const {
  std::string value;
  put_varint(value, last_seq_ - first_seq_);
  value.append(rest_);
  return value;
}

std::uint64_t track_row_last_seq(std::uint64_t first_seq, std::string_view value) {
  std::uint64_t span = 0;
  return get_varint(value, span) ? first_seq + span : first_seq;
}

bool read_track_row(std::int32_t hour, std::uint64_t first_seq, std::string_view value,
                    const std::function<bool(std::uint64_t seq, std::int64_t time_us)>& visit) {
  std::uint64_t number = 0;
  if (!get_varint(value, number) || !get_varint(value, number)) return false;
  std::uint64_t seq = first_seq;
  std::int64_t time_us = plus(hour * kHourUs, static_cast<std::int64_t>(number));
  std::int64_t step_us = 0;
  if (!visit(seq, time_us)) return true;
  while (!value.empty()) {
    std::uint64_t seq_step = 0;
    if (!get_varint(value, seq_step) || !get_varint(value, number)) return false;
    step_us = plus(step_us, unzigzag(number));
    seq += seq_step;
    time_us = plus(time_us, step_us);
    if (!visit(seq, time_us)) return true;
  }
  return true;
}

}  // namespace vigie::store
