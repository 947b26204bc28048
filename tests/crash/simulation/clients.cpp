#include "tests/crash/simulation/clients.h"

#include <fmt/format.h>

#include "schemas/keys/key_pair.h"

namespace vigie::simulation {
namespace {

client::Random random_of(World& world) {
  return [&world] { return world.random(); };
}

Name name_of(const client::Id128& spool, std::uint64_t number) {
  return {spool.high, spool.low, number};
}

/// Connects and tells the core, or that the hub turned it away.
template <typename Core>
void connect(Endpoint& endpoint, const std::string& key, Core& core, ops::PeerId& peer) {
  peer = endpoint.connect(key);
  if (peer.empty()) return core.turned_away(client::Refusal::Revoked, "the hub turned it away");
  core.link_up();
}

}  // namespace

Publisher::Publisher(World& world, Hub& hub, const Person& who, std::int64_t clock_wrong_us)
    : world_(world),
      hub_(hub),
      who_(who),
      clock_(hub.clock, clock_wrong_us),
      spool_(random_of(world), spool_owner(who.name)) {
  start();
}

void Publisher::start() {
  auto opened = client::TrackerCore::open({.client = who_.name}, spool_, clock_, random_of(world_));
  core_ = std::move(opened.value());
  turned_away_ = false;
}

std::optional<Name> Publisher::publish(client::MessageKind kind,
                                       const Result<std::vector<std::byte>>& payload) {
  const Result<std::uint64_t> number = core_->publish(kind, payload.value());
  if (!number) return std::nullopt;
  return Name{spool_.id().high(), spool_.id().low(), *number};
}

void Publisher::link(bool calm) {
  const bool lost = !peer_.empty() && !hub_.publish.alive(peer_);
  const bool anew = core_->take_reconnect();
  turned_away_ = turned_away_ && !anew;
  if (lost || anew || (!calm && !peer_.empty() && world_.chance(3))) {
    hub_.publish.cut(peer_);
    peer_.clear();
    core_->link_down();
  }
  if (peer_.empty() && !turned_away_ && hub_.up() && (calm || world_.chance(50))) {
    connect(hub_.publish, who_.key, *core_, peer_);
    turned_away_ = peer_.empty();
  }
}

void Publisher::step(bool calm) {
  link(calm);
  while (auto message = hub_.publish.client_receives(peer_)) core_->on_message(*message);
  core_->tick();
  while (auto message = core_->next_message()) {
    hub_.publish.client_sends(peer_, std::move(*message));
  }
  for (const client::Delivery& delivery : core_->take_deliveries()) {
    if (delivery.outcome == client::Outcome::GivenUp) continue;
    std::set<Name>& names = delivery.outcome == client::Outcome::Settled ? acknowledged_ : refused_;
    for (std::uint64_t number = delivery.first; number <= delivery.last; ++number) {
      names.insert({spool_.id().high(), spool_.id().low(), number});
    }
  }
  if (!calm && world_.chance(1)) {
    // Killed; its spool stays.
    hub_.publish.cut(peer_);
    peer_.clear();
    start();
  }
}

Tracker::Tracker(World& world, Hub& hub, const Person& who, int index)
    : world_(world),
      index_(index),
      unit_(who.units.front()),
      // Every third clock is wrong by hours, ahead or behind.
      publisher_(world, hub, who,
                 index % 3 == 2 ? (index % 2 == 0 ? 1 : -1) * 7'200'000'000ll : 0) {}

void Tracker::say_something() {
  const bool foreign = world_.chance(20);
  const std::string unit = foreign ? "alpha/u9" : unit_;
  const std::string group = world_.chance(900) ? "north" : "south";
  const std::int64_t time_us =
      publisher_.utc_us() -
      static_cast<std::int64_t>(world_.chance(100) ? world_.pick(60'000'000) : 0);
  std::optional<Name> name;
  const bool event = world_.chance(150);
  if (event) {
    name = publisher_.publish(client::MessageKind::Event,
                              client::encode(client::Event{.unit = unit,
                                                           .group = group,
                                                           .true_time_us = time_us,
                                                           .kind = "text",
                                                           .text = "hello"}));
  } else if (world_.chance(50)) {
    name = publisher_.publish(
        client::MessageKind::State,
        client::encode(client::State{
            .name = unit, .group = group, .true_time_us = time_us, .card = {.call_sign = "x"}}));
  } else {
    name = publisher_.publish(
        client::MessageKind::Fix,
        client::encode(client::Fix{
            .unit = unit,
            .group = group,
            .true_time_us = time_us,
            .clock = index_ % 3 == 1 ? client::ClockKind::Satellite : client::ClockKind::Device,
            .lat_e7 = static_cast<std::int32_t>(world_.pick(100)),
            .lon_e7 = static_cast<std::int32_t>(world_.pick(100)),
            .speed_mm_s = static_cast<std::uint32_t>(world_.pick(9000))}));
  }
  if (name && foreign) foreign_.insert(*name);
  if (name && event && !foreign) events_.insert(*name);
}

void Tracker::step(bool calm) {
  if (!calm && world_.chance(300)) say_something();
  publisher_.step(calm);
}

Console::Console(World& world, Hub& hub, const Person& who, client::View view, std::string grant,
                 Look look)
    : world_(world), hub_(hub), who_(who), look_(std::move(look)) {
  client::ConsoleOptions options;
  options.view = std::move(view);
  options.grant = std::move(grant);
  options.window_bytes = 32 * 1024;
  options.frame_bytes_max = 8 * 1024;
  core_ = std::move(client::ConsoleCore::open(options, hub.clock, random_of(world)).value());
}

void Console::see(std::uint64_t seq, const Name& name) {
  const auto [at, fresh] = names_by_seq_.emplace(seq, name);
  if (!fresh && at->second != name) wrong_ = fmt::format("two messages were seen at seq {}", seq);
}

void Console::link(bool calm) {
  const bool lost = !peer_.empty() && !hub_.listen.alive(peer_);
  const bool anew = core_->take_reconnect();
  turned_away_ = turned_away_ && !anew;
  if (lost || anew || (!calm && !peer_.empty() && world_.chance(3))) {
    hub_.listen.cut(peer_);
    peer_.clear();
    core_->link_down();
  }
  if (peer_.empty() && !turned_away_ && hub_.up() && (calm || world_.chance(50))) {
    connect(hub_.listen, who_.key, *core_, peer_);
    turned_away_ = peer_.empty();
  }
}

void Console::keep(const client::Item& item) {
  std::visit(
      client::Match{[&](const client::EventItem& event) {
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

void Console::leave() {
  hub_.listen.cut(peer_);
  peer_.clear();
}

void Console::step(bool calm) {
  link(calm);
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
      if (look_) {
        look_(item);
      } else {
        keep(item);
      }
    }
    core_->consumed(step.bytes);
  }
  while (auto message = core_->next_message()) hub_.listen.client_sends(peer_, std::move(*message));
}

}  // namespace vigie::simulation
