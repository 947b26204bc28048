#include "hub/front_figures.h"

#include "schemas/messages/refusals.h"

namespace vigie {
namespace {

std::uint64_t count_of(const std::map<wire::Refusal, std::uint64_t>& counts, wire::Refusal code) {
  const auto found = counts.find(code);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

FrontFigures::FrontFigures(ops::Figures& figures)
    : figures_(figures),
      latency_(figures.histogram("vigie_hub_latency_seconds",
                                 "From reading a message to handing it to the consoles' sockets",
                                 ops::HistogramUnit::MicrosecondsAsSeconds)) {}

void FrontFigures::raise(const std::string& name, const std::string& help, std::uint64_t to,
                         const ops::Labels& labels) {
  ops::Counter& counter = figures_.counter(name, help, labels);
  counter.add(to - counter.value());
}

void FrontFigures::show(const std::string& name, const std::string& help, double value) {
  figures_.gauge(name, help).set(value);
}

void FrontFigures::update_refused(const FrontState& state) {
  // Each code from the start on, so that a first one is seen to rise.
  for (const RefusalWord& word : refusals()) {
    const ops::Labels labels{{"code", refusal_name(word.code)}};
    raise("vigie_refused_total", "Messages and requests refused on the publish endpoint, by code",
          count_of(state.ingest.refused, word.code), labels);
    raise("vigie_denied_total", "Requests refused on the listen endpoint, by code",
          count_of(state.sessions.denied, word.code), labels);
  }
  if (state.quarantine == nullptr) return;
  show("vigie_quarantine_messages", "Refused messages that are kept",
       static_cast<double>(state.quarantine->messages()));
  show("vigie_quarantine_bytes", "Bytes of refused messages that are kept",
       static_cast<double>(state.quarantine->bytes()));
  raise("vigie_quarantine_dropped_total", "Refused messages that were not kept, or no more",
        state.quarantine->dropped({.is_of_all = true}));
}

void FrontFigures::update(const FrontState& state) {
  const auto published = [&](const char* message_class, std::uint64_t count) {
    raise("vigie_published_total", "Messages accepted, by class", count,
          {{"class", message_class}});
  };
  published("track", state.ingest.fixes);
  published("event", state.ingest.events);
  published("state", state.ingest.states);
  raise("vigie_aside_total",
        "Fixes that did not move their unit, since a source of a better rank did", state.aside);
  raise("vigie_published_bytes_total", "Bytes of batches read", state.ingest.bytes);
  raise("vigie_batches_total", "Batches read", state.ingest.batches);
  raise("vigie_duplicates_total", "Messages that were settled or pending already",
        state.ingest.duplicates);
  raise("vigie_given_up_total", "Numbers that publishers gave up", state.ingest.given_up);
  raise("vigie_acks_total", "Acknowledgements sent", state.ingest.acks);
  update_refused(state);
  raise("vigie_frames_total", "Frames sent to consoles", state.sessions.frames);
  raise("vigie_frame_bytes_total", "Bytes of frames sent to consoles", state.sessions.frame_bytes);
  raise("vigie_conflated_frames_total", "Frames in which fixes were conflated",
        state.sessions.conflated_frames);
  raise("vigie_snapshot_pages_total", "Snapshot pages sent", state.sessions.snapshot_pages);
  raise("vigie_refills_total", "Holes that consoles asked to fill", state.sessions.refills);
  raise("vigie_credit_cut_total",
        "Grants of consoles, in Open or Credit, that were cut to queues.console_window",
        state.sessions.credit_cut);
  raise("vigie_sessions_opened_total", "Sessions opened", state.sessions.opened);
  raise("vigie_sessions_silent_total", "Sessions ended because nothing was heard",
        state.sessions.ended_silent);
  show("vigie_sessions", "Sessions now", static_cast<double>(state.session_count));
  show("vigie_session_lag_max_entries", "Entries that the slowest live session is behind",
       static_cast<double>(state.lag_max));
  show("vigie_publishers", "Publishers now", static_cast<double>(state.publisher_count));
  show("vigie_units", "Units in the picture", static_cast<double>(state.unit_count));
  show("vigie_ring_bytes", "Bytes of the newest bodies in memory",
       static_cast<double>(state.ring_bytes));
  show("vigie_store_queue_bytes", "Bytes accepted and not durable yet",
       static_cast<double>(state.store_queue_bytes));
  show("vigie_clock_behind_seconds",
       "How far the machine's clock is behind known time, after it was set back",
       static_cast<double>(state.clock_behind_us) / 1e6);
  show("vigie_head_seq", "Seq of the newest entry", static_cast<double>(state.head));
  show("vigie_durable_seq", "Seq up to which everything is on disk",
       static_cast<double>(state.durable));
}

}  // namespace vigie
