// Grants with numbers of their own: nothing that a session is sent tells of what is withheld. Two
// worlds that differ in that alone give the same conversations, byte for byte.

#include <gmock/gmock.h>

#include "hub/replay/workers.h"
#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions {
namespace {

using test::Room;
using vigie::test::Book;
using vigie::test::Chance;
using vigie::test::key;
using vigie::test::kNoonUs;
using Conversation = std::vector<vigie::test::FakeLink::Message>;

constexpr std::int64_t kStepUs = 700'000;
constexpr std::uint64_t kCredit = limits::kCreditBytesMax;

/// Something that was said, as far as both worlds know it.
struct Said {
  enum class Kind { Event, State, Fix };
  Kind kind = Kind::Fix;
  std::string unit;
  std::string group = "north";
  std::string text;          // of an event, or a card's call sign
  std::uint64_t number = 0;  // even: odd ones may be said and withheld
  std::uint64_t referred = 0;
  wire::Fix fix;
};

struct Moment {
  std::int64_t known_us = 0;
  std::vector<Said> said;
};

/// What the grant may show: units of alpha's group north that move, in and out of its area too.
std::vector<Moment> make_story(Chance& chance) {
  std::vector<Moment> story;
  std::int64_t known_us = kNoonUs;
  std::uint64_t number = 0;
  for (int moments = chance.pick(20, 60); moments > 0; --moments) {
    known_us += chance.once_in(4) ? 1 : chance.pick(1'000, 900'000);
    Moment moment{.known_us = known_us, .said = {}};
    for (int count = chance.pick(1, 6); count > 0; --count) {
      Said said;
      said.number = number += 2;
      said.unit = "alpha/u" + std::to_string(chance.pick(0, 4));
      const int kind = chance.pick(0, 9);
      said.text = "said " + std::to_string(number);
      if (chance.once_in(20)) said.text += std::string(4000, '.');
      if (kind < 3) {
        said.kind = Said::Kind::Event;
        if (chance.once_in(2)) said.referred = 2 * chance.pick(1u, 20u);
      } else if (kind < 4) {
        said.kind = Said::Kind::State;
        said.text.resize(std::min<std::size_t>(said.text.size(), 20));
      }
      // Its true time tells one fix from the other.
      said.fix = vigie::test::make_fix(known_us - 1'000 + static_cast<std::int64_t>(number),
                                       chance.pick(0, 100) * 100'000, 15'000'000);
      moment.said.push_back(std::move(said));
    }
    story.push_back(std::move(moment));
  }
  return story;
}

/// A hub that a story happens to, and what else happens beside it.
class World {
 public:
  World(const wire::GrantT& terms, std::uint64_t noise_seed, bool crowded)
      : noise_(noise_seed), crowded_(crowded) {
    room.clock.now_us = book.now_us = kNoonUs;
    book.enrol("alpha/boss", '1', wire::Role::Administrator);
    book.enrol("bravo/room", '2', wire::Role::Console);
    auto grant = Book::grant("alpha/shown", "bravo");
    *grant->grant = terms;
    grant->grant->to = "bravo";
    grant->grant->past = true;
    grant->grant->own_numbers = true;
    book.must(key('1'), std::move(grant));
    if (crowded) publish_hidden(kNoonUs - 1, chance(40));
  }

  void happen(const Moment& moment) {
    if (crowded_ && noise_.once_in(2)) {
      const std::int64_t before_us = std::max(last_us_, moment.known_us - noise_.pick(0, 200'000));
      publish_hidden(before_us, chance(5));
    }
    last_us_ = moment.known_us;
    wire::BatchT batch;
    for (const Said& said : moment.said) {
      if (crowded_ && noise_.once_in(2)) say_hidden(moment.known_us, chance(3));
      say(said, moment.known_us);
      if (crowded_ ? noise_.once_in(2) : noise_.once_in(8)) close(moment.known_us);
    }
    if (crowded_) say_hidden(moment.known_us, chance(2));
    close(moment.known_us);
  }

  /// Time is then so, and everybody does what there is to do.
  void reach(std::int64_t us) {
    if (crowded_ && us > last_us_) publish_hidden(last_us_ = us - 1, chance(2));
    room.clock.now_us = us;
    room.sessions.set_known_time(us);
    for (const std::string& peer : peers_) room.ask(peer, test::grant(kCredit));
    run();
    room.sessions.tick();
    run();
  }

  void open(const std::string& peer, wire::OpenT request) {
    room.link.own(peer, key('2'));
    request.grant = "alpha/shown";
    request.granted_bytes = kCredit;
    room.ask(peer, request);
    peers_.push_back(peer);
    run();
  }
  void close_session(const std::string& peer) {
    room.ask(peer, wire::CloseT());
    std::erase(peers_, peer);
    run();
  }

  /// Another hub on the same log.
  void take_log_of(const World& other) {
    for (const BodyPtr& body : other.room.store.log) room.pass_on(body);
    last_us_ = other.last_us_;
  }

  Conversation take(const std::string& peer) {
    auto& sent = room.link.sent_to(peer);
    Conversation all(sent.begin(), sent.end());
    sent.clear();
    return all;
  }

  static SessionsOptions options() {
    SessionsOptions options;
    options.replays_max = options.replays_per_identity = options.sessions_per_identity = 10'000;
    return options;
  }
  Book book;
  Room room{1, 1 << 20, options(), &book.registry};

 private:
  int chance(int most) { return noise_.pick(0, most); }

  void run() {
    for (int turns = 0; turns < 100'000; ++turns) {
      bool did = room.sessions.step_ready();
      for (replay::Command& command : std::exchange(room.commands, {})) {
        ASSERT_TRUE(workers_.post(std::move(command)));
        did = true;
      }
      did = workers_.step(0) != 0 || did;
      if (!did) return;
    }
    FAIL() << "the world does not come to rest";
  }

  void say(const Said& said, std::int64_t known_us, std::int64_t offset_us = 0) {
    wire::BatchT batch;
    const wire::Spool spool(7, 7);
    batch.spool = std::make_unique<wire::Spool>(spool);
    const auto stamp = std::make_unique<wire::Stamp>(next_seq_, known_us, offset_us, 0, 0);
    if (said.kind == Said::Kind::Event) {
      auto event = vigie::test::make_event(said.unit, said.number);
      *event->stamp = *stamp;
      event->group = said.group;
      event->text = said.text;
      event->references.clear();
      if (said.referred != 0) event->references.emplace_back(spool, said.referred);
      event->position = std::make_unique<wire::Position>(said.fix.lat_e7(), said.fix.lon_e7());
      batch.events.push_back(std::move(event));
    } else if (said.kind == Said::Kind::State) {
      auto state = vigie::test::make_state(said.unit, said.number);
      *state->stamp = *stamp;
      state->group = said.group;
      state->true_time_us = known_us;
      state->card->call_sign = said.text;
      batch.states.push_back(std::move(state));
    } else {
      auto fixes = vigie::test::make_fixes(said.unit, said.number, {said.fix});
      *fixes->stamp = *stamp;
      fixes->group = said.group;
      batch.fixes.push_back(std::move(fixes));
    }
    if (body_first_ == 0) body_first_ = next_seq_;
    flatbuffers::FlatBufferBuilder builder;
    builder.ForceDefaults(true);
    builder_.append(wire::BlockKind::Batch, finished(builder, wire::Batch::Pack(builder, &batch)),
                    1, next_seq_++);
  }

  /// Of another owner, of another group, and of the very units and publishers that are shown.
  void say_hidden(std::int64_t known_us, int count) {
    for (; count > 0; --count) {
      Said said;
      said.kind = static_cast<Said::Kind>(noise_.pick(0, 2));
      said.number = 1 + 2 * noise_.pick(std::uint64_t{0}, std::uint64_t{200});
      said.text = "withheld";
      said.fix = vigie::test::make_fix(known_us, noise_.pick(0, 100) * 100'000);
      const int whose = noise_.pick(0, 2);
      said.group = whose == 0 ? "north" : "south";
      said.unit = (whose == 0 ? "bravo/u" : "alpha/h") + std::to_string(noise_.pick(0, 5));
      if (whose == 2 && said.kind != Said::Kind::State) {
        // An old fix: one that is new would take the unit out of what is shown.
        said.unit = "alpha/u" + std::to_string(noise_.pick(0, 4));
        said.fix.mutate_true_time_us(known_us - 900'000'000'000);
      }
      say(said, known_us);
      if (builder_.bytes() > 100'000) close(known_us);
    }
  }
  void publish_hidden(std::int64_t known_us, int count) {
    say_hidden(known_us, count);
    close(known_us);
  }
  void close(std::int64_t known_us) {
    if (body_first_ == 0) return;
    room.pass_on(builder_.close(std::exchange(body_first_, 0), next_seq_ - 1, known_us));
  }

  Chance noise_;
  const bool crowded_;
  std::uint64_t next_seq_ = 1;
  std::uint64_t body_first_ = 0;
  std::int64_t last_us_ = kNoonUs - 1;
  BodyBuilder builder_;
  std::vector<std::string> peers_;
  replay::Workers workers_{1, room.store, room.clock, test::kLog, [this](replay::Output&& output) {
                             room.sessions.on_worker_output(std::move(output));
                             return true;
                           }};
};

wire::GrantT make_terms(Chance& chance) {
  wire::GrantT terms;
  terms.groups = {"north"};
  terms.delay_s = chance.once_in(2) ? 0 : 3;
  terms.every_s = chance.once_in(2) ? 0 : 2;
  terms.round_m = chance.once_in(2) ? 0 : 1000;
  if (chance.once_in(2)) terms.area = std::make_unique<wire::Area>(0, 0, 900'000'000, 5'000'000);
  return terms;
}

wire::OpenT open_for(wire::Mode mode, wire::StartKind start) {
  wire::OpenT open = Room::open_request();
  open.mode = mode;
  open.start = start;
  open.time_us = kNoonUs;
  return open;
}

wire::OpenT part_of_it(wire::OpenT open) {
  open.view = std::make_unique<wire::ViewT>();
  open.view->units = {"alpha/u0", "alpha/u1", "alpha/u2"};
  open.view->area = std::make_unique<wire::Area>(0, 0, 900'000'000, 3'000'000);
  return open;
}

wire::OpenT thin(wire::OpenT open) {
  open.frame_bytes_max = limits::kFrameBytesMin;
  return open;
}

/// What an entry is known by in both worlds, and its seq.
using Seqs = std::map<std::string, std::uint64_t>;

struct Heard {
  Seqs seqs;
  std::vector<std::string> events;  // as they came
  std::vector<wire::Token> tokens;  // after each frame
  std::vector<std::size_t> events_by_then;
  wire::OpenedT opened;
  std::uint64_t greatest = 0;  // of all numbers
  std::uint64_t snapshot_seqs = 0;
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
      note("fix " + std::to_string(section->fixes()->Get(i)->true_time_us()),
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

/// Everything that may be asked by the grant, while the story happens.
Conversations play(World& world, const std::vector<Moment>& story) {
  using wire::Mode;
  using wire::StartKind;
  const auto begin = story.begin() + static_cast<std::ptrdiff_t>(story.size() / 3);
  for (auto moment = story.begin(); moment != begin; ++moment) world.happen(*moment);
  std::int64_t now_us = begin->known_us;
  world.reach(now_us);
  world.open("live", open_for(Mode::Live, StartKind::Now));
  world.open("part", part_of_it(open_for(Mode::Live, StartKind::KnownTime)));
  world.open("thin", thin(open_for(Mode::Live, StartKind::KnownTime)));
  Conversations all;
  for (auto moment = begin; moment != story.end() || now_us < story.back().known_us + 9'000'000;) {
    for (; moment != story.end() && moment->known_us < now_us + kStepUs; ++moment) {
      world.happen(*moment);
    }
    world.reach(now_us += kStepUs);
  }
  world.open("replay", open_for(Mode::Replay, StartKind::KnownTime));
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
  for (const char* peer : {"live", "part", "thin", "replay", "replay thin", "replay paced",
                           "snapshot", "snapshot past"}) {
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
  Conversations a = play(quiet, story);
  Conversations b = play(crowded, story);
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

TEST_P(OwnNumbers, are_the_same_live_in_a_replay_for_any_view_and_any_frames) {
  Chance chance(seed());
  const wire::GrantT terms = make_terms(chance);
  World world(terms, chance.pick(1u, 1000u), true);
  const std::vector<Moment> story = make_story(chance);
  const Conversations all = play(world, story);
  const Seqs whole = hear(all.at("replay")).seqs;
  std::set<std::uint64_t> used;
  for (const char* peer : {"live", "part", "thin", "replay thin", "replay paced", "again"}) {
    for (const auto& [name, seq] : hear(all.at(peer)).seqs) {
      ASSERT_TRUE(whole.contains(name)) << peer << " " << name;
      EXPECT_EQ(whole.at(name), seq) << peer << " " << name;
    }
  }
  if (terms.every_s != 0) return;  // fixes that stand for a step are numbered by their moment
  for (const auto& [name, seq] : whole) EXPECT_TRUE(used.insert(seq).second) << name;
}

TEST_P(OwnNumbers, resume_from_every_token_also_at_another_start_without_loss_or_double) {
  Chance chance(seed());
  const wire::GrantT terms = make_terms(chance);
  const std::vector<Moment> story = make_story(chance);
  World world(terms, chance.pick(1u, 1000u), true);
  const Heard heard = hear(play(world, story).at("thin"));
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
