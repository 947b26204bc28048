#include "tests/crash/simulation/office.h"

#include <fmt/format.h>

#include <algorithm>

namespace vigie::simulation {
namespace {

constexpr int kTrackers = 4;
constexpr const char* kOwners[] = {"alpha", "bravo"};

std::string owner_of_tracker(int index) {
  return kOwners[index % 2];
}

}  // namespace

Office::Office(World& world, Hub& hub)
    : world_(world),
      hub_(hub),
      administrator_{Hub::kAdministrator, client::Role::Administrator, {}, hub.administrator_key()},
      enrols_(world, hub, administrator_) {
  const auto add = [this](Person person) { people_.push_back({.person = std::move(person)}); };
  for (const std::string owner : kOwners) {
    add({.name = owner + "/chief", .role = client::Role::Administrator});
    add({.name = owner + "/room", .role = client::Role::Console});
    add({.name = owner + Hub::kGuest, .role = client::Role::Partner});
  }
  for (int i = 0; i < kTrackers; ++i) {
    const std::string owner = owner_of_tracker(i);
    add({.name = fmt::format("{}/t{}", owner, i),
         .role = client::Role::Tracker,
         .units = {fmt::format("{}/u{}", owner, i)}});
  }
  for (const std::string owner : kOwners) chiefs_.emplace_back(world, hub, find(owner + "/chief"));
}

const Person& Office::find(const std::string& name) const {
  return std::find_if(people_.begin(), people_.end(),
                      [&](const Enrolled& one) { return one.person.name == name; })
      ->person;
}

const Person& Office::tracker(int index) const {
  return find(fmt::format("{}/t{}", owner_of_tracker(index), index));
}

Result<std::vector<std::byte>> Office::state_of(const Publisher& by, const std::string& name,
                                                client::State content) {
  content.name = name;
  content.group = kAccessGroup;
  content.true_time_us = by.utc_us();
  return client::encode(content);
}

bool Office::heard(const Enrolled& one) const {
  // Two words about one name in one batch would be refused.
  return !one.said || enrols_.acknowledged().contains(*one.said);
}

void Office::enrol(Enrolled& one) {
  one.person.key = world_.key();
  const client::Identity identity{
      .key = one.person.key, .role = one.person.role, .units = one.person.units};
  const auto state = state_of(enrols_, one.person.name,
                              {.kind = client::StateKind::Identity, .identity = identity});
  one.said = enrols_.publish(client::MessageKind::State, state);
  one.revoked = false;
}

void Office::revoke(Enrolled& one) {
  const auto state =
      state_of(enrols_, one.person.name, {.kind = client::StateKind::Identity, .deleted = true});
  one.said = enrols_.publish(client::MessageKind::State, state);
  one.revoked = true;
}

std::string Office::any_unit(const std::string& owner) {
  const int index =
      static_cast<int>(world_.pick(kTrackers / 2)) * 2 + (owner == kOwners[1] ? 1 : 0);
  return tracker(index).units.front();
}

void Office::grant(Chief& chief) {
  const std::string other = chief.owner == kOwners[0] ? kOwners[1] : kOwners[0];
  client::Grant grant{.to = world_.chance(500) ? other : other + "/room"};
  grant.fixes = world_.chance(800);
  grant.events = world_.chance(800);
  grant.states = world_.chance(500) || (!grant.fixes && !grant.events);
  if (world_.chance(300)) grant.groups = {"north"};
  if (world_.chance(200)) grant.units = {any_unit(chief.owner)};
  if (world_.chance(200)) grant.area = client::Area{10, 10, 70, 70};
  grant.past = world_.chance(200);
  if (world_.chance(200)) {
    grant.until_us = chief.says.utc_us() + static_cast<std::int64_t>(world_.pick(20'000'000));
  }
  if (world_.chance(400)) add_terms(grant, other);
  const std::string name = fmt::format("{}/g{}", chief.owner, chief.grants.size());
  const auto said = chief.says.publish(
      client::MessageKind::State,
      state_of(chief.says, name, {.kind = client::StateKind::Grant, .grant = grant}));
  if (said) chief.grants.push_back({name, std::move(grant), *said});
}

/// In a world that is a hundred units wide, cells of a metre are about as wide.
void Office::add_terms(client::Grant& grant, const std::string& to_owner) {
  if (world_.chance(500)) grant.to = to_owner + Hub::kGuest;
  const auto seconds = [this] { return static_cast<std::uint32_t>(1 + world_.pick(6)); };
  if (world_.chance(600)) grant.delay_s = seconds();
  if (world_.chance(600)) grant.round_m = 1;
  if (world_.chance(600)) grant.every_s = seconds();
  grant.own_numbers = world_.chance(300);
}

const Office::Granted* Office::any_with_terms(const std::string& to_owner) {
  std::vector<const Granted*> all;
  for (const Chief& chief : chiefs_) {
    for (const Granted& one : chief.grants) {
      const client::Grant& grant = one.grant;
      const bool has_terms = grant.delay_s != 0 || grant.round_m != 0 || grant.every_s != 0;
      const bool is_for = grant.to == to_owner || grant.to == to_owner + Hub::kGuest;
      const bool in_log = chief.says.acknowledged().contains(one.said);
      if (has_terms && is_for && in_log && !one.ended) all.push_back(&one);
    }
  }
  return all.empty() ? nullptr : all[world_.pick(all.size())];
}

void Office::end_grant(Chief& chief) {
  if (chief.grants.empty() || !hub_.up()) return;
  Granted& one = chief.grants[world_.pick(chief.grants.size())];
  if (one.ended || !chief.says.acknowledged().contains(one.said)) return;
  const std::int64_t made_us = hub_.known_us_of(one.name);
  if (made_us == 0) return;  // the log could not be read just now
  one.grant.ended = true;
  one.grant.made_us = made_us;
  one.ended = true;
  chief.says.publish(
      client::MessageKind::State,
      state_of(chief.says, one.name, {.kind = client::StateKind::Grant, .grant = one.grant}));
}

void Office::act() {
  Enrolled& one = people_[world_.pick(people_.size())];
  Chief& chief = chiefs_[world_.pick(chiefs_.size())];
  const bool chiefs_own = one.person.role == client::Role::Administrator;
  switch (world_.pick(4)) {
    case 0:
      if (!chiefs_own && !one.revoked && heard(one)) revoke(one);
      break;
    case 1:
      return grant(chief);
    case 2:
      return end_grant(chief);
    default:
      for (Enrolled& other : people_) {
        if (other.revoked && heard(other)) return enrol(other);
      }
  }
}

void Office::step(bool calm) {
  if (!calm && world_.chance(15)) act();
  if (calm) {
    for (Enrolled& one : people_) {
      if (one.revoked && heard(one)) enrol(one);
    }
  }
  enrols_.step(calm);
  for (Chief& chief : chiefs_) {
    // Before it is enrolled it has nothing to say, and would only be turned away.
    const Person& who = find(chief.owner + "/chief");
    if (!who.key.empty()) chief.says.step(calm);
    if (!chief.says.refused().empty()) wrong_ = fmt::format("{} was refused", who.name);
  }
  if (!enrols_.refused().empty()) wrong_ = "the administrator was refused";
}

bool Office::at_rest() const {
  return enrols_.settled() &&
         std::all_of(chiefs_.begin(), chiefs_.end(),
                     [](const Chief& chief) { return chief.says.settled(); }) &&
         std::none_of(people_.begin(), people_.end(),
                      [](const Enrolled& one) { return one.revoked; });
}

}  // namespace vigie::simulation
