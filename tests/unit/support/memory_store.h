#pragma once
// A store for tests of the rooms in front of it: the log as a list of bodies, queries by looking at
// all of them. Durable only when the test says so.

#include <algorithm>
#include <deque>

#include "hub/store/store.h"

namespace vigie::test {

class MemoryStore final : public store::Store {
 public:
  store::Recovery start{.log = wire::LogId(7, 9), .last_seq = 0, .next_seq = 1};
  std::vector<BodyPtr> log;
  std::uint64_t durable = 0;
  std::uint64_t track_floor = 1;
  std::uint64_t kept_floor = 1;
  store::Gone gone_times;
  std::size_t queued = 0;

  /// Everything submitted is durable now.
  std::uint64_t sync() {
    durable = log.empty() ? durable : log.back()->last_seq();
    queued = 0;
    return durable;
  }

  const store::Recovery& recovery() const override { return start; }
  Result<void> recover(Picture&, Ledger&) override { return {}; }
  void submit(BodyPtr body) override {
    queued += body->bytes().size();
    log.push_back(std::move(body));
  }
  std::size_t queued_bytes() const override { return queued; }
  std::uint64_t seqs_end = UINT64_MAX;  // what the disk would still reserve
  std::uint64_t reserved_end(std::uint64_t next_seq) override {
    if (seqs_reserved > next_seq) least_left = std::min(least_left, seqs_reserved - next_seq);
    seqs_reserved = std::min(next_seq + limits::kSeqBlock, seqs_end);
    return seqs_reserved;
  }
  std::uint64_t seqs_reserved = 0;
  std::uint64_t least_left = UINT64_MAX;  // of the block before, when the next one was asked for
  std::size_t write_step(std::int64_t) override { return 0; }
  std::size_t build_step() override { return 0; }
  void stop() override {}
  Result<void> close_clean(std::uint64_t) override { return {}; }
  std::unique_ptr<store::LogReader> log_reader() const override {
    return std::make_unique<Reader>(*this);
  }
  std::uint64_t durable_seq() const override { return durable; }
  std::uint64_t floor() const override { return track_floor; }
  std::uint64_t event_floor() const override { return kept_floor; }
  store::Gone gone() const override { return gone_times; }

  Result<std::uint64_t> read_kept(
      std::uint64_t after, std::uint64_t through, std::size_t bytes_max,
      const std::function<void(std::uint64_t, Bytes)>& sink) const override {
    std::size_t bytes = 0;
    std::uint64_t reached = through;
    for (const BodyPtr& body : durable_log()) {
      for_each_kept(body->bytes(), [&](std::uint64_t seq, Bytes entry) {
        if (seq <= after || seq > through || bytes >= bytes_max) return;
        sink(seq, entry);
        bytes += entry.size();
        if (bytes >= bytes_max) reached = seq;
      });
    }
    return reached;
  }
  Result<std::uint64_t> seq_at_known(std::int64_t known_time_us) const override {
    for (const BodyPtr& body : durable_log()) {
      if (body->known_time_us() >= known_time_us) return body->first_seq();
    }
    return durable + 1;
  }
  Result<void> read_track_refs(std::string_view unit, const store::TimeRange& range,
                               const std::function<bool(store::SeqTime)>& sink) const override {
    for (const BodyPtr& body : durable_log()) {
      BlockWalk walk(body->bytes());
      while (const auto block = walk.next()) {
        if (block->header->kind() != wire::BlockKind::Batch) continue;
        for (const wire::UnitFixes* section : each(block->batch().fixes())) {
          if (!unit.empty() && text_of(section->unit()) != unit) continue;
          const wire::Stamp& stamp = *section->stamp();
          for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
            const wire::Fix& fix = *section->fixes()->Get(i);
            const std::int64_t time_us =
                corrected_true_time_us(fix.true_time_us(), fix.clock(), stamp.clock_offset_us());
            if (time_us < range.from_us || time_us >= range.until_us) continue;
            if (stamp.first_seq() + i <= range.after) continue;
            if (!sink({stamp.first_seq() + i, time_us})) return {};
          }
        }
      }
    }
    return {};
  }
  Result<void> read_event_refs(const store::TimeRange& range,
                               const std::function<bool(store::SeqTime)>& sink) const override {
    bool more = true;
    const auto offer = [&](const wire::Stamp& stamp, std::int64_t true_us, wire::Clock clock) {
      const std::int64_t time_us = corrected_true_time_us(true_us, clock, stamp.clock_offset_us());
      if (stamp.first_seq() <= range.after) return;
      if (more && time_us >= range.from_us && time_us < range.until_us)
        more = sink({stamp.first_seq(), time_us});
    };
    for (const BodyPtr& body : durable_log()) {
      BlockWalk walk(body->bytes());
      while (const auto block = walk.next()) {
        if (block->header->kind() != wire::BlockKind::Batch) continue;
        for (const auto* event : each(block->batch().events()))
          offer(*event->stamp(), event->true_time_us(), event->clock());
        for (const auto* state : each(block->batch().states()))
          offer(*state->stamp(), state->true_time_us(), state->clock());
      }
    }
    return {};
  }
  Result<void> picture_at(std::uint64_t seq, Picture& picture) const override {
    for (const BodyPtr& body : durable_log()) {
      if (body->last_seq() <= seq) picture.fold(body->bytes());
    }
    return {};
  }
  std::vector<wire::SeqRange> damaged() const override { return {}; }
  std::vector<std::pair<std::string, double>> figures() const override { return {}; }
  void on_commit(std::function<void(double, std::size_t, std::size_t)>) override {}

 private:
  std::span<const BodyPtr> durable_log() const {
    const auto end = std::find_if(log.begin(), log.end(),
                                  [this](const BodyPtr& b) { return b->last_seq() > durable; });
    return {log.data(), static_cast<std::size_t>(end - log.begin())};
  }
  class Reader final : public store::LogReader {
   public:
    explicit Reader(const MemoryStore& store) : store_(store) {}
    void seek(std::uint64_t seq) override { at_ = seq; }
    Result<Bytes> next() override {
      for (const BodyPtr& body : store_.durable_log()) {
        if (body->last_seq() < at_) continue;
        at_ = body->last_seq() + 1;
        return body->bytes();
      }
      return Bytes();
    }

   private:
    const MemoryStore& store_;
    std::uint64_t at_ = 1;
  };
};

/// A clock that stands where the test put it.
class FakeClock final : public Clock {
 public:
  std::int64_t now_us = 1'700'000'000'000'000;
  std::int64_t utc_offset_us = 0;  // the wall clock's step against the steady one
  std::int64_t utc_us() const override { return now_us + utc_offset_us; }
  std::int64_t monotonic_us() const override { return now_us; }
};

}  // namespace vigie::test
