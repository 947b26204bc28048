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

std::unique_ptr<PastPicture> picture_of(Start start, std::int64_t until_us,
                                        const store::Store& store, const Clock& clock,
                                        wire::LogId log) {
  start.mode = StartMode::PastPicture;
  start.clock = wire::StartKind::KnownTime;
  start.from_us = until_us;  // the newest that may be read
  return std::make_unique<PastPicture>(start, store, clock, log);
}

/// Nothing that is known before this becomes durable any more. What is known in time, and durable
/// late, must not come behind a position that is a time.
std::int64_t settled_until(const store::Store& store) {
  if (store.queued_bytes() == 0) return INT64_MAX;
  const auto reader = store.log_reader();
  reader->seek(store.durable_seq());
  const Result<Bytes> last = reader->next();
  return last && !last->empty() ? header_of(*last).known_time_us() : 0;
}

}  // namespace

HeldBack::HeldBack(const Start& start, const store::Store& store, const Clock& clock,
                   wire::LogId log)
    : start_(start),
      terms_(terms_of(*start.view)),
      at_large_(read_for(*start.view)),
      store_(store),
      clock_(clock),
      names_(own_names(start, log)),
      log_(names_ ? names_->log() : log),
      until_us_(0),
      granted_(start.granted_bytes),
      coarsener_(terms_, goal_of(start)),
      told_event_(start.after_event),
      told_us_(clock.monotonic_us()) {
  until_us_ = readable_until();
  picture_ = picture_of(start, until_us_, store, clock, log);
  if (!names_) return;
  own_.emplace(start.view, *names_, start.frame_bytes_max);
  own_->leave_out(start.after_event);
}

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
    fail(read.fault(), out);
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
  if (!begun) fail(begun.fault(), out);
  return true;
}

void HeldBack::fail(const Fault& fault, std::vector<Output>& out) {
  failed_ = true;
  out.emplace_back(FailedOut{.session = start_.session,
                             .code = wire::Refusal::NotReady,
                             .reason = names_ ? kOwnFailure : fault.sentence});
}

Result<void> HeldBack::begin_feed() {
  reached_ = missed_through_ = picture_->seq();
  told_fix_ = picture_->position();
  shown_.emplace(picture_->take_picture());
  filter_.emplace(*start_.view, shown_->picture());
  picture_.reset();
  until_us_ = readable_until();
  const Result<std::uint64_t> first = first_missed();
  if (!first) return first.fault();
  missed_ = *first - 1;
  told_us_ = 0;  // where it stands is told at once: the place to come back to
  return {};
}

std::int64_t HeldBack::readable_until() const {
  // What waits is looked at before the clock is: it waits for a second at least.
  const std::int64_t settled_us = settled_until(store_);
  return std::max(until_us_, std::min(settled_us, terms_.read_until_us(clock_.utc_us())));
}

Result<std::uint64_t> HeldBack::first_missed() const {
  const bool since =
      start_.clock == wire::StartKind::KnownTime || start_.clock == wire::StartKind::TrueTime;
  std::int64_t from_us = start_.from_us;
  if (start_.after_event != 0) {
    if (!names_) return start_.after_event + 1;
    from_us = moment_of(start_.after_event + 1);
  } else if (!since) {
    return missed_through_ + 1;
  }
  const Result<std::uint64_t> first = store_.seq_at_known(from_us);
  if (!first) return first.fault();
  return std::max<std::uint64_t>(*first, 1);
}

/// Events and states that it had not, from before the picture.
Result<void> HeldBack::read_missed() {
  EntryWriter writer;
  Coarsener coarsener(terms_, goal_of(start_));
  std::deque<OwnPart> parts;
  const auto sink = [&](std::uint64_t, Bytes body) {
    Parts coarse;
    coarsener.add(body, coarse);
    for (const BodyPtr& part : coarse) {
      if (own_) {
        own_->add(part->bytes(), parts);
      } else {
        cut_body(part->bytes(), *start_.view, writer, [] {});
      }
    }
  };
  const std::size_t most = std::min(goal_of(start_), kMissedBytes);
  const Result<std::uint64_t> read = store_.read_kept(missed_, missed_through_, most, sink);
  if (!read) return read.fault();
  missed_ = std::max(*read, missed_ + 1);
  if (own_ && missed_ >= missed_through_) own_->close(parts);
  wait_for(parts, wire::FrameKind::Conflated);
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
    until_us_ = readable_until();
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
  if (own_) {
    show_own(coarse);
    if (ended) end_moment();
  } else {
    show(coarse);
  }
  return !ended || !coarse.empty();
}

/// What the view takes of a folded body, and its leaves.
void HeldBack::cut(const feed::Entry& entry, const std::function<void(const BodyPtr&)>& sink) {
  for (std::uint64_t after = 0; after < entry.last_seq();) {
    const feed::Cut part = feed::cut(entry, *filter_, after, goal_of(start_), feed::Lanes::All);
    after = part.reached;
    if (part.body != nullptr) sink(part.body);
  }
}

/// Folds bodies into what is shown, and keeps what the view takes of them to be sent.
void HeldBack::show(Parts& coarse) {
  const std::size_t before = waiting_.size();
  for (const BodyPtr& body : coarse) {
    feed::Entry entry;
    entry.body = body;
    shown_->fold_and_count(*body, entry.folded);
    cut(entry, [this](const BodyPtr& part) {
      waiting_.push_back({.body = part, .kind = wire::FrameKind::Live, .fix = 0, .event = 0});
    });
  }
  // Only with the last of them all is had.
  if (waiting_.size() == before) return;
  waiting_.back().event = reached_;
  waiting_.back().fix = coarsener_.had_through(reached_);
}

/// The same, by numbers of its own: for leaves alone the cut is asked.
void HeldBack::show_own(Parts& coarse) {
  const auto add_leaves = [this](const BodyPtr& part) {
    BlockWalk walk(part->bytes());
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Leaves) continue;
      for (const wire::Leave* leave : each(block->leaves().leaves())) {
        own_->add_leave(text_of(leave->unit()), leave->seq());
      }
    }
  };
  std::deque<OwnPart> parts;
  for (const BodyPtr& body : coarse) {
    feed::Entry entry;
    entry.body = body;
    shown_->fold_and_count(*body, entry.folded);
    own_->add(body->bytes(), parts);
    if (filter_->units_can_leave()) cut(entry, add_leaves);
  }
  wait_for(parts, wire::FrameKind::Live);
}

void HeldBack::end_moment() {
  std::deque<OwnPart> parts;
  own_->close(parts);
  wait_for(parts, wire::FrameKind::Live);
}

void HeldBack::wait_for(std::deque<OwnPart>& parts, wire::FrameKind kind) {
  for (OwnPart& part : parts) {
    // Before the end of its moment no fix of it counts as had.
    const bool moves = part.last && kind == wire::FrameKind::Live;
    const std::int64_t had_us =
        terms_.every_us == 0 ? part.moment_us : terms_.step_of(part.moment_us) - 1;
    waiting_.push_back({.body = std::move(part.body),
                        .kind = kind,
                        .fix = moves ? own_end(had_us) : 0,
                        .event = part.event});
  }
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
    if (names_) header.durable = std::max(header.last, header.last_event);
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
  header.last = std::max(told_fix_, had_fix());
  header.last_event = std::max(told_event_, had_event());
  if (names_) header.durable = std::max(header.last, header.last_event);
  auto bytes = std::make_shared<const std::vector<std::byte>>(feed::empty_frame(header));
  send(bytes, *bytes, out);
  told_fix_ = header.last;
  told_event_ = header.last_event;
  return true;
}

std::uint64_t HeldBack::had_fix() const {
  if (!names_) return coarsener_.had_through(reached_);
  // Whether a step holds anything back is not told before its end.
  return own_end((terms_.every_us == 0 ? until_us_ : terms_.step_of(until_us_)) - 1);
}

std::uint64_t HeldBack::had_event() const {
  return names_ ? own_end(until_us_ - 1) : reached_;
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
