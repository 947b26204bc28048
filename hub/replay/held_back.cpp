#include "hub/replay/held_back.h"

#include <algorithm>

#include "hub/feed/cutter.h"

namespace vigie::replay {
namespace {

constexpr std::int64_t kLookUs = 500'000;    // what becomes readable is looked for so often
constexpr std::int64_t kTellUs = 2'000'000;  // the console hears how far it is at least so often
constexpr std::size_t kMissedBytes = 64 * 1024;

std::size_t goal_of(const Start& start) {
  const std::size_t most = std::min<std::size_t>(start.frame_bytes_max, limits::kBodyBytesMax);
  return most - std::min<std::size_t>(most / 4, 8 * 1024);
}

std::unique_ptr<PastPicture> picture_of(Start start, const store::Store& store, const Clock& clock,
                                        wire::LogId log) {
  start.mode = StartMode::PastPicture;
  start.clock = wire::StartKind::KnownTime;
  start.from_us = INT64_MAX;  // the newest that may be read
  return std::make_unique<PastPicture>(start, store, clock, log);
}

}  // namespace

HeldBack::HeldBack(const Start& start, const store::Store& store, const Clock& clock,
                   wire::LogId log)
    : start_(start),
      terms_(terms_of(*start.view)),
      at_large_(std::make_shared<const View>(start.view->at_large())),
      store_(store),
      clock_(clock),
      log_(log),
      granted_(start.granted_bytes),
      picture_(picture_of(start, store, clock, log)),
      coarsener_(terms_, goal_of(start)),
      told_event_(start.after_event),
      told_us_(clock.monotonic_us()) {}

void HeldBack::grant(std::uint64_t granted_bytes) {
  granted_ = std::max(granted_, granted_bytes);
  // The picture is the first that is sent: its own account is the same.
  if (picture_ != nullptr) picture_->grant(granted_);
}

bool HeldBack::step(std::vector<Output>& out) {
  if (failed_) return false;
  if (picture_ != nullptr) return step_picture(out);
  if (!waiting_.empty()) return send_waiting(out);
  bool did = true;
  Result<void> read;
  if (missed_ < missed_through_) {
    read = read_missed();
  } else {
    const Result<bool> more = read_on();
    if (more) did = *more;
    if (!more) read = more.fault();
  }
  if (!read) {
    failed_ = true;
    out.emplace_back(FailedOut{.session = start_.session,
                               .code = wire::Refusal::NotReady,
                               .reason = read.fault().sentence});
    return true;
  }
  if (!waiting_.empty()) return send_waiting(out) || did;
  return tell(out) || did;
}

bool HeldBack::step_picture(std::vector<Output>& out) {
  const std::size_t before = out.size();
  const bool did = picture_->step(out);
  for (std::size_t i = before; i < out.size(); ++i) {
    if (auto* frame = std::get_if<FrameOut>(&out[i])) {
      frame->last = false;  // of the picture, not of the session
      sent_bytes_ += frame->bytes.size();
    } else {
      failed_ = true;
    }
  }
  if (failed_ || !picture_->done()) return did;
  const Result<void> begun = begin_feed();
  if (begun) return true;
  failed_ = true;
  out.emplace_back(FailedOut{.session = start_.session,
                             .code = wire::Refusal::NotReady,
                             .reason = begun.fault().sentence});
  return true;
}

Result<void> HeldBack::begin_feed() {
  reached_ = missed_through_ = told_fix_ = picture_->seq();
  shown_.emplace(picture_->take_picture());
  filter_.emplace(*start_.view, shown_->picture());
  picture_.reset();
  until_us_ = terms_.read_until_us(clock_.utc_us());
  missed_ = start_.after_event != 0 ? start_.after_event : missed_through_;
  const bool since =
      start_.clock == wire::StartKind::KnownTime || start_.clock == wire::StartKind::TrueTime;
  if (start_.after_event == 0 && since) {
    const Result<std::uint64_t> first = store_.seq_at_known(start_.from_us);
    if (!first) return first.fault();
    missed_ = std::max<std::uint64_t>(*first, 1) - 1;
  }
  told_us_ = 0;  // where it stands is told at once: the place to come back to
  return {};
}

/// Events and states that it had not, from before the picture.
Result<void> HeldBack::read_missed() {
  EntryWriter writer;
  Coarsener coarsener(terms_, goal_of(start_));
  const auto sink = [&](std::uint64_t, Bytes body) {
    Parts coarse;
    coarsener.add(body, coarse);
    for (const BodyPtr& part : coarse) {
      cut_body(part->bytes(), *start_.view, writer, [] {});
    }
  };
  const std::size_t most = std::min(goal_of(start_), kMissedBytes);
  const Result<std::uint64_t> read = store_.read_kept(missed_, missed_through_, most, sink);
  if (!read) return read.fault();
  missed_ = std::max(*read, missed_ + 1);
  if (writer.empty()) return {};
  waiting_.push_back({.body = writer.finish(until_us_, missed_),
                      .kind = wire::FrameKind::Conflated,
                      .fix = told_fix_,
                      .event = missed_});
  return {};
}

/// A little more of what may be read by now. False when there is nothing to do.
Result<bool> HeldBack::read_on() {
  if (source_ == nullptr) {
    if (clock_.monotonic_us() < look_us_) return false;
    look_us_ = clock_.monotonic_us() + kLookUs;
    until_us_ = terms_.read_until_us(clock_.utc_us());
    const Result<std::uint64_t> next = store_.seq_at_known(until_us_);
    if (!next) return next.fault();
    through_ = std::min(store_.durable_seq(), std::max<std::uint64_t>(*next, 1) - 1);
    if (through_ > reached_) {
      source_ = make_known_source(store_, at_large_,
                                  {.from_us = 0,
                                   .until_us = INT64_MAX,
                                   .through = through_,
                                   .after = reached_,
                                   .open_end = true},
                                  goal_of(start_));
      if (const Result<void> found = source_->seek(0); !found) return found.fault();
    }
  }
  Parts coarse;
  bool ended = source_ == nullptr;
  if (!ended) {
    const Result<Looked> looked = source_->look(INT64_MAX);
    if (!looked) return looked.fault();
    ended = looked->what == Looked::What::End;
    if (looked->what == Looked::What::Piece) {
      coarsener_.add(looked->body, coarse);
      reached_ = std::max(reached_, header_of(looked->body).last_seq());
      source_->take();
    }
  }
  if (ended) {
    source_.reset();
    reached_ = std::max(reached_, through_);
    coarsener_.reach(until_us_, coarse);
  }
  show(coarse);
  return !ended || !coarse.empty();
}

/// Folds bodies into what is shown, and keeps what the view takes of them to be sent.
void HeldBack::show(Parts& coarse) {
  const std::size_t before = waiting_.size();
  for (const BodyPtr& body : coarse) {
    feed::Entry entry;
    entry.body = body;
    shown_->fold_and_count(*body, entry.folded);
    for (std::uint64_t after = 0; after < entry.last_seq();) {
      const feed::Cut part = feed::cut(entry, *filter_, after, goal_of(start_), feed::Lanes::All);
      after = part.reached;
      if (part.body == nullptr) continue;
      waiting_.push_back({.body = part.body, .kind = wire::FrameKind::Live, .fix = 0, .event = 0});
    }
  }
  // Only with the last of them all is had.
  if (waiting_.size() == before) return;
  waiting_.back().event = reached_;
  waiting_.back().fix = coarsener_.had_through(reached_);
}

bool HeldBack::send_waiting(std::vector<Output>& out) {
  bool sent = false;
  while (!waiting_.empty()) {
    Waiting& next = waiting_.front();
    const std::size_t bytes = next.body->frame_bytes().size();
    if (bytes > credit() && credit() < start_.frame_bytes_max) break;
    feed::FrameFields header = fields(next.kind);
    header.last = std::max(told_fix_, next.fix);
    header.last_event = std::max(told_event_, next.event);
    feed::write_header(*next.body, header);
    send(next.body, next.body->frame_bytes(), out);
    told_fix_ = header.last;
    told_event_ = header.last_event;
    waiting_.pop_front();
    sent = true;
  }
  return sent;
}

/// Where it stands, now and then: nothing of the view lies before that.
bool HeldBack::tell(std::vector<Output>& out) {
  if (source_ != nullptr || missed_ < missed_through_) return false;
  if (clock_.monotonic_us() < told_us_ + kTellUs) return false;
  if (credit() < sizeof(wire::FrameHeader)) return false;
  feed::FrameFields header = fields(wire::FrameKind::Live);
  header.last = std::max(told_fix_, coarsener_.had_through(reached_));
  header.last_event = std::max(told_event_, reached_);
  auto bytes = std::make_shared<const std::vector<std::byte>>(feed::empty_frame(header));
  send(bytes, *bytes, out);
  told_fix_ = header.last;
  told_event_ = header.last_event;
  return true;
}

void HeldBack::send(std::shared_ptr<const void> owner, Bytes bytes, std::vector<Output>& out) {
  sent_bytes_ += bytes.size();
  told_us_ = clock_.monotonic_us();
  out.emplace_back(FrameOut{
      .session = start_.session, .owner = std::move(owner), .bytes = bytes, .last = false});
}

feed::FrameFields HeldBack::fields(wire::FrameKind kind) const {
  // Nothing is told of how far the log is by now.
  return {.kind = kind,
          .flags = 0,
          .prev = told_fix_,
          .last = told_fix_,
          .prev_event = told_event_,
          .last_event = told_event_,
          .durable = reached_,
          .time_us = until_us_,
          .log = log_};
}

std::int64_t HeldBack::next_us() const {
  if (failed_) return INT64_MAX;
  if (picture_ != nullptr) return INT64_MAX;  // the worker steps it while it does something
  if (!waiting_.empty()) return INT64_MAX;    // until credit is granted
  if (source_ != nullptr || missed_ < missed_through_) return clock_.monotonic_us();
  return look_us_;
}

}  // namespace vigie::replay
