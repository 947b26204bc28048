#pragma once
// One unit of a simulation: a real tracker with a spool of its own, whose link can be cut. While it
// is cut the tracker runs on against nobody, so that what it publishes lies in its spool and comes
// late, in the order in which trackers send after an outage. The command's thread.

#include <memory>
#include <string>

#include "clients/cli/commands/delivery_account.h"
#include "schemas/words/result.h"
#include "vigie/tracker.h"

namespace vigie::cli {

class Station {
 public:
  /// `folder`: holds the spool file, named after the unit.
  static Result<std::unique_ptr<Station>> open(const std::string& unit, const std::string& hub,
                                               const std::string& folder);
  Result<void> publish(const client::Fix& fix) { return note(tracker_->publish(fix)); }
  Result<void> publish(const client::Event& event) { return note(tracker_->publish(event)); }
  Result<void> publish(const client::State& state) { return note(tracker_->publish(state)); }
  Result<void> cut_link() { return run(true); }
  Result<void> mend_link() { return run(false); }

  const client::Tracker& tracker() const { return *tracker_; }
  Result<void> wait_settled(std::chrono::milliseconds time) { return tracker_->wait_settled(time); }
  std::uint64_t published() const { return published_; }
  const DeliveryAccount& account() const { return account_; }

 private:
  Station() = default;
  Result<void> run(bool is_cut);
  Result<void> note(const Result<std::uint64_t>& number);

  DeliveryAccount account_;  // outlives the tracker, whose thread writes it
  client::TrackerOptions options_;
  std::string hub_;
  std::string nobody_;  // an address that nobody serves
  std::unique_ptr<client::Tracker> tracker_;
  std::uint64_t published_ = 0;
};

}  // namespace vigie::cli
