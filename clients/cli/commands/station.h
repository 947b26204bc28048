#pragma once
// One unit of a simulation: a real tracker with a spool of its own. While its link is cut, it
// records into a second spool, as devices do that keep a log apart from their radio. Once the link
// stands again, what is new goes first; when that has arrived, the record is sent through a tracker
// of its own, and comes late. The command's thread.

#include <chrono>
#include <memory>
#include <string>

#include "clients/cli/commands/delivery_account.h"
#include "schemas/words/result.h"
#include "vigie/tracker.h"

namespace vigie::cli {

class Station {
 public:
  /// `folder`: holds the spool files, named after the unit. `clock_error_us`: of the unit's clock,
  /// by which its trackers tell the hub the time.
  static Result<std::unique_ptr<Station>> open(const std::string& unit, std::int64_t clock_error_us,
                                               const client::LinkOptions& link,
                                               const std::string& folder);
  template <typename Message>
  Result<void> publish(const Message& message) {
    const auto number = (is_cut_ ? *recorder_ : *tracker_).publish(message);
    if (!number) return number.fault();
    ++published_;
    return after_publish();
  }
  Result<void> cut_link();
  void mend_link() { is_cut_ = false; }

  /// Unavailable when the time is over before all is settled.
  Result<void> wait_settled(std::chrono::milliseconds time);
  /// Of the tracker that speaks to the hub now.
  client::TrackerStats stats() const { return tracker_->stats(); }
  /// Messages that are not settled, the record's too.
  std::uint64_t waiting() const;
  std::uint64_t published() const { return published_; }
  /// The accounts of both spools together.
  DeliveryAccount::Sum sum() const;

 private:
  Station() = default;
  Result<std::unique_ptr<client::Tracker>> open_tracker(const client::LinkOptions& link,
                                                        const std::string& spool_path,
                                                        DeliveryAccount& account) const;
  Result<void> after_publish();
  Result<void> send_record();

  DeliveryAccount account_, record_account_;  // outlive the trackers, whose threads write them
  std::int64_t clock_error_us_ = 0;
  client::LinkOptions link_;
  client::LinkOptions nobody_;  // an address that nobody serves
  std::string spool_path_, record_path_;
  std::unique_ptr<client::Tracker> tracker_;
  std::unique_ptr<client::Tracker> recorder_;  // null before the first cut
  bool is_cut_ = false;
  bool record_waits_ = false;  // something was recorded that is not on its way yet
  bool news_went_ = false;     // something new was published since the link stands again
  std::uint64_t published_ = 0;
};

}  // namespace vigie::cli
