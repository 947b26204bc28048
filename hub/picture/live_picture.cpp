#include "hub/picture/live_picture.h"

namespace vigie::picture {
namespace {

/// At least one entry goes into a page, whatever the goal.
bool is_full(const EntryWriter& page, std::size_t bytes_goal) {
  return !page.empty() && page.bytes() >= bytes_goal;
}

/// The bytes of a body that is still our own.
std::span<std::byte> writable(Body& body) {
  const Bytes bytes = body.bytes();
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

}  // namespace

LivePicture::LivePicture(Picture recovered) : picture_(std::move(recovered)) {
  moved_.rebuild(picture_);
}

void LivePicture::fold_and_mark(Body& body, Folded& folded) {
  picture_.fold_and_mark(writable(body), folded, &ranks_);
  note_moves(folded);
}

void LivePicture::fold_and_count(Body& body, Folded& folded) {
  picture_.fold_and_count(writable(body), folded);
  note_moves(folded);
}

void LivePicture::note_moves(const Folded& folded) {
  // A unit may stand in the body more than once; its last section's move is the newest.
  for (const FoldedFixes& fixes : folded.fixes) {
    aside_ += fixes.aside;
    if (!fixes.moved) continue;
    const Unit& unit = picture_.units()[fixes.unit];
    const std::uint64_t first = fixes.fixes->stamp()->first_seq();
    const bool is_newest = unit.seq >= first && unit.seq < first + fixes.fixes->fixes()->size();
    if (is_newest) moved_.note(fixes.unit, unit.seq, picture_);
  }
}

bool LivePicture::write_page(PageCursor& cursor, ViewFilter& filter, EntryWriter& page,
                             std::size_t bytes_goal, std::size_t visits) const {
  for (; cursor.state < picture_.states().size(); ++cursor.state) {
    if (is_full(page, bytes_goal) || visits-- == 0) return true;
    const RetainedState& state = picture_.states()[cursor.state];
    // Deleted ones too: an older state that comes late must not bring one back on a console.
    if (filter.shows(state)) write_state(state, page);
  }
  for (; cursor.unit < picture_.units().size(); ++cursor.unit) {
    if (is_full(page, bytes_goal) || visits-- == 0) return true;
    const auto index = static_cast<UnitIndex>(cursor.unit);
    if (filter.shows(index)) write_unit(picture_, picture_.units()[cursor.unit], page);
  }
  return false;
}

std::uint64_t LivePicture::write_moved(std::uint64_t after, ViewFilter& filter, EntryWriter& page,
                                       std::size_t bytes_goal) const {
  std::uint64_t reached = picture_.last_seq();
  std::uint64_t last = after;
  moved_.for_each_after(after, picture_, [&](UnitIndex unit, std::uint64_t seq) {
    if (is_full(page, bytes_goal)) {
      reached = last;
      return false;
    }
    if (filter.shows(unit)) write_unit(picture_, picture_.units()[unit], page);
    last = seq;
    return true;
  });
  return reached;
}

}  // namespace vigie::picture
