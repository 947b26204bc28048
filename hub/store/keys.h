#pragma once
// Every key layout of the store, once. Integers in keys are big-endian, so that keys sort as the
// numbers do; signed ones have their top bit turned, for the same reason. Pure.
//
//   family      key                                                     value
//   log         seq(8): the first of the value's first body             bodies, one after the other
//   keep        seq(8)                                                  a body with this one entry
//   track       hour(4) unit(n) 0x00 seq(8): the first of the row       track_rows.h
//   event_time  corrected true time, microseconds (8) seq(8)            nothing
//   known       second(8)                                               seq(8): the first known in
//   it checkpoint  seq(8) page(4)                                          a body; kEndPage: see
//   below meta        a word                                                  see below
//
// `hour` counts hours since 1970 of corrected true time, `second` seconds of known time; both are
// rounded down. A checkpoint is whole when it has its end page: pages(4) known time(8) units(8).
//
//   meta key        value
//   format          kFormat (8)
//   log_id          high(8) low(8)
//   reserved_end    seqs below may have been given out (8)
//   clean           the next seq, when the last end was clean (8); absent while the hub runs
//   built           indexed through seq(8), last second written to `known`(8)
//   building        rows of (built, this seq] are being written (8); absent when none are
//   floors          track floor(8) event floor(8)

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "schemas/messages/wire.h"

namespace vigie::store {

inline constexpr std::uint64_t kFormat = 1;
inline constexpr std::uint32_t kEndPage = UINT32_MAX;
inline constexpr std::int64_t kHourUs = 3'600'000'000;

namespace meta {
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kLogId = "log_id";
inline constexpr std::string_view kReservedEnd = "reserved_end";
inline constexpr std::string_view kClean = "clean";
inline constexpr std::string_view kBuilt = "built";
inline constexpr std::string_view kBuilding = "building";
inline constexpr std::string_view kFloors = "floors";
inline constexpr std::string_view kUnread = "unread";
inline constexpr std::string_view kTrusted = "trusted";  // Trust, now and then
}  // namespace meta

template <std::size_t N>
using Key = std::array<char, N>;

template <std::size_t N>
std::string_view view(const Key<N>& key) {
  return {key.data(), key.size()};
}
inline std::string_view view(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void put_u64(char* at, std::uint64_t value) {
  const std::uint64_t big = __builtin_bswap64(value);
  std::memcpy(at, &big, sizeof big);
}
inline void put_u32(char* at, std::uint32_t value) {
  const std::uint32_t big = __builtin_bswap32(value);
  std::memcpy(at, &big, sizeof big);
}
/// REQUIRES: 8 (4) bytes at `at`.
inline std::uint64_t get_u64(const char* at) {
  std::uint64_t big;
  std::memcpy(&big, at, sizeof big);
  return __builtin_bswap64(big);
}
inline std::uint32_t get_u32(const char* at) {
  std::uint32_t big;
  std::memcpy(&big, at, sizeof big);
  return __builtin_bswap32(big);
}

inline std::uint64_t sortable(std::int64_t value) {
  return static_cast<std::uint64_t>(value) ^ (1ull << 63);
}
inline std::int64_t from_sortable(std::uint64_t value) {
  return static_cast<std::int64_t>(value ^ (1ull << 63));
}

inline std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}
/// The hour of a corrected true time. Times are within some 290,000 years of 1970: no overflow.
inline std::int32_t hour_of(std::int64_t us) {
  const std::int64_t hour = floor_div(us, kHourUs);
  return hour < INT32_MIN   ? INT32_MIN
         : hour > INT32_MAX ? INT32_MAX
                            : static_cast<std::int32_t>(hour);
}

inline Key<8> seq_key(std::uint64_t seq) {
  Key<8> key;
  put_u64(key.data(), seq);
  return key;
}
inline Key<16> event_time_key(std::int64_t corrected_true_time_us, std::uint64_t seq) {
  Key<16> key;
  put_u64(key.data(), sortable(corrected_true_time_us));
  put_u64(key.data() + 8, seq);
  return key;
}
inline Key<8> known_key(std::int64_t second) {
  return seq_key(sortable(second));
}
inline Key<12> page_key(std::uint64_t seq, std::uint32_t page) {
  Key<12> key;
  put_u64(key.data(), seq);
  put_u32(key.data() + 8, page);
  return key;
}
/// hour(4), and when a unit is named, unit(n) 0x00: what all its rows of that hour begin with.
inline std::string track_prefix(std::int32_t hour, std::string_view unit) {
  std::string key(4, '\0');
  put_u32(key.data(), static_cast<std::uint32_t>(hour) ^ (1u << 31));
  if (unit.empty()) return key;
  key.append(unit).push_back('\0');
  return key;
}
inline std::string track_key(std::int32_t hour, std::string_view unit, std::uint64_t seq) {
  std::string key = track_prefix(hour, unit);
  key.append(view(seq_key(seq)));
  return key;
}

struct TrackKey {
  std::int32_t hour = 0;
  std::string_view unit;  // borrows from the key
  std::uint64_t first_seq = 0;
};
/// False when `key` is no key of `track`.
inline bool parse_track_key(std::string_view key, TrackKey& parsed) {
  if (key.size() < 14 || key[key.size() - 9] != '\0') return false;
  parsed.hour = static_cast<std::int32_t>(get_u32(key.data()) ^ (1u << 31));
  parsed.unit = key.substr(4, key.size() - 13);
  parsed.first_seq = get_u64(key.data() + key.size() - 8);
  return true;
}

}  // namespace vigie::store
