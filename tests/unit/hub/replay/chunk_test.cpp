// Entries read in the order of the log come out, one by one or in runs, as they went in.

#include "hub/replay/chunk.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/memory_store.h"
#include "tests/unit/support/random_world.h"

namespace vigie::replay {
namespace {

/// (true time, latitude) of fixes, (number, 0) of events and states, by seq.
std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> entries_of(Bytes body) {
  std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> entries;
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    for (const auto* e : each(batch.events())) entries[e->stamp()->first_seq()] = {e->number(), 0};
    for (const auto* s : each(batch.states())) entries[s->stamp()->first_seq()] = {s->number(), 0};
    for (const auto* section : each(batch.fixes())) {
      for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
        const wire::Fix& fix = *section->fixes()->Get(i);
        entries[section->stamp()->first_seq() + i] = {fix.true_time_us(), fix.lat_e7()};
      }
    }
  }
  return entries;
}

TEST(Chunk, gives_back_each_entry_that_was_asked_for_and_no_other) {
  const std::uint64_t seed = vigie::test::seed();
  for (std::uint64_t round = 0; round < 20; ++round) {
    vigie::test::RandomWorld world(seed + round);
    vigie::test::MemoryStore store;
    std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> stored;
    for (int i = 0; i < 20; ++i) {
      const BodyPtr body = world.body();
      stored.merge(entries_of(body->bytes()));
      store.submit(body);
    }
    store.sync();
    std::vector<std::uint64_t> seqs;
    for (const auto& [seq, entry] : stored) {
      if (world.chance(60)) seqs.push_back(seq);
    }
    const View everything;
    Chunk chunk(everything);
    Damage damage;
    ASSERT_TRUE(EntryReader(store).read(seqs, chunk, damage));
    chunk.close();
    std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> written;
    for (std::size_t i = 0; i < seqs.size();) {
      const auto found = chunk.find(seqs[i]);
      ASSERT_TRUE(found) << seqs[i];
      std::size_t follow = 1;
      while (i + follow < seqs.size() && seqs[i + follow] == seqs[i] + follow) ++follow;
      const std::size_t length = chunk.run_length(*found, follow);
      ASSERT_GE(length, 1u);
      ASSERT_LE(length, follow);
      EntryWriter out;
      chunk.write(*found, length, out);
      written.merge(entries_of(out.finish(0)->bytes()));
      i += length;
    }
    ASSERT_EQ(written.size(), seqs.size());
    for (const auto& [seq, entry] : written) EXPECT_EQ(entry, stored.at(seq)) << seq;
    for (const auto& [seq, entry] : stored) {
      EXPECT_EQ(chunk.find(seq).has_value(), written.contains(seq)) << seq;
    }
  }
}

}  // namespace
}  // namespace vigie::replay
