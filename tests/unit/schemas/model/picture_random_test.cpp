// The fold against the slow model, and every way to come by a picture against the fold.
#include <gtest/gtest.h>

#include "schemas/model/checkpoint_pages.h"
#include "schemas/model/cut.h"
#include "schemas/model/view.h"
#include "tests/unit/schemas/model/world.h"

namespace vigie {
namespace {

using test::Words;
using test::words_of;
using test::World;

constexpr int kWorlds = 40;

template <typename Check>
void in_many_worlds(Check check) {
  const std::uint64_t seed = test::seed();
  for (int i = 0; i < kWorlds; ++i) {
    World world(seed + static_cast<std::uint64_t>(i));
    for (int steps = world.chance().pick(1, 40); steps > 0; --steps) world.step();
    check(world);
    if (testing::Test::HasFatalFailure()) {
      ADD_FAILURE() << "in world " << i << ": VIGIE_SEED=" << seed;
      return;
    }
  }
}

/// The pages of a picture's units and states as they are now, cut for a view.
std::vector<BodyPtr> pages_of(const Picture& picture, const View& view) {
  std::vector<BodyPtr> pages;
  EntryWriter page;
  const auto flush = [&] {
    if (!page.empty()) pages.push_back(page.finish(test::kNoonUs));
  };
  for (const Unit& unit : picture.units()) {
    const ChannelKey& key = picture.channels()[unit.channel];
    if (unit.seq == 0 || !view.takes_unit(unit.name) ||
        !view.takes_channel(MessageClass::Track, key.owner, key.group)) {
      continue;
    }
    write_unit(picture, unit, page);
    if (page.entries() == 3) flush();
  }
  for (const RetainedState& state : picture.states()) {
    const auto block = BlockWalk(state.entry->bytes()).next();
    if (view.takes_state(*block->batch().states()->Get(0))) write_state(state, page);
  }
  flush();
  return pages;
}

void fold_all(Picture& picture, const std::vector<BodyPtr>& bodies, std::size_t from = 0,
              std::size_t until = SIZE_MAX) {
  for (std::size_t i = from; i < std::min(until, bodies.size()); ++i) {
    picture.fold(bodies[i]->bytes());
  }
}

TEST(PictureRandomTest, the_fold_is_what_the_slow_model_says) {
  in_many_worlds([](World& world) { ASSERT_EQ(words_of(world.picture()), world.model().words()); });
}

TEST(PictureRandomTest, every_fix_in_the_log_bears_the_marks_and_counts_of_the_model) {
  in_many_worlds([](World& world) {
    std::map<std::string, std::size_t> seen;
    for (const BodyPtr& body : world.bodies()) {
      BlockWalk walk(body->bytes());
      while (const auto block = walk.next()) {
        if (block->header->kind() != wire::BlockKind::Batch) continue;
        for (const wire::UnitFixes* section : each(block->batch().fixes())) {
          const std::string unit = section->unit()->str();
          ASSERT_EQ(section->stamp()->first_count(), seen[unit] + 1);
          for (const wire::Fix* fix : *section->fixes()) {
            const auto& row = world.model().fixes().at(unit).at(seen[unit]++);
            ASSERT_EQ(fix->marks(), row.marks) << unit << " fix " << seen[unit];
          }
        }
      }
    }
  });
}

TEST(PictureRandomTest, folding_the_marked_log_again_gives_the_same_picture) {
  in_many_worlds([](World& world) {
    Picture again;
    fold_all(again, world.bodies());
    ASSERT_EQ(words_of(again), words_of(world.picture()));
    ASSERT_EQ(again.last_seq(), world.picture().last_seq());
    ASSERT_EQ(again.last_known_time_us(), world.picture().last_known_time_us());
  });
}

TEST(PictureRandomTest, a_tail_that_was_folded_before_changes_nothing) {
  in_many_worlds([](World& world) {
    Picture picture;
    fold_all(picture, world.bodies());
    fold_all(picture, world.bodies(),
             world.chance().pick<std::size_t>(0, world.bodies().size() - 1));
    ASSERT_EQ(words_of(picture), words_of(world.picture()));
  });
}

View random_view(World& world) {
  wire::ViewT view;
  auto& chance = world.chance();
  if (chance.once_in(2)) view.classes = static_cast<wire::Class>(chance.pick(1, 7));
  if (chance.once_in(2)) {
    view.channels = {std::vector<std::string>{"*/blue", "track", "state/green",
                                              "track/blue"}[chance.pick<std::size_t>(0, 3)]};
  }
  if (chance.once_in(3)) view.units = {world.units()[0], "nobody/here"};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::View::Pack(builder, &view));
  RefusedRequest refused;
  return *View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused);
}

/// Only what the view takes of the words.
Words cut(const Picture& picture, const View& view) {
  Picture only;
  for (const BodyPtr& page : pages_of(picture, view)) only.fold(page->bytes());
  return words_of(only);
}

TEST(PictureRandomTest, pages_of_any_moment_and_the_tail_are_the_fold_for_any_view) {
  in_many_worlds([](World& world) {
    const View view = random_view(world);
    const std::size_t moment = world.chance().pick<std::size_t>(0, world.bodies().size());
    const std::size_t overlap =
        world.chance().pick<std::size_t>(0, std::min<std::size_t>(moment, 5));
    Picture then;
    fold_all(then, world.bodies(), 0, moment);
    Picture console;
    for (const BodyPtr& page : pages_of(then, view)) console.fold(page->bytes());
    for (std::size_t i = moment - overlap; i < world.bodies().size(); ++i) {
      EntryWriter writer;
      cut_body(world.bodies()[i]->bytes(), view, writer, [] {});
      if (!writer.empty()) {
        console.fold(writer.finish(world.bodies()[i]->known_time_us())->bytes());
      }
    }
    ASSERT_EQ(words_of(console), cut(world.picture(), view));
  });
}

TEST(PictureRandomTest, pages_written_while_the_fold_goes_on_and_the_tail_are_the_fold) {
  in_many_worlds([](World& world) {
    // Each page is of another moment; the tail begins at the first one's.
    Picture then;
    Picture console;
    const std::size_t moment = world.chance().pick<std::size_t>(0, world.bodies().size());
    fold_all(then, world.bodies(), 0, moment);
    const std::size_t units = then.units().size();
    std::size_t folded = moment;
    for (std::size_t i = 0; i < units; ++i) {
      EntryWriter page;
      write_unit(then, then.units()[i], page);
      console.fold(page.finish(0)->bytes());
      if (folded < world.bodies().size()) then.fold(world.bodies()[folded++]->bytes());
    }
    for (const RetainedState& state : then.states()) {
      EntryWriter page;
      write_state(state, page);
      console.fold(page.finish(0)->bytes());
    }
    fold_all(console, world.bodies(), moment);
    ASSERT_EQ(words_of(console), words_of(world.picture()));
  });
}

TEST(PictureRandomTest, a_checkpoint_gives_the_picture_and_the_ledger_again) {
  in_many_worlds([](World& world) {
    Picture picture;
    Ledger ledger;
    write_checkpoint(world.picture(), world.ledger(), [&](Bytes page) {
      EXPECT_TRUE(verify_body(page).ok());
      picture.fold(page);
      ledger.fold(page);
      return true;
    });
    ASSERT_EQ(words_of(picture), words_of(world.picture()));
    ASSERT_EQ(words_of(ledger), words_of(world.ledger()));
    ASSERT_EQ(picture.last_seq(), world.picture().last_seq());
    ASSERT_EQ(picture.last_known_time_us(), world.picture().last_known_time_us());
  });
}

TEST(PictureRandomTest, a_checkpoint_and_the_log_from_any_place_before_it_are_the_fold) {
  in_many_worlds([](World& world) {
    const std::size_t moment = world.chance().pick<std::size_t>(0, world.bodies().size());
    const std::size_t from = world.chance().pick<std::size_t>(0, moment);
    Picture then;
    Ledger then_ledger;
    for (std::size_t i = 0; i < moment; ++i) {
      then.fold(world.bodies()[i]->bytes());
      then_ledger.fold(world.bodies()[i]->bytes());
    }
    Picture picture;
    Ledger ledger;
    write_checkpoint(then, then_ledger, [&](Bytes page) {
      picture.fold(page);
      ledger.fold(page);
      return true;
    });
    for (std::size_t i = from; i < world.bodies().size(); ++i) {
      picture.fold(world.bodies()[i]->bytes());
      ledger.fold(world.bodies()[i]->bytes());
    }
    ASSERT_EQ(words_of(picture), words_of(world.picture()));
    ASSERT_EQ(words_of(ledger), words_of(world.ledger()));
  });
}

}  // namespace
}  // namespace vigie
