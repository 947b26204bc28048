#include "clients/cli/commands/station.h"

#include <fmt/format.h>

#include <chrono>

#include "clients/cli/commands/surroundings.h"

namespace vigie::cli {
namespace {

constexpr std::chrono::seconds kIntoSpool{10};  // for what was handed over to reach the disk

}  // namespace

Result<std::unique_ptr<Station>> Station::open(const std::string& unit, const std::string& hub,
                                               const std::string& folder) {
  auto station = std::unique_ptr<Station>(new Station());
  const std::size_t slash = unit.find('/');
  station->options_.spool_path =
      fmt::format("{}/{}--{}.spool", folder, unit.substr(0, slash), unit.substr(slash + 1));
  station->options_.link.client = client_name("simulate");
  station->options_.on_delivery = [account = &station->account_](const client::Delivery& delivery) {
    account->take(delivery);
  };
  station->hub_ = hub;
  station->nobody_ = fmt::format("ipc://{}/nobody", folder);
  if (auto ran = station->run(false); !ran) return ran.fault();
  return station;
}

Result<void> Station::run(bool is_cut) {
  if (tracker_) {
    // The spool belongs to one tracker at a time.
    if (auto flushed = tracker_->flush(kIntoSpool); !flushed) return flushed;
    tracker_.reset();
  }
  options_.link.hub = is_cut ? nobody_ : hub_;
  auto tracker = client::Tracker::open(options_);
  if (!tracker) return tracker.fault();
  tracker_ = std::move(*tracker);
  return {};
}

Result<void> Station::note(const Result<std::uint64_t>& number) {
  if (!number) return number.fault();
  ++published_;
  return {};
}

}  // namespace vigie::cli
