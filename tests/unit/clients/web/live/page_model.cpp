#include "tests/unit/clients/web/live/page_model.h"

#include <gtest/gtest.h>

namespace vigie::web::test {
namespace {

constexpr unsigned kStays =
    static_cast<unsigned>(wire::FixFlag::Late) | static_cast<unsigned>(wire::FixFlag::Aside);

}  // namespace

const std::string& PageModel::name_of(std::uint32_t unit) const {
  static const std::string kNobody;
  const auto found = names_.find(unit);
  EXPECT_NE(found, names_.end()) << "unit " << unit << " is used before it is named";
  return found == names_.end() ? kNobody : found->second;
}

void PageModel::take_fixes(const wire::Frame& frame) {
  if (frame.fixes() == nullptr) return;
  for (const wire::PageFix* fix : *frame.fixes()) {
    const std::string& name = name_of(fix->unit());
    const unsigned flags = fix->flags();
    ++all_fixes_;
    if ((flags & static_cast<unsigned>(wire::FixFlag::Snapshot)) == 0) ++fixes_;
    if ((flags & kStays) != 0) continue;
    const auto found = shown_.find(name);
    if (found != shown_.end()) {
      EXPECT_GE(fix->seq(), found->second) << name << " is moved back";
    }
    shown_[name] = fix->seq();
    listed_.insert(name);
  }
}

void PageModel::take(const std::string& bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  ASSERT_TRUE(wire::VerifyFrameBuffer(verifier));
  ASSERT_LE(bytes.size(), 256u * 1024);
  const wire::Frame& frame = *wire::GetFrame(bytes.data());
  if (frame.first_page()) {
    in_snapshot_ = true;
    listed_.clear();
    listed_cards_.clear();
    shown_.clear();
    ++snapshots_;
  }
  if (frame.names() != nullptr) {
    for (const wire::UnitName* name : *frame.names()) {
      const std::string text = name->name()->str();
      const auto known = names_.find(name->index());
      EXPECT_TRUE(known == names_.end() || known->second == text);
      names_[name->index()] = text;
      groups_[text] = name->group() == nullptr ? std::string() : name->group()->str();
    }
  }
  if (frame.events() != nullptr) {
    for (const wire::Event* event : *frame.events()) events_.push_back(event->seq());
  }
  if (frame.cards() != nullptr) {
    for (const wire::Card* card : *frame.cards()) {
      listed_cards_.insert(card->unit()->str());
      if (card->deleted()) {
        cards_.erase(card->unit()->str());
      } else {
        cards_.insert(card->unit()->str());
      }
    }
  }
  take_fixes(frame);
  if (frame.leaves() != nullptr) {
    for (const std::uint32_t unit : *frame.leaves()) shown_.erase(name_of(unit));
  }
  if (frame.last_page()) {
    EXPECT_TRUE(in_snapshot_);
    in_snapshot_ = false;
    std::erase_if(cards_, [&](const std::string& name) { return !listed_cards_.contains(name); });
  }
  conflated_ += frame.conflated();
  event_seq_ = frame.event_seq();
  fix_seq_ = frame.fix_seq();
}

}  // namespace vigie::web::test
