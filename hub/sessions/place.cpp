// Where a session stands in the log: where it begins, goes on from, or is put when what it lacked
// is gone; and how it is told so.

#include <algorithm>

#include "hub/sessions/sessions.h"
#include "schemas/messages/frame.h"
#include "schemas/messages/requests.h"

namespace vigie::sessions {
namespace {

bool same_log(const wire::LogId& a, const wire::LogId& b) {
  return a.high() == b.high() && a.low() == b.low();
}

}  // namespace

void Sessions::start_live(Session& session, const wire::Open& open) {
  session.fix = session.event = ring_.head();
  std::optional<wire::SeqRange> lost;
  bool replaces = false;
  const auto token_at = [&](std::uint64_t seq) { return wire::Token(log_, seq, seq); };
  switch (open.start()) {
    case wire::StartKind::Now:
      replaces = true;
      break;
    case wire::StartKind::NowNoSnapshot:
      break;
    case wire::StartKind::Token: {
      const Result<wire::Token> token = parse_token(open.token());
      replaces = !token || resume(session, *token, lost);
      break;
    }
    case wire::StartKind::Seq:
      replaces = resume(session, token_at(std::min(open.seq(), ring_.head())), lost);
      break;
    case wire::StartKind::KnownTime:
    case wire::StartKind::TrueTime: {
      // What happened after a true time was known after it too.
      const replay::SeekKnown seek{.session = session.id, .known_time_us = open.time_us()};
      session.seeking = to_workers_(replay::Command(seek));
      if (session.seeking) return;
      return end_busy(session);
    }
  }
  tell_going_back(session);
  open_at(session, replaces, lost);
}

void Sessions::open_at(Session& session, bool replaces, const std::optional<wire::SeqRange>& lost) {
  if (replaces) begin_snapshot(session);
  session.told_fix = replaces ? 0 : session.fix;
  session.told_event = session.event;
  send_opened(session, replaces, lost);
  make_ready(session);
}

void Sessions::on_sought(Session& session, const replay::SoughtOut& sought) {
  session.seeking = false;
  std::optional<wire::SeqRange> lost;
  std::uint64_t after = std::max<std::uint64_t>(sought.seq, 1) - 1;
  // It was shown nothing of a void that lies there, and lost nothing by it.
  for (const wire::SeqRange& range : picture_.picture().voids()) {
    if (after >= range.first() && after <= range.last()) after = range.first() - 1;
  }
  // The picture, and what happened since: a unit that has not moved since stands in it too.
  bool replaces = resume(session, wire::Token(log_, std::min(after, ring_.head()), 0), lost);
  if (sought.is_gone && !lost) {
    // What is gone ends somewhere below the floor; where it began nobody knows any more.
    lost = wire::SeqRange(1, std::max<std::uint64_t>(store_.event_floor(), 2) - 1);
    replaces = true;
  }
  open_at(session, replaces, lost);
}

void Sessions::lose(Session& session) {
  const std::uint64_t floor = store_.event_floor();
  const wire::SeqRange lost(session.event + 1, floor - 1);
  session.kept.clear();
  session.event = floor - 1;
  open_at(session, true, lost);
}

bool Sessions::resume(Session& session, const wire::Token& token,
                      std::optional<wire::SeqRange>& lost) {
  if (!same_log(token.log(), log_) || token.fix() > ring_.head() || token.event() > ring_.head()) {
    return true;
  }
  // It has no fixes yet: the picture is what it lacks. Or it has what it may not see any more.
  bool replaces = token.fix() == 0 || token.fix() <= session.rights_at;
  session.fix = token.fix();
  session.event = token.event();
  // Inside a void: what was shown there may never have become durable; it comes again under the
  // same name.
  for (const wire::SeqRange& range : picture_.picture().voids()) {
    if (session.event >= range.first() && session.event <= range.last()) {
      lost = wire::SeqRange(range.first(), session.event);
      session.event = range.first() - 1;
      replaces = true;
    }
    replaces = replaces || (session.fix >= range.first() && session.fix <= range.last());
  }
  const std::uint64_t floor = store_.event_floor();
  if (session.event + 1 < floor) {
    lost = wire::SeqRange(session.event + 1, floor - 1);
    session.event = floor - 1;
    replaces = true;
  }
  return replaces;
}

void Sessions::begin_snapshot(Session& session) {
  session.snapshot = SnapshotProgress{.cursor = {}, .floor = ring_.head()};
  session.fix = ring_.head();
}

void Sessions::start_at_worker(Session& session, const wire::Open& open) {
  replay::Start start;
  start.session = session.id;
  start.mode = open.mode() == wire::Mode::Replay     ? replay::StartMode::Replay
               : open.mode() == wire::Mode::Snapshot ? replay::StartMode::PastPicture
                                                     : replay::StartMode::HeldBack;
  start.view = session.group->shared_view;
  start.clock = open.start();
  // By a grant: the newest that it shows.
  const bool now = open.mode() == wire::Mode::Snapshot && open.start() == wire::StartKind::Now;
  start.from_us = now ? INT64_MAX : open.time_us();
  start.until_us = open.until_us();
  start.speed = open.speed();
  start.paused = open.paused();
  start.frame_bytes_max = static_cast<std::uint32_t>(session.frame_bytes_max);
  start.granted_bytes = session.granted_bytes;
  start.grant = session.grant;
  std::optional<wire::SeqRange> lost;
  if (start.mode == replay::StartMode::HeldBack) {
    start.after_event = session.event = place_of(session, open, lost);
    if (session.event != 0) tell_going_back(session);
  }
  if (!to_workers_(replay::Command(std::move(start)))) return end_busy(session);
  session.at_worker = true;
  ++replays_;
  shown_replays_ += session.grant.empty() ? 0 : 1;
  held_by_name_.replay(session.name);
  held_by_address_.replay(session.address);
  send_opened(session, session.mode != wire::Mode::Replay, lost);
}

std::uint64_t Sessions::place_of(const Session& session, const wire::Open& open,
                                 std::optional<wire::SeqRange>& lost) const {
  std::uint64_t event = 0;
  if (open.start() == wire::StartKind::Seq) event = open.seq();
  if (open.start() == wire::StartKind::Token) {
    const Result<wire::Token> token = parse_token(open.token());
    const wire::LogId log = session.own ? session.own->log() : log_;
    if (token && same_log(token->log(), log)) event = token->event();
  }
  if (session.own) return own_place_of(event, lost);
  // It can't have had what is not durable: then it is from another life of this log.
  if (event == 0 || event > durable_) return 0;
  const std::uint64_t floor = store_.event_floor();
  if (event + 1 >= floor) return event;
  lost = wire::SeqRange(event + 1, floor - 1);
  return floor - 1;
}

/// The same, of a grant that has numbers of its own: they are times.
std::uint64_t Sessions::own_place_of(std::uint64_t event,
                                     std::optional<wire::SeqRange>& lost) const {
  constexpr std::int64_t kHourUs = 3'600 * kMicrosecondsPerSecond;
  if (event == 0 || replay::moment_of(event) > known_time_us_) return 0;
  const std::int64_t gone_us = store_.gone().event_known_us;
  // When the last that is gone became known is not told: it may be nothing that was shown.
  if (replay::moment_of(event + 1) <= gone_us) {
    lost = wire::SeqRange(event + 1, replay::own_end((gone_us / kHourUs + 1) * kHourUs));
  }
  return event;
}

void Sessions::end_busy(Session& session) {
  const ops::PeerId peer = session.peer;
  end(session);
  deny(peer, wire::Refusal::NotReady, "the readers are busy", kRetryMs);
}

void Sessions::send_opened(Session& session, bool replaces,
                           const std::optional<wire::SeqRange>& lost) {
  wire::OpenedT opened;
  opened.protocol = kProtocolVersion;
  const wire::LogId log = session.own ? session.own->log() : log_;
  opened.log = std::make_unique<wire::LogId>(log);
  opened.mode = session.mode;
  opened.position = std::make_unique<wire::Token>(log, session.event, session.told_fix);
  opened.floor = session.own ? 0 : store_.event_floor();
  // By a grant that has terms nothing is told of how far the log is by now.
  opened.durable = session.grant.empty() ? durable_ : session.event;
  if (const security::Identity* who =
          registry_ == nullptr || !session.grant.empty()
              ? nullptr
              : registry_->find(session.user, known_time_us_).identity) {
    opened.grants = registry_->grants_with_terms(*who, known_time_us_);
  }
  if (registry_ != nullptr) opened.hub_key = registry_->hub_key().key;
  opened.known_time_us = known_time_us_;
  opened.heartbeat_ms = static_cast<std::uint32_t>(options_.heartbeat_us / 1000);
  if (lost) opened.lost = std::make_unique<wire::SeqRange>(*lost);
  opened.replaces = replaces;
  opened.frame_bytes_max = static_cast<std::uint32_t>(session.frame_bytes_max);
  opened.overdue_after_ms = options_.overdue_after_ms;
  opened.silent_after_ms = options_.silent_after_ms;
  if (link_.send(session.peer, packed<wire::Opened>(opened)) == ops::Sent::Gone) {
    gone_.push_back(session.id);
  }
}

}  // namespace vigie::sessions
