#include "clients/cli/commands/station.h"

#include <fmt/format.h>

#include "clients/cli/commands/surroundings.h"

namespace vigie::cli {
namespace {

constexpr std::chrono::seconds kIntoSpool{10};  // for what was handed over to reach the disk

}  // namespace

Result<std::unique_ptr<Station>> Station::open(const std::string& unit, std::int64_t clock_error_us,
                                               const client::LinkOptions& link,
                                               const std::string& folder) {
  auto station = std::unique_ptr<Station>(new Station());
  const std::size_t slash = unit.find('/');
  const std::string name =
      fmt::format("{}/{}--{}", folder, unit.substr(0, slash), unit.substr(slash + 1));
  station->spool_path_ = name + ".spool";
  station->record_path_ = name + ".record.spool";
  station->clock_error_us_ = clock_error_us;
  station->link_ = station->nobody_ = link;
  station->nobody_.hub = fmt::format("ipc://{}/nobody", folder);
  auto tracker = station->open_tracker(link, station->spool_path_, station->account_);
  if (!tracker) return tracker.fault();
  station->tracker_ = std::move(*tracker);
  return station;
}

Result<std::unique_ptr<client::Tracker>> Station::open_tracker(const client::LinkOptions& link,
                                                               const std::string& spool_path,
                                                               DeliveryAccount& account) const {
  client::TrackerOptions options;
  options.link = link;
  options.spool_path = spool_path;
  options.clock_ahead_us = clock_error_us_;
  options.on_delivery = [&account](const client::Delivery& delivery) { account.take(delivery); };
  return client::Tracker::open(std::move(options));
}

Result<void> Station::cut_link() {
  is_cut_ = true;
  news_went_ = false;
  if (record_waits_) return {};
  // A record that is on its way is cut, too.
  record_waits_ = true;
  if (recorder_) {
    if (auto flushed = recorder_->flush(kIntoSpool); !flushed) return flushed;
    recorder_.reset();  // the spool belongs to one tracker at a time
  }
  auto recorder = open_tracker(nobody_, record_path_, record_account_);
  if (!recorder) return recorder.fault();
  recorder_ = std::move(*recorder);
  return {};
}

Result<void> Station::after_publish() {
  if (is_cut_ || !record_waits_) return {};
  if (!news_went_) {
    news_went_ = true;
    return {};
  }
  return tracker_->stats().waiting == 0 ? send_record() : Result<void>();
}

Result<void> Station::send_record() {
  record_waits_ = false;
  if (auto flushed = recorder_->flush(kIntoSpool); !flushed) return flushed;
  recorder_.reset();
  auto recorder = open_tracker(link_, record_path_, record_account_);
  if (!recorder) return recorder.fault();
  recorder_ = std::move(*recorder);
  return {};
}

Result<void> Station::wait_settled(std::chrono::milliseconds time) {
  if (auto settled = tracker_->wait_settled(time); !settled) return settled;
  if (record_waits_ && !is_cut_) {
    if (auto sent = send_record(); !sent) return sent;
  }
  return recorder_ ? recorder_->wait_settled(time) : Result<void>();
}

std::uint64_t Station::waiting() const {
  return tracker_->stats().waiting + (recorder_ ? recorder_->stats().waiting : 0);
}

DeliveryAccount::Sum Station::sum() const {
  DeliveryAccount::Sum all = account_.sum(1, UINT64_MAX);
  const DeliveryAccount::Sum record = record_account_.sum(1, UINT64_MAX);
  all.acknowledged += record.acknowledged;
  all.refused += record.refused;
  all.given_up += record.given_up;
  for (const auto& [name, reason] : record.by_reason) {
    DeliveryAccount::Reason& both = all.by_reason[name];
    both.count += reason.count;
    if (both.example.empty()) both.example = reason.example;
  }
  return all;
}

}  // namespace vigie::cli
