// Grants with numbers of their own: nothing that a session is sent tells of what is withheld. Two
// worlds that differ in that alone give the same conversations, byte for byte.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/hub/sessions/own_world.h"

namespace vigie::sessions {
namespace {

using namespace test;

/// What an entry is known by in both worlds, and its seq.
using Seqs = std::map<std::string, std::uint64_t>;

struct Heard {
  Seqs seqs;
  std::vector<std::string> events;  // as they came
  std::vector<wire::Token> tokens;  // after each frame
  std::vector<std::size_t> events_by_then;
  wire::OpenedT opened;
};

void hear_block(const Block& block, bool page, std::uint64_t had_event, Heard& heard) {
  if (block.header->kind() != wire::BlockKind::Batch) return;
  const auto note = [&](const std::string& name, std::uint64_t seq) {
    if (page) return;
    const auto [found, is_new] = heard.seqs.emplace(name, seq);
    EXPECT_EQ(found->second, seq) << name;
  };
  for (const auto* event : each(block.batch().events())) {
    const std::uint64_t seq = event->stamp()->first_seq();
    note("event " + event->text()->str(), seq);
    if (seq > had_event) heard.events.push_back(event->text()->str());
  }
  for (const auto* state : each(block.batch().states())) {
    note("state " + state->card()->call_sign()->str(), state->stamp()->first_seq());
  }
  for (const auto* section : each(block.batch().fixes())) {
    for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
      const wire::Fix& fix = *section->fixes()->Get(i);
      note(fmt::format("fix {} marks {}", fix.true_time_us(), fix.marks()),
           section->stamp()->first_seq() + i);
    }
  }
}

/// As a client hears it, by the rules of PROTOCOL.md.
Heard hear(const Conversation& conversation) {
  Heard heard;
  std::uint64_t fix = 0;
  std::uint64_t event = 0;
  for (const auto& message : conversation) {
    const AlignedBytes aligned(message);
    const Bytes bytes = aligned.bytes();
    if (const auto* opened = verified<wire::Opened>(bytes)) {
      opened->UnPackTo(&heard.opened);
      fix = heard.opened.position->fix();
      event = heard.opened.position->event();
    }
    if (!is_frame(bytes)) continue;
    const Result<Frame> frame = Frame::parse(bytes);
    EXPECT_TRUE(frame);
    const wire::FrameHeader& header = frame->header();
    const bool page = header.kind() == wire::FrameKind::Snapshot;
    if (header.kind() == wire::FrameKind::Live || header.kind() == wire::FrameKind::Conflated) {
      EXPECT_LE(header.prev(), fix);
      EXPECT_LE(header.prev_event(), event);
    }
    frame->for_each_block([&](const Block& block, std::int64_t) {
      hear_block(block, page, header.kind() == wire::FrameKind::Replay ? 0 : event, heard);
    });
    if (page) {
      fix = header.last();
    } else {
      fix = std::max(fix, header.last());
      event = std::max(event, header.last_event());
    }
    heard.tokens.emplace_back(header.log(), event, fix);
    heard.events_by_then.push_back(heard.events.size());
  }
  return heard;
}

wire::OpenT resume(const wire::Token& token) {
  wire::OpenT open = open_for(wire::Mode::Live, wire::StartKind::Token);
  const std::vector<std::byte> bytes = token_bytes(token);
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  open.token.assign(first, first + bytes.size());
  return open;
}

using Conversations = std::map<std::string, Conversation>;

void happen(World& world, const Moment& moment) {
  world.happen(moment);
}

/// As if another source of the unit, of a better rank, had said where it is: every third fix stands
/// aside.
void happen_aside(World& world, const Moment& moment) {
  const std::size_t before = world.room.store.log.size();
  world.happen(moment);
  for (std::size_t i = before; i < world.room.store.log.size(); ++i) {
    BlockWalk walk(world.room.store.log[i]->bytes());
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Batch) continue;
      for (const wire::UnitFixes* section : each(block->batch().fixes())) {
        for (const wire::Fix* fix : *section->fixes()) {
          if (fix->true_time_us() / 2 % 3 != 0) continue;
          const_cast<wire::Fix*>(fix)->mutate_marks(
              static_cast<std::uint8_t>(wire::FixMark::Aside));
        }
      }
    }
  }
}

/// Fixes alone, which are numbered behind what is not asked for.
wire::OpenT tracks_of_it(wire::OpenT open) {
  open.view = std::make_unique<wire::ViewT>();
  open.view->classes = wire::Class::Track;
  return open;
}

/// Everything that may be asked by the grant, while the story happens.
Conversations play(World& world, const std::vector<Moment>& story, const auto& happens) {
  using wire::Mode;
  using wire::StartKind;
  const auto begin = story.begin() + static_cast<std::ptrdiff_t>(story.size() / 3);
  for (auto moment = story.begin(); moment != begin; ++moment) happens(world, *moment);
  std::int64_t now_us = begin->known_us;
  world.reach(now_us);
  world.open("live", open_for(Mode::Live, StartKind::Now));
  world.open("part", part_of_it(open_for(Mode::Live, StartKind::KnownTime)));
  world.open("thin", thin(open_for(Mode::Live, StartKind::KnownTime)));
  world.open("tracks", tracks_of_it(open_for(Mode::Live, StartKind::KnownTime)));
  Conversations all;
  for (auto moment = begin; moment != story.end() || now_us < story.back().known_us + 9'000'000;) {
    for (; moment != story.end() && moment->known_us < now_us + kStepUs; ++moment) {
      happens(world, *moment);
    }
    world.reach(now_us += kStepUs);
  }
  world.open("replay", open_for(Mode::Replay, StartKind::KnownTime));
  world.open("replay tracks", tracks_of_it(open_for(Mode::Replay, StartKind::KnownTime)));
  world.open("replay thin", thin(part_of_it(open_for(Mode::Replay, StartKind::KnownTime))));
  wire::OpenT paced = open_for(Mode::Replay, StartKind::KnownTime);
  paced.time_us = 0;
  paced.speed = 2;
  world.open("replay paced", paced);
  world.open("snapshot", open_for(Mode::Snapshot, StartKind::Now));
  wire::OpenT past = thin(part_of_it(open_for(Mode::Snapshot, StartKind::KnownTime)));
  past.time_us = begin->known_us;
  world.open("snapshot past", past);
  for (int steps = 0; steps < 40; ++steps) world.reach(now_us += kStepUs);
  for (const char* peer : {"live", "part", "thin", "tracks", "replay", "replay thin",
                           "replay paced", "replay tracks", "snapshot", "snapshot past"}) {
    all[peer] = world.take(peer);
  }
  world.open("again", resume(hear(all["thin"]).tokens.at(hear(all["thin"]).tokens.size() / 2)));
  world.reach(now_us + kStepUs);
  all["again"] = world.take("again");
  return all;
}

class OwnNumbers : public test::InWorlds {};
INSTANTIATE_TEST_SUITE_P(Worlds, OwnNumbers, testing::Range(0, 24));

TEST_P(OwnNumbers, worlds_that_differ_in_what_is_withheld_give_the_same_conversations) {
  Chance chance(seed());
  const wire::GrantT terms = make_terms(chance);
  const std::vector<Moment> story = make_story(chance);
  World quiet(terms, chance.pick(1u, 1000u), false);
  World crowded(terms, chance.pick(1u, 1000u), true);
  Conversations a = play(quiet, story, happen);
  Conversations b = play(crowded, story, happen);
  ASSERT_GT(crowded.room.ring.head(), quiet.room.ring.head());
  for (auto& [peer, conversation] : a) {
    EXPECT_GT(conversation.size(), 1u) << peer;
    ASSERT_EQ(conversation.size(), b[peer].size()) << peer;
    for (std::size_t i = 0; i < conversation.size(); ++i) {
      EXPECT_TRUE(conversation[i] == b[peer][i]) << peer << ", message " << i;
    }
  }
  EXPECT_FALSE(hear(a["replay"]).seqs.empty());
}

void expect_the_same(const Conversations& all, const Seqs& whole) {
  for (const char* peer : {"live", "part", "thin", "tracks", "replay thin", "replay paced",
                           "replay tracks", "again"}) {
    for (const auto& [name, seq] : hear(all.at(peer)).seqs) {
      ASSERT_TRUE(whole.contains(name)) << peer << " " << name;
      EXPECT_EQ(whole.at(name), seq) << peer << " " << name;
    }
  }
}

TEST_P(OwnNumbers, are_the_same_live_in_a_replay_for_any_view_and_any_frames) {
  Chance chance(seed());
  const wire::GrantT terms = make_terms(chance);
  World world(terms, chance.pick(1u, 1000u), true);
  const std::vector<Moment> story = make_story(chance);
  const Conversations all = play(world, story, happen);
  const Seqs whole = hear(all.at("replay")).seqs;
  expect_the_same(all, whole);
  if (terms.every_s != 0) return;  // fixes that stand for a step are numbered by their moment
  std::set<std::uint64_t> used;
  for (const auto& [name, seq] : whole) EXPECT_TRUE(used.insert(seq).second) << name;
}

TEST_P(OwnNumbers, are_the_same_where_fixes_stand_aside) {
  Chance chance(seed());
  wire::GrantT terms = make_terms(chance);
  terms.every_s = 0;  // in steps none of them is shown
  World world(terms, chance.pick(1u, 1000u), true);
  const Conversations all = play(world, make_story(chance), happen_aside);
  const Seqs whole = hear(all.at("replay")).seqs;
  const std::string aside = fmt::format(" marks {}", static_cast<int>(wire::FixMark::Aside));
  EXPECT_TRUE(std::any_of(whole.begin(), whole.end(),
                          [&](const auto& entry) { return entry.first.ends_with(aside); }));
  expect_the_same(all, whole);
}

TEST_P(OwnNumbers, resume_from_every_token_also_at_another_start_without_loss_or_double) {
  Chance chance(seed());
  const wire::GrantT terms = make_terms(chance);
  const std::vector<Moment> story = make_story(chance);
  World world(terms, chance.pick(1u, 1000u), true);
  const Heard heard = hear(play(world, story, happen).at("thin"));
  World restarted(terms, 1, false);
  restarted.take_log_of(world);
  std::int64_t now_us = world.room.clock.now_us;
  ASSERT_FALSE(heard.events.empty());
  for (World* hub : {&world, &restarted}) {
    hub->reach(now_us);
    for (std::size_t i = 0; i < heard.tokens.size(); ++i) {
      // With LastPage the first of them: what was had before that began with the picture.
      if (heard.tokens[i].event() == 0) continue;
      hub->open("again", resume(heard.tokens[i]));
      hub->reach(now_us += kStepUs);
      const Heard rest = hear(hub->take("again"));
      EXPECT_FALSE(rest.opened.lost);
      std::vector<std::string> events(
          heard.events.begin(),
          heard.events.begin() + static_cast<std::ptrdiff_t>(heard.events_by_then[i]));
      events.insert(events.end(), rest.events.begin(), rest.events.end());
      EXPECT_EQ(events, heard.events) << "token " << i;
      hub->close_session("again");
    }
  }
}

TEST(OwnNumbersOf, a_disk_that_is_late_nothing_is_passed_over) {
  wire::GrantT terms;
  World world(terms, 1, false);
  world.reach(kNoonUs + 1'000'000);
  world.open("live", open_for(wire::Mode::Live, wire::StartKind::Now));
  world.reach(kNoonUs + 2'000'000);
  Moment moment{.known_us = kNoonUs + 2'000'000, .said = {Said{}}};
  moment.said[0].kind = Said::Kind::Event;
  moment.said[0].unit = "alpha/u0";
  moment.said[0].number = 2;
  moment.said[0].text = "in time, and durable late";
  world.room.late_disk = true;
  world.happen(moment);
  for (int s = 3; s < 10; ++s) world.reach(kNoonUs + s * 1'000'000);
  world.room.late_disk = false;
  world.room.store.sync();
  world.reach(kNoonUs + 11'000'000);
  EXPECT_THAT(hear(world.take("live")).events, testing::ElementsAre(moment.said[0].text));
}

TEST(OwnNumbersOf,
     a_token_of_another_log_or_grant_begins_anew_and_one_before_what_is_kept_is_told) {
  wire::GrantT terms;
  World world(terms, 1, false);
  world.reach(kNoonUs + 5'000'000);
  const wire::LogId own = replay::OwnNames(test::kLog, "alpha/shown").log();
  EXPECT_FALSE(own.high() == test::kLog.high() && own.low() == test::kLog.low());
  const std::uint64_t had = replay::own_end(kNoonUs);
  world.open("other", resume(wire::Token(test::kLog, had, had)));
  EXPECT_EQ(hear(world.take("other")).opened.position->event(), 0u);
  world.open("ahead", resume(wire::Token(own, replay::own_end(kNoonUs * 2), 1)));
  EXPECT_EQ(hear(world.take("ahead")).opened.position->event(), 0u);
  world.open("own", resume(wire::Token(own, had, had)));
  const Heard heard = hear(world.take("own"));
  EXPECT_EQ(heard.opened.position->event(), had);
  EXPECT_FALSE(heard.opened.lost);
  world.room.store.gone_times.event_known_us = kNoonUs + 1'000'000;
  world.room.store.kept_floor = 12'345;
  world.open("late", resume(wire::Token(own, had, had)));
  const wire::OpenedT late = hear(world.take("late")).opened;
  ASSERT_TRUE(late.lost);
  EXPECT_EQ(late.lost->first(), had + 1);
  EXPECT_EQ(replay::moment_of(late.lost->last()) % 3'600'000'000, 0);
  EXPECT_EQ(late.floor, 0u);
}

}  // namespace
}  // namespace vigie::sessions
