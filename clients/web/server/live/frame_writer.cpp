#include "clients/web/server/live/frame_writer.h"

namespace vigie::web {

void FrameWriter::name(std::uint32_t index, std::string_view name, std::string_view group) {
  const auto name_at = builder_.CreateString(name);
  const auto group_at = group.empty() ? 0 : builder_.CreateString(group);
  names_.push_back(wire::CreateUnitName(builder_, index, name_at, group_at));
}

void FrameWriter::event(const wire::EventT& event) {
  events_.push_back(wire::CreateEvent(builder_, &event));
}

void FrameWriter::card(const wire::CardT& card) {
  cards_.push_back(wire::CreateCard(builder_, &card));
}

std::size_t FrameWriter::bytes() const {
  return builder_.GetSize() + fixes_.size() * sizeof(wire::PageFix) +
         4 * (leaves_.size() + names_.size() + events_.size() + cards_.size()) + 128;
}

std::shared_ptr<const std::string> FrameWriter::finish(const FrameHead& head) {
  const auto list = [this](const auto& offsets) {
    return offsets.empty() ? 0 : builder_.CreateVector(offsets);
  };
  const auto names = list(names_);
  const auto events = list(events_);
  const auto cards = list(cards_);
  const auto fixes = fixes_.empty() ? 0 : builder_.CreateVectorOfStructs(fixes_);
  const auto leaves = list(leaves_);
  builder_.Finish(
      wire::CreateFrame(builder_, head.kind, head.request, names, events, cards, fixes, leaves,
                        head.first_page, head.last_page, head.conflated, head.event_seq,
                        head.fix_seq, head.hub_time_us, head.lost_first, head.lost_last),
      wire::FrameIdentifier());
  auto bytes = std::make_shared<const std::string>(
      reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize());
  builder_.Clear();
  names_.clear();
  events_.clear();
  cards_.clear();
  fixes_.clear();
  leaves_.clear();
  return bytes;
}

}  // namespace vigie::web
