// The hub's rooms, trackers and consoles of two owners on one thread, with simulated time, links
// and disk; crashes at any step, and rights that come and go; the promises watched by an account
// outside. A failure prints its seed, and
// repeats exactly:
//     VIGIE_SEED=123 VIGIE_SIMULATIONS=1 build/tests/test_crash_simulation_simulation_test

#include <gtest/gtest.h>

#include "tests/crash/simulation/guest.h"
#include "tests/unit/schemas/seed.h"

namespace vigie::simulation {
namespace {

constexpr int kSteps = 4000;
constexpr int kCalmSteps = 20'000;

int simulations() {
  const char* given = std::getenv("VIGIE_SIMULATIONS");
  return given == nullptr ? 40 : std::atoi(given);
}

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : world_(seed), hub_(world_), office_(world_, hub_) {
    for (int i = 0; i < 4; ++i) {
      trackers_.push_back(std::make_unique<Tracker>(world_, hub_, office_.tracker(i), i));
    }
    client::View everything;
    client::View events{.fixes = false, .states = false};
    client::View north{.channels = {"*/alpha/north"}};
    client::View area{.area = client::Area{20, 20, 80, 80}};
    client::View paced{.pace_ms = 500};
    for (const client::View& view : {everything, events, north, area, paced}) {
      const Person& who = office_.room(world_.chance(500) ? "alpha" : "bravo");
      consoles_.push_back(std::make_unique<Console>(world_, hub_, who, view));
      views_.push_back(view);
    }
    for (const char* owner : {"alpha", "bravo"}) {
      guests_.push_back(std::make_unique<Guest>(world_, hub_, office_, owner));
    }
  }

  void run() {
    start();
    enrol();
    for (int step = 0; step < kSteps && !failed(); ++step) {
      advance(20'000);
      if (hub_.up()) {
        if (world_.chance(2))
          hub_.clock.step_us += static_cast<std::int64_t>(world_.pick(20'000'000)) - 10'000'000;
        if (world_.chance(2))
          hub_.disk().set_space(world_.pick(2) == 0 ? kFreeBytesMin / 2 : UINT64_MAX);
        hub_.step();
        if (hub_.front().broken().empty() ? world_.chance(2) : true) hub_.crash();
      } else if (world_.chance(20)) {
        start();
      }
      office_.step(false);
      step_clients(false);
    }
    calm_down();
    if (!failed()) check();
  }
  std::uint64_t released() const { return hub_.released(); }
  std::uint64_t shown_by_terms() const { return guests_[0]->shown() + guests_[1]->shown(); }

 private:
  static bool failed() { return testing::Test::HasFailure(); }
  void advance(std::uint64_t most_us) {
    world_.now_us += static_cast<std::int64_t>(world_.pick(most_us));
  }
  void start() {
    hub_.disk().set_space(UINT64_MAX);
    std::string why;
    ASSERT_TRUE(hub_.start(why)) << why;
  }
  /// Everybody, before anything goes wrong.
  void enrol() {
    for (int step = 0; step < kCalmSteps && !failed(); ++step) {
      advance(20'000);
      hub_.settle();
      office_.step(true);
      if (office_.at_rest()) return;
    }
    ADD_FAILURE() << "nobody is enrolled";
  }
  void step_clients(bool calm) {
    for (const auto& tracker : trackers_) tracker->step(calm);
    for (const auto& console : consoles_) console->step(calm);
    for (const auto& guest : guests_) guest->step(calm);
  }

  /// Nothing goes wrong any more: all must come to rest by itself.
  void calm_down() {
    if (failed()) return;
    hub_.disk().set_space(UINT64_MAX);
    if (!hub_.up()) start();
    for (int step = 0; step < kCalmSteps && !failed() && !at_rest(); ++step) {
      advance(20'000);
      if (!hub_.front().broken().empty()) {
        hub_.crash();
        start();
      }
      hub_.settle();
      office_.step(true);
      step_clients(true);
    }
    EXPECT_TRUE(at_rest()) << why_not_;
  }

  bool at_rest() {
    why_not_.clear();
    if (!office_.at_rest()) why_not_ += "the office waits; ";
    for (std::size_t i = 0; i < trackers_.size(); ++i) {
      if (!trackers_[i]->publisher().settled())
        why_not_ += "tracker " + std::to_string(i) + " waits; ";
    }
    if (!hub_.front().drained()) why_not_ += "the log is not durable; ";
    const std::uint64_t head = hub_.front().next_seq() - 1;
    for (std::size_t i = 0; i < consoles_.size(); ++i) {
      if (consoles_[i]->position() >= head) continue;
      why_not_ += "console " + std::to_string(i) + " stands at " +
                  std::to_string(consoles_[i]->position()) + " of " + std::to_string(head) + "; ";
    }
    return why_not_.empty();
  }

  /// An event of the log, as far as its way to consoles hangs on it.
  struct LoggedEvent {
    Name name;
    std::string owner;
    std::string group;
    std::string unit;
    std::int64_t known_us;
  };
  struct Logged {
    std::map<Name, int> stored;
    std::map<std::uint64_t, Name> seqs;
    std::map<std::uint64_t, LoggedEvent> events;
    Picture fold;
    // By console: the seq at which what it may see changed last.
    std::vector<std::uint64_t> rights_since;
  };

  void check() {
    EXPECT_EQ(hub_.wrong(), "") << "promise 6";
    EXPECT_EQ(office_.wrong(), "");
    for (const auto& guest : guests_) EXPECT_EQ(guest->wrong(), "") << "promise 6, by terms";
    Logged log;
    read_log(log);
    for (const auto& tracker : trackers_) {
      for (const Name& name : tracker->foreign()) {
        EXPECT_EQ(log.stored[name], 0)
            << "promise 6: said for another's unit " << std::get<2>(name);
      }
      for (const Name& name : tracker->publisher().acknowledged()) {
        if (tracker->foreign().contains(name)) continue;  // settled: refused for good
        EXPECT_EQ(log.stored[name], 1)
            << "promises 1 and 2: acknowledged number " << std::get<2>(name);
      }
    }
    for (std::size_t i = 0; i < consoles_.size(); ++i) check_console(i, log);
  }

  /// What each console may see by now, where a state that says so has just been folded.
  void note_rights(const security::Registry& registry, std::uint64_t seq,
                   std::vector<std::string>& rights, Logged& log) const {
    for (std::size_t i = 0; i < consoles_.size(); ++i) {
      const std::string now = rights_of(registry, consoles_[i]->who().name);
      if (now == rights[i]) continue;
      rights[i] = now;
      log.rights_since[i] = seq;
    }
  }
  static std::string rights_of(const security::Registry& registry, const std::string& name) {
    // Who is revoked keeps his place, and gets what he missed when he is enrolled again.
    const security::Identity who{.name = name, .role = wire::Role::Console};
    return registry.entitlement(who, INT64_MAX - 1)->key();
  }

  void read_log(Logged& log) {
    security::Registry registry({});
    std::vector<std::string> rights(consoles_.size());
    log.rights_since.resize(consoles_.size());
    note_rights(registry, 0, rights, log);
    const auto reader = hub_.store().log_reader();
    reader->seek(1);
    while (true) {
      const Result<Bytes> body = reader->next();
      ASSERT_TRUE(body) << body.fault().sentence;
      if (body->empty()) return;
      log.fold.fold(*body);
      BlockWalk walk(*body);
      while (const auto block = walk.next()) {
        if (block->header->kind() != wire::BlockKind::Batch) continue;
        const wire::Batch& batch = block->batch();
        const auto note = [&](std::uint64_t number, std::uint64_t seq) {
          const Name name{batch.spool()->high(), batch.spool()->low(), number};
          ++log.stored[name];
          EXPECT_TRUE(log.seqs.emplace(seq, name).second) << "seq " << seq << " twice";
        };
        for (const auto* event : each(batch.events())) {
          const std::uint64_t seq = event->stamp()->first_seq();
          note(event->number(), seq);
          const std::string unit(text_of(event->unit()));
          log.events[seq] = {log.seqs[seq], std::string(owner_of(unit)),
                             std::string(text_of(event->group())), unit,
                             event->stamp()->known_time_us()};
        }
        for (const auto* state : each(batch.states())) {
          note(state->number(), state->stamp()->first_seq());
          if (!registry.note(*state)) continue;
          note_rights(registry, state->stamp()->first_seq(), rights, log);
        }
        for (const auto* section : each(batch.fixes())) {
          for (std::uint64_t k = 0; k < section->fixes()->size(); ++k) {
            note(section->first_number() + k, section->stamp()->first_seq() + k);
          }
        }
      }
    }
  }

  void check_console(std::size_t index, const Logged& log) {
    const Console& console = *consoles_[index];
    EXPECT_EQ(console.wrong(), "") << "console " << index;
    for (const auto& [seq, name] : console.names_by_seq()) {
      const auto stored = log.seqs.find(seq);
      if (stored == log.seqs.end()) continue;
      EXPECT_EQ(stored->second, name) << "seq " << seq << " was given out twice";
    }
    for (const auto& [name, times] : console.shown_events()) {
      EXPECT_EQ(times, 1) << "promise 3: console " << index << " was shown event "
                          << std::get<2>(name) << " twice";
    }
    const auto rights = hub_.entitlement(console.who().key);
    ASSERT_NE(rights, nullptr);
    check_events(index, log, *rights);
    if (views_[index].fixes) check_units(index, log.fold, *rights);
  }

  void check_events(std::size_t index, const Logged& log, const Entitlement& rights) {
    const Console& console = *consoles_[index];
    if (!views_[index].channels.empty()) return;
    for (const auto& [seq, event] : log.events) {
      const AccessEntry entry{MessageClass::Event, event.owner,    event.group,
                              event.unit,          event.known_us, std::nullopt};
      const bool own = event.owner == owner_of(console.who().name);
      // What was released and withdrawn meanwhile it may have got or not.
      const bool steady = seq > log.rights_since[index];
      const bool due = seq > console.due_after() && (own || steady);
      if (!due) continue;
      // Fed before durable, lost in a crash and sent again it is another entry: what was permitted
      // of the first need not be of the second.
      const bool permitted = rights.permits(entry, event.known_us);
      const bool shown = permitted ? console.shown_events().contains(event.name)
                                   : console.names_by_seq().contains(seq);
      EXPECT_EQ(shown, permitted) << "promises 3 and 6: console " << index << ", event "
                                  << std::get<2>(event.name) << " at seq " << seq << ", due after "
                                  << console.due_after();
    }
  }

  void check_units(std::size_t index, const Picture& fold, const Entitlement& rights) {
    const client::View& view = views_[index];
    for (const Unit& unit : fold.units()) {
      const ChannelKey& channel = fold.channels()[unit.channel];
      const AccessPoint at{unit.fix.lat_e7(), unit.fix.lon_e7()};
      const bool in_channel =
          view.channels.empty() || (unit.name.starts_with("alpha/") && channel.group == "north");
      const bool in_area =
          !view.area || (at.lat_e7 >= 20 && at.lat_e7 <= 80 && at.lon_e7 >= 20 && at.lon_e7 <= 80);
      const bool permitted = rights.permits({MessageClass::Track, channel.owner, channel.group,
                                             unit.name, unit.stamp.known_time_us(), at},
                                            kPresentUs);
      const Unit* shown = consoles_[index]->picture().find_unit(unit.name);
      EXPECT_EQ(shown == nullptr ? 0 : shown->seq,
                in_channel && in_area && permitted ? unit.seq : 0)
          << "promises 4 and 6: console " << index << ", unit " << unit.name;
    }
  }

  World world_;
  Hub hub_;
  Office office_;
  std::vector<std::unique_ptr<Tracker>> trackers_;
  std::vector<std::unique_ptr<Console>> consoles_;
  std::vector<client::View> views_;
  std::vector<std::unique_ptr<Guest>> guests_;
  std::string why_not_;
};

TEST(Simulation, keeps_the_promises_whatever_is_cut_killed_full_or_wrong) {
  const std::uint64_t first = test::seed();
  std::uint64_t released = 0;
  std::uint64_t by_terms = 0;
  for (int i = 0; i < simulations(); ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    Simulation simulation(seed);
    simulation.run();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    released += simulation.released();
    by_terms += simulation.shown_by_terms();
  }
  // One alone may be without a grant.
  if (simulations() > 5) {
    EXPECT_GT(released, 0u) << "nobody saw what another released: the test shows little";
    EXPECT_GT(by_terms, 0u) << "nobody was shown anything by a grant with terms";
  }
}

}  // namespace
}  // namespace vigie::simulation
