#include "hub/security/audit_trail.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/messages/check_parts.h"
#include "schemas/words/times.h"

namespace vigie::security {
namespace {

constexpr const char* kGateReason = "nobody known holds this key";

std::unique_ptr<wire::FieldT> field_of(std::string_view key, std::string value) {
  auto field = std::make_unique<wire::FieldT>();
  field->key = key;
  field->value = std::move(value);
  return field;
}

wire::EventT event_of(const AuditNote& note, const std::string& owner) {
  wire::EventT event;
  event.unit = owner + "/audit";
  event.group = kAuditGroup;
  event.kind = note.kind;
  event.severity = note.kind == "refused" ? wire::Severity::Notice : wire::Severity::Info;
  const std::string& text = note.text_for(owner);
  event.text = text.size() <= limits::kTextBytesMax ? text : shown(text);
  event.references = note.references;
  for (auto& [key, value] : note.fields_for(owner)) {
    event.fields.push_back(field_of(key, std::move(value)));
  }
  for (const auto& [key, us] : {std::pair("from", note.from_us), std::pair("to", note.until_us)}) {
    if (us != 0) event.fields.push_back(field_of(key, format_time(us)));
  }
  if (note.count != 1) event.fields.push_back(field_of("count", fmt::format("{}", note.count)));
  return event;
}

/// At least what the event takes in a batch: offsets, lengths and padding included.
std::size_t bytes_of(const wire::EventT& event) {
  constexpr std::size_t kEvent = 320;
  constexpr std::size_t kField = 48;
  std::size_t bytes = kEvent + event.unit.size() + event.kind.size() + event.text.size() +
                      event.references.size() * sizeof(wire::MessageName);
  for (const auto& field : event.fields) bytes += kField + field->key.size() + field->value.size();
  return bytes;
}

}  // namespace

void AuditTrail::set_known_time(std::int64_t known_us) {
  known_us_ = known_us;
  if (known_us < next_end_us_) return;
  next_end_us_ = INT64_MAX;
  for (auto tally = tallies_.begin(); tally != tallies_.end();) {
    Tally& one = tally->second;
    if (known_us >= one.until_us) {
      if (!one.more) {
        tally = tallies_.erase(tally);
        continue;
      }
      push(std::move(*one.more));
      // It is the first of the next minute.
      one = {.until_us = known_us + kAuditMinuteUs, .alone = 1};
    }
    next_end_us_ = std::min(next_end_us_, one.until_us);
    ++tally;
  }
}

void AuditTrail::push(AuditNote&& note) {
  if (closed_) return;
  const auto shared = std::make_shared<const AuditNote>(std::move(note));
  for (std::size_t owner = 0; owner < shared->owners.size(); ++owner) {
    waiting_.push_back({shared, owner, known_us_});
  }
}

void AuditTrail::note(AuditNote&& note) {
  push(std::move(note));
}

AuditTrail::Tally& AuditTrail::tally_of(const AuditNote& note) {
  // What concerns some owners is not told together with what concerns others.
  std::string key = fmt::format("{} {} {} {}", note.kind, note.field("who"), note.field("code"),
                                fmt::join(note.owners, " "));
  if (!tallies_.contains(key) && tallies_.size() >= kAuditTalliesMax) {
    key = note.kind + " " + note.owners.front();
  }
  const auto [found, is_new] = tallies_.try_emplace(key);
  if (is_new) {
    found->second.until_us = known_us_ + kAuditMinuteUs;
    next_end_us_ = std::min(next_end_us_, found->second.until_us);
  }
  return found->second;
}

void AuditTrail::note_often(AuditNote&& note, std::size_t alone) {
  Tally& tally = tally_of(note);
  if (tally.alone < alone) {
    ++tally.alone;
    return push(std::move(note));
  }
  if (!tally.more) {
    tally.more = std::make_unique<AuditNote>(std::move(note));
    tally.more->set("since", format_time(known_us_));
    return;
  }
  note.set("since", tally.more->field("since"));
  tally.more->merge(std::move(note));
}

void AuditTrail::note_turned_away(std::uint64_t total) {
  if (total <= turned_away_) return;
  const RefusedAct act{.endpoint = "gate",
                       .code = wire::Refusal::Revoked,
                       .reason = kGateReason,
                       .count = total - turned_away_};
  turned_away_ = total;
  note_often(note_of_refusal({}, act), kRefusalsAlone);
}

void AuditTrail::note_closed_code(std::string_view key, const ClosedInvitation& closed) {
  note_often(note_of_closed_code(key, closed), kRefusalsAlone);
}

void AuditTrail::finish_counting() {
  for (auto& [key, tally] : tallies_) {
    if (tally.more) push(std::move(*tally.more));
  }
  tallies_.clear();
  next_end_us_ = INT64_MAX;
}

AuditBlock AuditTrail::take(wire::Spool spool, std::uint64_t first_number, std::uint64_t first_seq,
                            std::int64_t known_us, std::size_t bytes_max) {
  constexpr std::size_t kBatch = 256;
  AuditBlock block;
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(spool);
  batch.sent_time_us = known_us;
  for (std::size_t bytes = kBatch; !waiting_.empty(); waiting_.pop_front()) {
    const Waiting& next = waiting_.front();
    const std::string& owner = next.note->owners[next.owner];
    auto event = std::make_unique<wire::EventT>(event_of(*next.note, owner));
    bytes += bytes_of(*event);
    if (bytes > bytes_max) break;
    event->number = first_number + block.count;
    event->true_time_us = next.known_us;
    event->stamp = std::make_unique<wire::Stamp>(first_seq + block.count, known_us, 0, 0, 0);
    batch.events.push_back(std::move(event));
    ++block.count;
  }
  if (block.count != 0) block.payload = packed<wire::Batch>(batch);
  return block;
}

}  // namespace vigie::security
