#pragma once
// Encodes a Frame of web.fbs, and the same as JSON. Pure; one thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/protocol/web_generated.h"

namespace vigie::web {

/// What stands in a frame besides its lists.
struct FrameHead {
  wire::FrameKind kind = wire::FrameKind::Live;
  std::uint32_t request = 0;
  bool first_page = false;
  bool last_page = false;
  std::uint64_t conflated = 0;
  std::uint64_t event_seq = 0;
  std::uint64_t fix_seq = 0;
  std::int64_t hub_time_us = 0;
  std::uint64_t lost_first = 0;
  std::uint64_t lost_last = 0;
};

class FrameWriter {
 public:
  void name(std::uint32_t index, std::string_view name, std::string_view group);
  void event(const wire::EventT& event);
  void card(const wire::CardT& card);
  void fix(const wire::PageFix& fix) { fixes_.push_back(fix); }
  void leave(std::uint32_t unit) { leaves_.push_back(unit); }

  bool empty() const {
    return names_.empty() && events_.empty() && cards_.empty() && fixes_.empty() && leaves_.empty();
  }
  bool has_said() const { return !events_.empty() || !cards_.empty(); }
  /// About how large the frame will be.
  std::size_t bytes() const;
  std::size_t fixes() const { return fixes_.size(); }
  /// The frame; the writer is as new behind it.
  std::shared_ptr<const std::string> finish(const FrameHead& head);

 private:
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<wire::UnitName>> names_;
  std::vector<flatbuffers::Offset<wire::Event>> events_;
  std::vector<flatbuffers::Offset<wire::Card>> cards_;
  std::vector<wire::PageFix> fixes_;
  std::vector<std::uint32_t> leaves_;
};

/// The frame as a JSON text of `type: "frame"`, with the same fields under the same names; lists
/// and fields that are not there are left out. REQUIRES: made by a FrameWriter.
std::string json_of(const wire::Frame& frame);

}  // namespace vigie::web
