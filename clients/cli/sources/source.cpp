#include "clients/cli/sources/source.h"

#include <fmt/format.h>

#include "clients/cli/sources/byte_stream.h"
#include "clients/cli/sources/file_reader.h"
#include "clients/cli/sources/gpsd.h"
#include "clients/cli/sources/gpx.h"
#include "clients/cli/sources/nmea.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

Fault named(const std::string& what, const Fault& fault) {
  // Some name it themselves.
  if (fault.sentence.starts_with(what)) return fault;
  return {fault.code, fmt::format("{}: {}", what, fault.sentence)};
}

class GpxSource final : public Source {
 public:
  explicit GpxSource(GpxTrack track) : track_(std::move(track)) {}
  Result<bool> read(std::vector<Reading>& out, std::chrono::milliseconds) override {
    for (client::Fix& fix : track_.fixes) out.push_back({"", std::move(fix)});
    track_.fixes.clear();
    return false;
  }
  bool is_live() const override { return false; }
  const Skips& skips() const override { return track_.skips; }

 private:
  GpxTrack track_;
};

class CsvSource final : public Source {
 public:
  CsvSource(std::string path, std::unique_ptr<FileReader> file, CsvOptions options)
      : path_(std::move(path)),
        file_(std::move(file)),
        piece_(kPieceBytes),
        parser_(std::move(options),
                [this](Reading reading) { ready_.push_back(std::move(reading)); }) {}
  Result<bool> read(std::vector<Reading>& out, std::chrono::milliseconds) override {
    const auto got = file_->read(piece_);
    if (!got) return got.fault();
    const auto done = *got == 0 ? parser_.finish() : parser_.push({piece_.data(), *got});
    if (!done) return named(path_, done.fault());
    std::move(ready_.begin(), ready_.end(), std::back_inserter(out));
    ready_.clear();
    return *got != 0;
  }
  bool is_live() const override { return false; }
  const Skips& skips() const override { return parser_.skips(); }
  double progress() const override { return file_->progress(); }

 private:
  std::string path_;
  std::unique_ptr<FileReader> file_;
  std::vector<std::uint8_t> piece_;
  std::vector<Reading> ready_;
  CsvParser parser_;
};

class NmeaFileSource final : public Source {
 public:
  NmeaFileSource(std::unique_ptr<FileReader> file, std::optional<std::int64_t> first_day)
      : file_(std::move(file)),
        piece_(kPieceBytes),
        parser_(
            [this](const client::Fix& fix) {
              ready_.push_back({"", fix});
            },
            first_day) {}
  Result<bool> read(std::vector<Reading>& out, std::chrono::milliseconds) override {
    const auto got = file_->read(piece_);
    if (!got) return got.fault();
    if (*got == 0)
      parser_.flush();
    else
      parser_.push({piece_.data(), *got});
    std::move(ready_.begin(), ready_.end(), std::back_inserter(out));
    ready_.clear();
    return *got != 0;
  }
  bool is_live() const override { return false; }
  const Skips& skips() const override { return parser_.skips(); }
  double progress() const override { return file_->progress(); }

 private:
  std::unique_ptr<FileReader> file_;
  std::vector<std::uint8_t> piece_;
  std::vector<Reading> ready_;
  NmeaParser parser_;
};

class NmeaStreamSource final : public Source {
 public:
  NmeaStreamSource(std::string where, StreamAddress address, std::optional<std::int64_t> first_day)
      : where_(std::move(where)),
        stream_(std::move(address)),
        piece_(kPieceBytes),
        parser_(
            [this](const client::Fix& fix) {
              ready_.push_back({"", fix});
            },
            first_day) {
    parser_.set_live(true);
  }
  Result<bool> read(std::vector<Reading>& out, std::chrono::milliseconds wait) override {
    // A receiver sends the sentences of one moment without a pause; after one, the moment is over.
    constexpr std::chrono::milliseconds kPause{200};
    std::size_t got = 0;
    const auto state =
        stream_.read(piece_, parser_.has_pending() ? std::min(kPause, wait) : wait, got);
    if (!state) return named(where_, state.fault());
    if (*state == ByteStream::State::Bytes)
      parser_.push({piece_.data(), got});
    else
      parser_.flush();
    std::move(ready_.begin(), ready_.end(), std::back_inserter(out));
    ready_.clear();
    return *state != ByteStream::State::Ended;
  }
  bool is_live() const override { return true; }
  const Skips& skips() const override { return parser_.skips(); }
  std::string take_notice() override {
    const std::string notice = stream_.take_notice();
    return notice.empty() ? notice : fmt::format("{}: {}", where_, notice);
  }

 private:
  std::string where_;
  ByteStream stream_;
  std::vector<std::uint8_t> piece_;
  std::vector<Reading> ready_;
  NmeaParser parser_;
};

class GpsdSource final : public Source {
 public:
  GpsdSource(const std::string& host, const std::string& port) : client_(host, port) {}
  Result<bool> read(std::vector<Reading>& out, std::chrono::milliseconds wait) override {
    if (const auto fix = client_.next(wait)) out.push_back({"", *fix});
    return true;
  }
  bool is_live() const override { return true; }
  const Skips& skips() const override { return client_.skips(); }
  std::string take_notice() override { return client_.take_notice(); }

 private:
  GpsdClient client_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_gpx(const std::string& path) {
  auto file = FileReader::open(path);
  if (!file) return file.fault();
  const auto document = (*file)->read_all(kGpxBytesMax);
  if (!document) return document.fault();
  auto track = parse_gpx(*document);
  if (!track) return named(path, track.fault());
  return std::unique_ptr<Source>(std::make_unique<GpxSource>(std::move(*track)));
}

Result<std::unique_ptr<Source>> open_csv(const std::string& path, CsvOptions options) {
  auto file = FileReader::open(path);
  if (!file) return file.fault();
  return std::unique_ptr<Source>(
      std::make_unique<CsvSource>(path, std::move(*file), std::move(options)));
}

Result<std::unique_ptr<Source>> open_nmea_file(const std::string& path,
                                               std::optional<std::int64_t> first_day) {
  auto file = FileReader::open(path);
  if (!file) return file.fault();
  return std::unique_ptr<Source>(std::make_unique<NmeaFileSource>(std::move(*file), first_day));
}

Result<std::unique_ptr<Source>> open_nmea_live(const std::string& where, int baud,
                                               std::optional<std::int64_t> first_day) {
  auto address = parse_stream_address(where, baud);
  if (!address) return address.fault();
  return std::unique_ptr<Source>(
      std::make_unique<NmeaStreamSource>(where, std::move(*address), first_day));
}

Result<std::unique_ptr<Source>> open_gpsd(const std::string& host_port) {
  const auto parts = parse_host_port(host_port, true);
  if (!parts) return parts.fault();
  return std::unique_ptr<Source>(std::make_unique<GpsdSource>(parts->first, parts->second));
}

}  // namespace vigie::cli
