#pragma once
// Gathers what a replay brings for a browser that takes it now and then: events all, fixes all
// while they are few, then of each unit the newest. Pure; one thread.

#include <cstdint>
#include <string>
#include <vector>

#include "clients/web/server/live/conversation.h"
#include "clients/web/server/live/event_log.h"
#include "clients/web/server/live/translate.h"

namespace vigie::web {

/// What is to be sent, in this order: names, events and cards, fixes, leaves, then what is told.
/// Indices of units are the replay's own.
struct PastBatch {
  bool snapshot = false;  // the whole room; else what changed
  std::vector<UnitNamed> names = {};
  std::vector<Said> said = {};
  std::vector<wire::PageFix> fixes = {};
  std::vector<std::uint32_t> leaves = {};
  std::uint64_t conflated = 0;
  std::int64_t time_us = 0;         // the replay's clock behind it
  std::vector<PastText> told = {};  // the newest phase; `request` is filled in by whoever sends
};

class PastGather {
 public:
  static constexpr std::size_t kFixesMax = 4096;  // beyond, they conflate
  static constexpr std::size_t kSaidMax = 1024;
  static constexpr std::size_t kBytesMax = 1024 * 1024;  // of events and cards

  /// By true time what was late is where it belongs, and moves its unit.
  explicit PastGather(bool true_clock) : true_clock_(true_clock) {}

  void begin_snapshot() { batch_.snapshot = true; }
  /// Takes and empties `changes`.
  void take(std::vector<Change>& changes);
  void tell(PastText text) { batch_.told.push_back(std::move(text)); }
  bool empty() const {
    return batch_.names.empty() && batch_.said.empty() && batch_.fixes.empty() &&
           batch_.leaves.empty() && batch_.told.empty() && !batch_.snapshot;
  }
  /// No more is to be read until it was taken: what is in it can't be left out.
  bool full() const { return batch_.said.size() >= kSaidMax || said_bytes_ >= kBytesMax; }
  PastBatch finish(std::int64_t time_us);

 private:
  void conflate();
  void say(Said said);

  bool true_clock_;
  PastBatch batch_;
  std::size_t said_bytes_ = 0;
  std::size_t conflate_at_ = kFixesMax;
};

}  // namespace vigie::web
