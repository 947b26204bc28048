#include "hub/audit_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "schemas/keys/key_pair.h"

namespace vigie {
namespace {

constexpr std::size_t kBytesATurn = 64 * 1024;
constexpr std::size_t kGiveUpBytes = 512;  // more than it takes

}  // namespace

AuditWriter::AuditWriter(sequence::Sequencer& sequencer, const store::Recovery& recovery,
                         const Ledger& ledger, const security::Registry& registry)
    : sequencer_(sequencer), spool_(spool_owner(kHubOwner), recovery.log.low()) {
  const SpoolRecord* had = ledger.find(spool_);
  if (had != nullptr && !had->settled.empty()) {
    next_number_ = had->settled.intervals().back().last + 1;
  }
  // Each number took a seq: no more of them were lost than seqs.
  if (recovery.after_crash && recovery.next_seq > recovery.last_seq + 1) {
    lost_ = recovery.next_seq - recovery.last_seq - 1;
  }
  trail_.set_known_time(sequencer_.known_time_us());
  trail_.note(security::note_of_start(
      registry, {.log = fmt::format("{:016x}{:016x}", recovery.log.high(), recovery.log.low()),
                 .next_seq = sequencer_.next_seq(),
                 .after_crash = recovery.after_crash}));
  write();
}

void AuditWriter::give_up(std::uint64_t count) {
  wire::SettledT settled;
  settled.spool = std::make_unique<wire::Spool>(spool_);
  settled.ranges.emplace_back(next_number_, next_number_ + count - 1);
  settled.known_time_us = sequencer_.known_time_us();
  next_number_ += count;
  const std::vector<std::byte> payload = packed<wire::Settled>(settled);
  const std::uint64_t seq = sequencer_.assign(1);
  sequencer_.builder().append(wire::BlockKind::Settled, payload, 1, seq);
}

void AuditWriter::write() {
  if (!sequencer_.has_seqs()) return;
  if (lost_ != 0) {
    // First of all, so that no number is used before.
    if (sequencer_.builder().room() < kGiveUpBytes) return;
    give_up(std::exchange(lost_, 0));
  }
  if (trail_.empty()) return;
  const std::size_t room = sequencer_.builder().room();
  const std::size_t around = sizeof(wire::BlockHeader) + 8;
  if (room <= around) return;
  const security::AuditBlock block =
      trail_.take(spool_, next_number_, sequencer_.next_seq(), sequencer_.known_time_us(),
                  std::min(room - around, kBytesATurn));
  if (block.count == 0) return;
  const std::uint64_t first = sequencer_.assign(block.count);
  sequencer_.builder().append(wire::BlockKind::Batch, block.payload, block.count, first);
  next_number_ += block.count;
}

void AuditWriter::note_stop() {
  if (stop_noted_) return;
  stop_noted_ = true;
  trail_.finish_counting();
  trail_.note(security::note_of_stop());
  trail_.close();
}

}  // namespace vigie
