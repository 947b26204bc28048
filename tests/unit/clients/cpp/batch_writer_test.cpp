#include "clients/cpp/core/batch_writer.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "schemas/messages/checks.h"

namespace vigie::client {
namespace {

constexpr std::int64_t kTime = 1'772'000'000'000'000;

Row fix_row(std::uint64_t number, std::string unit, std::size_t readings = 0) {
  Fix fix;
  fix.unit = std::move(unit);
  fix.true_time_us = kTime;
  fix.readings.resize(readings, 7);
  return {number, MessageKind::Fix, *encode(fix)};
}

Row event_row(std::uint64_t number, std::size_t text_bytes) {
  Event event;
  event.unit = "red/alpha";
  event.true_time_us = kTime;
  event.kind = "text";
  event.text.assign(text_bytes, 'x');
  return {number, MessageKind::Event, *encode(event)};
}

TEST(BatchWriter, neighbours_of_one_unit_stand_in_one_section) {
  BatchWriter writer({1, 2}, 8192);
  const std::deque<Row> rows{fix_row(5, "red/b"), fix_row(4, "red/a"), fix_row(3, "red/a"),
                             fix_row(9, "red/a")};
  for (const Row& row : rows) ASSERT_TRUE(writer.add(row));
  const AlignedBytes bytes(writer.finish(kTime));
  const auto* batch = verified<wire::Batch>(bytes.bytes());
  ASSERT_NE(batch, nullptr);
  EXPECT_FALSE(check_batch(*batch));
  ASSERT_EQ(batch->fixes()->size(), 3u);
  EXPECT_EQ(batch->fixes()->Get(0)->first_number(), 3u);
  EXPECT_EQ(batch->fixes()->Get(0)->fixes()->size(), 2u);
  EXPECT_EQ(text_of(batch->fixes()->Get(1)->unit()), "red/b");
}

TEST(BatchWriter, a_batch_never_exceeds_its_bound_and_passes_the_hubs_checks) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    const std::size_t bytes_max = 4096 + random() % 30'000;
    BatchWriter writer({1, 2}, bytes_max);
    std::deque<Row> rows;
    std::uint64_t number = 0;
    while (true) {
      number += 1 + random() % 2;
      if (random() % 5 == 0) {
        rows.push_back(event_row(number, random() % 500));
      } else {
        rows.push_back(fix_row(
            number, "red/unit-" + std::to_string(random() % 3) + std::string(random() % 30, 'n'),
            random() % 2 * (random() % 60)));
      }
      if (!writer.add(rows.back())) break;
    }
    if (round % 2 == 0) writer.add_given_up({1'000'000, 1'000'010});
    const auto numbers = writer.numbers();
    const std::vector<std::byte> message = writer.finish(kTime);
    EXPECT_LE(message.size(), bytes_max);
    const AlignedBytes bytes(message);
    const auto* batch = verified<wire::Batch>(bytes.bytes());
    ASSERT_NE(batch, nullptr);
    EXPECT_FALSE(check_batch(*batch)) << check_batch(*batch).reason;
    std::vector<RefusedNumbers> refused;
    check_entries(*batch, refused);
    EXPECT_TRUE(refused.empty());
    std::uint64_t counted = 0;
    for (const auto& [kind, range] : numbers) counted += range.last - range.first + 1;
    EXPECT_EQ(counted, rows.size() - 1);
    EXPECT_EQ(entry_count(*batch), rows.size() - 1);
  }
}

TEST(BatchWriter, a_damaged_row_is_named) {
  BatchWriter writer({1, 2}, 8192);
  EXPECT_FALSE(writer.add({1, MessageKind::Fix, std::vector<std::byte>(3)}));
  EXPECT_TRUE(writer.damaged());
  EXPECT_TRUE(writer.empty());
}

}  // namespace
}  // namespace vigie::client
