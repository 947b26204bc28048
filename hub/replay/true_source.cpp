#include "hub/replay/body_cache.h"
#include "hub/replay/refs.h"
#include "hub/replay/source.h"
#include "schemas/model/cut.h"

namespace vigie::replay {
namespace {

constexpr std::size_t kRefsMax = 200'000;  // 3.2 MB: what is sorted at once
constexpr std::int64_t kSliceUsFirst = 60ll * kMicrosecondsPerSecond;
constexpr std::int64_t kSliceUsMax = 366ll * 86'400 * kMicrosecondsPerSecond;

class TrueSource final : public Source {
 public:
  TrueSource(const store::Store& store, std::shared_ptr<const View> view, SourceRange range,
             std::size_t bytes_max)
      : store_(store), view_(std::move(view)), range_(range), bytes_max_(bytes_max), cache_(store) {
    seek(range.from_us);
  }

  void seek(std::int64_t time_us) override {
    refs_.clear();
    at_ = 0;
    next_us_ = std::max(time_us, range_.from_us);
    ready_.reset();
  }

  std::optional<std::int64_t> peek() override {
    while (at_ == refs_.size() && next_us_ < range_.until_us) load_slice();
    if (at_ == refs_.size()) return std::nullopt;
    return refs_[at_].corrected_true_time_us;
  }

  Piece next(std::int64_t due_us) override {
    const std::int64_t time_us = *peek();
    const std::size_t goal = std::min<std::size_t>(
        limits::kPageBytesGoal, bytes_max_ - std::min<std::size_t>(bytes_max_ / 4, 8 * 1024));
    EntryWriter out;
    while (at_ < refs_.size() && refs_[at_].corrected_true_time_us <= due_us &&
           (out.empty() || out.bytes() < goal)) {
      const std::uint64_t seq = refs_[at_++].seq;
      const Bytes body = cache_.find(seq, damage_);
      if (!body.empty()) cut_entry(body, seq, *view_, out);
    }
    ready_ = out.empty() ? nullptr : out.finish(time_us);
    return {time_us, ready_ == nullptr ? Bytes() : ready_->bytes(), ready_};
  }

  const std::vector<wire::SeqRange>& damaged() const override { return damage_.ranges(); }

 private:
  /// The next slice of time, as wide as its refs allow: quiet hours in one step, busy ones in many.
  void load_slice() {
    const std::int64_t until_us =
        slice_us_ > range_.until_us - next_us_ ? range_.until_us : next_us_ + slice_us_;
    at_ = 0;
    const bool complete = collect_refs(store_, *view_, next_us_, until_us, range_.through,
                                       kRefsMax, refs_, damage_);
    // A microsecond that holds more than the most is taken as it is: it can't be split.
    if (!complete && until_us - next_us_ > 1) {
      slice_us_ = std::max<std::int64_t>(1, (until_us - next_us_) / 4);
      refs_.clear();
      return;
    }
    if (!complete) {
      collect_refs(store_, *view_, next_us_, until_us, range_.through, SIZE_MAX, refs_, damage_);
    }
    if (refs_.size() < kRefsMax / 8) slice_us_ = std::min(slice_us_ * 2, kSliceUsMax);
    next_us_ = until_us;
  }

  const store::Store& store_;
  const std::shared_ptr<const View> view_;
  const SourceRange range_;
  const std::size_t bytes_max_;
  BodyCache cache_;
  std::vector<store::SeqTime> refs_;
  std::size_t at_ = 0;
  std::int64_t next_us_ = 0;  // where the next slice begins
  std::int64_t slice_us_ = kSliceUsFirst;
  BodyPtr ready_;
  Damage damage_;
};

}  // namespace

std::unique_ptr<Source> make_true_source(const store::Store& store,
                                         std::shared_ptr<const View> view, SourceRange range,
                                         std::size_t bytes_max) {
  return std::make_unique<TrueSource>(store, std::move(view), range, bytes_max);
}

}  // namespace vigie::replay
