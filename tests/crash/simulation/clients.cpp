#include "tests/crash/simulation/clients.h"

#include <fmt/format.h>

namespace vigie::simulation {
namespace {

client::Random random_of(World& world) {
  return [&world] { return world.random(); };
}

Name name_of(const client::Id128& spool, std::uint64_t number) {
  return {spool.high, spool.low, number};
}

}  // namespace

Tracker::Tracker(World& world, Hub& hub, int index)
    : world_(world),
      hub_(hub),
      index_(index),
      // Every third clock is wrong by hours, ahead or behind.
      clock_(hub.clock, index % 3 == 2 ? (index % 2 == 0 ? 1 : -1) * 7'200'000'000ll : 0),
      spool_(random_of(world)) {
  start();
}

void Tracker::start() {
  auto opened = client::TrackerCore::open({.client = fmt::format("tracker {}", index_)}, spool_,
                                          clock_, random_of(world_));
  core_ = std::move(opened.value());
}

void Tracker::say_something() {
  const std::string unit = fmt::format("{}/u{}", index_ % 2 == 0 ? "alpha" : "bravo", index_);
  const std::string group = world_.chance(900) ? "north" : "south";
  const std::int64_t time_us =
      clock_.utc_us() - static_cast<std::int64_t>(world_.chance(100) ? world_.pick(60'000'000) : 0);
  if (world_.chance(150)) {
    const auto payload = client::encode(client::Event{
        .unit = unit, .group = group, .true_time_us = time_us, .kind = "text", .text = "hello"});
    const Result<std::uint64_t> number = core_->publish(client::MessageKind::Event, *payload);
    if (number) events_.insert({spool_.id().high(), spool_.id().low(), *number});
    return;
  }
  if (world_.chance(50)) {
    const auto payload = client::encode(client::State{
        .name = unit, .group = group, .true_time_us = time_us, .card = {.call_sign = "x"}});
    static_cast<void>(core_->publish(client::MessageKind::State, *payload));
    return;
  }
  const auto payload = client::encode(client::Fix{
      .unit = unit,
      .group = group,
      .true_time_us = time_us,
      .clock = index_ % 3 == 1 ? client::ClockKind::Satellite : client::ClockKind::Device,
      .lat_e7 = static_cast<std::int32_t>(world_.pick(100)),
      .lon_e7 = static_cast<std::int32_t>(world_.pick(100))});
  static_cast<void>(core_->publish(client::MessageKind::Fix, *payload));
}

void Tracker::link(bool calm) {
  const bool lost = !peer_.empty() && !hub_.publish.alive(peer_);
  if (lost || core_->take_reconnect() || (!calm && !peer_.empty() && world_.chance(3))) {
    hub_.publish.cut(peer_);
    peer_.clear();
    core_->link_down();
  }
  if (peer_.empty() && hub_.up() && (calm || world_.chance(50))) {
    peer_ = hub_.publish.connect();
    core_->link_up();
  }
}

void Tracker::step(bool calm) {
  link(calm);
  if (!calm && world_.chance(300)) say_something();
  while (auto message = hub_.publish.client_receives(peer_)) core_->on_message(*message);
  core_->tick();
  while (auto message = core_->next_message()) {
    hub_.publish.client_sends(peer_, std::move(*message));
  }
  for (const client::Delivery& delivery : core_->take_deliveries()) {
    if (delivery.outcome != client::Outcome::Settled) continue;
    for (std::uint64_t number = delivery.first; number <= delivery.last; ++number) {
      acknowledged_.insert({spool_.id().high(), spool_.id().low(), number});
    }
  }
  if (!calm && world_.chance(1)) {
    // Killed; its spool stays.
    hub_.publish.cut(peer_);
    peer_.clear();
    start();
  }
}

Console::Console(World& world, Hub& hub, client::View view) : world_(world), hub_(hub) {
  client::ConsoleOptions options;
  options.view = std::move(view);
  options.window_bytes = 32 * 1024;
  options.frame_bytes_max = 8 * 1024;
  core_ = std::move(client::ConsoleCore::open(options, hub.clock, random_of(world)).value());
}

void Console::see(std::uint64_t seq, const Name& name) {
  const auto [at, fresh] = names_by_seq_.emplace(seq, name);
  if (!fresh && at->second != name) wrong_ = fmt::format("two messages were seen at seq {}", seq);
}

void Console::step(bool calm) {
  const bool lost = !peer_.empty() && !hub_.listen.alive(peer_);
  if (lost || core_->take_reconnect() || (!calm && !peer_.empty() && world_.chance(3))) {
    hub_.listen.cut(peer_);
    peer_.clear();
    core_->link_down();
  }
  if (peer_.empty() && hub_.up() && (calm || world_.chance(50))) {
    peer_ = hub_.listen.connect();
    core_->link_up();
  }
  // A user who does not look for a while: nothing is granted, the hub conflates.
  if (!calm && world_.chance(3)) {
    stalled_until_us_ = world_.now_us + static_cast<std::int64_t>(world_.pick(8'000'000));
  }
  if (!calm && world_.now_us < stalled_until_us_) return;
  while (auto message = hub_.listen.client_receives(peer_)) {
    core_->on_message(*message);
    if (due_after_ == UINT64_MAX && core_->status().opens == 1) {
      due_after_ = core_->status().event_seq;
    }
  }
  core_->tick();
  for (client::Step& step : core_->take_steps()) {
    for (const client::Item& item : step.items) {
      std::visit(client::Match{
                     [&](const client::EventItem& event) {
                       const Name name = name_of(event.stamp.name.spool, event.stamp.name.number);
                       ++shown_events_[name];
                       see(event.stamp.seq, name);
                     },
                     [&](const client::FixItem& fix) {
                       see(fix.stamp.seq, name_of(fix.stamp.name.spool, fix.stamp.name.number));
                     },
                     [](const auto&) {}},
                 item);
    }
    core_->consumed(step.bytes);
  }
  while (auto message = core_->next_message()) hub_.listen.client_sends(peer_, std::move(*message));
}

}  // namespace vigie::simulation
