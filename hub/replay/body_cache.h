#pragma once
// The bodies that were read last, found by a seq in them: a replay by true time jumps about in the log, mostly nearby.
// A worker's thread.

#include <list>

#include "hub/replay/damage.h"

namespace vigie::replay {

class BodyCache {
 public:
  explicit BodyCache(const store::Store& store) : store_(store), reader_(store.log_reader()) {}

  /// The body that holds `seq`; empty when it is gone or damaged. Valid until the next call. Below the tracks' floor, the event
  /// or state with that seq alone.
  Bytes find(std::uint64_t seq, Damage& damage) {
    for (auto body = bodies_.begin(); body != bodies_.end(); ++body) {
      if (!holds(body->bytes(), seq)) continue;
      bodies_.splice(bodies_.begin(), bodies_, body);
      return bodies_.front().bytes();
    }
    if (seq < store_.floor()) return find_kept(seq, damage);
    if (seq != next_seq_) reader_->seek(seq);
    const Result<Bytes> read = reader_->next();
    if (!read) {
      damage.note(read.fault(), store_);
      next_seq_ = 0;
      return {};
    }
    if (read->empty() || !holds(*read, seq)) {
      next_seq_ = 0;
      return {};
    }
    keep(*read);
    next_seq_ = header_of(*read).last_seq() + 1;
    return bodies_.front().bytes();
  }

 private:
  static constexpr std::size_t kBodiesMax = 64;  // at most 208 KB each
  static const wire::BodyHeader& header_of(Bytes body) {
    return *reinterpret_cast<const wire::BodyHeader*>(body.data());
  }
  static bool holds(Bytes body, std::uint64_t seq) {
    return seq >= header_of(body).first_seq() && seq <= header_of(body).last_seq();
  }
  void keep(Bytes body) {
    bodies_.emplace_front(body);
    if (bodies_.size() > kBodiesMax) bodies_.pop_back();
  }
  Bytes find_kept(std::uint64_t seq, Damage& damage) {
    bool found = false;
    const auto read = store_.read_kept(seq - 1, seq, 1, [&](std::uint64_t, Bytes body) {
      keep(body);
      found = true;
    });
    if (!read) damage.note(read.fault(), store_);
    return found ? bodies_.front().bytes() : Bytes();
  }

  const store::Store& store_;
  std::unique_ptr<store::LogReader> reader_;
  std::list<AlignedBytes> bodies_;
  std::uint64_t next_seq_ = 0;  // where the reader stands; 0: nowhere
};

}  // namespace vigie::replay
