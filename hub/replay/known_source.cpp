#include <algorithm>

#include "hub/replay/damage.h"
#include "hub/replay/source.h"
#include "schemas/model/cut.h"

namespace vigie::replay {
namespace {

constexpr std::size_t kKeptBytes = 256 * 1024;

const wire::BodyHeader& header_of(Bytes body) {
  return *reinterpret_cast<const wire::BodyHeader*>(body.data());
}

class KnownSource final : public Source {
 public:
  KnownSource(const store::Store& store, std::shared_ptr<const View> view, SourceRange range,
              std::size_t bytes_max)
      : store_(store),
        view_(std::move(view)),
        range_(range),
        bytes_max_(bytes_max),
        reader_(store.log_reader()) {
    seek(range.from_us);
  }

  void seek(std::int64_t time_us) override {
    parts_.clear();
    body_ = {};
    ended_ = false;
    from_us_ = std::max(time_us, range_.from_us);
    const Result<std::uint64_t> seq = store_.seq_at_known(from_us_);
    const std::uint64_t first = seq ? *seq : 1;
    // Below the tracks' floor only events and states are left, in a place of their own.
    kept_after_ = first == 0 ? 0 : first - 1;
    kept_through_ = store_.floor() == 0 ? 0 : std::min(store_.floor() - 1, range_.through);
    reader_->seek(std::max(first, store_.floor()));
  }

  std::optional<std::int64_t> peek() override {
    while (parts_.empty() && body_.empty() && !ended_) load();
    if (!parts_.empty()) return parts_.front()->known_time_us();
    if (!body_.empty()) return header_of(body_).known_time_us();
    return std::nullopt;
  }

  Piece next(std::int64_t) override {
    const std::int64_t time_us = *peek();
    if (!parts_.empty()) {
      BodyPtr part = std::move(parts_.front());
      parts_.pop_front();
      const Bytes bytes = part->bytes();
      return {time_us, bytes, std::move(part)};
    }
    return {time_us, std::exchange(body_, {}), nullptr};
  }

  const std::vector<wire::SeqRange>& damaged() const override { return damage_.ranges(); }

 private:
  void load() {
    if (kept_after_ < kept_through_) return load_kept();
    Result<Bytes> body = reader_->next();
    if (!body) {
      damage_.note(body.fault(), store_);
      return;
    }
    if (body->empty()) {
      ended_ = true;
      return;
    }
    const wire::BodyHeader& header = header_of(*body);
    if (header.known_time_us() < from_us_) return;
    if (header.known_time_us() >= range_.until_us || header.first_seq() > range_.through) {
      ended_ = true;
      return;
    }
    const bool whole = view_->takes_everything() && only_batches(*body) &&
                       body->size() + sizeof(wire::FrameHeader) <= bytes_max_;
    if (whole) {
      body_ = *body;
    } else {
      cut_into_parts(*body, header.known_time_us());
    }
  }

  static bool only_batches(Bytes body) {
    BlockWalk walk(body);
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Batch) return false;
    }
    return true;
  }

  void cut_into_parts(Bytes body, std::int64_t known_time_us) {
    const std::size_t goal = bytes_max_ - std::min<std::size_t>(bytes_max_ / 4, 8 * 1024);
    EntryWriter out;
    cut_body(body, *view_, out, [&] {
      if (out.bytes() >= goal) parts_.push_back(out.finish(known_time_us));
    });
    if (!out.empty()) parts_.push_back(out.finish(known_time_us));
  }

  void load_kept() {
    const auto sink = [&](std::uint64_t, Bytes body) {
      const std::int64_t known_us = header_of(body).known_time_us();
      if (known_us >= from_us_ && known_us < range_.until_us) cut_into_parts(body, known_us);
    };
    const Result<std::uint64_t> reached =
        store_.read_kept(kept_after_, kept_through_, kKeptBytes, sink);
    if (!reached) damage_.note(reached.fault(), store_);
    kept_after_ = reached ? std::max(*reached, kept_after_ + 1) : kept_through_;
  }

  const store::Store& store_;
  const std::shared_ptr<const View> view_;
  const SourceRange range_;
  const std::size_t bytes_max_;
  std::unique_ptr<store::LogReader> reader_;
  std::int64_t from_us_ = 0;
  std::uint64_t kept_after_ = 0;
  std::uint64_t kept_through_ = 0;
  std::deque<BodyPtr> parts_;
  Bytes body_;
  bool ended_ = false;
  Damage damage_;
};

}  // namespace

std::unique_ptr<Source> make_known_source(const store::Store& store,
                                          std::shared_ptr<const View> view, SourceRange range,
                                          std::size_t bytes_max) {
  return std::make_unique<KnownSource>(store, std::move(view), range, bytes_max);
}

}  // namespace vigie::replay
