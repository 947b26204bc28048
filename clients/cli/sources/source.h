#pragma once
// Where `vigie track` gets positions from: one interface over files and live receivers. One thread.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/sources/csv.h"
#include "clients/cli/sources/reading.h"
#include "schemas/words/result.h"

namespace vigie::cli {

class Source {
 public:
  virtual ~Source() = default;
  /// Appends what is there, waiting at most `wait` for the first.
  /// False: the source is at its end, and nothing more will come. Fails when it cannot go on; the
  /// sentence names the file or address.
  virtual Result<bool> read(std::vector<Reading>& out, std::chrono::milliseconds wait) = 0;
  /// A receiver that goes on for ever, as opposed to a recording.
  virtual bool is_live() const = 0;
  virtual const Skips& skips() const = 0;
  /// What changed since the last call ("connection lost; trying again"), else empty.
  virtual std::string take_notice() { return {}; }
  /// Part of a recording that was read, 0..1; negative when not known.
  virtual double progress() const { return -1; }
};

/// A GPX file, plain or gzip'd.
Result<std::unique_ptr<Source>> open_gpx(const std::string& path);
/// A CSV file, plain or gzip'd, or "-".
Result<std::unique_ptr<Source>> open_csv(const std::string& path, CsvOptions options);
/// NMEA 0183 from a recording: a file, plain or gzip'd, or "-". `first_day`: days since 1970-01-01,
/// until a sentence brings a date.
Result<std::unique_ptr<Source>> open_nmea_file(const std::string& path,
                                               std::optional<std::int64_t> first_day);
/// NMEA 0183 from a receiver: "-", tcp://, udp:// or /dev/...
Result<std::unique_ptr<Source>> open_nmea_live(const std::string& where, int baud,
                                               std::optional<std::int64_t> first_day);
/// A gpsd at HOST:PORT.
Result<std::unique_ptr<Source>> open_gpsd(const std::string& host_port);

}  // namespace vigie::cli
