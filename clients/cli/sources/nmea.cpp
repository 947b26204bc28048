#include "clients/cli/sources/nmea.h"

#include <fmt/format.h>

#include <cmath>

#include "clients/cli/sources/decimal.h"
#include "clients/cli/sources/nmea_fields.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kSameMomentUs = 10'000;
constexpr int kEndingSure = 2;  // epochs in a row that ended alike, until live input relies on it

void set_position(NmeaEpoch& epoch, const NmeaSentence& sentence, std::size_t first) {
  const auto lat = nmea_angle(sentence.field(first), sentence.field(first + 1));
  const auto lon = nmea_angle(sentence.field(first + 2), sentence.field(first + 3));
  if (!lat || !lon || !is_latitude(*lat) || !is_longitude(*lon)) return;
  epoch.lat_e7 = lat;
  epoch.lon_e7 = lon;
}

/// Altitude and horizontal dilution, which GGA and GNS have in the same places.
void set_altitude_and_dilution(NmeaEpoch& epoch, const NmeaSentence& sentence) {
  epoch.fix.satellites = satellites_from(parse_scaled(sentence.field(6), 0));
  const auto dilution = parse_scaled(sentence.field(7), 3);
  if (dilution && !epoch.has_gst) epoch.fix.h_accuracy_mm = accuracy_from_dilution(*dilution);
  if (const auto altitude = parse_scaled(sentence.field(8), 3)) {
    epoch.fix.altitude_mm = altitude_from_mm(*altitude);
  }
}

client::FixType fix_type_of(const NmeaEpoch& epoch) {
  switch (epoch.quality) {
    case 2:
      return client::FixType::Differential;
    case 4:
      return client::FixType::RtkFixed;
    case 5:
      return client::FixType::RtkFloat;
    case 6:
      return client::FixType::Estimated;
    case 7:
      return client::FixType::Manual;
    default:
      break;
  }
  if (epoch.gsa_mode == 2) return client::FixType::TwoD;
  if (epoch.gsa_mode == 3) return client::FixType::ThreeD;
  return client::FixType::Unknown;
}

}  // namespace

void NmeaParser::push(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    if (splitter_.push(byte, skips_)) take(splitter_.sentence());
  }
}

void NmeaParser::flush() {
  emit();
  last_type_.clear();
}

void NmeaParser::take(const NmeaSentence& sentence) {
  ++sentences_;
  const std::string_view type = sentence.type;
  if (type == "RMC") take_rmc(sentence);
  if (type == "GGA") take_gga(sentence);
  if (type == "GNS") take_gns(sentence);
  if (type == "GLL") take_gll(sentence);
  if (type == "VTG") take_vtg(sentence);
  if (type == "GSA") take_gsa(sentence);
  if (type == "ZDA") take_zda(sentence);
  if (type == "GST") take_gst(sentence);
  if (live_ && ending_seen_ >= kEndingSure && type == epoch_ending_) emit();
  last_type_ = type;
}

void NmeaParser::begin_time(std::string_view text) {
  const auto time_of_day = nmea_time_of_day(text);
  if (time_of_day && epoch_.time_of_day_us) {
    const std::int64_t apart_us = *time_of_day - *epoch_.time_of_day_us;
    // Sentences of one moment may write its time with more or fewer digits.
    if (apart_us > -kSameMomentUs && apart_us < kSameMomentUs) {
      epoch_.time_of_day_us = time_of_day;
      return;
    }
  }
  // Without a time the receiver has lost it: this is no part of the moment before, nor of the next.
  if (epoch_.time_of_day_us) {
    learn_order(last_type_);
    emit();
    last_time_of_day_us_ = *epoch_.time_of_day_us;
    if (epoch_.days) last_day_ = epoch_.days;
  }
  epoch_ = NmeaEpoch();
  epoch_.time_of_day_us = time_of_day;
  emitted_ = false;
}

void NmeaParser::learn_order(std::string_view type) {
  if (type == epoch_ending_) {
    if (ending_seen_ < kEndingSure) ++ending_seen_;
  } else {
    epoch_ending_ = type;
    ending_seen_ = 0;
  }
}

void NmeaParser::take_rmc(const NmeaSentence& sentence) {
  begin_time(sentence.field(0));
  if (const auto day = nmea_date(sentence.field(8))) epoch_.days = day;
  if (sentence.field(1) != "A") {
    epoch_.is_void = true;
    return;
  }
  set_position(epoch_, sentence, 2);
  if (const auto speed = nmea_knots(sentence.field(6))) {
    epoch_.fix.speed_mm_s = known_or_unknown(*speed);
  }
  if (const auto course = parse_scaled(sentence.field(7), 3)) {
    epoch_.fix.course_mdeg = course_from_milli(*course);
  }
}

void NmeaParser::take_gga(const NmeaSentence& sentence) {
  begin_time(sentence.field(0));
  const auto quality = parse_scaled(sentence.field(5), 0);
  if (!quality || *quality <= 0 || *quality > 9) {
    epoch_.is_void = true;
    return;
  }
  epoch_.quality = static_cast<int>(*quality);
  // Receivers that start up repeat an old position with a good quality and no satellite.
  if (*quality <= 5 && parse_scaled(sentence.field(6), 0) == 0) epoch_.is_void = true;
  set_position(epoch_, sentence, 1);
  set_altitude_and_dilution(epoch_, sentence);
}

void NmeaParser::take_gns(const NmeaSentence& sentence) {
  begin_time(sentence.field(0));
  // One letter a constellation; the fix is as good as the best of them.
  const std::string_view modes = sentence.field(5);
  if (modes.find_first_not_of('N') == std::string_view::npos) {
    epoch_.is_void = true;
    return;
  }
  constexpr std::string_view kBestFirst = "RFDPAEMS";
  constexpr int kQualities[] = {4, 5, 2, 1, 1, 6, 7, 8};
  std::size_t best = kBestFirst.size();
  for (const char mode : modes) best = std::min(best, kBestFirst.find(mode));
  if (best < kBestFirst.size()) epoch_.quality = kQualities[best];
  set_position(epoch_, sentence, 1);
  set_altitude_and_dilution(epoch_, sentence);
}

void NmeaParser::take_gll(const NmeaSentence& sentence) {
  // Time and status came with version 2.0 of the standard: their absence says nothing.
  if (sentence.field_count > 4) begin_time(sentence.field(4));
  if (!sentence.field(5).empty() && sentence.field(5) != "A") {
    epoch_.is_void = true;
    return;
  }
  set_position(epoch_, sentence, 0);
}

void NmeaParser::take_vtg(const NmeaSentence& sentence) {
  // Before version 2.3 the fields have no unit letters between them.
  const bool with_letters = sentence.field(1) == "T" || sentence.field(3) == "M";
  if (const auto course = parse_scaled(sentence.field(0), 3)) {
    epoch_.fix.course_mdeg = course_from_milli(*course);
  }
  if (const auto speed = nmea_knots(sentence.field(with_letters ? 4 : 2))) {
    epoch_.fix.speed_mm_s = known_or_unknown(*speed);
  }
}

void NmeaParser::take_gsa(const NmeaSentence& sentence) {
  const auto mode = parse_scaled(sentence.field(1), 0);
  if (mode && *mode >= 1 && *mode <= 3) {
    epoch_.gsa_mode = std::max(epoch_.gsa_mode, static_cast<int>(*mode));
  }
  const auto dilution = parse_scaled(sentence.field(16), 3);
  if (dilution && !epoch_.has_gst) epoch_.fix.v_accuracy_mm = accuracy_from_dilution(*dilution);
}

void NmeaParser::take_zda(const NmeaSentence& sentence) {
  begin_time(sentence.field(0));
  if (const auto day = nmea_date(sentence.field(1), sentence.field(2), sentence.field(3))) {
    epoch_.days = day;
  }
}

void NmeaParser::take_gst(const NmeaSentence& sentence) {
  begin_time(sentence.field(0));
  const auto lat = parse_scaled(sentence.field(5), 3);
  const auto lon = parse_scaled(sentence.field(6), 3);
  if (!lat || !lon || *lat < 0 || *lon < 0) return;
  // Standard deviations north and east; their distance is the radius of about 68 %.
  const double radius = std::hypot(static_cast<double>(*lat), static_cast<double>(*lon));
  if (radius >= 4e9) return;
  epoch_.has_gst = true;
  epoch_.fix.h_accuracy_mm = static_cast<std::uint32_t>(std::llround(radius));
  const auto altitude = parse_scaled(sentence.field(7), 3);
  epoch_.fix.v_accuracy_mm = altitude ? known_or_unknown(*altitude) : std::nullopt;
}

std::optional<std::int64_t> NmeaParser::day_of_epoch() {
  if (epoch_.days) return epoch_.days;
  if (!last_day_) return std::nullopt;
  // More than half a day back within one date is the next day.
  const bool past_midnight = *epoch_.time_of_day_us + kDayUs / 2 < last_time_of_day_us_;
  if (past_midnight) epoch_.days = *last_day_ + 1;
  return past_midnight ? epoch_.days : last_day_;
}

void NmeaParser::emit() {
  if (emitted_ || !epoch_.time_of_day_us) return;
  emitted_ = true;
  const auto day = day_of_epoch();
  if (epoch_.is_void) {
    skips_.add("moments without a valid position", fmt::format("line {}", splitter_.line()));
    return;
  }
  if (!epoch_.lat_e7) return;
  if (!day) {
    skips_.add("positions before any date was known", fmt::format("line {}", splitter_.line()));
    return;
  }
  client::Fix& fix = epoch_.fix;
  fix.clock = client::ClockKind::Satellite;
  fix.source = epoch_.quality == 8 ? client::FixSource::Simulated : client::FixSource::Satellite;
  fix.true_time_us = *day * kDayUs + *epoch_.time_of_day_us;
  if (fix.true_time_us < kTrueTimeUsMin || fix.true_time_us >= kTrueTimeUsMax) {
    skips_.add("positions before 2000 or after 2100", format_time(fix.true_time_us));
    return;
  }
  fix.lat_e7 = static_cast<std::int32_t>(*epoch_.lat_e7);
  fix.lon_e7 = static_cast<std::int32_t>(*epoch_.lon_e7);
  fix.fix_type = fix_type_of(epoch_);
  // With two dimensions the altitude is one held from before, not a measured one.
  if (epoch_.gsa_mode == 2) fix.altitude_mm.reset();
  sink_(fix);
}

}  // namespace vigie::cli
