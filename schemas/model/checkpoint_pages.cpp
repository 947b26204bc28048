#include "schemas/model/checkpoint_pages.h"

namespace vigie {
namespace {

void write_spool(const Ledger::Map::value_type& spool, EntryWriter& page) {
  const auto& [key, record] = spool;
  std::vector<wire::NumberRange> ranges;
  for (const IntervalSet::Interval& interval : record.settled.intervals()) {
    ranges.emplace_back(interval.first, interval.last);
  }
  page.add_settled(wire::Spool(key.high, key.low), ranges, record.last_known_time_us,
                   record.closed);
}

}  // namespace

CheckpointPages::CheckpointPages(const Picture& picture, const Ledger& ledger)
    : picture_(picture), ledger_(ledger), spool_(ledger.spools().begin()) {}

void CheckpointPages::fill() {
  for (; unit_ < picture_.units().size(); ++unit_) {
    if (is_full()) return;
    if (picture_.units()[unit_].seq != 0) write_unit(picture_, picture_.units()[unit_], page_);
  }
  for (; state_ < picture_.states().size(); ++state_) {
    if (is_full()) return;
    write_state(picture_.states()[state_], page_);
  }
  for (; spool_ != ledger_.spools().end(); ++spool_) {
    if (is_full()) return;
    write_spool(*spool_, page_);
  }
}

BodyPtr CheckpointPages::next() {
  if (done_) return nullptr;
  fill();
  if (!page_.empty()) return page_.finish(0);
  // The last page says how far the fold has come: what left no trace in the picture counts too.
  done_ = true;
  for (const wire::SeqRange& range : picture_.voids()) page_.add_void(range);
  page_.add_settled(wire::Spool(), {}, picture_.last_known_time_us());
  return page_.finish(picture_.last_known_time_us(), picture_.last_seq());
}

void write_checkpoint(const Picture& picture, const Ledger& ledger,
                      const std::function<bool(Bytes page)>& sink) {
  CheckpointPages pages(picture, ledger);
  while (const BodyPtr page = pages.next()) {
    if (!sink(page->bytes())) return;
  }
}

}  // namespace vigie
