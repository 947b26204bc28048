#pragma once
// What a grant that has terms shows as time goes on: first the picture as it may be read now, then
// what became readable since, as the terms show it, a little at a time. A small world of its own:
// it is folded here, so that borders, leaves and what is newest are decided by what is shown and
// not by what is stored. Never asks the live picture. A worker's thread.
//
// Where the grant has numbers of its own (own_numbers.h) what is sent goes through OwnMoments, and
// positions are told as times: had is what became known before until_us_.

#include "hub/feed/frames.h"
#include "hub/feed/ring.h"
#include "hub/picture/live_picture.h"
#include "hub/replay/coarsener.h"
#include "hub/replay/own_moments.h"
#include "hub/replay/past_picture.h"
#include "hub/replay/source.h"

namespace vigie::replay {

class HeldBack final : public Task {
 public:
  /// `store` and `clock` are borrowed.
  HeldBack(const Start& start, const store::Store& store, const Clock& clock, wire::LogId log);
  bool step(std::vector<Output>& out) override;
  void grant(std::uint64_t granted_bytes) override;
  void steer(const Steer&) override {}
  std::int64_t next_us() const override;

 private:
  bool step_picture(std::vector<Output>& out);
  void fail(const Fault& fault, std::vector<Output>& out);
  Result<void> begin_feed();
  Result<void> read_missed();
  Result<bool> read_on();
  std::int64_t readable_until() const;
  /// Where what is missed begins.
  Result<std::uint64_t> first_missed() const;
  void cut(const feed::Entry& entry, const std::function<void(const BodyPtr&)>& sink);
  void show(Parts& coarse);
  void show_own(Parts& coarse);
  void end_moment();
  void wait_for(std::deque<OwnPart>& parts, wire::FrameKind kind);
  /// Fixes and events up to these are had, when all is read that may be.
  std::uint64_t had_fix() const;
  std::uint64_t had_event() const;
  bool send_waiting(std::vector<Output>& out);
  bool tell(std::vector<Output>& out);
  void send(std::shared_ptr<const void> owner, Bytes bytes, std::vector<Output>& out);
  feed::FrameFields fields(wire::FrameKind kind) const;
  std::uint64_t credit() const { return granted_ > sent_bytes_ ? granted_ - sent_bytes_ : 0; }

  struct Waiting {
    BodyPtr body;
    wire::FrameKind kind;
    std::uint64_t fix;    // had up to here with it
    std::uint64_t event;  // and events
  };

  const Start start_;
  const Terms terms_;
  const std::shared_ptr<const View> at_large_;
  const store::Store& store_;
  const Clock& clock_;
  const std::optional<OwnNames> names_;
  const wire::LogId log_;  // as it is told
  std::int64_t until_us_;  // what became known before is read, and was shown when that is done
  std::uint64_t granted_;
  std::uint64_t sent_bytes_ = 0;

  std::unique_ptr<PastPicture> picture_;  // while it is sent
  std::optional<picture::LivePicture> shown_;
  std::optional<picture::ViewFilter> filter_;
  Coarsener coarsener_;
  std::optional<OwnMoments> own_;     // with names_
  std::uint64_t missed_ = 0;          // events up to here were shown
  std::uint64_t missed_through_ = 0;  // and these are, before anything else
  std::unique_ptr<Source> source_;    // while a part of the log is read
  std::uint64_t through_ = 0;
  std::uint64_t reached_ = 0;  // seq up to which all was shown
  std::deque<Waiting> waiting_;
  std::uint64_t told_fix_ = 0;
  std::uint64_t told_event_ = 0;
  std::int64_t look_us_ = 0;  // monotonic: when more is looked for
  std::int64_t told_us_ = 0;  // monotonic: the last frame
  bool failed_ = false;
};

}  // namespace vigie::replay
