// The quarantine's bounds hold whatever comes, one sender takes nobody else's place, and an owner
// is told of its own alone.

#include "hub/security/quarantine.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::StartsWith;
using wire::Refusal;

const Sight kAll{.is_of_all = true};

/// A quarantine and its clock: a millisecond a message, unless time is waited for.
struct Kept {
  explicit Kept(QuarantineOptions options = {})
      : quarantine(options, [this](const QuarantinedPtr& message) { handed.push_back(message); }) {}

  void note(const std::string& name, std::size_t bytes = 100, Refusal code = Refusal::BadValue,
            const std::string& reason = "why") {
    now_us += 1000;
    const std::vector<std::byte> message(bytes, std::byte{7});
    quarantine.note({.endpoint = "publish",
                     .name = name,
                     .key = key,
                     .bytes = message,
                     .code = code,
                     .reason = reason},
                    now_us, now_us);
  }
  /// Of whom, the newest first.
  std::vector<std::string> names(const Sight& sight = kAll, std::uint64_t before = 0) const {
    std::vector<std::string> names;
    quarantine.list(sight, before, [&](const wire::QuarantinedMessageT& message) {
      names.push_back(message.name);
      return true;
    });
    return names;
  }
  std::uint64_t count(const std::string& name) const {
    const auto all = names();
    return static_cast<std::uint64_t>(std::count(all.begin(), all.end(), name));
  }

  std::vector<QuarantinedPtr> handed;
  std::string key = std::string(64, 'a');
  std::int64_t now_us = 1'000'000'000;
  Quarantine quarantine;
};

/// So much may be copied that it does not matter.
QuarantineOptions unhurried() {
  return {.sender_bytes_per_second = 1e12, .bytes_per_second = 1e12};
}

TEST(QuarantineTest, a_message_is_kept_as_it_came_with_who_when_and_why) {
  Kept kept;
  kept.note("alpha/v1", 300, Refusal::BadPosition, "latitude 91");
  ASSERT_EQ(kept.handed.size(), 1u);
  const wire::QuarantinedMessageT& message = *kept.handed[0];
  EXPECT_EQ(message.known_time_us, kept.now_us);
  EXPECT_EQ(message.endpoint, "publish");
  EXPECT_EQ(message.name, "alpha/v1");
  EXPECT_EQ(message.key, kept.key);
  EXPECT_EQ(message.code, Refusal::BadPosition);
  EXPECT_EQ(message.reason, "latitude 91");
  EXPECT_EQ(message.size, 300u);
  EXPECT_EQ(message.bytes, std::vector<std::uint8_t>(300, 7));
  EXPECT_EQ(kept.quarantine.find(kAll, message.id), kept.handed[0]);
  EXPECT_EQ(kept.quarantine.find(kAll, message.id + 1), nullptr);
}

TEST(QuarantineTest, what_is_only_too_much_or_too_early_is_not_kept) {
  Kept kept;
  for (const Refusal code :
       {Refusal::TooFast, Refusal::NotReady, Refusal::DiskFull, Refusal::TooManyHoles,
        Refusal::TooManySessions, Refusal::NotFound, Refusal::None, static_cast<Refusal>(999)}) {
    kept.note("alpha/v1", 100, code);
  }
  EXPECT_EQ(kept.quarantine.messages(), 0u);
  EXPECT_EQ(kept.quarantine.dropped(kAll), 0u);
}

TEST(QuarantineTest, long_messages_and_reasons_are_cut_and_their_size_is_told) {
  Kept kept;
  std::string reason(kQuarantinedReasonMax - 1, 'x');
  kept.note("alpha/v1", kQuarantinedBytesMax + 10, Refusal::TooLarge, reason + "éé");
  ASSERT_EQ(kept.handed.size(), 1u);
  EXPECT_EQ(kept.handed[0]->bytes.size(), kQuarantinedBytesMax);
  EXPECT_EQ(kept.handed[0]->size, kQuarantinedBytesMax + 10);
  EXPECT_EQ(kept.handed[0]->reason, reason);  // half a character would be none
}

TEST(QuarantineTest, a_flooder_pushes_out_what_is_its_own) {
  Kept kept(unhurried());
  kept.note("alpha/v1");
  kept.note("bravo/v1");
  for (int i = 0; i < 10'000; ++i) kept.note("alpha/flooder");
  EXPECT_EQ(kept.count("alpha/v1"), 1u);
  EXPECT_EQ(kept.count("bravo/v1"), 1u);
  EXPECT_EQ(kept.count("alpha/flooder"), limits::kQuarantinePerSenderMax);
  EXPECT_EQ(kept.quarantine.dropped(kAll), 10'000 - limits::kQuarantinePerSenderMax);
}

TEST(QuarantineTest, a_sender_of_large_messages_has_a_share_of_the_bytes) {
  Kept kept(unhurried());
  kept.note("alpha/v1");
  for (int i = 0; i < 1000; ++i) kept.note("alpha/flooder", kQuarantinedBytesMax);
  EXPECT_EQ(kept.count("alpha/v1"), 1u);
  const std::size_t share = limits::kQuarantineBytesMax / QuarantineOptions::kSenders;
  EXPECT_EQ(kept.count("alpha/flooder"), share / (kQuarantinedBytesMax + kQuarantinedAround));
}

TEST(QuarantineTest, when_all_is_full_the_oldest_of_whoever_has_most_goes) {
  QuarantineOptions options = unhurried();
  options.messages_max = 32;
  Kept kept(options);  // two for each sender
  for (int i = 0; i < 10; ++i) kept.note("alpha/small");
  for (int i = 0; i < 40; ++i) kept.note(fmt::format("alpha/n{}", i / 2), 200);
  EXPECT_EQ(kept.quarantine.messages(), 32u);
  EXPECT_EQ(kept.count("alpha/small"), 2u);
}

TEST(QuarantineTest, a_sender_whose_messages_are_pushed_out_has_no_new_allowance) {
  Kept kept({.messages_max = 1});
  constexpr std::size_t kLarge = 60 * 1024;
  for (int i = 0; i < 8; ++i) kept.note("alpha/v1", kLarge);
  kept.note("bravo/v1");  // pushes it out
  EXPECT_EQ(kept.handed.size(), 9u);
  EXPECT_EQ(kept.names(), std::vector<std::string>{"bravo/v1"});
  kept.note("alpha/v1", kLarge);
  EXPECT_EQ(kept.handed.size(), 9u) << "it has used up what it may copy";
  kept.now_us += 10'000'000;
  kept.note("bravo/v1");
  EXPECT_EQ(kept.quarantine.senders(), 1u) << "who rested long enough is forgotten";
  kept.note("alpha/v1", kLarge);
  EXPECT_EQ(kept.handed.size(), 11u);
}

TEST(QuarantineTest, where_nobody_is_asked_the_bounds_of_all_hold) {
  Kept kept(unhurried());
  kept.key.clear();
  for (int i = 0; i < 10'000; ++i) kept.note("");
  EXPECT_EQ(kept.quarantine.messages(), limits::kQuarantineMessagesMax);
}

TEST(QuarantineTest, a_flood_is_counted_and_not_copied) {
  Kept kept;
  kept.note("alpha/v1");
  for (int i = 0; i < 5000; ++i) kept.note("alpha/flooder", 60'000);
  // Five seconds' worth, and what may come at once.
  const QuarantineOptions options;
  const double most = options.sender_bytes_per_second * (options.seconds_at_once + 5);
  double copied = 0;
  for (const QuarantinedPtr& message : kept.handed) copied += static_cast<double>(message->size);
  EXPECT_LE(copied, most);
  EXPECT_EQ(kept.quarantine.dropped(kAll) + kept.quarantine.messages(), 5001u);
  // Others are kept meanwhile; and the flooder again, when it has been quiet.
  const auto before = kept.handed.size();
  kept.note("alpha/v1");
  kept.now_us += 10'000'000;
  kept.note("alpha/flooder", 60'000);
  EXPECT_EQ(kept.handed.size(), before + 2);
}

TEST(QuarantineTest, an_owner_is_told_of_its_own_senders_and_their_count_alone) {
  QuarantineOptions options = unhurried();
  Kept kept(options);
  for (int i = 0; i < 300; ++i) kept.note("bravo/v1");
  kept.note("alpha/v1");
  kept.key = std::string(64, 'b');
  kept.note("");  // nobody known
  const Sight alpha{.owner = "alpha"};
  EXPECT_THAT(kept.names(alpha), ElementsAre("alpha/v1"));
  EXPECT_EQ(kept.quarantine.dropped(alpha), 0u);
  EXPECT_EQ(kept.quarantine.dropped({.owner = "bravo"}), 44u);
  EXPECT_EQ(kept.quarantine.dropped(kAll), 44u);
  kept.quarantine.list(kAll, 0, [&](const wire::QuarantinedMessageT& message) {
    EXPECT_EQ(kept.quarantine.find(alpha, message.id) != nullptr, message.name == "alpha/v1");
    return true;
  });
  // No owner is no owner's.
  EXPECT_THAT(kept.names({.owner = ""}), ElementsAre());
}

TEST(QuarantineTest, an_id_tells_when_and_not_how_many) {
  Kept kept;
  kept.note("alpha/v1");
  kept.note("alpha/v1");
  EXPECT_EQ(kept.handed[0]->id, static_cast<std::uint64_t>(kept.handed[0]->known_time_us));
  // Rising, even where the clock is set back.
  kept.now_us -= 1'000'000;
  kept.note("alpha/v1");
  EXPECT_EQ(kept.handed[2]->id, kept.handed[1]->id + 1);
}

TEST(QuarantineTest, a_list_goes_on_where_another_ended) {
  Kept kept(unhurried());
  for (int i = 0; i < 10; ++i) kept.note(fmt::format("alpha/v{}", i));
  std::vector<std::uint64_t> ids;
  for (std::uint64_t before = 0; ids.size() < 10;) {
    int had = 0;
    kept.quarantine.list(kAll, before, [&](const wire::QuarantinedMessageT& message) {
      ids.push_back(before = message.id);
      return ++had < 3;
    });
  }
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
  EXPECT_EQ(std::set<std::uint64_t>(ids.begin(), ids.end()).size(), 10u);
}

TEST(QuarantineTest, what_was_written_down_is_there_again) {
  Kept kept(unhurried());
  for (int i = 0; i < 700; ++i) kept.note(fmt::format("alpha/v{}", i % 2));
  Quarantine again{unhurried()};
  again.restore(kept.handed);
  EXPECT_EQ(again.messages(), kept.quarantine.messages());
  EXPECT_EQ(again.bytes(), kept.quarantine.bytes());
  EXPECT_EQ(again.dropped(kAll), 0u);
  kept.quarantine.list(kAll, 0, [&](const wire::QuarantinedMessageT& message) {
    EXPECT_NE(again.find(kAll, message.id), nullptr);
    return true;
  });
}

class QuarantineProperty : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, QuarantineProperty, testing::Range(0, 20));

TEST_P(QuarantineProperty, the_bounds_hold_whatever_comes) {
  std::mt19937_64 random(test::seed() + static_cast<std::uint64_t>(GetParam()));
  QuarantineOptions options = unhurried();
  options.messages_max = 16 + random() % 200;
  options.bytes_max = (1 + random() % 4) << 20;
  Kept kept(options);
  std::uint64_t noted = 0;
  for (int i = 0; i < 3000; ++i) {
    kept.key = random() % 10 == 0 ? std::string(64, 'c') : std::string(64, 'a');
    const std::string name = random() % 10 == 0 ? "" : fmt::format("alpha/v{}", random() % 40);
    kept.note(name, random() % 4 == 0 ? random() % (2 * kQuarantinedBytesMax) : random() % 300);
    ++noted;
    ASSERT_LE(kept.quarantine.messages(), options.messages_max);
    ASSERT_LE(kept.quarantine.bytes(), options.bytes_max);
    ASSERT_EQ(kept.quarantine.messages() + kept.quarantine.dropped(kAll), noted);
  }
  // What it says of itself is so.
  std::size_t bytes = 0;
  kept.quarantine.list(kAll, 0, [&](const wire::QuarantinedMessageT& message) {
    bytes += kQuarantinedAround + message.bytes.size();
    return true;
  });
  EXPECT_EQ(bytes, kept.quarantine.bytes());
}

TEST(QuarantineTest, senders_are_who_their_keys_are) {
  test::Book book;
  book.enrol("alpha/v1", '1', wire::Role::Tracker, {"alpha/v1"});
  book.must(test::key('0'), test::Book::invite("alpha/v2", 'a', wire::Role::Tracker, {"alpha/v2"}));
  EXPECT_EQ(sender_of(&book.registry, test::key('1'), book.now_us), "alpha/v1");
  EXPECT_EQ(sender_of(&book.registry, test::key('a'), book.now_us), "alpha/v2");
  EXPECT_EQ(sender_of(&book.registry, test::key('9'), book.now_us), "");
  EXPECT_EQ(sender_of(nullptr, "", 0), "");
}

}  // namespace
}  // namespace vigie::security
