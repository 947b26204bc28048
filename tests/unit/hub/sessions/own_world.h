#pragma once
// A hub with a grant that has numbers of its own: a story happens to it, and, where the test wants
// it, much else that the grant withholds.

#include "hub/replay/workers.h"
#include "tests/unit/hub/sessions/room.h"
#include "tests/unit/schemas/samples.h"
#include "tests/unit/support/access_book.h"

namespace vigie::sessions::test {

using vigie::test::Book;
using vigie::test::Chance;
using vigie::test::key;
using vigie::test::kNoonUs;
using Conversation = std::vector<vigie::test::FakeLink::Message>;

inline constexpr std::int64_t kStepUs = 700'000;
inline constexpr std::uint64_t kCredit = limits::kCreditBytesMax;

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
  std::string litres = "400";  // a field of an event
};

struct Moment {
  std::int64_t known_us = 0;
  std::vector<Said> said;
};

/// What the grant may show: units of alpha's group north that move, in and out of its area too.
inline std::vector<Moment> make_story(Chance& chance) {
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
  World(const wire::GrantT& terms, std::uint64_t noise_seed, bool crowded, bool own_numbers = true)
      : noise_(noise_seed), crowded_(crowded) {
    room.clock.now_us = book.now_us = kNoonUs;
    book.enrol("alpha/boss", '1', wire::Role::Administrator);
    book.enrol("bravo/room", '2', wire::Role::Console);
    auto grant = Book::grant("alpha/shown", "bravo");
    *grant->grant = terms;
    grant->grant->to = "bravo";
    grant->grant->past = true;
    grant->grant->own_numbers = own_numbers;
    book.must(key('1'), std::move(grant));
    if (crowded) publish_hidden(kNoonUs - 1, chance(40));
  }

  void happen(const Moment& moment) {
    if (crowded_ && noise_.once_in(2)) {
      const std::int64_t before_us = std::max(last_us_, moment.known_us - noise_.pick(0, 200'000));
      publish_hidden(before_us, chance(5));
    }
    last_us_ = moment.known_us;
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
    for (const std::string& peer : peers_) room.ask(peer, grant(kCredit));
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
      event->fields.back()->value = said.litres;
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
  replay::Workers workers_{1, room.store, room.clock, kLog, [this](replay::Output&& output) {
                             room.sessions.on_worker_output(std::move(output));
                             return true;
                           }};
};

inline wire::GrantT make_terms(Chance& chance) {
  wire::GrantT terms;
  terms.groups = {"north"};
  terms.delay_s = chance.once_in(2) ? 0 : 3;
  terms.every_s = chance.once_in(2) ? 0 : 2;
  terms.round_m = chance.once_in(2) ? 0 : 1000;
  if (chance.once_in(2)) terms.area = std::make_unique<wire::Area>(0, 0, 900'000'000, 5'000'000);
  return terms;
}

inline wire::OpenT open_for(wire::Mode mode, wire::StartKind start) {
  wire::OpenT open = Room::open_request();
  open.mode = mode;
  open.start = start;
  open.time_us = kNoonUs;
  return open;
}

inline wire::OpenT part_of_it(wire::OpenT open) {
  open.view = std::make_unique<wire::ViewT>();
  open.view->units = {"alpha/u0", "alpha/u1", "alpha/u2"};
  open.view->area = std::make_unique<wire::Area>(0, 0, 900'000'000, 3'000'000);
  return open;
}

inline wire::OpenT thin(wire::OpenT open) {
  open.frame_bytes_max = limits::kFrameBytesMin;
  return open;
}

}  // namespace vigie::sessions::test
