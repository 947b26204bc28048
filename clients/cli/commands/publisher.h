#pragma once
// A tracker with its account: publishes, waits until all is settled, and says what became of it.
// The command's thread.

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "clients/cli/commands/delivery_account.h"
#include "clients/cli/commands/surroundings.h"
#include "schemas/words/times.h"
#include "vigie/tracker.h"

namespace vigie::cli {

class Publisher {
 public:
  /// `hub_timeout`: how long the hub may be unheard while something waits; 0: for ever.
  static Result<std::unique_ptr<Publisher>> open(client::TrackerOptions options,
                                                 std::chrono::milliseconds hub_timeout);

  /// Publishes; with a full spool that refuses, waits for room. Fails when the message is not well
  /// formed, the spool fails, or (Unavailable) asked to stop or the hub unheard for too long.
  Result<void> publish(std::span<const client::Fix> fixes, StopSignals& stop, Progress& progress);
  Result<void> publish(const client::Event& event);
  Result<void> publish(const client::State& state);

  /// TurnedAway: the hub does not know who we are, and waiting for it had an end.
  enum class End { Settled, Stopped, Unreachable, TurnedAway, Failed };
  /// Waits until everything in the spool is settled.
  End wait_settled(StopSignals& stop, Progress& progress);

  /// True when the hub has been unheard for longer than it may while something waits. Says on
  /// standard error, once, that the hub does not answer.
  bool hub_is_lost();
  std::uint64_t published() const { return published_; }
  /// Lay in the spool from an earlier run at the start.
  std::uint64_t left_over() const { return left_over_; }
  DeliveryAccount::Sum sum() const;
  const client::Tracker& tracker() const { return *tracker_; }

 private:
  explicit Publisher(std::chrono::milliseconds hub_timeout) : hub_timeout_(hub_timeout) {}
  Result<void> note(Result<std::uint64_t> first_number, std::uint64_t count);
  bool is_turned_away() const;
  void show(Progress& progress) const;

  DeliveryAccount account_;  // outlives the tracker, whose thread writes it
  std::unique_ptr<client::Tracker> tracker_;
  std::chrono::milliseconds hub_timeout_;
  std::optional<std::uint64_t> first_number_;
  std::uint64_t last_number_ = 0;
  std::uint64_t published_ = 0;
  std::uint64_t left_over_ = 0;
  SystemClock clock_;
  std::int64_t began_us_ = clock_.monotonic_us();
  bool told_away_ = false;
  std::string told_reason_;  // that was said with it
};

/// Waits until the hub has what was published by hand, and says what became of it. `what` stands in
/// the sentence when the hub does not answer: "the event".
ExitCode deliver(Publisher& publisher, StopSignals& stop, std::string_view what);

/// Publishes states as whoever `link` is, and delivers them.
ExitCode deliver_states(const client::LinkOptions& link, std::chrono::milliseconds timeout,
                        std::span<const client::State> states, StopSignals& stop,
                        std::string_view what);

}  // namespace vigie::cli
