// The hub's own messages have names that are never used twice, and cost the ledger one interval.

#include "hub/audit_writer.h"

#include <gtest/gtest.h>

#include <set>

#include "schemas/keys/key_pair.h"
#include "tests/unit/support/access_book.h"
#include "tests/unit/support/memory_store.h"

namespace vigie {
namespace {

using test::Book;

/// A hub's starts and ends, one after the other, with the log and the ledger that each finds.
struct Life {
  Book book;
  test::MemoryStore store;
  test::FakeClock clock;
  Ledger ledger;                       // of what is durable
  std::vector<std::uint64_t> numbers;  // that were ever seen, durable or not
  std::optional<sequence::Sequencer> sequencer;
  std::optional<AuditWriter> audit;

  void start(bool after_crash) {
    store.start.after_crash = after_crash;
    sequencer.emplace(store, clock);
    sequencer->begin_turn();
    audit.emplace(*sequencer, store.start, ledger, book.registry);
    close(true);
  }
  void close(bool durable) {
    const BodyPtr body = sequencer->close_turn();
    if (body == nullptr) return;
    BlockWalk walk(body->bytes());
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Batch) continue;
      for (const wire::Event* event : each(block->batch().events())) {
        numbers.push_back(event->number());
      }
    }
    store.start.next_seq = body->last_seq() + 1;
    if (!durable) return;
    ledger.fold(body->bytes());
    store.start.last_seq = body->last_seq();
  }
  void tell(int count, bool durable) {
    sequencer->begin_turn();
    for (int i = 0; i < count; ++i) audit->trail().note({.kind = "invited", .owners = {"blue"}});
    audit->write();
    close(durable);
  }
  const SpoolRecord& record() const {
    return *ledger.find(wire::Spool(spool_owner(kHubOwner), store.start.log.low()));
  }
};

TEST(AuditWriter, begins_with_the_start_and_goes_on_with_the_next_number) {
  Life life;
  life.start(false);
  life.tell(3, true);
  life.start(false);
  EXPECT_EQ(life.numbers, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(life.ledger.spools().size(), 1u);
}

TEST(AuditWriter, numbers_that_were_lost_in_a_crash_are_given_up_and_not_used_again) {
  Life life;
  life.start(false);
  for (int i = 0; i < 20; ++i) {
    life.tell(5, true);
    life.tell(7, false);
    life.start(true);
  }
  std::vector<std::uint64_t> once = life.numbers;
  std::sort(once.begin(), once.end());
  EXPECT_EQ(std::adjacent_find(once.begin(), once.end()), once.end());
  EXPECT_EQ(life.record().settled.intervals().size(), 1u);
  EXPECT_EQ(life.ledger.spools().size(), 1u);
}

TEST(AuditWriter, takes_what_has_room_in_a_body_and_the_rest_in_the_next) {
  Life life;
  life.start(false);
  life.tell(2000, true);
  EXPECT_LT(life.numbers.size(), 2001u);
  while (!life.audit->trail().empty()) life.tell(0, true);
  EXPECT_EQ(life.numbers.size(), 2001u);
  EXPECT_EQ(life.numbers.back(), 2001u);
}

TEST(AuditWriter, writes_nothing_into_a_body_that_is_full) {
  Life life;
  life.start(false);
  BodyBuilder& builder = life.sequencer->builder();
  const std::vector<std::byte> filler(builder.room() - 100);
  const std::uint64_t seq = life.sequencer->assign(1);
  builder.append(wire::BlockKind::None, filler, 1, seq);
  life.audit->trail().note({.kind = "invited", .owners = {"blue"}});
  life.audit->write();
  EXPECT_FALSE(life.audit->trail().empty());
}

TEST(AuditWriter, waits_for_seqs_with_its_beginning_too) {
  Life life;
  life.start(false);
  life.tell(5, false);
  const std::size_t before = life.numbers.size();
  life.store.seqs_end = 0;
  life.start(true);
  EXPECT_EQ(life.numbers.size(), before) << "nothing without seqs";
  life.tell(1, true);
  EXPECT_EQ(life.numbers.size(), before);
  life.store.seqs_end = UINT64_MAX;
  life.tell(1, true);
  EXPECT_EQ(life.numbers.size(), before + 3) << "the start, and what waited";
  EXPECT_EQ(std::set<std::uint64_t>(life.numbers.begin(), life.numbers.end()).size(),
            life.numbers.size());
  EXPECT_EQ(life.record().settled.intervals().size(), 1u);
}

TEST(AuditWriter, tells_the_end_once_and_nothing_after_it) {
  Life life;
  life.start(false);
  life.audit->note_stop();
  life.audit->note_stop();
  life.audit->trail().note({.kind = "invited", .owners = {"blue"}});
  life.tell(0, true);
  EXPECT_EQ(life.numbers.size(), 2u);
}

}  // namespace
}  // namespace vigie
