#pragma once
// Positions out of NMEA 0183. A receiver spreads one moment (an epoch) over several sentences; they
// are joined into one fix, as gpsd does:
//
//   RMC time, date, position, speed, course, status     GGA time, position, altitude, quality, hdop
//   GNS as GGA, by constellation                        GLL time, position, status
//   VTG speed, course      GSA 2D or 3D, dilutions      ZDA time, date      GST time, accuracy
//
// A sentence with another time of day starts the next epoch; those without a time belong to the
// epoch they follow. Where sentences of one epoch differ, the last one counts. An epoch gives a fix
// when it has a position, no sentence in it calls the position void, and a date is known: its own,
// else the last one seen, a day later once the time of day has run past midnight. Pure.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "clients/cli/sources/nmea_sentence.h"

namespace vigie::cli {

/// What the sentences of one moment have said so far.
struct NmeaEpoch {
  std::optional<std::int64_t> time_of_day_us;
  std::optional<std::int64_t> days;  // since 1970-01-01, from this epoch's own RMC or ZDA
  std::optional<std::int64_t> lat_e7, lon_e7;
  bool is_void = false;  // a sentence says that the position must not be used
  int gsa_mode = 0;      // 1 none, 2 two-dimensional, 3 three-dimensional; 0 not told
  int quality = -1;      // GGA's; -1 not told
  bool has_gst = false;
  client::Fix fix;
};

class NmeaParser {
 public:
  using Sink = std::function<void(const client::Fix&)>;

  /// `first_day`: days since 1970-01-01 to use until a sentence brings a date; `sink` gets each
  /// fix.
  explicit NmeaParser(Sink sink, std::optional<std::int64_t> first_day = std::nullopt)
      : sink_(std::move(sink)), last_day_(first_day) {}

  /// Takes bytes as they come, in pieces of any size.
  void push(std::span<const std::uint8_t> bytes);
  /// Ends the epoch in hand: at the end of the input, or when a live receiver is silent for a
  /// while.
  void flush();
  /// True while an epoch is in hand that flush() would turn into a fix.
  bool has_pending() const { return epoch_.lat_e7.has_value() && !emitted_; }
  /// Live input: end each epoch with the sentence that was last in the epochs before, so that a fix
  /// leaves at once instead of with the next second's first sentence.
  void set_live(bool live) { live_ = live; }
  const Skips& skips() const { return skips_; }
  std::uint64_t sentences() const { return sentences_; }

 private:
  void take(const NmeaSentence& sentence);
  void begin_time(std::string_view time_of_day);
  void take_rmc(const NmeaSentence& sentence);
  void take_gga(const NmeaSentence& sentence);
  void take_gns(const NmeaSentence& sentence);
  void take_gll(const NmeaSentence& sentence);
  void take_vtg(const NmeaSentence& sentence);
  void take_gsa(const NmeaSentence& sentence);
  void take_zda(const NmeaSentence& sentence);
  void take_gst(const NmeaSentence& sentence);
  std::optional<std::int64_t> day_of_epoch();
  void emit();
  void learn_order(std::string_view type);

  Sink sink_;
  NmeaSplitter splitter_;
  NmeaEpoch epoch_;
  bool emitted_ = false;  // the epoch in hand has been handed over: what still comes for it is late
  bool live_ = false;
  std::optional<std::int64_t> last_day_;
  std::int64_t last_time_of_day_us_ = -1;
  std::string last_type_;     // of the sentence before
  std::string epoch_ending_;  // type that ended the last epoch, in live input
  int ending_seen_ = 0;       // how many epochs in a row it did
  Skips skips_;
  std::uint64_t sentences_ = 0;
};

}  // namespace vigie::cli
