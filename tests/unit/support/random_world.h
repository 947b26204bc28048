#pragma once
// A small random world for property tests: units of several owners and groups that move, say things
// and change cards, with late fixes and clocks that are wrong. Builds bodies as the sequencer does.

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "schemas/model/entitlement.h"
#include "schemas/model/picture.h"

namespace vigie::test {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed, int units = 12) : random_(seed), units_(units) {}

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool chance(int percent) { return pick(100) < percent; }
  std::mt19937_64& random() { return random_; }
  std::uint64_t head() const { return next_seq_ - 1; }
  std::int64_t known_us() const { return known_us_; }

  std::string unit(int index) const {
    return (index % 2 == 0 ? "alpha/u" : "bravo/u") + std::to_string(index);
  }

  /// Three sources publish for each unit; of different ranks, for who asks for them.
  static SourceRanks ranks() { return {.by_source = {{2, 1}, {3, 2}}, .fresh_us = 20'000'000}; }

  /// One body of one to three batches.
  BodyPtr body() {
    known_us_ += pick(2'000'000);
    const std::uint64_t first = next_seq_;
    for (int batches = 1 + pick(3); batches > 0; --batches) add_batch();
    return builder_.close(first, next_seq_ - 1, known_us_);
  }

  /// A view at random: everything, channels, classes, units, an area.
  wire::ViewT view() {
    wire::ViewT view;
    if (chance(40)) view.channels.push_back(channels_[static_cast<std::size_t>(pick(4))]);
    if (chance(20)) view.classes = static_cast<wire::Class>(1 + pick(7));
    if (chance(20)) {
      for (int i = 0; i < 3; ++i) view.units.push_back(unit(pick(units_)));
    }
    if (chance(60)) {
      const int west = pick(80), south = pick(80);
      view.area =
          std::make_unique<wire::Area>(west, south, west + 20 + pick(40), south + 20 + pick(40));
    }
    return view;
  }

  /// What somebody may see from now on: rules that stand or that ended; none that will end.
  std::shared_ptr<const Entitlement> entitlement() {
    std::vector<AccessRule> rules;
    for (int i = 1 + pick(5); i > 0; --i) rules.push_back(rule());
    return std::make_shared<const Entitlement>(std::move(rules), known_us_);
  }

 private:
  AccessRule rule() {
    AccessRule rule{.owner = chance(50) ? "alpha" : "bravo"};
    if (chance(30)) rule.classes = static_cast<unsigned>(1 + pick(7));
    if (chance(30)) rule.groups.push_back(groups_[static_cast<std::size_t>(pick(2))]);
    if (chance(20)) rule.units = {unit(pick(units_)), unit(pick(units_))};
    if (chance(30)) {
      const int west = pick(80), south = pick(80);
      rule.area = {west, south, west + 20 + pick(40), south + 20 + pick(40)};
    }
    if (chance(30)) rule.from_us = known_us_ - 30'000'000 + pick(60'000'000);
    if (chance(20)) rule.until_us = known_us_ - 10'000'000 + pick(60'000'000);
    if (chance(50)) rule.made_us = known_us_ - pick(40'000'000);
    if (chance(20)) rule.ended_us = known_us_ - pick(20'000'000);
    return rule;
  }
  void add_batch() {
    wire::BatchT batch;
    const int spool = pick(units_);
    batch.spool = std::make_unique<wire::Spool>(1 + static_cast<std::uint64_t>(spool % 3),
                                                static_cast<std::uint64_t>(spool) + 1);
    std::uint32_t entries = 0;
    const auto stamp = [&](std::uint32_t count) {
      entries += count;
      const std::uint64_t seq = next_seq_;
      next_seq_ += count;
      return std::make_unique<wire::Stamp>(seq, known_us_, offset_us(spool), 0, 0);
    };
    const std::uint64_t first = next_seq_;
    if (chance(30)) {
      auto event = std::make_unique<wire::EventT>();
      event->stamp = stamp(1);
      event->number = next_number_++;
      event->unit = unit(pick(units_));
      event->group = groups_[static_cast<std::size_t>(pick(2))];
      event->true_time_us = true_time_us();
      event->kind = "text";
      batch.events.push_back(std::move(event));
    }
    if (chance(15)) {
      auto state = std::make_unique<wire::StateT>();
      state->stamp = stamp(1);
      state->number = next_number_++;
      state->kind = wire::StateKind::UnitCard;
      state->name = unit(pick(units_));
      state->group = groups_[static_cast<std::size_t>(pick(2))];
      state->true_time_us = true_time_us();
      state->deleted = chance(20);
      if (!state->deleted) {
        state->card = std::make_unique<wire::UnitCardT>();
        state->card->call_sign = "c" + std::to_string(pick(1000));
      }
      batch.states.push_back(std::move(state));
    }
    for (int sections = pick(3) + (entries == 0 ? 1 : 0); sections > 0; --sections) {
      auto fixes = std::make_unique<wire::UnitFixesT>();
      const int count = 1 + pick(4);
      fixes->stamp = stamp(static_cast<std::uint32_t>(count));
      fixes->first_number = next_number_;
      next_number_ += static_cast<std::uint64_t>(count);
      fixes->unit = unit(pick(units_));
      fixes->group = groups_[static_cast<std::size_t>(pick(2))];
      for (int i = 0; i < count; ++i) {
        fixes->fixes.emplace_back(
            true_time_us(), pick(100), pick(100), kUnknownAltitude, kUnknownU32, kUnknownU32,
            kUnknownU32, kUnknownU32, chance(50) ? wire::Clock::Device : wire::Clock::Satellite,
            wire::FixType::ThreeD, kUnknownU8, kUnknownU8, wire::FixSource::Satellite, 0, 0);
      }
      batch.fixes.push_back(std::move(fixes));
    }
    flatbuffers::FlatBufferBuilder builder;
    builder.ForceDefaults(true);
    builder_.append(wire::BlockKind::Batch, finished(builder, wire::Batch::Pack(builder, &batch)),
                    entries, first);
  }

  std::int64_t true_time_us() {
    const int kind = pick(100);
    if (kind < 15) return known_us_ - pick(600'000'000);  // late
    if (kind < 20) return known_us_ + pick(600'000'000);  // ahead
    return known_us_ - pick(2'000'000);
  }
  std::int64_t offset_us(int spool) const { return spool % 4 == 0 ? 3'600'000'000ll : 0; }

  std::mt19937_64 random_;
  const int units_;
  std::uint64_t next_seq_ = 1;
  std::uint64_t next_number_ = 1;
  std::int64_t known_us_ = 1'700'000'000'000'000;
  BodyBuilder builder_;
  const std::vector<std::string> groups_{"north", "south"};
  const std::vector<std::string> channels_{"track/alpha", "*/bravo/north", "event",
                                           "*/alpha/south"};
};

}  // namespace vigie::test
