#include "hub/replay/refs.h"

#include <algorithm>
#include <tuple>

namespace vigie::replay {

Result<Refs> collect_refs(const store::Store& store, const View& view, const RefQuery& query) {
  Refs refs;
  const auto sink = [&](store::SeqTime ref) {
    if (ref.seq > query.through) return true;
    if (refs.list.size() == query.refs_max) return refs.complete = false;
    refs.list.push_back(ref);
    return true;
  };
  if (view.takes_class(MessageClass::Event) || view.takes_class(MessageClass::State)) {
    const Result<void> read = store.read_event_refs(query.range, sink);
    if (!read) return read.fault();
  }
  if (!view.takes_class(MessageClass::Track)) return refs;
  if (view.takes_all_units() && refs.complete) {
    const Result<void> read = store.read_track_refs({}, query.range, sink);
    if (!read) return read.fault();
  }
  for (const std::string& unit : view.units()) {
    if (!refs.complete) break;
    const Result<void> read = store.read_track_refs(unit, query.range, sink);
    if (!read) return read.fault();
  }
  return refs;
}

void sort_by_time(std::vector<store::SeqTime>& refs) {
  std::sort(refs.begin(), refs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.corrected_true_time_us, a.seq) < std::tie(b.corrected_true_time_us, b.seq);
  });
}

}  // namespace vigie::replay
