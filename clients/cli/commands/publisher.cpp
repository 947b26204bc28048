#include "clients/cli/commands/publisher.h"

#include <fmt/format.h>

#include "clients/cli/outputs/text.h"

namespace vigie::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kTurn{200};           // between looks at signals
constexpr std::int64_t kAwayUs = 3'000'000;  // unheard for so long: people are told

}  // namespace

Result<std::unique_ptr<Publisher>> Publisher::open(client::TrackerOptions options,
                                                   milliseconds hub_timeout) {
  auto publisher = std::unique_ptr<Publisher>(new Publisher(hub_timeout));
  options.on_delivery = [account = &publisher->account_](const client::Delivery& delivery) {
    account->take(delivery);
  };
  auto tracker = client::Tracker::open(std::move(options));
  if (!tracker) return tracker.fault();
  publisher->tracker_ = std::move(*tracker);
  publisher->left_over_ = publisher->tracker_->stats().waiting;
  return publisher;
}

Result<void> Publisher::note(Result<std::uint64_t> first_number, std::uint64_t count) {
  if (!first_number) return first_number.fault();
  if (!first_number_) first_number_ = *first_number;
  last_number_ = *first_number + count - 1;
  published_ += count;
  return {};
}

Result<void> Publisher::publish(std::span<const client::Fix> fixes, StopSignals& stop,
                                Progress& progress) {
  while (true) {
    auto done = note(tracker_->publish(fixes), fixes.size());
    if (done || done.fault().code != FaultCode::Unavailable) return done;
    if (stop.requested() || hub_is_lost()) return done;
    show(progress);
    (void)tracker_->wait_room(kTurn).ok();
  }
}

Result<void> Publisher::publish(const client::Event& event) {
  return note(tracker_->publish(event), 1);
}
Result<void> Publisher::publish(const client::State& state) {
  return note(tracker_->publish(state), 1);
}

bool Publisher::hub_is_lost() {
  const client::TrackerStats stats = tracker_->stats();
  if (stats.waiting == 0) return false;
  const std::int64_t unheard_us =
      stats.link_age_us >= 0 ? stats.link_age_us : clock_.monotonic_us() - began_us_;
  if (unheard_us < kAwayUs || stats.link == client::LinkState::Live) {
    told_away_ = false;
    return false;
  }
  // Why it does not may be known only later.
  if (!told_away_ || told_reason_ != stats.last_rejection_reason) {
    told_reason_ = stats.last_rejection_reason;
    say(fmt::format("the hub does not answer; waiting for it: {}{}", count_text(stats.waiting),
                    stats.last_rejection_reason.empty() ? "" : ": " + stats.last_rejection_reason));
  }
  told_away_ = true;
  return hub_timeout_.count() > 0 && unheard_us / 1000 > hub_timeout_.count();
}

void Publisher::show(Progress& progress) const {
  const client::TrackerStats stats = tracker_->stats();
  progress.show(fmt::format("published {}, acknowledged {}, waiting {}", count_text(published_),
                            count_text(stats.settled), count_text(stats.waiting)));
}

Publisher::End Publisher::wait_settled(StopSignals& stop, Progress& progress) {
  while (true) {
    const auto settled = tracker_->wait_settled(kTurn);
    if (settled) return End::Settled;
    if (settled.fault().code != FaultCode::Unavailable) {
      progress.clear();
      say(settled.fault().sentence);
      return End::Failed;
    }
    if (stop.requested()) return End::Stopped;
    if (is_turned_away()) return End::TurnedAway;
    if (hub_is_lost()) return End::Unreachable;
    show(progress);
  }
}

bool Publisher::is_turned_away() const {
  const client::TrackerStats stats = tracker_->stats();
  return hub_timeout_.count() > 0 && stats.link == client::LinkState::Refused &&
         stats.last_rejection == client::Refusal::Revoked;
}

DeliveryAccount::Sum Publisher::sum() const {
  return first_number_ ? account_.sum(*first_number_, last_number_) : DeliveryAccount::Sum();
}

ExitCode deliver(Publisher& publisher, StopSignals& stop, std::string_view what) {
  Progress progress;
  const Publisher::End end = publisher.wait_settled(stop, progress);
  progress.clear();
  switch (end) {
    case Publisher::End::Settled:
      break;
    case Publisher::End::Stopped:
      return ExitCode::Unfinished;
    case Publisher::End::Unreachable:
      say(fmt::format("the hub did not answer in time: {} was not sent", what));
      return ExitCode::Unreachable;
    case Publisher::End::TurnedAway:
      say(publisher.tracker().stats().last_rejection_reason);
      return ExitCode::Refused;
    case Publisher::End::Failed:
      return ExitCode::Failure;
  }
  const DeliveryAccount::Sum sum = publisher.sum();
  for (const auto& [name, reason] : sum.by_reason) {
    say(fmt::format("refused, {}: {}", name, reason.example));
  }
  return sum.refused > 0 ? ExitCode::Refused : ExitCode::Ok;
}

ExitCode deliver_states(const client::LinkOptions& link, std::chrono::milliseconds timeout,
                        std::span<const client::State> states, StopSignals& stop,
                        std::string_view what) {
  client::TrackerOptions options;
  options.link = link;
  auto publisher = Publisher::open(std::move(options), timeout);
  if (!publisher) {
    say(publisher.fault().sentence);
    return ExitCode::Usage;
  }
  for (const client::State& state : states) {
    if (const auto done = (*publisher)->publish(state); !done) {
      say(done.fault().sentence);
      return ExitCode::Usage;
    }
  }
  return deliver(**publisher, stop, what);
}

}  // namespace vigie::cli
