// Grants that round and thin: nothing finer than their terms can be inferred, from no border and
// no leaving either. Two worlds that differ only in where inside their cells units were, how fast
// and whither, and in what happened inside a step before its newest fix, give the same
// conversations, byte for byte.

#include <gmock/gmock.h>

#include "schemas/model/terms.h"
#include "tests/unit/hub/sessions/own_world.h"

namespace vigie::sessions {
namespace {

using namespace test;

constexpr std::uint32_t kRoundM = 1000;
constexpr std::int32_t kCellE7 = 89'831;  // its height, and about its width so near the equator
constexpr std::int32_t kQuarterE7 = kCellE7 / 4;
constexpr std::int32_t kCells = 3;  // each way, in which everything happens

/// The middle of one of the few cells.
CellCentre cell(std::int32_t row, std::int32_t column) {
  return cell_centre(5'000'000 + row * kCellE7, 15'000'000 + column * kCellE7, kRoundM);
}

/// Borders that run through the middle row and column, beside the middles of their cells.
struct Borders {
  explicit Borders(Chance& chance)
      : north_e7(cell(1, 1).lat_e7 + (chance.once_in(2) ? kQuarterE7 : -kQuarterE7)),
        east_e7(cell(1, 1).lon_e7 + (chance.once_in(2) ? kQuarterE7 : -kQuarterE7)) {}
  std::unique_ptr<wire::Area> below() const {
    return std::make_unique<wire::Area>(0, 0, 900'000'000, north_e7);
  }
  std::unique_ptr<wire::Area> left() const {
    return std::make_unique<wire::Area>(0, 0, east_e7, 900'000'000);
  }
  bool part(const wire::Fix& a, const wire::Fix& b) const {
    return (a.lat_e7() > north_e7) != (b.lat_e7() > north_e7) ||
           (a.lon_e7() > east_e7) != (b.lon_e7() > east_e7);
  }
  std::int32_t north_e7, east_e7;
};

void move_to(wire::Fix& fix, std::int32_t lat_e7, std::int32_t lon_e7, Chance& chance) {
  fix.mutate_lat_e7(lat_e7);
  fix.mutate_lon_e7(lon_e7);
  fix.mutate_altitude_mm(chance.pick(0, 2'000'000));
  fix.mutate_speed_mm_s(chance.pick(0u, 30'000u));
  fix.mutate_course_mdeg(chance.pick(0u, 359'999u));
  fix.mutate_h_accuracy_mm(chance.pick(0u, 20'000u));
  fix.mutate_v_accuracy_mm(chance.pick(0u, 20'000u));
}

/// Anywhere in the cell.
void move_within(wire::Fix& fix, CellCentre centre, Chance& chance) {
  constexpr std::int32_t kHalf = kCellE7 / 2;
  CellCentre got{};
  do {
    move_to(fix, centre.lat_e7 + chance.pick(-kHalf, kHalf),
            centre.lon_e7 + chance.pick(-kHalf, kHalf), chance);
    got = cell_centre(fix.lat_e7(), fix.lon_e7(), kRoundM);
  } while (got.lat_e7 != centre.lat_e7 || got.lon_e7 != centre.lon_e7);
}

/// As make_story(), in a few cells that the borders run through.
std::vector<Moment> make_story_at_borders(Chance& chance) {
  std::vector<Moment> story = make_story(chance);
  while (story.size() < 30) story = make_story(chance);
  for (Moment& moment : story) {
    for (Said& said : moment.said) {
      move_within(said.fix, cell(chance.pick(0, kCells - 1), chance.pick(0, kCells - 1)), chance);
    }
  }
  return story;
}

/// The last fix of each unit in each step.
std::set<const Said*> newest_of_steps(const std::vector<Moment>& story, const Terms& terms) {
  std::map<std::pair<std::string, std::int64_t>, const Said*> newest;
  for (const Moment& moment : story) {
    for (const Said& said : moment.said) {
      if (said.kind != Said::Kind::Fix) continue;
      newest[{said.unit, terms.step_of(moment.known_us)}] = &said;
    }
  }
  std::set<const Said*> all;
  for (const auto& [place, said] : newest) all.insert(said);
  return all;
}

/// The same as far as the terms show it, and else another one.
std::vector<Moment> twin_of(const std::vector<Moment>& story, const wire::GrantT& shown,
                            bool own_numbers, Chance& chance) {
  const Terms terms{.every_us = shown.every_s * std::int64_t{1'000'000}, .round_m = shown.round_m};
  const std::set<const Said*> newest = newest_of_steps(story, terms);
  std::vector<Moment> twin;
  for (const Moment& moment : story) {
    twin.push_back({.known_us = moment.known_us, .said = {}});
    for (const Said& said : moment.said) {
      Said other = said;
      const bool passed_over =
          terms.every_us != 0 && said.kind == Said::Kind::Fix && !newest.contains(&said);
      if (passed_over) {
        // How many there were is told by seqs that are the log's.
        if (own_numbers && chance.once_in(2)) continue;
        move_to(other.fix, chance.pick(0, 10'000'000), chance.pick(0, 30'000'000), chance);
        const std::int64_t earlier_us = chance.pick(0, own_numbers ? 3'000'000 : 1);
        other.fix.mutate_true_time_us(said.fix.true_time_us() - earlier_us);
      } else if (terms.round_m != 0) {
        move_within(other.fix, cell_centre(said.fix.lat_e7(), said.fix.lon_e7(), kRoundM), chance);
        other.litres = std::to_string(chance.pick(100, 999));
      }
      twin.back().said.push_back(std::move(other));
    }
  }
  return twin;
}

using Conversations = std::map<std::string, Conversation>;

wire::OpenT beside(wire::OpenT open, const Borders& borders) {
  open.view = std::make_unique<wire::ViewT>();
  open.view->area = borders.left();
  open.view->area_cuts_events = true;
  return open;
}

wire::OpenT recorded(wire::OpenT open, std::int64_t until_us) {
  open.recording = true;
  open.until_us = until_us;
  return open;
}

/// What the guest is told, live from a third of the story on and of all that is past then.
Conversations play(World& world, const std::vector<Moment>& story, const Borders& borders) {
  using wire::Mode;
  using wire::StartKind;
  const wire::OpenT live = open_for(Mode::Live, StartKind::KnownTime);
  const wire::OpenT replay = open_for(Mode::Replay, StartKind::KnownTime);
  const auto begin = story.begin() + static_cast<std::ptrdiff_t>(story.size() / 3);
  for (auto moment = story.begin(); moment != begin; ++moment) world.happen(*moment);
  std::int64_t now_us = begin->known_us;
  std::vector<std::string> peers;
  const auto opened = [&](const std::string& peer, const wire::OpenT& open) {
    world.open(peer, open);
    peers.push_back(peer);
  };
  world.reach(now_us);
  opened("live", open_for(Mode::Live, StartKind::Now));
  opened("live beside", beside(live, borders));
  opened("live beside thin", thin(beside(live, borders)));
  for (auto moment = begin; moment != story.end() || now_us < story.back().known_us + 9'000'000;) {
    for (; moment != story.end() && moment->known_us < now_us + kStepUs; ++moment) {
      world.happen(*moment);
    }
    world.reach(now_us += kStepUs);
  }
  opened("replay", replay);
  opened("replay beside", beside(replay, borders));
  opened("replay beside thin", thin(beside(replay, borders)));
  opened("recording", recorded(replay, now_us - 1'234'567));
  opened("recording beside", recorded(beside(replay, borders), now_us - 1'234'567));
  opened("snapshot", open_for(Mode::Snapshot, StartKind::Now));
  for (const Moment& moment : story) {
    if (moment.known_us % 3 != 0) continue;
    wire::OpenT past = beside(open_for(Mode::Snapshot, StartKind::KnownTime), borders);
    past.time_us = moment.known_us;
    opened("picture of " + std::to_string(moment.known_us), past);
  }
  for (int steps = 0; steps < 10; ++steps) world.reach(now_us += kStepUs);
  Conversations all;
  for (const std::string& peer : peers) all[peer] = world.take(peer);
  return all;
}

/// Terms that round, or thin, or both.
wire::GrantT make_coarse_terms(Chance& chance, const Borders& borders) {
  wire::GrantT terms;
  terms.groups = {"north"};
  terms.delay_s = chance.once_in(2) ? 0 : 3;
  const int which = chance.pick(0, 2);
  terms.every_s = which == 0 ? 0 : 2;
  terms.round_m = which == 1 ? 0 : kRoundM;
  if (chance.once_in(2)) terms.area = borders.below();
  return terms;
}

/// Whether a border runs between where the same was in both worlds.
bool are_parted(const std::vector<Moment>& a, const std::vector<Moment>& b,
                const Borders& borders) {
  std::map<std::uint64_t, const Said*> by_number;
  for (const Moment& moment : a) {
    for (const Said& said : moment.said) by_number[said.number] = &said;
  }
  for (const Moment& moment : b) {
    for (const Said& said : moment.said) {
      if (borders.part(by_number.at(said.number)->fix, said.fix)) return true;
    }
  }
  return false;
}

class TermsInference : public test::InWorlds {};
INSTANTIATE_TEST_SUITE_P(Worlds, TermsInference, testing::Range(0, 36));

TEST_P(TermsInference, worlds_that_differ_in_what_is_finer_give_the_same_conversations) {
  Chance chance(seed());
  const Borders borders(chance);
  const bool own_numbers = chance.once_in(2);
  const wire::GrantT terms = make_coarse_terms(chance, borders);
  const std::vector<Moment> story = make_story_at_borders(chance);
  const std::vector<Moment> twin = twin_of(story, terms, own_numbers, chance);
  ASSERT_TRUE(are_parted(story, twin, borders)) << "the worlds show nothing";
  World one(terms, 1, false, own_numbers);
  World other(terms, 1, false, own_numbers);
  Conversations a = play(one, story, borders);
  Conversations b = play(other, twin, borders);
  for (auto& [peer, conversation] : a) {
    ASSERT_GT(conversation.size(), 1u) << peer;
    EXPECT_NE(verified<wire::Opened>(AlignedBytes(conversation.front()).bytes()), nullptr) << peer;
    ASSERT_EQ(conversation.size(), b[peer].size()) << peer;
    for (std::size_t i = 0; i < conversation.size(); ++i) {
      EXPECT_TRUE(conversation[i] == b[peer][i]) << peer << ", message " << i;
    }
  }
}

}  // namespace
}  // namespace vigie::sessions
