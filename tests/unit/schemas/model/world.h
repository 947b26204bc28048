#pragma once
// A random hub: bodies as it would accept and mark them, from several sources whose ranks change,
// with late fixes, wrong clocks, ties and units that change their group; and the slow, obvious
// model of what they come to.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "schemas/model/ledger.h"
#include "schemas/model/picture.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/seed.h"

namespace vigie::test {

inline std::string text_of_bytes(const void* data, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) {
    out += fmt::format("{:02x}", static_cast<const unsigned char*>(data)[i]);
  }
  return out;
}

/// A picture or model in words, sorted: equal worlds have equal words.
using Words = std::set<std::string>;

inline std::string words_of_unit(std::string_view name, std::string_view group, std::uint64_t seq,
                                 std::int64_t order, std::uint32_t count, std::uint32_t at_newest,
                                 const wire::Fix& fix, const wire::Stamp& stamp,
                                 const wire::Spool& spool, std::uint64_t number,
                                 const std::vector<std::uint8_t>& readings) {
  return fmt::format(
      "unit {} group {} seq {} order {} count {} at newest {} fix {} known {} "
      "offset {} spool {} number {} readings {}",
      name, group, seq, order, count, at_newest, text_of_bytes(&fix, sizeof fix),
      stamp.known_time_us(), stamp.clock_offset_us(), spool.low(), number,
      text_of_bytes(readings.data(), readings.size()));
}

inline std::string words_of_state(wire::StateKind kind, std::string_view name,
                                  std::string_view group, std::uint64_t seq, std::int64_t order,
                                  bool deleted, std::string_view call_sign) {
  return fmt::format("state {} {} group {} seq {} order {} deleted {} call sign {}",
                     static_cast<int>(kind), name, group, seq, order, deleted, call_sign);
}

inline std::string call_sign_of(const RetainedState& state) {
  const auto block = BlockWalk(state.entry->bytes()).next();
  const wire::UnitCard* card = block->batch().states()->Get(0)->card();
  return card == nullptr ? "" : std::string(text_of(card->call_sign()));
}

inline Words words_of(const Picture& picture) {
  Words words;
  for (const Unit& unit : picture.units()) {
    if (unit.seq == 0) continue;
    words.insert(words_of_unit(unit.name, picture.channels()[unit.channel].group, unit.seq,
                               unit.order_us, unit.count, unit.count_at_newest, unit.fix,
                               unit.stamp, unit.spool, unit.number, unit.readings));
  }
  for (const RetainedState& state : picture.states()) {
    words.insert(words_of_state(state.kind, state.name, picture.channels()[state.channel].group,
                                state.seq, state.order_us, state.deleted, call_sign_of(state)));
  }
  return words;
}

inline Words words_of(const Ledger& ledger) {
  Words words;
  for (const auto& [key, record] : ledger.spools()) {
    std::string line = fmt::format("spool {} heard {} closed {}:", key.low,
                                   record.last_known_time_us, record.closed);
    for (const auto& interval : record.settled.intervals()) {
      line += fmt::format(" {}-{}", interval.first, interval.last);
    }
    words.insert(line);
  }
  return words;
}

/// Everything that was ever accepted, and what it comes to by the rules as the header words them.
class SlowModel {
 public:
  struct FixRow {
    std::uint64_t seq;
    std::int64_t order;
    std::int64_t corrected;
    wire::Fix fix;
    wire::Stamp stamp;
    wire::Spool spool;
    std::uint64_t number;
    std::string group;
    std::vector<std::uint8_t> readings;
    std::uint8_t marks = 0;  // that the hub must have given it
  };
  struct StateRow {
    std::uint64_t seq;
    std::int64_t order;
    wire::StateKind kind;
    std::string name, group, call_sign;
    bool deleted;
  };

  /// `ranks`: of the moment when it is accepted.
  void add(const wire::BatchT& batch, const SourceRanks& ranks) {
    for (const auto& state : batch.states) add_state(*state);
    for (const auto& section : batch.fixes) add_section(batch, *section, ranks);
  }

  Words words() const {
    Words words;
    for (const auto& [name, rows] : fixes_) {
      std::size_t newest = 0;
      for (std::size_t i = 1; i < rows.size(); ++i) {
        if (moves(rows[i])) newest = i;
      }
      const FixRow& row = rows[newest];
      wire::Fix fix = row.fix;
      fix.mutate_marks(row.marks);
      words.insert(words_of_unit(name, row.group, row.seq, row.order,
                                 static_cast<std::uint32_t>(rows.size()),
                                 static_cast<std::uint32_t>(newest + 1), fix, row.stamp, row.spool,
                                 row.number, row.readings));
    }
    std::map<std::pair<wire::StateKind, std::string>, StateRow> newest;
    for (const StateRow& row : states_) {
      auto [at, fresh] = newest.try_emplace({row.kind, row.name}, row);
      if (!fresh && row.order >= at->second.order) at->second = row;
    }
    for (const auto& [key, row] : newest) {
      words.insert(words_of_state(row.kind, row.name, row.group, row.seq, row.order, row.deleted,
                                  row.call_sign));
    }
    return words;
  }

  const std::map<std::string, std::vector<FixRow>>& fixes() const { return fixes_; }

 private:
  static std::int64_t corrected(std::int64_t us, wire::Clock clock, const wire::Stamp& stamp) {
    return clock == wire::Clock::Device ? us + stamp.clock_offset_us() : us;
  }
  void add_state(const wire::StateT& state) {
    const std::int64_t us = corrected(state.true_time_us, state.clock, *state.stamp);
    states_.push_back({state.stamp->first_seq(), std::min(us, state.stamp->known_time_us()),
                       state.kind, state.name, state.group.empty() ? "-" : state.group,
                       state.card ? state.card->call_sign : "", state.deleted});
  }
  static bool moves(const FixRow& row) { return (row.marks & (1 | 4)) == 0; }
  /// What the rule says in words: near one another, the better rank; else the newer.
  static std::uint8_t marks(const std::vector<FixRow>& before, const FixRow& row,
                            const SourceRanks& ranks) {
    const int implausible = row.corrected > row.stamp.known_time_us() + 60'000'000 ? 2 : 0;
    const auto standing = std::find_if(before.rbegin(), before.rend(), moves);
    if (standing == before.rend()) return static_cast<std::uint8_t>(implausible);
    const Rank own = ranks.rank_of(row.spool.high());
    const Rank others = ranks.rank_of(standing->spool.high());
    const bool near = std::abs(row.order - standing->order) < ranks.fresh_us;
    int stays = row.order < standing->order ? 1 : 0;
    if (near && own < others) stays = 0;
    if (near && own > others) stays = 4;
    return static_cast<std::uint8_t>(stays | implausible);
  }
  void add_section(const wire::BatchT& batch, const wire::UnitFixesT& section,
                   const SourceRanks& ranks) {
    for (std::size_t i = 0; i < section.fixes.size(); ++i) {
      const wire::Fix& fix = section.fixes[i];
      const std::int64_t us = corrected(fix.true_time_us(), fix.clock(), *section.stamp);
      const std::size_t bytes = section.readings_bytes;
      const auto from = section.readings.begin() + static_cast<std::ptrdiff_t>(i * bytes);
      std::vector<FixRow>& rows = fixes_[section.unit];
      FixRow row{section.stamp->first_seq() + i,
                 std::min(us, section.stamp->known_time_us()),
                 us,
                 fix,
                 *section.stamp,
                 *batch.spool,
                 section.first_number + i,
                 section.group.empty() ? "-" : section.group,
                 {from, from + static_cast<std::ptrdiff_t>(bytes)}};
      row.marks = marks(rows, row, ranks);
      rows.push_back(std::move(row));
    }
  }
  std::map<std::string, std::vector<FixRow>> fixes_;
  std::vector<StateRow> states_;
};

class World {
 public:
  explicit World(std::uint64_t seed) : chance_(seed) {
    const int units = chance_.pick(1, 8);
    for (int i = 0; i < units; ++i) {
      // Names short and long: a short string keeps its letters inside itself, a long one does not.
      units_.push_back(fmt::format("{}/{}{}", i % 3 == 0 ? "green" : "blue", i % 2 ? "v" : "", i) +
                       (i % 4 == 0 ? std::string(30, 'x') : ""));
    }
  }

  /// The hub takes in some batches, makes a body of them, folds and marks it, and keeps it.
  void step() {
    if (chance_.once_in(8)) change_ranks();
    known_us_ += chance_.pick<std::int64_t>(0, 3) * 1'000'000;
    const std::uint64_t first = seq_;
    BodyBuilder builder;
    for (int batches = chance_.pick(1, 3); batches > 0; --batches) add_batch(builder);
    if (chance_.once_in(4)) add_settled(builder);
    const BodyPtr body = builder.close(first, seq_ - 1, known_us_);
    Folded folded;
    picture_.fold_and_mark(writable(body), folded, &ranks_);
    ledger_.fold(body->bytes());
    bodies_.push_back(body);
  }

  Chance& chance() { return chance_; }
  const Picture& picture() const { return picture_; }
  const Ledger& ledger() const { return ledger_; }
  const SlowModel& model() const { return model_; }
  const std::vector<BodyPtr>& bodies() const { return bodies_; }
  const std::vector<std::string>& units() const { return units_; }
  /// Numbers settled by spool, one by one.
  const std::map<std::uint64_t, std::set<std::uint64_t>>& settled() const { return settled_; }
  std::int64_t known_us() const { return known_us_; }
  /// Two are of one source, as after it was installed again; the others are of another.
  static wire::Spool spool_of(std::uint64_t low) { return {low < 3 ? 77u : 78u, low}; }

 private:
  /// Mostly a moment ago; sometimes long ago, sometimes hours ahead, often the same as before.
  std::int64_t true_time() {
    switch (chance_.pick(0, 5)) {
      case 0:
        return known_us_ - chance_.pick<std::int64_t>(0, 100) * 1'000'000;
      case 1:
        return known_us_ + chance_.pick<std::int64_t>(0, 200) * 1'000'000;
      case 2:
        return last_true_us_;
      default:
        return last_true_us_ = known_us_ - chance_.pick<std::int64_t>(0, 3) * 1'000'000;
    }
  }
  wire::Clock clock() { return chance_.once_in(2) ? wire::Clock::Device : wire::Clock::Satellite; }
  std::string group() { return std::vector<std::string>{"", "patrol", "convoy"}[pick(3)]; }
  std::size_t pick(std::size_t of) { return chance_.pick<std::size_t>(0, of - 1); }

  /// Often all are equal, as where nobody ranks them.
  void change_ranks() {
    ranks_.by_source.clear();
    for (const std::uint64_t source : {77u, 78u}) {
      if (chance_.once_in(2)) ranks_.by_source[source] = chance_.pick<Rank>(0, 2);
    }
    ranks_.fresh_us = chance_.pick<std::int64_t>(1, 30) * 1'000'000;
  }

  void add_batch(BodyBuilder& builder) {
    wire::BatchT batch;
    const std::uint64_t spool = 1 + pick(3);
    batch.spool = std::make_unique<wire::Spool>(spool_of(spool));
    std::uint64_t& number = next_number_[spool];
    const auto take = [&](std::uint64_t count) {
      number += 1 + (chance_.once_in(5) ? pick(3) : 0);  // holes: not sent yet
      const std::uint64_t first = number;
      number += count - 1;
      for (std::uint64_t n = first; n <= number; ++n) settled_[spool].insert(n);
      return first;
    };
    for (std::size_t n = pick(3); n > 0; --n) {
      batch.events.push_back(make_event(units_[pick(units_.size())], take(1)));
    }
    for (std::size_t n = pick(2); n > 0; --n) add_state(batch, take(1));
    for (std::size_t n = 1 + pick(4); n > 0; --n) {
      const std::size_t fixes = 1 + pick(4);
      add_section(batch, take(fixes), fixes);
    }
    const std::int64_t offset = chance_.once_in(2) ? 0 : chance_.pick(-90, 90) * 1'000'000ll;
    const std::uint64_t first = seq_;
    seq_ = stamp(batch, seq_, known_us_, offset);
    model_.add(batch, ranks_);
    builder.append(wire::BlockKind::Batch, packed<wire::Batch>(batch),
                   static_cast<std::uint32_t>(seq_ - first), first);
  }

  void add_state(wire::BatchT& batch, std::uint64_t number) {
    batch.states.push_back(make_state(units_[pick(units_.size())], number));
    wire::StateT& state = *batch.states.back();
    state.true_time_us = true_time();
    state.clock = clock();
    state.group = group();
    state.card->call_sign = fmt::format("call {}", number);
    if (chance_.once_in(4)) {
      state.deleted = true;
      state.card.reset();
    } else if (chance_.once_in(5)) {
      state.kind = static_cast<wire::StateKind>(9);  // of a newer publisher
    }
  }

  void add_section(wire::BatchT& batch, std::uint64_t number, std::size_t fixes) {
    batch.fixes.push_back(make_fixes(units_[pick(units_.size())], number, {}));
    wire::UnitFixesT& section = *batch.fixes.back();
    section.group = group();
    for (std::size_t i = 0; i < fixes; ++i) {
      section.fixes.push_back(make_fix(true_time(), chance_.pick(-900'000'000, 900'000'000),
                                       chance_.pick(-1'800'000'000, 1'800'000'000), clock()));
    }
    if (chance_.once_in(3)) {
      section.readings_bytes = static_cast<std::uint16_t>(1 + pick(3));
      for (std::size_t i = 0; i < fixes * section.readings_bytes; ++i) {
        section.readings.push_back(static_cast<std::uint8_t>(pick(256)));
      }
    }
  }

  void add_settled(BodyBuilder& builder) {
    const std::uint64_t spool = 1 + pick(4);
    const std::uint64_t first = next_number_[spool] + 1 + pick(3);
    next_number_[spool] = first + pick(4);
    wire::SettledT refused;
    refused.spool = std::make_unique<wire::Spool>(spool_of(spool));
    refused.ranges.emplace_back(first, next_number_[spool]);
    for (std::uint64_t n = first; n <= next_number_[spool]; ++n) settled_[spool].insert(n);
    builder.append(wire::BlockKind::Settled, packed<wire::Settled>(refused), 1, seq_++);
  }

  Chance chance_;
  std::vector<std::string> units_;
  std::uint64_t seq_ = 1;
  std::int64_t known_us_ = kNoonUs;
  std::int64_t last_true_us_ = kNoonUs;
  std::map<std::uint64_t, std::uint64_t> next_number_;
  std::map<std::uint64_t, std::set<std::uint64_t>> settled_;
  SourceRanks ranks_;
  Picture picture_;
  Ledger ledger_;
  SlowModel model_;
  std::vector<BodyPtr> bodies_;
};

}  // namespace vigie::test
