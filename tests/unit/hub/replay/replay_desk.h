#pragma once
// For tests of replays: a worker on a random log, and a console that takes what comes.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "hub/replay/workers.h"
#include "schemas/messages/frame.h"
#include "tests/unit/support/memory_store.h"
#include "tests/unit/support/random_world.h"

namespace vigie::replay {

using test::FakeClock;
using test::MemoryStore;

struct EntryRow {
  std::uint64_t seq;
  std::int64_t known_us;
  std::int64_t corrected_us;
  auto operator<=>(const EntryRow&) const = default;
};

/// Every entry of a body or frame that the view takes, in the order in which they stand.
inline void list_entries(const Block& block, const View& view, std::vector<EntryRow>& rows) {
  if (block.header->kind() != wire::BlockKind::Batch) return;
  const auto row = [&](const wire::Stamp& stamp, std::uint64_t step, std::int64_t true_us,
                       wire::Clock clock) {
    rows.push_back({stamp.first_seq() + step, stamp.known_time_us(),
                    corrected_true_time_us(true_us, clock, stamp.clock_offset_us())});
  };
  for (const auto* event : each(block.batch().events())) {
    if (view.takes_event(*event)) row(*event->stamp(), 0, event->true_time_us(), event->clock());
  }
  for (const auto* state : each(block.batch().states())) {
    if (view.takes_state(*state)) row(*state->stamp(), 0, state->true_time_us(), state->clock());
  }
  for (const auto* section : each(block.batch().fixes())) {
    if (!view.takes_section(*section)) continue;
    for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
      const wire::Fix& fix = *section->fixes()->Get(i);
      if (!view.takes_fix(*section, fix)) continue;
      row(*section->stamp(), i, fix.true_time_us(), fix.clock());
    }
  }
}

/// A worker on a random log, and a console that takes what comes.
struct Desk {
  explicit Desk(std::uint64_t seed, const SourceRanks* ranks = nullptr) : world(seed) {
    for (int i = 0; i < 80; ++i) {
      BodyPtr body = world.body();
      Folded folded;
      const Bytes bytes = body->bytes();
      live.fold_and_mark({const_cast<std::byte*>(bytes.data()), bytes.size()}, folded, ranks);
      store.submit(body);
    }
    store.sync();
    clock.now_us = world.known_us() + 1'000'000;
    wire::ViewT native = world.view();
    native.area.reset();
    if (world.chance(50)) native = wire::ViewT();
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::View::Pack(builder, &native));
    RefusedRequest refused;
    View parsed =
        *View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused);
    if (world.chance(50)) parsed.cut_to(world.entitlement());
    view = std::make_shared<const View>(std::move(parsed));
  }

  Start start(wire::StartKind kind, std::int64_t from_us, std::int64_t until_us) const {
    return {.session = 1,
            .mode = StartMode::Replay,
            .view = view,
            .clock = kind,
            .from_us = from_us,
            .until_us = until_us,
            .speed = 0,
            .paused = false,
            .frame_bytes_max = 8192,
            .granted_bytes = granted};
  }
  /// Lets the worker run until it has nothing to do at this moment; grants what is used when asked
  /// to.
  void run(bool grants) {
    for (int steps = 0; steps < 10'000; ++steps) {
      const std::size_t did = workers.step(0);
      if (grants && sent_bytes + 16384 > granted) {
        granted = sent_bytes + 32768;
        ASSERT_TRUE(workers.post(Grant{.session = 1, .granted_bytes = granted}));
      } else if (did == 0) {
        return;
      }
    }
    FAIL() << "the worker does not come to rest";
  }
  /// The picture of that moment comes to be in `past`.
  void run_picture(wire::StartKind by, std::int64_t at_us) {
    Start asked = start(by, at_us, 0);
    asked.mode = StartMode::PastPicture;
    ASSERT_TRUE(workers.post(std::move(asked)));
    run(true);
  }
  /// A body of one section, as the hub would have marked it.
  void submit_fixes(const std::string& unit, std::uint64_t first_seq, std::int64_t known_us,
                    const std::vector<wire::Fix>& fixes) {
    EntryWriter writer;
    writer.add_fixes({.unit = unit,
                      .group = "",
                      .stamp = wire::Stamp(first_seq, known_us, 0, 0, 0),
                      .spool = wire::Spool(3, 3),
                      .first_number = first_seq,
                      .fixes = fixes,
                      .readings = {},
                      .readings_bytes = 0});
    store.submit(writer.finish(known_us));
  }
  bool take(Output&& output) {
    if (auto* frame = std::get_if<FrameOut>(&output)) {
      sent_bytes += frame->bytes.size();
      EXPECT_LE(sent_bytes, granted + 8192);
      const Result<Frame> parsed = Frame::parse(frame->bytes);
      EXPECT_TRUE(parsed);
      parsed->for_each_block(
          [&](const Block& block, std::int64_t) { list_entries(block, View(), rows); });
      for (std::size_t i = 0; i < parsed->header().body_count(); ++i) ++bodies;
      if (parsed->header().kind() == wire::FrameKind::Snapshot) {
        parsed->for_each_block([&](const Block& block, std::int64_t known_us) {
          BodyBuilder builder;
          builder.append(block.header->kind(), block.payload, block.header->count(),
                         block.header->first_seq());
          past.fold(
              builder.close(block.header->first_seq(), parsed->header().last(), known_us)->bytes());
        });
      }
    } else if (auto* state = std::get_if<StateOut>(&output)) {
      const AlignedBytes copy(state->message);
      const wire::ReplayState* parsed = verified<wire::ReplayState>(copy.bytes());
      states.emplace_back();
      parsed->UnPackTo(&states.back());
      rows_at_state.push_back(rows.size());
    }
    return true;
  }
  std::vector<EntryRow> wanted() const {
    std::vector<EntryRow> all;
    for (const BodyPtr& body : store.log) {
      BlockWalk walk(body->bytes());
      while (const auto block = walk.next()) list_entries(*block, *view, all);
    }
    return all;
  }
  bool ended() const { return !states.empty() && states.back().phase == wire::ReplayPhase::Ended; }

  test::RandomWorld world;
  MemoryStore store;
  FakeClock clock;
  Picture live;
  std::shared_ptr<const View> view;
  std::uint64_t granted = 32768;
  std::uint64_t sent_bytes = 0;
  std::size_t bodies = 0;
  std::vector<EntryRow> rows;
  std::vector<wire::ReplayStateT> states;
  std::vector<std::size_t> rows_at_state;
  Picture past;
  Workers workers{1, store, clock, wire::LogId(7, 9),
                  [this](Output&& output) { return take(std::move(output)); }};
};

}  // namespace vigie::replay
