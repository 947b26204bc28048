// The hub's rooms, trackers and consoles on one thread, with simulated time, links and disk;
// crashes at any step; the promises watched by an account outside. A failure prints its seed, and
// repeats exactly:
//     VIGIE_SEED=123 VIGIE_SIMULATIONS=1 build/tests/test_crash_simulation_simulation_test

#include <gtest/gtest.h>

#include "tests/crash/simulation/clients.h"
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
  explicit Simulation(std::uint64_t seed) : world_(seed), hub_(world_) {
    for (int i = 0; i < 4; ++i) trackers_.push_back(std::make_unique<Tracker>(world_, hub_, i));
    client::View everything;
    client::View events{.fixes = false, .states = false};
    client::View north{.channels = {"*/alpha/north"}};
    client::View area{.area = client::Area{20, 20, 80, 80}};
    client::View paced{.pace_ms = 500};
    for (const client::View& view : {everything, events, north, area, paced}) {
      consoles_.push_back(std::make_unique<Console>(world_, hub_, view));
      views_.push_back(view);
    }
  }

  void run() {
    start();
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
      step_clients(false);
    }
    calm_down();
    if (!failed()) check();
  }

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
  void step_clients(bool calm) {
    for (const auto& tracker : trackers_) tracker->step(calm);
    for (const auto& console : consoles_) console->step(calm);
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
      step_clients(true);
    }
    EXPECT_TRUE(at_rest()) << why_not_;
  }

  bool at_rest() {
    why_not_.clear();
    for (std::size_t i = 0; i < trackers_.size(); ++i) {
      if (!trackers_[i]->settled()) why_not_ += "tracker " + std::to_string(i) + " waits; ";
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

  void check() {
    std::map<Name, int> stored;
    std::map<std::uint64_t, Name> seqs;
    Picture fold;
    read_log(stored, seqs, fold);
    for (const auto& tracker : trackers_) {
      for (const Name& name : tracker->acknowledged()) {
        EXPECT_EQ(stored[name], 1) << "promises 1 and 2: acknowledged number " << std::get<2>(name);
      }
    }
    for (std::size_t i = 0; i < consoles_.size(); ++i) check_console(i, seqs, fold);
  }

  void read_log(std::map<Name, int>& stored, std::map<std::uint64_t, Name>& seqs, Picture& fold) {
    const auto reader = hub_.store().log_reader();
    reader->seek(1);
    while (true) {
      const Result<Bytes> body = reader->next();
      ASSERT_TRUE(body) << body.fault().sentence;
      if (body->empty()) return;
      fold.fold(*body);
      BlockWalk walk(*body);
      while (const auto block = walk.next()) {
        if (block->header->kind() != wire::BlockKind::Batch) continue;
        const wire::Batch& batch = block->batch();
        const auto note = [&](std::uint64_t number, std::uint64_t seq) {
          const Name name{batch.spool()->high(), batch.spool()->low(), number};
          ++stored[name];
          EXPECT_TRUE(seqs.emplace(seq, name).second) << "seq " << seq << " twice";
        };
        for (const auto* event : each(batch.events()))
          note(event->number(), event->stamp()->first_seq());
        for (const auto* state : each(batch.states()))
          note(state->number(), state->stamp()->first_seq());
        for (const auto* section : each(batch.fixes())) {
          for (std::uint64_t k = 0; k < section->fixes()->size(); ++k) {
            note(section->first_number() + k, section->stamp()->first_seq() + k);
          }
        }
      }
    }
  }

  bool is_event(const Name& name) const {
    return std::any_of(trackers_.begin(), trackers_.end(),
                       [&](const auto& tracker) { return tracker->events().contains(name); });
  }

  void check_console(std::size_t index, const std::map<std::uint64_t, Name>& seqs,
                     const Picture& fold) {
    const Console& console = *consoles_[index];
    const client::View& view = views_[index];
    EXPECT_EQ(console.wrong(), "") << "console " << index;
    for (const auto& [seq, name] : console.names_by_seq()) {
      const auto stored = seqs.find(seq);
      if (stored == seqs.end()) continue;
      EXPECT_EQ(stored->second, name) << "seq " << seq << " was given out twice";
    }
    for (const auto& [name, times] : console.shown_events()) {
      EXPECT_EQ(times, 1) << "promise 3: console " << index << " was shown event "
                          << std::get<2>(name) << " twice";
    }
    for (const auto& [seq, name] : seqs) {
      if (!view.channels.empty() || seq <= console.due_after() || !is_event(name)) continue;
      EXPECT_TRUE(console.shown_events().contains(name))
          << "promise 3: console " << index << " missed event " << std::get<2>(name) << " at seq "
          << seq << ", due after " << console.due_after();
    }
    if (!view.fixes) return;
    for (const Unit& unit : fold.units()) {
      const bool in_channel =
          view.channels.empty() ||
          (unit.name.starts_with("alpha/") && fold.channels()[unit.channel].group == "north");
      const bool in_area = !view.area || (unit.fix.lat_e7() >= 20 && unit.fix.lat_e7() <= 80 &&
                                          unit.fix.lon_e7() >= 20 && unit.fix.lon_e7() <= 80);
      const Unit* shown = console.picture().find_unit(unit.name);
      EXPECT_EQ(shown == nullptr ? 0 : shown->seq, in_channel && in_area ? unit.seq : 0)
          << "promise 4: console " << index << ", unit " << unit.name;
    }
  }

  World world_;
  Hub hub_;
  std::vector<std::unique_ptr<Tracker>> trackers_;
  std::vector<std::unique_ptr<Console>> consoles_;
  std::vector<client::View> views_;
  std::string why_not_;
};

TEST(Simulation, keeps_the_promises_whatever_is_cut_killed_full_or_wrong) {
  const std::uint64_t first = test::seed();
  for (int i = 0; i < simulations(); ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    Simulation(seed).run();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace vigie::simulation
