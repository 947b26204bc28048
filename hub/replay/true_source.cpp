#include <algorithm>

#include "hub/replay/chunk.h"
#include "hub/replay/parts.h"
#include "hub/replay/refs.h"
#include "hub/replay/source.h"

namespace vigie::replay {
namespace {

constexpr std::size_t kRefsMax = 200'000;  // 3.2 MB: what is sorted at once
// Entries read at a time: few at first, so that something is sent at once, then so many that late
// data of hundreds of trackers, each in bodies of its own, reads each body a few times at most.
constexpr std::size_t kChunkFirst = 256;
constexpr std::size_t kChunkMax = 16 * 1024;  // about 4 MB
constexpr std::size_t kChunkPacedMax = 2048;  // of a replay that keeps time
constexpr std::size_t kRunMax = 32;           // fixes: 1.5 KB
constexpr std::int64_t kSliceUsFirst = 60 * kMicrosecondsPerSecond;
// Sums of two such times do not overflow.
constexpr std::int64_t kTimeUsMax = INT64_MAX / 4;

class TrueSource final : public Source {
 public:
  TrueSource(const store::Store& store, std::shared_ptr<const View> view, SourceRange range,
             std::size_t bytes_max)
      : store_(store),
        view_(std::move(view)),
        range_(range),
        bytes_max_(bytes_max),
        until_us_(std::min(range.until_us, kTimeUsMax)),
        reader_(store),
        chunk_(*view_) {}

  Result<void> seek(std::int64_t time_us) override {
    place_ = {0, std::clamp(std::max(time_us, range_.from_us), -kTimeUsMax, kTimeUsMax)};
    rest();
    const Result<std::uint64_t> seq = store_.seq_at_known(place_.corrected_true_time_us);
    if (!seq) return seq.fault();
    possible_ = *seq;
    return {};
  }

  Result<Looked> look(std::int64_t due_us) override {
    if (piece_ == nullptr && at_ < fetched_) write(due_us);
    if (piece_ != nullptr) return piece();
    if (at_ == refs_.size()) {
      if (next_us_ >= until_us_) return Looked{};
      if (const Result<void> loaded = load_slice(); !loaded) return loaded.fault();
      return Looked{.what = Looked::What::Looking, .time_us = next_time_us()};
    }
    if (refs_[at_].corrected_true_time_us > due_us) {
      return Looked{.what = Looked::What::Later, .time_us = next_time_us()};
    }
    if (at_ == fetched_) {
      if (const Result<void> fetched = fetch(due_us); !fetched) return fetched.fault();
      write(due_us);
      if (piece_ != nullptr) return piece();
    }
    return Looked{.what = Looked::What::Looking, .time_us = next_time_us()};
  }

  void take() override {
    piece_ = nullptr;
    place_ = written_;
  }

  void rest() override {
    refs_ = {};
    chunk_.clear();
    piece_ = nullptr;
    at_ = fetched_ = 0;
    next_us_ = place_.corrected_true_time_us;
  }

  const std::vector<wire::SeqRange>& damaged() const override { return damage_.ranges(); }

 private:
  static auto key(const store::SeqTime& ref) {
    return std::pair(ref.corrected_true_time_us, ref.seq);
  }
  std::int64_t next_time_us() const {
    return at_ < refs_.size() ? refs_[at_].corrected_true_time_us : next_us_;
  }

  Looked piece() const {
    const Bytes body = piece_->bytes();
    return {.what = Looked::What::Piece,
            .time_us = written_.corrected_true_time_us,
            .body = body,
            .entries = contents_of(body).entries};
  }

  /// The next slice of time, as wide as its refs allow: quiet years in one, busy minutes in many.
  Result<void> load_slice() {
    const std::int64_t until_us =
        slice_us_ > until_us_ - next_us_ ? until_us_ : next_us_ + slice_us_;
    // A microsecond that holds more than the most is taken as it is: it can't be split.
    const bool splits = until_us - next_us_ > 1;
    Result<Refs> refs = collect_refs(store_, *view_,
                                     {.range = {next_us_, until_us},
                                      .through = range_.through,
                                      .refs_max = splits ? kRefsMax : SIZE_MAX});
    if (!refs) return refs.fault();
    // What can't be read is in no index, and may be of any time before it became known.
    damage_.note(store_, possible_, range_.through);
    if (!refs->complete) {
      slice_us_ = std::max<std::int64_t>(1, (until_us - next_us_) / 4);
      return {};
    }
    if (refs->list.size() < kRefsMax / 8) slice_us_ = std::min(slice_us_ * 2, kTimeUsMax);
    refs_ = std::move(refs->list);
    std::erase_if(refs_, [&](const store::SeqTime& ref) { return key(ref) < key(place_); });
    sort_by_time(refs_);
    at_ = fetched_ = 0;
    chunk_.clear();
    next_us_ = until_us;
    if (refs_.empty()) place_ = {0, next_us_};
    return {};
  }

  Result<void> fetch(std::int64_t due_us) {
    chunk_.clear();
    fetched_ = std::min(refs_.size(), at_ + chunk_size_);
    chunk_size_ = std::min(chunk_size_ * 2, due_us == INT64_MAX ? kChunkMax : kChunkPacedMax);
    std::vector<std::uint64_t> seqs;
    seqs.reserve(fetched_ - at_);
    for (std::size_t i = at_; i < fetched_; ++i) seqs.push_back(refs_[i].seq);
    std::sort(seqs.begin(), seqs.end());
    const Result<void> read = reader_.read(seqs, chunk_, damage_);
    chunk_.close();
    return read;
  }

  /// Writes a body of what is due of the chunk.
  void write(std::int64_t due_us) {
    const std::size_t most = std::min(limits::kPageBytesGoal, bytes_max_);
    EntryWriter out;
    Chunk::Lane lane = Chunk::Lane::Event;
    std::int64_t known_us = 0;
    while (at_ < fetched_ && refs_[at_].corrected_true_time_us <= due_us) {
      const auto found = chunk_.find(refs_[at_].seq);
      if (!found) {
        ++at_;
        continue;
      }
      // A Batch lists events before states before fixes: a new body where that is not the order.
      const bool full = out.bytes() + chunk_.bytes_of(*found) > most;
      if (!out.empty() && (found->lane < lane || full)) break;
      lane = found->lane;
      const std::size_t length = chunk_.run_length(*found, run_in_time(due_us));
      known_us = std::max(known_us, chunk_.write(*found, length, out));
      at_ += length;
    }
    if (out.empty()) {
      if (at_ != 0) place_ = after(refs_[at_ - 1]);
      return;
    }
    written_ = after(refs_[at_ - 1]);
    piece_ = out.finish(known_us);
  }

  static store::SeqTime after(const store::SeqTime& ref) {
    return {ref.seq + 1, ref.corrected_true_time_us};
  }

  /// How many of the next refs follow one another by seq and are due.
  std::size_t run_in_time(std::int64_t due_us) const {
    std::size_t length = 1;
    while (length < kRunMax && at_ + length < fetched_ &&
           refs_[at_ + length].seq == refs_[at_].seq + length &&
           refs_[at_ + length].corrected_true_time_us <= due_us) {
      ++length;
    }
    return length;
  }

  const store::Store& store_;
  const std::shared_ptr<const View> view_;
  const SourceRange range_;
  const std::size_t bytes_max_;
  const std::int64_t until_us_;
  EntryReader reader_;
  store::SeqTime place_{};    // the first (time, seq) that was not given
  store::SeqTime written_{};  // the same behind piece_
  std::int64_t slice_us_ = kSliceUsFirst;
  std::size_t chunk_size_ = kChunkFirst;
  Damage damage_;
  std::uint64_t possible_ = 1;  // the first seq that may be of the range's time

  // Until the next rest.
  std::vector<store::SeqTime> refs_;  // of the slice
  std::size_t at_ = 0;                // the next to write
  std::size_t fetched_ = 0;           // refs before this one are in chunk_, from the last fetch on
  Chunk chunk_;
  BodyPtr piece_;
  std::int64_t next_us_ = 0;  // where the next slice begins
};

}  // namespace

std::unique_ptr<Source> make_true_source(const store::Store& store,
                                         std::shared_ptr<const View> view, SourceRange range,
                                         std::size_t bytes_max) {
  return std::make_unique<TrueSource>(store, std::move(view), range, bytes_max);
}

}  // namespace vigie::replay
