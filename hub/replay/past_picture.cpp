#include "hub/replay/past_picture.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "hub/replay/coarsener.h"
#include "hub/replay/entry_reader.h"
#include "hub/replay/own_moments.h"
#include "hub/replay/refs.h"
#include "schemas/model/cut.h"

namespace vigie::replay {
namespace {

constexpr std::int64_t kLookBackUs = 7ll * 86'400 * kMicrosecondsPerSecond;
constexpr std::size_t kRefsMax = 200'000;  // 3.2 MB: what is folded in a step

unsigned flag(wire::FrameFlag value) {
  return static_cast<unsigned>(value);
}

/// The last moment that is in the picture.
std::int64_t moment_of(const Start& start, const Clock& clock) {
  const Terms terms = terms_of(*start.view);
  if (!terms.any()) return start.from_us;
  const std::int64_t until_us = std::min(start.from_us, terms.read_until_us(clock.utc_us()));
  return terms.step_of(std::max<std::int64_t>(until_us, 0)) - 1;
}

/// Folds what the reader gives into a picture.
class FoldingSink final : public EntrySink {
 public:
  explicit FoldingSink(Picture& picture) : picture_(picture) {}

  void on_fixes(std::uint64_t, const wire::UnitFixes& section, const wire::Batch& batch,
                std::size_t start, std::size_t length) override {
    out_.add_fixes(run_of(section, batch, start, length));
    flush_when_large();
  }
  void on_event(std::uint64_t, const wire::Event& event, const wire::Batch& batch) override {
    out_.add_event(event, spool_of(event.spool(), batch.spool()));
    flush_when_large();
  }
  void on_state(std::uint64_t, const wire::State& state, const wire::Batch& batch) override {
    out_.add_state(state, spool_of(state.spool(), batch.spool()));
    flush_when_large();
  }
  void flush() {
    if (!out_.empty()) picture_.fold_by_order(out_.finish(0)->bytes());
  }

 private:
  void flush_when_large() {
    if (out_.bytes() >= limits::kPageBytesGoal) flush();
  }
  Picture& picture_;
  EntryWriter out_;
};

}  // namespace

PastPicture::PastPicture(const Start& start, const store::Store& store, const Clock& clock,
                         wire::LogId log)
    : start_(start),
      at_us_(moment_of(start, clock)),
      store_(store),
      names_(own_names(start, log)),
      log_(names_ ? names_->log() : log),
      granted_(start.granted_bytes) {}

void PastPicture::grant(std::uint64_t granted_bytes) {
  granted_ = std::max(granted_, granted_bytes);
}

bool PastPicture::step(std::vector<Output>& out) {
  if (done_) return false;
  if (picture_ && later_us_ == 0) return send_page(out);
  const Result<void> built = picture_ ? add_what_came_later() : build();
  if (!built) {
    done_ = true;
    out.emplace_back(FailedOut{.session = start_.session,
                               .code = wire::Refusal::BadRange,
                               .reason = names_ ? kOwnFailure : built.fault().sentence});
  }
  return true;
}

Result<void> PastPicture::build() {
  const Result<std::uint64_t> after = store_.seq_at_known(at_us_ + 1);
  if (!after) return after.fault();
  seq_ = std::max<std::uint64_t>(*after, 1) - 1;
  Picture picture;
  if (seq_ != 0) {
    const Result<void> folded = store_.picture_at(seq_, picture);
    if (!folded) return folded.fault();
  }
  const Terms terms = terms_of(*start_.view);
  picture_ =
      terms.any() ? coarse_picture(picture, start_.view->at_large(), terms) : std::move(picture);
  if (names_) put_in_order();
  if (start_.clock == wire::StartKind::TrueTime) later_us_ = slice_us_ = kLookBackUs;
  return {};
}

void PastPicture::put_in_order() {
  const auto& states = picture_->states();
  const auto& units = picture_->units();
  state_order_.resize(states.size());
  unit_order_.resize(units.size());
  std::iota(state_order_.begin(), state_order_.end(), std::size_t{0});
  std::iota(unit_order_.begin(), unit_order_.end(), std::size_t{0});
  std::sort(state_order_.begin(), state_order_.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(states[a].kind, states[a].name) < std::tie(states[b].kind, states[b].name);
  });
  std::sort(unit_order_.begin(), unit_order_.end(),
            [&](std::size_t a, std::size_t b) { return units[a].name < units[b].name; });
}

/// A slice of it, from the newest back, as wide as what came later in it allows.
Result<void> PastPicture::add_what_came_later() {
  slice_us_ = std::min(slice_us_, later_us_);
  const std::int64_t until_us = at_us_ + 1 - (kLookBackUs - later_us_);
  // A microsecond that holds more than the most is taken as it is: it can't be split.
  const bool splits = slice_us_ > 1;
  const Result<Refs> refs = collect_refs(
      store_, View(),
      {.range = {until_us - slice_us_, until_us, seq_}, .refs_max = splits ? kRefsMax : SIZE_MAX});
  if (!refs) return refs.fault();
  if (!refs->complete) {
    slice_us_ = std::max<std::int64_t>(1, slice_us_ / 4);
    return {};
  }
  later_us_ -= slice_us_;
  if (refs->list.size() < kRefsMax / 8) slice_us_ *= 2;
  std::vector<std::uint64_t> seqs;
  seqs.reserve(refs->list.size());
  for (const store::SeqTime& ref : refs->list) seqs.push_back(ref.seq);
  std::sort(seqs.begin(), seqs.end());
  EntryReader reader(store_);
  Damage damage;
  FoldingSink sink(*picture_);
  if (const Result<void> read = reader.read(seqs, sink, damage); !read) return read.fault();
  sink.flush();
  return {};
}

bool PastPicture::shows(const Unit& unit) const {
  const ChannelKey& channel = picture_->channels()[unit.channel];
  const View& view = *start_.view;
  const std::int64_t known_us = unit.stamp.known_time_us();
  return unit.seq != 0 && view.takes_channel(MessageClass::Track, channel.owner, channel.group) &&
         view.takes_unit(unit.name) && view.in_area(unit.fix.lat_e7(), unit.fix.lon_e7()) &&
         view.permits({.message_class = MessageClass::Track,
                       .owner = channel.owner,
                       .group = channel.group,
                       .unit = unit.name,
                       .known_us = known_us,
                       .position = AccessPoint{unit.fix.lat_e7(), unit.fix.lon_e7()}},
                      std::max(at_us_, known_us));
}

bool PastPicture::shows(const RetainedState& state) const {
  const ChannelKey& channel = picture_->channels()[state.channel];
  const std::int64_t known_us = state.entry->known_time_us();
  return !state.deleted &&
         start_.view->takes_channel(MessageClass::State, channel.owner, channel.group) &&
         start_.view->takes_unit(state.name) &&
         start_.view->permits({.message_class = MessageClass::State,
                               .owner = channel.owner,
                               .group = channel.group,
                               .unit = state.name,
                               .known_us = known_us,
                               .position = {}},
                              std::max(at_us_, known_us));
}

void PastPicture::write_state_at(std::size_t place, EntryWriter& page) const {
  const RetainedState& state = picture_->states()[names_ ? state_order_[place] : place];
  if (!shows(state)) return;
  if (names_) return write_own_state(state, *names_, page);
  write_state(state, page);
}

void PastPicture::write_unit_at(std::size_t place, EntryWriter& page) const {
  const Unit& unit = picture_->units()[names_ ? unit_order_[place] : place];
  if (!shows(unit)) return;
  if (names_) return write_own_unit(*picture_, unit, page);
  write_unit(*picture_, unit, page);
}

BodyPtr PastPicture::make_page() {
  EntryWriter page;
  const std::size_t frame_max = start_.frame_bytes_max;
  const std::size_t goal = std::min<std::size_t>(
      limits::kPageBytesGoal, frame_max - std::min<std::size_t>(frame_max / 4, 8 * 1024));
  const auto full = [&] { return !page.empty() && page.bytes() >= goal; };
  const std::size_t states = picture_->states().size();
  const std::size_t units = picture_->units().size();
  while (next_state_ < states && !full()) write_state_at(next_state_++, page);
  while (next_unit_ < units && !full()) write_unit_at(next_unit_++, page);
  page_is_last_ = next_unit_ == units;
  // A page must hold something: the last one may be empty, and then holds an empty list of
  // settled numbers.
  if (page.empty()) page.add_settled(wire::Spool(), {}, 0);
  return page.finish(at_us_, position());
}

bool PastPicture::send_page(std::vector<Output>& out) {
  if (page_ == nullptr) page_ = make_page();
  const std::size_t bytes = page_->frame_bytes().size();
  const std::uint64_t credit = granted_ > sent_bytes_ ? granted_ - sent_bytes_ : 0;
  if (bytes > credit && credit < start_.frame_bytes_max) return false;
  const unsigned flags =
      (first_page_ ? flag(wire::FrameFlag::FirstPage) | flag(wire::FrameFlag::Replace) : 0u) |
      (page_is_last_ ? flag(wire::FrameFlag::LastPage) : 0u);
  page_->frame_header() =
      wire::FrameHeader(static_cast<std::uint32_t>(bytes), kFrameMagic, wire::FrameKind::Snapshot,
                        static_cast<std::uint8_t>(flags), 0, 1, 0, page_->first_seq(), position(),
                        0, position(), position(), at_us_, log_);
  first_page_ = false;
  sent_bytes_ += bytes;
  const BodyPtr page = std::exchange(page_, nullptr);
  out.emplace_back(FrameOut{.session = start_.session,
                            .owner = page,
                            .bytes = page->frame_bytes(),
                            .last = page_is_last_});
  done_ = page_is_last_;
  return true;
}

}  // namespace vigie::replay
