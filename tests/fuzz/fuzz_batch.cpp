// A publisher's batch: verified, checked, stamped and marked as the hub does, then folded and kept.

#include "schemas/messages/checks.h"
#include "tests/fuzz/target.h"

namespace vigie {
namespace {

void stamp_all(const wire::Batch& batch) {
  std::uint64_t seq = UINT64_MAX - limits::kBatchEntriesMax;  // every byte of it counts
  const auto put = [&](const wire::Stamp* at, std::size_t entries) {
    if (at == nullptr) return;
    auto& own = const_cast<wire::Stamp&>(*at);
    own.mutate_first_seq(seq);
    own.mutate_known_time_us(INT64_C(0x7FFFFFFF'FF000000));
    own.mutate_clock_offset_us(-1);
    seq += entries;
  };
  for (const wire::Event* event : each(batch.events())) put(event->stamp(), 1);
  for (const wire::State* state : each(batch.states())) put(state->stamp(), 1);
  for (const wire::UnitFixes* fixes : each(batch.fixes())) {
    put(fixes->stamp(), fixes->fixes()->size());
  }
}

}  // namespace
}  // namespace vigie

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  if (size > limits::kBatchBytesMax) return 0;
  BodyBuilder builder;
  std::byte* staged = builder.stage(size);
  if (size != 0) std::memcpy(staged, data, size);
  const Bytes bytes(staged, size);
  const wire::Batch* batch = verified<wire::Batch>(bytes);
  if (batch == nullptr || check_batch(*batch)) return 0;
  std::vector<RefusedNumbers> refused;
  check_entries(*batch, refused);
  const std::size_t entries = entry_count(*batch);
  for (const RefusedNumbers& one : refused) {
    fuzz::require(one.first >= 1 && one.last >= one.first, "a refused range is a range");
    fuzz::require(one.code != wire::Refusal::None && !one.reason.empty(), "a refusal says why");
  }
  if (!refused.empty() || entries == 0) return 0;
  stamp_all(*batch);
  builder.commit(wire::BlockKind::Batch, size, static_cast<std::uint32_t>(entries), 1);
  const BodyPtr body = builder.close(1, entries, 1);
  Picture picture;
  Folded folded;
  picture.fold_and_mark({const_cast<std::byte*>(body->bytes().data()), body->bytes().size()},
                        folded);
  fuzz::require(verify_body(body->bytes()).ok(), "a marked body verifies");
  fuzz::use_body(body->bytes());
  return 0;
}
