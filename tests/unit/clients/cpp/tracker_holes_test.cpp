// A tracker gets rid of all it has, though the hub holds no more than so many holes of a spool.

#include <gtest/gtest.h>

#include <random>

#include "clients/cpp/core/tracker_core.h"
#include "clients/cpp/spool/memory_spool.h"
#include "tests/unit/clients/cpp/fake_hub.h"
#include "tests/unit/clients/cpp/manual_clock.h"

namespace vigie::client {
namespace {

/// The hub's rule for holes (Ingest::too_many_holes), and answers to each batch.
class HoleyHub {
 public:
  /// False when it rejects the message.
  bool take(TrackerCore& core, const Message& message) {
    const AlignedBytes aligned(message);
    if (verified<wire::Hello>(aligned.bytes()) != nullptr) return welcome(core);
    received_ += message.size();
    const auto* root = verified<wire::Batch>(aligned.bytes());
    if (root == nullptr) return false;
    wire::BatchT batch;
    root->UnPackTo(&batch);
    wire::AckT ack;
    for (const auto& event : batch.events) ack.settled.emplace_back(event->number, event->number);
    for (const auto& section : batch.fixes) {
      ack.settled.emplace_back(section->first_number,
                               section->first_number + section->fixes.size() - 1);
    }
    for (const auto& range : batch.given_up) ack.settled.push_back(range);
    IntervalSet would = taken_;
    for (const wire::NumberRange& range : ack.settled) would.add(range.first(), range.last());
    if (would.intervals().size() > std::max(taken_.intervals().size(), limits::kSpoolHolesMax)) {
      wire::RejectedT rejected;
      rejected.code = wire::Refusal::TooManyHoles;
      rejected.retry_after_ms = 1000;
      core.on_message(packed<wire::Rejected>(rejected));
      return false;
    }
    taken_ = would;
    ack.granted_bytes = received_ + limits::kPublishWindowBytes;
    core.on_message(packed<wire::Ack>(ack));
    return true;
  }

 private:
  bool welcome(TrackerCore& core) {
    received_ = 0;
    wire::WelcomeT welcome;
    for (const auto& range : taken_.intervals()) {
      welcome.settled.emplace_back(range.first, range.last);
    }
    welcome.granted_bytes = limits::kPublishWindowBytes;
    welcome.batch_bytes_max = limits::kBatchBytesMax;
    core.on_message(packed<wire::Welcome>(welcome));
    return true;
  }
  IntervalSet taken_;
  std::uint64_t received_ = 0;
};

std::uint64_t publish(TrackerCore& core, MessageKind kind, const std::vector<std::byte>& bytes) {
  const auto number = core.publish(kind, bytes);
  EXPECT_TRUE(number);
  return number ? *number : 0;
}

TEST(TrackerHoles, given_up_numbers_lock_no_spool_of_holes) {
  ManualClock clock;
  Random random = [engine = std::mt19937_64(4)]() mutable { return engine(); };
  MemorySpool spool{random};
  TrackerCoreOptions options;
  options.spool_messages_max = 10'000;
  auto opened = TrackerCore::open(options, spool, clock, random);
  ASSERT_TRUE(opened);
  TrackerCore& core = **opened;
  Event event;
  event.unit = "red/alpha";
  event.kind = "sos";
  event.true_time_us = clock.utc_us();
  Fix fix;
  fix.unit = "red/alpha";
  fix.true_time_us = clock.utc_us();
  for (int i = 0; i < 8'000; ++i) {
    publish(core, MessageKind::Event, *encode(event));
    publish(core, MessageKind::Fix, *encode(fix));
  }
  core.take_deliveries();
  ASSERT_GT(core.stats().given_up, 4'096u);
  HoleyHub hub;
  core.link_up();
  for (int round = 0; round < 40 && core.stats().waiting != 0; ++round) {
    while (const auto message = core.next_message()) {
      if (!hub.take(core, *message)) break;
    }
    clock.advance_us(5'000'000);
    core.tick();
  }
  EXPECT_EQ(core.stats().waiting, 0u);
}

}  // namespace
}  // namespace vigie::client
