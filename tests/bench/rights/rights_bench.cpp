// What deciding costs: working out what an identity may see, and asking for one entry, with many
// grants in the registry.
//
//   rights_bench [GRANTS [IDENTITIES]]     (defaults 10000 and 1000)
//
// Each owner of a hundred grants to ten others, so that a console has some hundred grants.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "hub/security/registry.h"

namespace {

using namespace vigie;

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
constexpr int kOwners = 100;
constexpr int kRounds = 7;

std::string owner(int index) {
  return fmt::format("owner{}", index % kOwners);
}

void note(security::Registry& registry, wire::StateT state, std::uint64_t seq) {
  state.group = kAccessGroup;
  state.stamp = std::make_unique<wire::Stamp>(seq, kNowUs - 1'000'000, 0, 0, 0);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::State::Pack(builder, &state));
  registry.note(*flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()));
}

/// Median nanoseconds of one call of `work`, over rounds of `times` calls.
template <typename Work>
double median_ns(int times, const Work& work) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) work(i);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
    rounds.push_back(took.count() / times);
  }
  std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
  return rounds[kRounds / 2];
}

security::Registry make_registry(int grants, int identities) {
  security::Registry registry({});
  std::uint64_t seq = 0;
  for (int i = 0; i < identities; ++i) {
    wire::StateT state;
    state.kind = wire::StateKind::Identity;
    state.name = fmt::format("{}/i{}", owner(i), i);
    state.identity = std::make_unique<wire::IdentityT>();
    state.identity->key = fmt::format("{:064x}", i + 1);
    state.identity->role = wire::Role::Console;
    note(registry, std::move(state), ++seq);
  }
  for (int i = 0; i < grants; ++i) {
    wire::StateT state;
    state.kind = wire::StateKind::Grant;
    state.name = fmt::format("{}/g{}", owner(i), i);
    state.grant = std::make_unique<wire::GrantT>();
    state.grant->to = owner(i + 1 + i / kOwners % 10);
    state.grant->groups = {fmt::format("patrol-{}", i % 7)};
    note(registry, std::move(state), ++seq);
  }
  return registry;
}

}  // namespace

int main(int argc, char** argv) {
  const int grants = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int identities = argc > 2 ? std::atoi(argv[2]) : 1'000;
  const security::Registry registry = make_registry(grants, identities);
  const std::string key = fmt::format("{:064x}", 7);
  const security::Identity& who = *registry.find(key, kNowUs).identity;
  const auto entitlement = registry.entitlement(who, kNowUs);
  std::size_t seen = 0;
  const auto ask = [&](int i, const std::string& of, std::string_view group) {
    seen += entitlement->permits({.message_class = MessageClass::Track,
                                  .owner = of,
                                  .group = group,
                                  .unit = "owner6/v1",
                                  .known_us = kNowUs - 10 - i % 2,
                                  .position = {}},
                                 kPresentUs)
                ? 1
                : 0;
  };
  const std::string own = owner(6), granted = owner(5), other = owner(50);
  fmt::print("{} grants, {} identities\n", grants, identities);
  fmt::print("whose a key is                    {:8.0f} ns\n", median_ns(100'000, [&](int) {
               seen += registry.find(key, kNowUs).identity != nullptr ? 1u : 0u;
             }));
  fmt::print("may it publish for a unit         {:8.0f} ns\n", median_ns(100'000, [&](int) {
               seen +=
                   registry.may_publish({.identity = &who}, MessageClass::Event, who.name).size();
             }));
  fmt::print(
      "all that it may see               {:8.1f} us\n",
      median_ns(200, [&](int) { seen += registry.entitlement(who, kNowUs)->key().size(); }) / 1000);
  fmt::print("one entry of its own owner        {:8.0f} ns\n",
             median_ns(100'000, [&](int i) { ask(i, own, "patrol-1"); }));
  fmt::print("one entry of an owner who grants  {:8.0f} ns\n",
             median_ns(100'000, [&](int i) { ask(i, granted, "patrol-1"); }));
  fmt::print("one entry of nobody's concern     {:8.0f} ns\n",
             median_ns(100'000, [&](int i) { ask(i, other, "patrol-1"); }));
  fmt::print("a whole channel, asked once       {:8.0f} ns\n", median_ns(100'000, [&](int) {
               seen += entitlement->channel(MessageClass::Track, own, "patrol-1").some ? 1u : 0u;
             }));
  return seen == 0 ? 1 : 0;
}
