#include "hub/feed/cutter.h"

#include <algorithm>

#include "schemas/model/cut.h"

namespace vigie::feed {
namespace {

using picture::ViewFilter;

/// Walks an entry in the order of its seqs and writes what the view takes.
class Cutter {
 public:
  Cutter(const Entry& entry, ViewFilter& filter, std::uint64_t after, std::size_t bytes_max)
      : entry_(entry), filter_(filter), after_(after), bytes_max_(bytes_max), reached_(after) {}

  Cut run(Lanes lanes) {
    // Batches stand one after the other; within one, events, states, fixes: the order of the seqs.
    const Folded& folded = entry_.folded;
    auto event = folded.events.begin();
    auto state = folded.states.begin();
    auto fixes = folded.fixes.begin();
    const auto seq_of = [](const wire::Stamp* stamp) { return stamp->first_seq(); };
    while (!full_) {
      const std::uint64_t next_event =
          event == folded.events.end() ? kNone : seq_of(event->event->stamp());
      const std::uint64_t next_state =
          state == folded.states.end() ? kNone : seq_of(state->state->stamp());
      const std::uint64_t next_fixes =
          fixes == folded.fixes.end() ? kNone : seq_of(fixes->fixes->stamp());
      const std::uint64_t next = std::min({next_event, next_state, next_fixes});
      if (next == kNone) break;
      if (next == next_event) {
        take_event(*event++);
      } else if (next == next_state) {
        take_state(*state++);
      } else if (lanes == Lanes::All) {
        take_fixes(*fixes++);
      } else {
        ++fixes;
      }
    }
    if (!full_) reached_ = entry_.last_seq();
    if (writer_.empty()) return {nullptr, reached_};
    return {writer_.finish(entry_.body->known_time_us(), reached_), reached_};
  }

 private:
  static constexpr std::uint64_t kNone = UINT64_MAX;

  /// False when the frame is full before this seq: the rest is for the next one.
  bool room(std::uint64_t seq) {
    full_ = full_ || (!writer_.empty() && writer_.bytes() >= bytes_max_);
    if (!full_) reached_ = std::max(reached_, seq);
    return !full_;
  }

  void take_event(const FoldedEvent& event) {
    const std::uint64_t seq = event.event->stamp()->first_seq();
    if (seq <= after_ || !filter_.takes_event(event) || !room(seq)) return;
    writer_.add_event(*event.event, spool_of(event.event->spool(), event.batch->spool()));
  }

  void take_state(const FoldedState& state) {
    const std::uint64_t seq = state.state->stamp()->first_seq();
    if (seq <= after_ || !filter_.takes_state(state) || !room(seq)) return;
    writer_.add_state(*state.state, spool_of(state.state->spool(), state.batch->spool()));
  }

  void take_fixes(const FoldedFixes& folded) {
    if (!filter_.takes_unit(folded.unit)) return;
    const bool takes_now = filter_.takes_channel(MessageClass::Track, folded.channel);
    bool inside = filter_.showed_before(folded);
    if (!takes_now && !inside) return;
    const wire::UnitFixes& section = *folded.fixes;
    const std::uint64_t first_seq = section.stamp()->first_seq();
    const flatbuffers::uoffset_t count = section.fixes()->size();
    flatbuffers::uoffset_t run_start = 0;
    flatbuffers::uoffset_t run_length = 0;
    const auto flush = [&] {
      if (run_length != 0) add_run(folded, run_start, run_length);
      run_length = 0;
    };
    for (flatbuffers::uoffset_t i = 0; i < count; ++i) {
      const wire::Fix& fix = *section.fixes()->Get(i);
      const bool moves = moves_unit(fix);
      const bool takes = takes_now && filter_.takes_fix(folded, fix);
      const bool leaves = moves && inside && !takes;
      if (moves) inside = takes;
      if (first_seq + i <= after_) continue;
      if (run_bytes(section, run_length) + writer_.bytes() >= bytes_max_) flush();
      if (!takes) flush();
      if ((takes || leaves) && !room(first_seq + i)) break;
      if (takes) {
        if (run_length == 0) run_start = i;
        ++run_length;
      }
      if (leaves) writer_.add_leave(text_of(section.unit()), first_seq + i);
    }
    flush();
  }

  static std::size_t run_bytes(const wire::UnitFixes& section, std::size_t fixes) {
    return fixes * (sizeof(wire::Fix) + section.readings_bytes());
  }

  void add_run(const FoldedFixes& folded, flatbuffers::uoffset_t start,
               flatbuffers::uoffset_t length) {
    writer_.add_fixes(run_of(*folded.fixes, *folded.batch, start, length));
  }

  const Entry& entry_;
  ViewFilter& filter_;
  const std::uint64_t after_;
  const std::size_t bytes_max_;
  std::uint64_t reached_;
  bool full_ = false;
  EntryWriter writer_;
};

}  // namespace

bool takes_whole(const Entry& entry, picture::ViewFilter& filter) {
  const View& view = filter.view();
  if (!entry.only_batches || !view.takes_all_units() || view.area_cuts_events()) return false;
  if (view.area() && !entry.box.inside(*view.area())) return false;
  for (const ChannelUse& use : entry.channels) {
    if (!filter.takes_channel(use.message_class, use.channel) ||
        !filter.permits_whole(use.message_class, use.channel, entry.body->known_time_us())) {
      return false;
    }
  }
  return true;
}

Cut cut(const Entry& entry, picture::ViewFilter& filter, std::uint64_t after, std::size_t bytes_max,
        Lanes lanes) {
  return Cutter(entry, filter, after, bytes_max).run(lanes);
}

}  // namespace vigie::feed
