#include <algorithm>

#include "hub/replay/damage.h"
#include "hub/replay/parts.h"
#include "hub/replay/source.h"

namespace vigie::replay {
namespace {

constexpr std::size_t kKeptBytes = 64 * 1024;
// What one look() reads at most without finding anything: about a millisecond.
constexpr std::size_t kLookBytesMax = 512 * 1024;
constexpr int kLookBodiesMax = 256;

class KnownSource final : public Source {
 public:
  KnownSource(const store::Store& store, std::shared_ptr<const View> view, SourceRange range,
              std::size_t bytes_max)
      : store_(store), view_(std::move(view)), range_(range), bytes_max_(bytes_max) {}

  Result<void> seek(std::int64_t time_us) override {
    rest();
    from_us_ = reached_us_ = std::max(time_us, range_.from_us);
    const Result<std::uint64_t> seq = store_.seq_at_known(from_us_);
    if (!seq) return seq.fault();
    place_ = std::max({*seq, std::uint64_t{1}, range_.after + 1});
    ended_ = false;
    return {};
  }

  Result<Looked> look(std::int64_t due_us) override {
    std::size_t bytes = 0;
    for (int bodies = 0; !has_piece() && !ended_; ++bodies) {
      if (bodies == kLookBodiesMax || bytes >= kLookBytesMax) {
        return Looked{.what = Looked::What::Looking, .time_us = reached_us_};
      }
      const Result<std::size_t> read = load();
      if (!read) return read.fault();
      bytes += *read;
    }
    if (!has_piece()) return Looked{};
    const Bytes body = parts_.empty() ? body_ : parts_.front()->bytes();
    const std::int64_t time_us = header_of(body).known_time_us();
    if (time_us > due_us) return Looked{.what = Looked::What::Later, .time_us = time_us};
    if (!parts_.empty()) body_entries_ = contents_of(body).entries;
    return Looked{
        .what = Looked::What::Piece, .time_us = time_us, .body = body, .entries = body_entries_};
  }

  void take() override {
    if (parts_.empty()) {
      place_ = header_of(body_).last_seq() + 1;
      body_ = {};
      return;
    }
    place_ = parts_.front()->last_seq() + 1;
    parts_.pop_front();
  }

  void rest() override {
    parts_.clear();
    body_ = {};
    reader_.reset();
  }

  const std::vector<wire::SeqRange>& damaged() const override { return damage_.ranges(); }

 private:
  bool has_piece() const { return !parts_.empty() || !body_.empty(); }

  void open() {
    reader_ = store_.log_reader();
    reader_->seek(place_);
    loaded_ = place_ - 1;
    in_damage_ = false;
    // Below the tracks' floor only events and states are left, in a place of their own. The floor
    // may have risen since the reader was placed: what is below belongs to that place.
    const std::uint64_t floor = store_.floor();
    kept_through_ = floor == 0 ? 0 : std::min(floor - 1, range_.through);
  }

  /// Reads a little more; how many bytes.
  Result<std::size_t> load() {
    if (reader_ == nullptr) open();
    return loaded_ < kept_through_ ? load_kept() : load_body();
  }

  Result<std::size_t> load_kept() {
    std::size_t bytes = 0;
    const auto sink = [&](std::uint64_t, Bytes body) {
      const std::int64_t known_us = header_of(body).known_time_us();
      bytes += body.size();
      if (known_us < from_us_ || known_us >= range_.until_us) return;
      reached_us_ = std::max(reached_us_, known_us);
      cut(body);
    };
    const Result<std::uint64_t> reached =
        store_.read_kept(loaded_, kept_through_, kKeptBytes, sink);
    if (!reached) return reached.fault();
    loaded_ = std::max(*reached, loaded_ + 1);
    if (loaded_ >= kept_through_) damage_.note(store_, place_, kept_through_);
    pass_over();
    return bytes;
  }

  Result<std::size_t> load_body() {
    const Result<Bytes> body = reader_->next();
    if (!body) {
      if (body.fault().code != FaultCode::Damaged) return body.fault();
      in_damage_ = true;
      return 0;
    }
    if (body->empty()) {
      note_damage(range_.through);
      ended_ = true;
      return 0;
    }
    const wire::BodyHeader& header = header_of(*body);
    note_damage(header.first_seq() - 1);
    if (header.known_time_us() >= range_.until_us || header.first_seq() > range_.through) {
      ended_ = true;
      return 0;
    }
    const bool before = header.last_seq() <= loaded_ || header.known_time_us() < from_us_;
    loaded_ = std::max(loaded_, header.last_seq());
    reached_us_ = std::max(reached_us_, header.known_time_us());
    if (!before) take_in(*body);
    pass_over();
    return body->size();
  }

  void take_in(Bytes body) {
    const bool fits = body.size() <= bytes_max_;
    if (!view_->takes_everything() || !fits) return cut(body);
    const Contents contents = contents_of(body);
    if (!contents.only_batches) {
      copy_batches(body, bytes_max_, parts_);
      drop_sent();
      return;
    }
    if (header_of(body).first_seq() < place_) return;
    body_ = body;
    body_entries_ = contents.entries;
  }

  void cut(Bytes body) {
    cut_in_order(body, *view_, bytes_max_, parts_);
    drop_sent();
  }

  /// After a rest a body is cut again as it was before: what was sent of it is left out.
  void drop_sent() {
    while (!parts_.empty() && parts_.front()->first_seq() < place_) parts_.pop_front();
  }

  /// What held nothing for the view need not be read again.
  void pass_over() {
    if (!has_piece()) place_ = std::max(place_, loaded_ + 1);
  }

  void note_damage(std::uint64_t last) {
    if (std::exchange(in_damage_, false)) damage_.note(store_, loaded_ + 1, last);
  }

  const store::Store& store_;
  const std::shared_ptr<const View> view_;
  const SourceRange range_;
  const std::size_t bytes_max_;
  std::int64_t from_us_ = 0;
  std::uint64_t place_ = 1;  // the least seq that was not given
  bool ended_ = false;
  Damage damage_;

  // Until the next rest.
  std::unique_ptr<store::LogReader> reader_;
  std::uint64_t kept_through_ = 0;
  std::uint64_t loaded_ = 0;  // everything up to here was looked at
  bool in_damage_ = false;    // behind loaded_
  std::int64_t reached_us_ = 0;
  Parts parts_;
  Bytes body_;  // of reader_
  std::uint64_t body_entries_ = 0;
};

}  // namespace

std::unique_ptr<Source> make_known_source(const store::Store& store,
                                          std::shared_ptr<const View> view, SourceRange range,
                                          std::size_t bytes_max) {
  return std::make_unique<KnownSource>(store, std::move(view), range, bytes_max);
}

}  // namespace vigie::replay
