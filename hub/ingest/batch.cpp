// Taking a batch: the hot half of ingest.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "hub/ingest/ingest.h"
#include "schemas/messages/check_access.h"
#include "schemas/messages/check_parts.h"
#include "schemas/messages/requests.h"

namespace vigie::ingest {
namespace {

constexpr std::uint32_t kRetryMs = 1000;

/// Stamps are written into the hub's own copy of the batch; FlatBuffers' accessors are const.
void write_stamp(const wire::Stamp* stamp, const wire::Stamp& value) {
  const_cast<wire::Stamp&>(*stamp) = value;
}

/// Calls visit(first, last) for each stretch of numbers in the batch.
template <typename Visit>
void for_each_stretch(const wire::Batch& batch, const Visit& visit) {
  for (const wire::Event* event : each(batch.events())) visit(event->number(), event->number());
  for (const wire::State* state : each(batch.states())) visit(state->number(), state->number());
  for (const wire::UnitFixes* fixes : each(batch.fixes())) {
    visit(fixes->first_number(), fixes->first_number() + fixes->fixes()->size() - 1);
  }
}

/// A section's fixes whose numbers are in `wanted`, as sections of contiguous numbers.
void add_wanted(const wire::UnitFixes& section, const IntervalSet& wanted, wire::BatchT& out) {
  const std::size_t bytes = section.readings_bytes();
  std::unique_ptr<wire::UnitFixesT> run;
  for (flatbuffers::uoffset_t i = 0; i < section.fixes()->size(); ++i) {
    if (!wanted.contains(section.first_number() + i)) {
      if (run) out.fixes.push_back(std::exchange(run, nullptr));
      continue;
    }
    if (!run) {
      run = std::make_unique<wire::UnitFixesT>();
      run->stamp = std::make_unique<wire::Stamp>();
      run->first_number = section.first_number() + i;
      run->unit = section.unit()->str();
      run->group = text_of(section.group());
      run->readings_bytes = section.readings_bytes();
    }
    run->fixes.push_back(*section.fixes()->Get(i));
    if (bytes != 0) {
      const std::uint8_t* first = section.readings()->data() + i * bytes;
      run->readings.insert(run->readings.end(), first, first + bytes);
    }
  }
  if (run) out.fixes.push_back(std::move(run));
}

/// The batch without what is not wanted.
wire::BatchT only_wanted(const wire::Batch& batch, const IntervalSet& wanted) {
  wire::BatchT out;
  out.spool = std::make_unique<wire::Spool>(*batch.spool());
  out.sent_time_us = batch.sent_time_us();
  for (const wire::Event* event : each(batch.events())) {
    if (wanted.contains(event->number())) out.events.emplace_back(event->UnPack());
  }
  for (const wire::State* state : each(batch.states())) {
    if (wanted.contains(state->number())) out.states.emplace_back(state->UnPack());
  }
  for (const wire::UnitFixes* section : each(batch.fixes())) add_wanted(*section, wanted, out);
  return out;
}

bool revokes(const wire::Batch& batch) {
  bool any = false;
  for (const wire::State* state : each(batch.states())) {
    any = any || (state->deleted() && state->kind() == wire::StateKind::Identity);
  }
  return any;
}

/// A revocation says which key it ends, so that whoever reads the log alone knows.
void say_ended_keys(const security::Registry& registry, wire::BatchT& batch) {
  for (const auto& state : batch.states) {
    if (!state->deleted || state->kind != wire::StateKind::Identity) continue;
    const security::Identity* who = registry.named(state->name);
    if (who == nullptr) continue;
    state->identity = std::make_unique<wire::IdentityT>();
    state->identity->key = who->key;
  }
}

}  // namespace

void Ingest::on_batch(const ops::Received& received, Peer& peer, bool granted) {
  const Bytes bytes = received.bytes;
  const auto refuse = [&](wire::Refusal code, std::string_view reason, std::uint32_t retry_ms) {
    this->refuse(received, code, reason, retry_ms);
  };
  if (bytes.size() > limits::kBatchBytesMax) {
    return refuse(wire::Refusal::TooLarge,
                  fmt::format("the batch has {} bytes, at most {} are taken", bytes.size(),
                              limits::kBatchBytesMax),
                  0);
  }
  if (!granted) {
    return refuse(
        wire::Refusal::TooFast,
        fmt::format("{} bytes were sent and {} granted", peer.received_bytes, peer.granted_bytes),
        kRetryMs);
  }
  security::Holder holder;
  if (const RefusedRequest bad = why_not_now(received.user, holder)) {
    return refuse(bad.code, bad.reason, bad.code == wire::Refusal::NotReady ? kRetryMs : 0);
  }
  if (disk_full_) return refuse(wire::Refusal::DiskFull, "the hub's disk is full", 5 * kRetryMs);
  std::byte* staged = sequencer_.builder().stage(bytes.size());
  std::memcpy(staged, bytes.data(), bytes.size());
  const wire::Batch* batch = verified<wire::Batch>({staged, bytes.size()});
  if (batch == nullptr) {
    return refuse(wire::Refusal::Malformed, "the batch does not verify as a FlatBuffer", 0);
  }
  if (const RefusedRequest bad = check_batch(*batch)) return refuse(bad.code, bad.reason, 0);
  if (key_of(*batch->spool()) != peer.spool) {
    return refuse(wire::Refusal::WrongSpool, "the batch's spool is not the hello's", 0);
  }
  count_messages(peer, *batch);
  Spool& spool = spools_.at(peer.spool);
  if (too_many_holes(spool, *batch)) {
    return refuse(wire::Refusal::TooManyHoles,
                  fmt::format("the spool's numbers have over {} holes; fill the lower ones first",
                              limits::kSpoolHolesMax),
                  kRetryMs);
  }
  ++counts_.batches;
  counts_.bytes += bytes.size();
  spool.offset.note(sequencer_.known_time_us(), batch->sent_time_us());
  spool.record.last_known_time_us = sequencer_.known_time_us();
  take(spool, holder, *batch, bytes.size());
  const std::uint64_t used = options_.window_bytes - options_.window_bytes / 4;
  if (peer.granted_bytes - peer.received_bytes < used && spool.pending == 0) {
    mark_ack_due(peer.spool, spool);
  }
}

void Ingest::count_messages(const Peer& peer, const wire::Batch& batch) {
  if (peer.of_name == nullptr) return;
  // A range that was given up is looked at once, however long it is.
  std::size_t messages = size_of(batch.given_up());
  for_each_stretch(batch, [&](std::uint64_t first, std::uint64_t last) {
    messages += static_cast<std::size_t>(last - first + 1);
  });
  if (messages <= 1) return;  // one was counted when it came
  Allowances::take_messages(peer.of_name, messages - 1);
  Allowances::take_messages(peer.of_address, messages - 1);
}

bool Ingest::had_any(const Spool& spool, const wire::Batch& batch) const {
  bool had = false;
  for_each_stretch(batch, [&](std::uint64_t first, std::uint64_t last) {
    had = had || spool.taken.overlaps(first, last);
  });
  return had;
}

bool Ingest::too_many_holes(const Spool& spool, const wire::Batch& batch) const {
  const std::size_t now = spool.taken.intervals().size();
  const std::size_t stretches = size_of(batch.events()) + size_of(batch.states()) +
                                size_of(batch.fixes()) + size_of(batch.given_up());
  if (now + stretches <= limits::kSpoolHolesMax) return false;
  IntervalSet would = spool.taken;
  for_each_stretch(batch, [&](std::uint64_t first, std::uint64_t last) { would.add(first, last); });
  for (const wire::NumberRange* range : each(batch.given_up())) {
    would.add(range->first(), range->last());
  }
  // What makes it no worse is taken: by such batches alone the holes are ever filled.
  return would.intervals().size() > std::max(now, limits::kSpoolHolesMax);
}

void Ingest::take(Spool& spool, const security::Holder& holder, const wire::Batch& batch,
                  std::size_t payload_bytes) {
  refused_scratch_.clear();
  check_entries(batch, refused_scratch_);
  if (registry_ != nullptr) refuse_what_is_not_theirs(spool, holder, batch);
  const bool whole = refused_scratch_.empty() && size_of(batch.given_up()) == 0 &&
                     entry_count(batch) != 0 && !had_any(spool, batch) &&
                     (registry_ == nullptr || !revokes(batch));
  if (whole) return take_whole(spool, holder, batch, payload_bytes);
  // The staged copy is overwritten by what is written anew: keep another.
  const AlignedBytes copy({sequencer_.builder().stage(payload_bytes), payload_bytes});
  take_part(spool, holder, copy.bytes(), refused_scratch_);
}

void Ingest::quarantine_part(const Spool& spool, Bytes bytes,
                             const std::vector<RefusedNumbers>& refused) {
  const auto peer = peers_.find(spool.peer);
  if (refused.empty() || peer == peers_.end()) return;
  // A batch is kept once: what the first of its messages was refused for, and which others were.
  const RefusedNumbers& first = refused.front();
  std::uint64_t more = 0;
  for (const RefusedNumbers& one : refused) more += one.last - one.first + 1;
  more -= first.last - first.first + 1;
  std::string reason =
      first.first == first.last
          ? fmt::format("number {}: {}", first.first, first.reason)
          : fmt::format("numbers {} to {}: {}", first.first, first.last, first.reason);
  if (more != 0) reason = fmt::format("{} more refused, and {}", more, reason);
  quarantine(peer->second.user, bytes, first.code, reason);
}

void Ingest::refuse_what_is_not_theirs(const Spool& spool, const security::Holder& holder,
                                       const wire::Batch& batch) {
  IntervalSet refused;
  for (const RefusedNumbers& one : refused_scratch_) refused.add(one.first, one.last);
  const wire::Refusal code =
      holder.invitation != nullptr ? wire::Refusal::BadInvite : wire::Refusal::NotEntitled;
  const auto note = [&](std::uint64_t first, std::uint64_t last, security::WhyNot why) {
    if (!why.empty()) refused_scratch_.push_back({first, last, code, std::move(why)});
  };
  for (const wire::Event* event : each(batch.events())) {
    if (refused.contains(event->number())) continue;
    note(event->number(), event->number(),
         registry_->may_publish(holder, MessageClass::Event, text_of(event->unit())));
  }
  Begun begun;
  for (const wire::State* state : each(batch.states())) {
    if (refused.contains(state->number())) continue;
    const std::uint64_t number = state->number();
    security::WhyNot why = registry_->may_publish(holder, *state);
    // What was had before costs nothing again.
    const bool counts = why.empty() && is_access(state->kind()) && !spool.taken.contains(number);
    if (counts && !may_say_access(holder)) {
      refused_scratch_.push_back({number, number, wire::Refusal::TooFast,
                                  "who you are was said too often: wait a minute"});
      continue;
    }
    const RefusedRequest full = counts ? check_owner(*state, begun) : RefusedRequest();
    if (full) {
      refused_scratch_.push_back({number, number, full.code, full.reason});
      continue;
    }
    note(number, number, std::move(why));
  }
  for (const wire::UnitFixes* fixes : each(batch.fixes())) {
    security::WhyNot why =
        registry_->may_publish(holder, MessageClass::Track, text_of(fixes->unit()));
    if (why.empty()) continue;
    // Whose they are comes before what is wrong with some of them.
    const std::uint64_t first = fixes->first_number();
    const std::uint64_t last = first + fixes->fixes()->size() - 1;
    std::erase_if(refused_scratch_, [&](const RefusedNumbers& one) {
      return one.first >= first && one.last <= last;
    });
    note(first, last, std::move(why));
  }
}

std::uint64_t Ingest::stamp(const wire::Batch& batch, const security::Holder& holder,
                            const Spool& spool) {
  const std::int64_t known_us = sequencer_.known_time_us();
  const std::int64_t offset_us = spool.offset.correction_us();
  const std::uint64_t first = sequencer_.assign(static_cast<std::uint32_t>(entry_count(batch)));
  std::uint64_t seq = first;
  for (const wire::Event* event : each(batch.events())) {
    write_stamp(event->stamp(), wire::Stamp(seq++, known_us, offset_us, 0, 0));
    if (audit_ != nullptr) tell_event(holder, *event);
  }
  for (const wire::State* state : each(batch.states())) {
    write_stamp(state->stamp(), wire::Stamp(seq++, known_us, offset_us, 0, 0));
    // Before it counts: what it changes is told by what was.
    if (audit_ != nullptr) tell_state(holder, *state);
    // At once: what is read next is judged by it.
    if (registry_ != nullptr) registry_->note(*state);
  }
  for (const wire::UnitFixes* fixes : each(batch.fixes())) {
    write_stamp(fixes->stamp(), wire::Stamp(seq, known_us, offset_us, 0, 0));
    seq += fixes->fixes()->size();
    counts_.fixes += fixes->fixes()->size();
  }
  counts_.events += size_of(batch.events());
  counts_.states += size_of(batch.states());
  return first;
}

void Ingest::take_whole(Spool& spool, const security::Holder& holder, const wire::Batch& batch,
                        std::size_t payload_bytes) {
  const auto count = static_cast<std::uint32_t>(entry_count(batch));
  Pending& waits = pending_.emplace_back();
  for_each_stretch(batch, [&](std::uint64_t first, std::uint64_t last) {
    spool.taken.add(first, last);
    if (waits.one.first() == 0) {
      waits.one = wire::NumberRange(first, last);
    } else if (waits.settled.empty() && waits.one.last() + 1 == first) {
      waits.one = wire::NumberRange(waits.one.first(), last);
    } else {
      waits.settled.emplace_back(first, last);
    }
  });
  const std::uint64_t first_seq = stamp(batch, holder, spool);
  sequencer_.builder().commit(wire::BlockKind::Batch, payload_bytes, count, first_seq);
  waits.seq = first_seq + count - 1;
  waits.spool = &spool;
  ++spool.pending;
}

void Ingest::take_part(Spool& spool, const security::Holder& holder, Bytes bytes,
                       const std::vector<RefusedNumbers>& refused) {
  const wire::Batch& batch = *flatbuffers::GetRoot<wire::Batch>(bytes.data());
  IntervalSet wanted;
  std::uint64_t offered = 0;
  for_each_stretch(batch, [&](std::uint64_t first, std::uint64_t last) {
    offered += last - first + 1;
    for (const IntervalSet::Interval& hole : spool.taken.missing(first, last)) {
      wanted.add(hole.first, hole.last);
    }
  });
  acknowledge_again(spool, batch);
  counts_.duplicates += offered - wanted.count();
  std::vector<RefusedNumbers> fresh;
  for (const RefusedNumbers& bad : refused) {
    if (spool.taken.overlaps(bad.first, bad.last)) continue;
    wanted.remove(bad.first, bad.last);
    const std::uint64_t messages = bad.last - bad.first + 1;
    count_refused(bad.code, messages);
    tell_refused(
        holder, {.endpoint = "publish", .code = bad.code, .reason = bad.reason, .count = messages});
    fresh.push_back(bad);
  }
  quarantine_part(spool, bytes, fresh);
  log_settled(spool, batch, std::move(fresh));
  if (wanted.empty()) return;
  wire::BatchT kept = only_wanted(batch, wanted);
  if (registry_ != nullptr) say_ended_keys(*registry_, kept);
  flatbuffers::FlatBufferBuilder builder(1024);
  builder.ForceDefaults(true);
  const Bytes payload = finished(builder, wire::Batch::Pack(builder, &kept));
  // Split sections cost a table each: it may have grown beyond what the body has room for. Then it
  // is not taken now; the publisher sends it again after its next hello, in smaller batches once
  // the rest is settled.
  if (sizeof(wire::BlockHeader) + padded(payload.size()) > sequencer_.builder().room()) return;
  std::byte* staged = sequencer_.builder().stage(payload.size());
  std::memcpy(staged, payload.data(), payload.size());
  take_whole(spool, holder, *flatbuffers::GetRoot<wire::Batch>(staged), payload.size());
}

void Ingest::log_settled(Spool& spool, const wire::Batch& batch,
                         std::vector<RefusedNumbers> refused) {
  Pending waits;
  for (const RefusedNumbers& bad : refused) {
    spool.taken.add(bad.first, bad.last);
    waits.settled.emplace_back(bad.first, bad.last);
  }
  for (const wire::NumberRange* range : each(batch.given_up())) {
    for (const auto& hole : spool.taken.missing(range->first(), range->last())) {
      waits.settled.emplace_back(hole.first, hole.last);
      counts_.given_up += hole.last - hole.first + 1;
    }
    spool.taken.add(range->first(), range->last());
  }
  if (waits.settled.empty()) return;
  wire::SettledT settled;
  settled.spool = std::make_unique<wire::Spool>(*batch.spool());
  settled.ranges = waits.settled;
  settled.known_time_us = sequencer_.known_time_us();
  const std::vector<std::byte> payload = packed<wire::Settled>(settled);
  waits.seq = sequencer_.assign(1);
  sequencer_.builder().append(wire::BlockKind::Settled, payload, 1, waits.seq);
  // Refused numbers are told as refused, not as stored.
  waits.settled.erase(waits.settled.begin(),
                      waits.settled.begin() + static_cast<std::ptrdiff_t>(refused.size()));
  waits.refused = std::move(refused);
  waits.spool = &spool;
  ++spool.pending;
  pending_.push_back(std::move(waits));
}

void Ingest::acknowledge_again(Spool& spool, const wire::Batch& batch) {
  const auto tell = [&](std::uint64_t first, std::uint64_t last) {
    const auto all = spool.record.settled.intervals();
    auto at = std::lower_bound(all.begin(), all.end(), first,
                               [](const auto& one, std::uint64_t from) { return one.last < from; });
    for (; at != all.end() && at->first <= last; ++at) {
      spool.to_settle.add(std::max(first, at->first), std::min(last, at->last));
    }
  };
  for_each_stretch(batch, tell);
  for (const wire::NumberRange* range : each(batch.given_up())) {
    tell(range->first(), range->last());
  }
  if (!spool.to_settle.empty()) mark_ack_due(key_of(*batch.spool()), spool);
}

}  // namespace vigie::ingest
