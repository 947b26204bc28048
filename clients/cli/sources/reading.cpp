#include "clients/cli/sources/reading.h"

namespace vigie::cli {

void Skips::add(std::string_view reason, std::string_view place) {
  auto at = by_reason_.find(reason);
  if (at == by_reason_.end()) {
    at = by_reason_.emplace(std::string(reason), Entry{0, std::string(place.substr(0, 120))}).first;
  }
  ++at->second.count;
  ++total_;
}

std::optional<std::uint32_t> accuracy_from_dilution(std::int64_t dilution_milli) {
  if (dilution_milli <= 0 || dilution_milli >= 50'000) return std::nullopt;
  return static_cast<std::uint32_t>(dilution_milli * kMillimetresPerDilution / 1000);
}

std::optional<std::uint32_t> course_from_milli(std::int64_t milli_degrees) {
  constexpr std::int64_t kTurn = 360'000;
  if (milli_degrees < -kTurn || milli_degrees > kTurn) return std::nullopt;
  return static_cast<std::uint32_t>((milli_degrees % kTurn + kTurn) % kTurn);
}

std::optional<std::uint32_t> known_or_unknown(std::int64_t value) {
  if (value < 0 || value >= std::int64_t{UINT32_MAX}) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

std::optional<std::int32_t> altitude_from_mm(std::int64_t millimetres) {
  if (millimetres < -20'000'000 || millimetres > 100'000'000) return std::nullopt;
  return static_cast<std::int32_t>(millimetres);
}

std::optional<std::uint8_t> battery_from(std::int64_t percent) {
  if (percent < 0 || percent > 100) return std::nullopt;
  return static_cast<std::uint8_t>(percent);
}

std::optional<std::uint8_t> satellites_from(std::optional<std::int64_t> count) {
  if (!count || *count < 0 || *count > 254) return std::nullopt;
  return static_cast<std::uint8_t>(*count);
}

bool is_latitude(std::int64_t e7) {
  return e7 >= -900'000'000 && e7 <= 900'000'000;
}
bool is_longitude(std::int64_t e7) {
  return e7 >= -1'800'000'000 && e7 <= 1'800'000'000;
}

}  // namespace vigie::cli
