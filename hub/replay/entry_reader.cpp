#include "hub/replay/entry_reader.h"

#include "hub/replay/parts.h"

namespace vigie::replay {
namespace {

using Seqs = std::span<const std::uint64_t>;

constexpr std::size_t kKeptBytes = 64 * 1024;
/// A gap of up to so many bodies like the last one is read through; beyond, a seek is quicker.
constexpr std::uint64_t kBodiesToRead = 8;

bool wanted(Seqs seqs, std::uint64_t seq) {
  return std::binary_search(seqs.begin(), seqs.end(), seq);
}

Seqs from(Seqs seqs, std::uint64_t seq) {
  const auto first = std::lower_bound(seqs.begin(), seqs.end(), seq);
  return seqs.subspan(static_cast<std::size_t>(first - seqs.begin()));
}

/// The wanted fixes of a section, in runs of consecutive seqs.
void give_fixes(const wire::UnitFixes& section, const wire::Batch& batch, Seqs seqs,
                EntrySink& sink) {
  const std::uint64_t first = section.stamp() == nullptr ? 0 : section.stamp()->first_seq();
  const std::uint64_t end = first + section.fixes()->size();
  for (Seqs rest = from(seqs, first); !rest.empty() && rest.front() < end;) {
    std::size_t length = 1;
    while (length < rest.size() && rest[length] == rest.front() + length && rest[length] < end) {
      ++length;
    }
    sink.on_fixes(rest.front(), section, batch, rest.front() - first, length);
    rest = rest.subspan(length);
  }
}

std::uint64_t seq_of(const wire::Stamp* stamp) {
  return stamp == nullptr ? 0 : stamp->first_seq();
}

void give_entries(Bytes body, Seqs seqs, EntrySink& sink) {
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const std::uint64_t first = block->header->first_seq();
    const Seqs here = from(seqs, first);
    if (here.empty()) return;
    if (here.front() >= first + block->header->count()) continue;
    const wire::Batch& batch = block->batch();
    for (const wire::Event* event : each(batch.events())) {
      const std::uint64_t seq = seq_of(event->stamp());
      if (wanted(here, seq)) sink.on_event(seq, *event, batch);
    }
    for (const wire::State* state : each(batch.states())) {
      const std::uint64_t seq = seq_of(state->stamp());
      if (wanted(here, seq)) sink.on_state(seq, *state, batch);
    }
    for (const wire::UnitFixes* section : each(batch.fixes())) {
      give_fixes(*section, batch, here, sink);
    }
  }
}

}  // namespace

Result<void> EntryReader::read(Seqs seqs, EntrySink& sink, Damage& damage) {
  const Seqs in_log = from(seqs, store_.floor());
  const Result<void> kept = read_kept(seqs.first(seqs.size() - in_log.size()), sink);
  return kept ? read_log(in_log, sink, damage) : kept;
}

Result<void> EntryReader::read_kept(Seqs seqs, EntrySink& sink) {
  const std::uint64_t last = seqs.empty() ? 0 : seqs.back();
  while (!seqs.empty()) {
    const std::uint64_t after = seqs.front() - 1;
    const Result<std::uint64_t> reached =
        store_.read_kept(after, last, kKeptBytes, [&](std::uint64_t seq, Bytes body) {
          if (wanted(seqs, seq)) give_entries(body, seqs, sink);
        });
    if (!reached) return reached.fault();
    seqs = from(seqs, std::max(*reached, after + 1) + 1);
  }
  return {};
}

Result<void> EntryReader::read_log(Seqs seqs, EntrySink& sink, Damage& damage) {
  if (seqs.empty()) return {};
  const auto reader = store_.log_reader();
  std::uint64_t read_through = 0;  // 0: the reader stands nowhere
  std::uint64_t near = 0;
  while (!seqs.empty()) {
    const std::uint64_t gap = seqs.front() - read_through;
    if (read_through == 0 || gap > near) reader->seek(seqs.front());
    Result<Bytes> body = reader->next();
    bool damaged = false;
    while (!body && body.fault().code == FaultCode::Damaged) {
      damaged = true;
      body = reader->next();
    }
    if (!body) return body.fault();
    const std::uint64_t next = body->empty() ? UINT64_MAX : header_of(*body).first_seq();
    if (damaged) damage.note(store_, seqs.front(), next - 1);
    if (body->empty()) return {};
    const wire::BodyHeader& header = header_of(*body);
    give_entries(*body, from(seqs, header.first_seq()), sink);
    read_through = header.last_seq();
    near = kBodiesToRead * (header.last_seq() - header.first_seq() + 1);
    seqs = from(seqs, read_through + 1);
  }
  return {};
}

}  // namespace vigie::replay
