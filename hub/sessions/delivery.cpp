// What a session is sent, and when. See sessions.h for the three ways.

#include <algorithm>

#include "hub/feed/cutter.h"
#include "hub/feed/frames.h"
#include "hub/sessions/sessions.h"
#include "schemas/messages/requests.h"

namespace vigie::sessions {
namespace {

constexpr unsigned kFirstPage = static_cast<unsigned>(wire::FrameFlag::FirstPage);
constexpr unsigned kLastPage = static_cast<unsigned>(wire::FrameFlag::LastPage);
constexpr unsigned kReplace = static_cast<unsigned>(wire::FrameFlag::Replace);
constexpr std::size_t kPageVisits =
    4096;  // units looked at for one page: about a quarter of a millisecond

/// A frame is paid for in full, or, when a single entry is larger than any frame should be, with a
/// whole frame's credit.
bool affords(const Session& session, std::size_t bytes) {
  return bytes <= session.credit() || session.credit() >= session.frame_bytes_max;
}

/// What a cut body may hold so that its frame stays within the session's limit with one entry on
/// top.
std::size_t cut_goal(const Session& session) {
  const std::size_t slack = std::min<std::size_t>(session.frame_bytes_max / 4, 8 * 1024);
  return std::min(session.frame_bytes_max, limits::kBodyBytesMax) - slack;
}

/// What a page may hold so that its frame stays within the session's limit: one entry may come on
/// top.
std::size_t page_goal(const Session& session) {
  return std::min(limits::kPageBytesGoal, cut_goal(session));
}

}  // namespace

void Sessions::deliver(feed::Entry& entry) {
  for (auto& [key, group] : groups_) {
    // A session that opens from now on has the states up to here by its position: no older page.
    if (!entry.folded.states.empty()) group->pages.clear();
    if (group->current.empty()) continue;
    const bool whole = feed::takes_whole(entry, group->filter);
    std::shared_ptr<ops::SharedMessage> message;
    if (whole && group->prev_sent == entry.prev_seq) {
      message = entry.whole;
    } else {
      // Its own header, or its own cut.
      const feed::Cut part =
          feed::cut(entry, group->filter, entry.prev_seq, limits::kBodyBytesMax, feed::Lanes::All);
      if (part.body != nullptr && part.reached == entry.last_seq()) {
        feed::FrameFields fields{.kind = wire::FrameKind::Live,
                                 .prev = group->prev_sent,
                                 .last = entry.last_seq(),
                                 .prev_event = group->prev_sent,
                                 .last_event = entry.last_seq(),
                                 .durable = durable_,
                                 .time_us = known_time_us_,
                                 .log = log_};
        feed::write_header(*part.body, fields);
        message = link_.share(part.body, part.body->frame_bytes());
      } else if (part.body != nullptr) {
        // More than one frame's worth: each takes it piece by piece.
        for (Session* session : std::vector<Session*>(group->current)) {
          leave_head(*session, entry.prev_seq);
        }
        continue;
      }
    }
    if (message == nullptr) continue;
    std::vector<Session*> slow;
    for (Session* session : group->current) {
      const bool fits =
          message->bytes() <= session->frame_bytes_max && message->bytes() <= session->credit();
      if (!fits || !send_shared(*session, *message)) slow.push_back(session);
    }
    for (Session* session : slow) leave_head(*session, entry.prev_seq);
    group->prev_sent = entry.last_seq();
  }
  if (!entry.has_kept() || at_head_ == sessions_.size()) return;
  // Events do not wait for anyone's pace.
  for (auto& [peer, session] : sessions_) {
    if (!session->current && !session->at_worker) make_ready(*session);
  }
}

void Sessions::leave_head(Session& session, std::uint64_t place) {
  auto& current = session.group->current;
  current.erase(std::find(current.begin(), current.end(), &session));
  session.current = false;
  --at_head_;
  session.fix = session.event = place;
  session.told_fix = std::max(session.told_fix, session.group->prev_sent);
  session.told_event = std::max(session.told_event, session.group->prev_sent);
  make_ready(session);
}

void Sessions::join_head(Session& session) {
  session.current = true;
  ++at_head_;
  session.fix = session.event = ring_.head();
  auto& group = *session.group;
  if (group.current.empty()) group.prev_sent = session.told_fix;
  group.prev_sent = std::min({group.prev_sent, session.told_fix, session.told_event});
  group.current.push_back(&session);
}

void Sessions::make_ready(Session& session) {
  if (session.ready || session.current || session.at_worker || session.seeking) return;
  session.ready = true;
  ready_.push_back(session.id);
}

bool Sessions::step_ready() {
  const std::int64_t until_us = clock_.monotonic_us() + options_.turn_budget_us;
  while (!ready_.empty()) {
    Session* session = find(ready_.front());
    ready_.pop_front();
    if (session == nullptr) continue;
    session->ready = false;
    if (step(*session)) make_ready(*session);
    if (clock_.monotonic_us() >= until_us) break;
  }
  remove_gone();
  return !ready_.empty();
}

bool Sessions::can_ride(const Session& session) const {
  // Behind with events alone, as after a snapshot that came before them, it gets those first.
  return !session.snapshot && !session.paced() && session.fix >= ring_.tail() &&
         session.event >= session.fix;
}

bool Sessions::step(Session& session) {
  if (session.credit() == 0 || session.unlooked) return false;
  if (session.mode == wire::Mode::Live && session.event + 1 < store_.event_floor()) lose(session);
  if (session.mode == wire::Mode::Snapshot) return step_snapshot(session);
  if (can_ride(session) && session.kept.empty()) return step_ride(session);
  if (session.event < ring_.tail() || !session.kept.empty()) return step_kept(session);
  if (session.event < ring_.head()) return step_events(session);
  if (session.snapshot) return step_snapshot(session);
  return step_moved(session);
}

bool Sessions::step_ride(Session& session) {
  feed::Entry* entry = ring_.after(session.fix);
  if (entry == nullptr) {
    join_head(session);
    return false;
  }
  feed::FrameFields fields = fields_of(session, wire::FrameKind::Live);
  const bool from_start = session.fix <= entry->prev_seq;
  const bool whole = from_start && entry->body->frame_bytes().size() <= session.frame_bytes_max &&
                     feed::takes_whole(*entry, session.group->filter);
  if (whole && session.told_fix == entry->prev_seq && session.told_event >= entry->prev_seq) {
    if (entry->whole->bytes() > session.credit() || !send_shared(session, *entry->whole)) {
      return false;
    }
    session.fix = entry->last_seq();
    // Its header is the same for all: the session's own place may be further, by what it left out.
    session.told_event = std::max(session.told_event, session.fix);
  } else {
    const feed::Cut part =
        feed::cut(*entry, session.group->filter, session.fix, cut_goal(session), feed::Lanes::All);
    if (part.body != nullptr) {
      fields.last = part.reached;
      fields.last_event = std::max(part.reached, session.event);
      if (!send_body(session, *part.body, fields, part.body)) return false;
      session.told_event = fields.last_event;
    }
    session.fix = part.reached;
    if (part.body == nullptr) {
      session.event = std::max(session.event, session.fix);
      return true;
    }
  }
  session.event = std::max(session.event, session.fix);
  session.told_fix = session.fix;
  return true;
}

bool Sessions::step_events(Session& session) {
  // One frame for what several bodies hold: events are few.
  for (int looked = 0; looked < 256; ++looked) {
    feed::Entry* entry = ring_.after(session.event);
    if (entry == nullptr) return true;
    if (!entry->has_kept()) {
      session.event = entry->last_seq();
      continue;
    }
    const feed::Cut part = feed::cut(*entry, session.group->filter, session.event,
                                     page_goal(session), feed::Lanes::EventsAndStates);
    if (part.body == nullptr) {
      session.event = part.reached;
      continue;
    }
    feed::FrameFields fields = fields_of(session, wire::FrameKind::Conflated);
    fields.last_event = part.reached;
    if (!send_body(session, *part.body, fields, part.body)) return false;
    session.event = session.told_event = part.reached;
    return true;
  }
  return true;
}

bool Sessions::step_kept(Session& session) {
  while (!session.kept.empty()) {
    const BodyPtr body = session.kept.front();
    feed::FrameFields fields = fields_of(session, wire::FrameKind::Conflated);
    const bool last = session.kept.size() == 1;
    fields.last_event = last ? session.kept_through : body->last_seq();
    if (!send_body(session, *body, fields, body)) return false;
    session.kept.pop_front();
    session.event = session.told_event = fields.last_event;
  }
  if (session.event >= ring_.tail() || session.reading_kept) return session.event >= ring_.tail();
  replay::ReadKept read;
  read.session = session.id;
  read.after = session.event;
  read.through = std::max(ring_.tail(), std::min(store_.durable_seq(), ring_.head()));
  read.view = session.group->shared_view;
  read.frame_bytes_max = static_cast<std::uint32_t>(page_goal(session));
  read.bytes_max = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      std::max<std::uint64_t>(session.credit(), limits::kFrameBytesMin), limits::kFrameBytesMax));
  session.reading_kept = to_workers_(replay::Command(std::move(read)));
  return !session.reading_kept;
}

bool Sessions::step_snapshot(Session& session) {
  SnapshotProgress& progress = *session.snapshot;
  ViewGroup& group = *session.group;
  const std::size_t goal = page_goal(session);
  const std::int64_t now_us = clock_.monotonic_us();
  const CachedPage* cached = group.pages.find(progress.cursor, goal, progress.first_page, now_us);
  // A picture once is as new as can be: what was acknowledged before it was asked for is in it.
  const bool once = session.mode == wire::Mode::Snapshot;
  if (once && cached != nullptr && cached->head != ring_.head()) cached = nullptr;
  CachedPage made;
  if (cached == nullptr) {
    EntryWriter page;
    made.next = progress.cursor;
    made.more = picture_.write_page(made.next, group.filter, page, goal, kPageVisits);
    made.head = ring_.head();
    feed::FrameFields fields{.kind = wire::FrameKind::Snapshot,
                             .flags = progress.first_page ? kFirstPage | kReplace : 0,
                             .durable = durable_,
                             .time_us = known_time_us_,
                             .log = log_};
    if (page.empty() && !progress.first_page) {
      progress.cursor = made.next;
      return made.more || finish_snapshot(session);
    }
    if (page.empty()) {
      auto bytes = std::make_shared<const std::vector<std::byte>>(feed::empty_frame(fields));
      made.message = link_.share(bytes, *bytes);
    } else {
      const BodyPtr body = page.finish(known_time_us_);
      feed::write_header(*body, fields);
      made.message = link_.share(body, body->frame_bytes());
    }
    if (!once) group.pages.keep(progress.cursor, goal, progress.first_page, made, now_us);
    cached = &made;
  }
  if (!affords(session, cached->message->bytes()) || !send_shared(session, *cached->message)) {
    return false;
  }
  ++counts_.snapshot_pages;
  progress.first_page = false;
  progress.floor = std::min(progress.floor, cached->head);
  progress.cursor = cached->next;
  return cached->more || finish_snapshot(session);
}

bool Sessions::finish_snapshot(Session& session) {
  feed::FrameFields fields = fields_of(session, wire::FrameKind::Snapshot);
  fields.flags = kLastPage;
  fields.prev = fields.prev_event = 0;
  fields.last = session.snapshot->floor;
  fields.last_event = session.told_event;
  if (!send_bytes(session, feed::empty_frame(fields))) {
    // The cursor stands at the end: the next step comes here again.
    return false;
  }
  session.fix = session.told_fix = session.snapshot->floor;
  session.snapshot.reset();
  if (session.mode == wire::Mode::Snapshot) {
    static_cast<void>(link_.send(session.peer, make_reopen(wire::Refusal::None, "the end")));
    gone_.push_back(session.id);
    return false;
  }
  return true;
}

bool Sessions::step_moved(Session& session) {
  const std::int64_t now_us = clock_.monotonic_us();
  const std::int64_t pace_us = std::int64_t{session.group->filter.view().pace_ms()} * 1000;
  if (session.fix == ring_.head()) {
    if (session.paced()) {
      next_pace_us_ = std::min(next_pace_us_, now_us + pace_us);
    } else {
      join_head(session);
    }
    return false;
  }
  if (session.paced()) {
    if (session.pace_due_us > now_us) {
      next_pace_us_ = std::min(next_pace_us_, session.pace_due_us);
      return false;
    }
  }
  if (session.group->filter.units_can_leave()) {
    begin_snapshot(session);
    session.pace_due_us = now_us + pace_us;
    return true;
  }
  EntryWriter page;
  const std::uint64_t reached =
      picture_.write_moved(session.fix, session.group->filter, page, page_goal(session));
  if (!page.empty()) {
    feed::FrameFields fields = fields_of(session, wire::FrameKind::Conflated);
    fields.last = reached;
    const BodyPtr body = page.finish(known_time_us_);
    if (!send_body(session, *body, fields, body)) return false;
    ++session.conflated_frames;
    ++counts_.conflated_frames;
    session.told_fix = reached;
  }
  session.fix = reached;
  if (session.paced() && reached == ring_.head()) {
    session.pace_due_us = now_us + pace_us;
    next_pace_us_ = std::min(next_pace_us_, session.pace_due_us);
    return false;
  }
  return true;
}

feed::FrameFields Sessions::fields_of(const Session& session, wire::FrameKind kind) const {
  return {.kind = kind,
          .prev = session.told_fix,
          .last = session.told_fix,
          .prev_event = session.told_event,
          .last_event = session.told_event,
          .durable = durable_,
          .time_us = known_time_us_,
          .log = log_};
}

bool Sessions::send_body(Session& session, Body& body, const feed::FrameFields& fields,
                         const std::shared_ptr<Body>& owner) {
  if (!affords(session, body.frame_bytes().size())) return false;
  feed::write_header(body, fields);
  return send_shared(session, *link_.share(owner, owner->frame_bytes()));
}

bool Sessions::send_shared(Session& session, ops::SharedMessage& message) {
  return sent(session, link_.send(session.peer, message), message.bytes());
}

bool Sessions::send_bytes(Session& session, Bytes bytes) {
  if (!affords(session, bytes.size())) return false;
  return sent(session, link_.send(session.peer, bytes), bytes.size());
}

bool Sessions::sent(Session& session, ops::Sent result, std::size_t bytes) {
  if (result == ops::Sent::Gone) gone_.push_back(session.id);
  if (result != ops::Sent::Ok) return false;
  count_frame(session, bytes);
  return true;
}

void Sessions::count_frame(Session& session, std::size_t bytes) {
  session.sent_bytes += bytes;
  session.sent_us = clock_.monotonic_us();
  ++session.frames;
  ++counts_.frames;
  counts_.frame_bytes += bytes;
}

void Sessions::heartbeat(Session& session) {
  wire::HeartbeatT beat;
  beat.known_time_us = known_time_us_;
  beat.probe = session.probe;
  if (!session.grant.empty()) {
    // The worker alone knows where it stands; how far the log is by now is not told.
    note_beat(session, link_.send(session.peer, packed<wire::Heartbeat>(beat)));
    return;
  }
  if (session.current) {
    session.fix = session.event = ring_.head();
    session.told_fix = std::max(session.told_fix, session.group->prev_sent);
    session.told_event = std::max(session.told_event, session.group->prev_sent);
  }
  beat.sent = std::make_unique<wire::Token>(token_of(session.told_event, session.told_fix));
  // While a picture is on its way the console has the fixes up to where it stood before it.
  const std::uint64_t fix = session.snapshot ? session.told_fix : session.fix;
  beat.position = std::make_unique<wire::Token>(token_of(session.event, fix));
  beat.durable = durable_;
  beat.floor = store_.event_floor();
  beat.head = ring_.head();
  const ops::Sent result = link_.send(session.peer, packed<wire::Heartbeat>(beat));
  if (result == ops::Sent::Ok) {
    session.told_fix = fix;
    session.told_event = session.event;
  }
  note_beat(session, result);
}

void Sessions::note_beat(Session& session, ops::Sent result) {
  if (result == ops::Sent::Gone) gone_.push_back(session.id);
  session.sent_us = clock_.monotonic_us();
  if (result != ops::Sent::Ok || !session.probe_due) return;
  session.probe_due = false;
  session.probe_us = session.sent_us;
}

void Sessions::tick() {
  const std::int64_t now_us = clock_.monotonic_us();
  if (now_us >= next_pace_us_) {
    next_pace_us_ = INT64_MAX;
    for (auto& [peer, session] : sessions_) {
      if (session->paced()) make_ready(*session);
    }
  }
  if (now_us < next_tick_us_) return;
  next_tick_us_ = now_us + kTickUs;
  tell_stops();
  look_at_rights();
  reopen_some();
  counts_.cut += farewell_.cut_due(link_, now_us);
  for (auto& [key, group] : groups_) {
    if (now_us - group->pages.started_us() > PageCache::kAgeUs) group->pages.clear();
  }
  for (auto& [peer, session] : sessions_) {
    if (now_us - session->heard_us > options_.silence_us) {
      ++counts_.ended_silent;
      static_cast<void>(
          link_.send(session->peer, make_reopen(wire::Refusal::None, "nothing was heard")));
      gone_.push_back(session->id);
    } else if (!session->seeking && is_beat_due(*session, now_us)) {
      heartbeat(*session);
      if (!session->current && session->credit() != 0) make_ready(*session);
    }
  }
  remove_gone();
}

}  // namespace vigie::sessions
