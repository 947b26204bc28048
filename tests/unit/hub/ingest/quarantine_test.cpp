// What is refused on the publish endpoint is kept as it came, once a batch; what is not its
// sender's fault is not.

#include "hub/security/quarantine.h"

#include <gmock/gmock.h>

#include "hub/ingest/ingest.h"
#include "schemas/keys/key_pair.h"
#include "tests/unit/support/access_book.h"
#include "tests/unit/support/fake_link.h"
#include "tests/unit/support/memory_store.h"

namespace vigie::ingest {
namespace {

using test::key;
using testing::HasSubstr;
using wire::Refusal;

/// blue's tracker '1' (blue/v1) at an endpoint with a quarantine.
struct Endpoint {
  test::Book book;
  test::FakeLink link;
  test::MemoryStore store;
  test::FakeClock clock;
  security::Quarantine quarantine{security::QuarantineOptions()};
  std::optional<sequence::Sequencer> sequencer;
  std::unique_ptr<Ingest> ingest;

  Endpoint() {
    book.now_us = clock.now_us;
    book.enrol("blue/v1", '1', wire::Role::Tracker, {"blue/v1"});
    store.start.last_seq = 99;
    store.start.next_seq = 100;
    sequencer.emplace(store, clock);
    ingest = std::make_unique<Ingest>(IngestOptions(), link, *sequencer, store, clock, Ledger(),
                                      &book.registry, nullptr, &quarantine);
    link.own("p", key('1'));
  }
  void put(const std::vector<std::byte>& message) {
    link.put("p", message);
    sequencer->begin_turn();
    ingest->read_turn();
    if (BodyPtr body = sequencer->close_turn()) store.submit(body);
    ingest->on_durable(store.sync());
    ingest->send_due_acks();
  }
  static wire::Spool spool() { return {spool_owner("blue/v1"), 1}; }
  void hello(wire::Spool of = spool()) {
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(of);
    put(packed<wire::Hello>(hello));
  }
  wire::BatchT batch() const {
    wire::BatchT made;
    made.spool = std::make_unique<wire::Spool>(spool());
    made.sent_time_us = clock.now_us;
    return made;
  }
  /// The newest first.
  std::vector<wire::QuarantinedMessageT> kept() const {
    std::vector<wire::QuarantinedMessageT> all;
    quarantine.list({.is_of_all = true}, 0, [&](const wire::QuarantinedMessageT& message) {
      all.push_back(message);
      return true;
    });
    return all;
  }
};

std::vector<std::uint8_t> digits(const std::vector<std::byte>& bytes) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {first, first + bytes.size()};
}

TEST(IngestQuarantine, a_batch_of_which_a_part_is_refused_is_kept_once_as_it_came) {
  Endpoint hub;
  hub.hello();
  wire::BatchT batch = hub.batch();
  batch.fixes.push_back(test::make_fixes("blue/v1", 1, {test::make_fix()}));
  batch.fixes.push_back(test::make_fixes("red/v1", 2, {test::make_fix(), test::make_fix()}));
  batch.fixes.push_back(test::make_fixes("red/v2", 4, {test::make_fix()}));
  const std::vector<std::byte> bytes = packed<wire::Batch>(batch);
  hub.put(bytes);
  const auto kept = hub.kept();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].endpoint, "publish");
  EXPECT_EQ(kept[0].name, "blue/v1");
  EXPECT_EQ(kept[0].key, key('1'));
  EXPECT_EQ(kept[0].code, Refusal::NotEntitled);
  EXPECT_THAT(kept[0].reason, testing::AllOf(HasSubstr("numbers 2 to 3"), HasSubstr("red/v1"),
                                             HasSubstr("1 more refused")));
  EXPECT_EQ(kept[0].bytes, digits(bytes));
  EXPECT_EQ(hub.ingest->counts().fixes, 1u);
  // Sent again it is a duplicate: settled, told again, and not kept again.
  hub.put(bytes);
  EXPECT_EQ(hub.kept().size(), 1u);
}

TEST(IngestQuarantine, what_is_refused_whole_is_kept) {
  Endpoint hub;
  hub.hello({1, 1});
  hub.hello();
  hub.put(std::vector<std::byte>(100, std::byte{1}));
  std::vector<std::byte> torn = packed<wire::Batch>(hub.batch());
  torn.resize(torn.size() - 5);
  hub.put(torn);
  wire::BatchT reversed = hub.batch();
  reversed.fixes.push_back(test::make_fixes("blue/v1", 0, {test::make_fix()}));
  hub.put(packed<wire::Batch>(reversed));
  hub.put(std::vector<std::byte>(packed<wire::Batch>(hub.batch())));
  std::vector<std::byte> large = packed<wire::Batch>(hub.batch());
  large.resize(limits::kBatchBytesMax + 1);
  hub.put(large);
  std::vector<Refusal> codes;
  for (const auto& message : hub.kept()) codes.push_back(message.code);
  EXPECT_THAT(codes, testing::ElementsAre(Refusal::TooLarge, Refusal::BadNumber, Refusal::Malformed,
                                          Refusal::Malformed, Refusal::WrongSpool));
}

TEST(IngestQuarantine, a_place_out_of_range_is_kept_with_its_code) {
  Endpoint hub;
  hub.hello();
  wire::BatchT batch = hub.batch();
  wire::Fix fix = test::make_fix();
  fix.mutate_lat_e7(910'000'000);
  batch.fixes.push_back(test::make_fixes("blue/v1", 1, {fix}));
  hub.put(packed<wire::Batch>(batch));
  ASSERT_EQ(hub.kept().size(), 1u);
  EXPECT_EQ(hub.kept()[0].code, Refusal::BadPosition);
  EXPECT_THAT(hub.kept()[0].reason, HasSubstr("number 1: "));
}

TEST(IngestQuarantine, what_the_hub_has_no_room_for_is_not_kept) {
  Endpoint hub;
  hub.hello();
  hub.ingest->set_disk_full(true);
  wire::BatchT batch = hub.batch();
  batch.fixes.push_back(test::make_fixes("blue/v1", 1, {test::make_fix()}));
  hub.put(packed<wire::Batch>(batch));
  hub.ingest->stop_taking();
  hub.put(packed<wire::Batch>(batch));
  EXPECT_EQ(hub.ingest->counts().refused.at(Refusal::DiskFull), 1u);
  EXPECT_EQ(hub.ingest->counts().refused.at(Refusal::NotReady), 1u);
  EXPECT_TRUE(hub.kept().empty());
}

}  // namespace
}  // namespace vigie::ingest
