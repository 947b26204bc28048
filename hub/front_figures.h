#pragma once
// The front's figures for Prometheus: copied from the rooms' own counts a few times a second, so
// that the hot path keeps plain integers. Written by the front thread.

#include "hub/ingest/ingest.h"
#include "hub/ops/figures.h"
#include "hub/sessions/sessions.h"

namespace vigie {

struct FrontState {
  const ingest::IngestCounts& ingest;
  const sessions::SessionsCounts& sessions;
  const security::Quarantine* quarantine;  // may be null
  std::size_t session_count;
  std::size_t publisher_count;
  std::size_t unit_count;
  std::uint64_t aside;
  std::size_t ring_bytes;
  std::size_t store_queue_bytes;
  std::uint64_t head;
  std::uint64_t durable;
  std::uint64_t lag_max;
  std::int64_t clock_behind_us;
};

class FrontFigures {
 public:
  /// `figures` is borrowed and outlives this.
  explicit FrontFigures(ops::Figures& figures);
  void update(const FrontState& state);
  /// A body of `entries` messages took this long from the turn's start to the sockets.
  void record_turn(std::int64_t us, std::uint64_t entries) {
    latency_.record(static_cast<std::uint64_t>(us < 0 ? 0 : us), entries);
  }

 private:
  void update_refused(const FrontState& state);
  void raise(const std::string& name, const std::string& help, std::uint64_t to,
             const ops::Labels& labels = {});
  void show(const std::string& name, const std::string& help, double value);
  ops::Figures& figures_;
  ops::Histogram& latency_;
};

}  // namespace vigie
