#include "hub/replay/refs.h"

#include <tuple>

namespace vigie::replay {

bool collect_refs(const store::Store& store, const View& view, std::int64_t from_us,
                  std::int64_t until_us, std::uint64_t through, std::size_t most,
                  std::vector<store::SeqTime>& refs, Damage& damage) {
  refs.clear();
  bool complete = true;
  const auto sink = [&](store::SeqTime ref) {
    if (ref.seq > through) return true;
    complete = refs.size() < most;
    if (complete) refs.push_back(ref);
    return complete;
  };
  const auto note = [&](const Result<void>& read) {
    if (!read) damage.note(read.fault(), store);
  };
  if (view.takes_class(MessageClass::Event) || view.takes_class(MessageClass::State)) {
    note(store.read_event_refs(from_us, until_us, sink));
  }
  if (complete && view.takes_class(MessageClass::Track)) {
    if (view.takes_all_units()) {
      note(store.read_track_refs({}, from_us, until_us, sink));
    } else {
      for (const std::string& unit : view.units()) {
        if (complete) note(store.read_track_refs(unit, from_us, until_us, sink));
      }
    }
  }
  std::sort(refs.begin(), refs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.corrected_true_time_us, a.seq) < std::tie(b.corrected_true_time_us, b.seq);
  });
  return complete;
}

}  // namespace vigie::replay
