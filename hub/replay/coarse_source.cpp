#include "hub/replay/coarsener.h"
#include "hub/replay/own_moments.h"
#include "hub/replay/source.h"

namespace vigie::replay {
namespace {

// What one look() takes in at most without giving anything: about two milliseconds.
constexpr std::size_t kLookBytesMax = 512 * 1024;

class CoarseSource final : public Source {
 public:
  CoarseSource(std::unique_ptr<Source> inner, std::shared_ptr<const View> view,
               std::int64_t until_us, std::size_t bytes_max, const std::optional<OwnNames>& names)
      : inner_(std::move(inner)),
        view_(std::move(view)),
        terms_(view_->entitlement()->terms()),
        until_us_(until_us),
        bytes_max_(bytes_max),
        coarsener_(terms_, bytes_max) {
    if (names) own_.emplace(view_, *names, bytes_max);
  }

  Result<void> seek(std::int64_t time_us) override {
    from_us_ = time_us;
    parts_.clear();
    coarsener_.clear();
    if (own_) own_->clear();
    // From the middle of a step nothing of it can be made: it is read from its beginning.
    return inner_->seek(terms_.every_us == 0 ? time_us : terms_.step_of(time_us));
  }

  Result<Looked> look(std::int64_t due_us) override {
    for (std::size_t bytes = 0; parts_.empty();) {
      // When what is not due yet became known is not told: it may be nothing that is shown.
      const Result<Looked> looked = inner_->look(own_ ? INT64_MAX : due_us);
      if (!looked) return looked.fault();
      switch (looked->what) {
        case Looked::What::Piece:
          if (bytes >= kLookBytesMax) {
            return Looked{.what = Looked::What::Looking, .time_us = looked->time_us};
          }
          bytes += looked->body.size();
          take_in(*looked);
          inner_->take();
          break;
        case Looked::What::End:
          if (coarsener_.due_us() > until_us_ && !end_moment()) return Looked{};
          cut_reached(until_us_);
          break;
        case Looked::What::Looking:
          return looked;
        case Looked::What::Later:
          if (coarsener_.due_us() > due_us) {
            return Looked{.what = Looked::What::Later,
                          .time_us = std::min(looked->time_us, coarsener_.due_us())};
          }
          cut_reached(due_us);
          break;
      }
    }
    const BodyPtr& part = parts_.front();
    if (part->known_time_us() > due_us) {
      return Looked{.what = Looked::What::Later, .time_us = part->known_time_us()};
    }
    return Looked{.what = Looked::What::Piece,
                  .time_us = part->known_time_us(),
                  .body = part->bytes(),
                  .entries = contents_of(part->bytes()).entries};
  }

  void take() override { parts_.pop_front(); }
  void rest() override { inner_->rest(); }
  const std::vector<wire::SeqRange>& damaged() const override { return inner_->damaged(); }

 private:
  void take_in(const Looked& piece) {
    Parts coarse;
    coarsener_.add(piece.body, coarse);
    cut(coarse);
  }
  void cut_reached(std::int64_t known_us) {
    Parts coarse;
    coarsener_.reach(known_us, coarse);
    cut(coarse);
  }
  void cut(const Parts& coarse) {
    for (const BodyPtr& body : coarse) {
      // What happened in the step before the place that was sought.
      if (body->known_time_us() < from_us_) continue;
      if (own_) {
        own_->add(body->bytes(), moments_);
        take_moments();
      } else {
        cut_in_order(body->bytes(), *view_, bytes_max_, parts_);
      }
    }
  }
  /// True when something came of what was the last of its moment.
  bool end_moment() {
    if (own_) own_->close(moments_);
    return take_moments();
  }
  bool take_moments() {
    const bool some = !moments_.empty();
    for (OwnPart& part : moments_) parts_.push_back(std::move(part.body));
    moments_.clear();
    return some;
  }

  const std::unique_ptr<Source> inner_;
  const std::shared_ptr<const View> view_;
  const Terms terms_;
  const std::int64_t until_us_;
  const std::size_t bytes_max_;
  Coarsener coarsener_;
  std::optional<OwnMoments> own_;  // where the grant has numbers of its own
  std::deque<OwnPart> moments_;
  std::int64_t from_us_ = 0;
  Parts parts_;
};

}  // namespace

std::unique_ptr<Source> make_coarse_source(std::unique_ptr<Source> inner,
                                           std::shared_ptr<const View> view, std::int64_t until_us,
                                           std::size_t bytes_max,
                                           const std::optional<OwnNames>& names) {
  return std::make_unique<CoarseSource>(std::move(inner), std::move(view), until_us, bytes_max,
                                        names);
}

}  // namespace vigie::replay
