// What consoles ask: open, credit, refill, control, close.

#include <fmt/format.h>

#include <algorithm>

#include "hub/feed/frames.h"
#include "hub/sessions/sessions.h"
#include "schemas/messages/check_parts.h"
#include "schemas/messages/frame.h"
#include "schemas/messages/requests.h"

namespace vigie::sessions {
namespace {

/// A request copied aligned and verified; null when it does not verify.
template <typename Root>
struct Request {
  explicit Request(Bytes bytes) : copy(bytes), root(verified<Root>(copy.bytes())) {}
  AlignedBytes copy;
  const Root* root;
};

/// True for what workers make.
bool is_past(const wire::Open& open) {
  return !text_of(open.grant()).empty() || open.mode() == wire::Mode::Replay ||
         (open.mode() == wire::Mode::Snapshot && open.start() != wire::StartKind::Now);
}

/// True for what only a session is sent.
bool is_request(Bytes bytes) {
  return has_identifier<wire::Credit>(bytes) || has_identifier<wire::Refill>(bytes) ||
         has_identifier<wire::Control>(bytes) || has_identifier<wire::Close>(bytes);
}

std::string no_request(Bytes bytes) {
  return fmt::format("a message of {} bytes is no request", bytes.size());
}

ops::Pace request_pace(std::uint64_t per_second) {
  const auto rate = static_cast<double>(per_second);
  return {.per_second = rate, .at_once = 4 * rate};
}

std::string_view mode_name(const Session& session) {
  return wire::EnumNameMode(session.mode);
}

}  // namespace

Sessions::Sessions(SessionsOptions options, ops::Link& link, feed::Ring& ring,
                   const picture::LivePicture& picture, const store::Store& store,
                   const Clock& clock, wire::LogId log,
                   std::function<bool(replay::Command&&)> to_workers,
                   const security::Registry* registry, security::AuditTrail* audit,
                   security::Quarantine* quarantine)
    : options_(options),
      link_(link),
      ring_(ring),
      picture_(picture),
      store_(store),
      clock_(clock),
      log_(log),
      to_workers_(std::move(to_workers)),
      registry_(registry),
      audit_(registry == nullptr ? nullptr : audit),
      quarantine_(quarantine),
      held_by_name_({options.sessions_per_identity, options.replays_per_identity}, "identity"),
      held_by_address_({options.sessions_per_address, options.replays_per_address}, "address"),
      asked_by_name_(request_pace(options.requests_per_second)),
      asked_by_address_(request_pace(options.requests_per_address)),
      sent_by_name_(options.of_identity),
      sent_by_address_(options.of_address) {}

Sessions::~Sessions() = default;

std::size_t Sessions::read_turn(std::size_t most) {
  std::size_t read = 0;
  const auto sink = [this](const ops::Received& received) {
    reading_ = &received;
    on_message(received);
    reading_ = nullptr;
  };
  while (read < most && link_.receive(sink)) ++read;
  return read;
}

void Sessions::on_message(const ops::Received& received) {
  const std::string_view peer = received.peer;
  const Bytes bytes = received.bytes;
  const auto found = sessions_.find(std::string(peer));
  // A connection's name may come again with another connection: the session is not that one's.
  const bool has_session = found != sessions_.end() && found->second->user == received.user;
  Session* const session = has_session ? found->second.get() : nullptr;
  // What is refused shows that it lives, too.
  if (session != nullptr) session->heard_us = clock_.monotonic_us();
  if (const Wait wait = sends_too_fast(received, session); wait.ms != 0) {
    return put_off(received, wait);
  }
  if (bytes.size() > limits::kRequestBytesMax) {
    return deny(peer, wire::Refusal::TooLarge,
                fmt::format("the request has {} bytes, at most {} are taken", bytes.size(),
                            limits::kRequestBytesMax),
                0);
  }
  if (has_identifier<wire::Open>(bytes)) return on_open(received);
  if (has_identifier<wire::Ask>(bytes)) return on_ask(received);
  if (session == nullptr) {
    if (!is_request(bytes)) {
      ++counts_.denied[wire::Refusal::Malformed];
      quarantine(wire::Refusal::Malformed, no_request(bytes));
    }
    ++counts_.reopens;
    static_cast<void>(
        link_.send(ops::PeerId(peer), make_reopen(wire::Refusal::NotFound, "there is no session")));
    return;
  }
  if (has_identifier<wire::Credit>(bytes)) return on_credit(*session, bytes);
  if (has_identifier<wire::Refill>(bytes)) return on_refill(*session, bytes);
  if (has_identifier<wire::Control>(bytes)) return on_control(*session, bytes);
  if (has_identifier<wire::Close>(bytes)) return end(*session);
  deny(peer, wire::Refusal::Malformed, no_request(bytes), 0);
}

void Sessions::deny(std::string_view peer, wire::Refusal code, std::string_view reason,
                    std::uint32_t retry_ms) {
  ++counts_.denied[code];
  quarantine(code, reason);
  static_cast<void>(link_.send(ops::PeerId(peer), make_denied(code, reason, retry_ms)));
}

void Sessions::deny_open(const ops::Received& received, const RefusedRequest& bad,
                         std::uint32_t retry_ms) {
  tell_refused(received.user, bad);
  deny(received.peer, bad.code, bad.reason, retry_ms);
}

RefusedRequest Sessions::check_room(const wire::Open& open) const {
  if (sessions_.size() >= options_.sessions_max) {
    return {wire::Refusal::TooManySessions,
            fmt::format("there are {} sessions already", sessions_.size())};
  }
  if (is_past(open) && replays_ >= options_.replays_max) {
    return {wire::Refusal::TooManySessions, fmt::format("there are {} replays already", replays_)};
  }
  // Guests leave the owner some.
  const std::size_t shown_max = std::max<std::size_t>(options_.replays_max / 2, 1);
  if (!text_of(open.grant()).empty() && shown_replays_ >= shown_max) {
    return {wire::Refusal::TooManySessions,
            fmt::format("there are {} sessions by grants already", shown_replays_)};
  }
  return {};
}

RefusedRequest Sessions::check_shares(const wire::Open& open, const security::Identity* who,
                                      const std::string& address) const {
  if (who == nullptr) return {};
  const RefusedRequest bad =
      held_by_name_.check(who->name, fmt::format("'{}'", shown(who->name)), is_past(open));
  return bad ? bad : held_by_address_.check(address, "your address", is_past(open));
}

void Sessions::on_open(const ops::Received& received) {
  const std::string_view peer = received.peer;
  // Before it is read: one that is malformed counts, too.
  if (const Wait wait = asks_too_often(received, 1); wait.ms != 0) {
    return deny_open(received, {wire::Refusal::TooFast, wait.why}, wait.ms);
  }
  const Request<wire::Open> request(received.bytes);
  const wire::Open* open = request.root;
  if (open == nullptr) return deny(peer, wire::Refusal::Malformed, "the open is malformed", 0);
  if (const RefusedRequest bad = check_open(*open)) return deny(peer, bad.code, bad.reason, 0);
  RefusedRequest refused;
  std::optional<View> view = View::parse(open->view(), refused);
  if (!view) return deny(peer, refused.code, refused.reason, 0);
  const security::Identity* who = who_is(received.user, refused);
  if (refused) {
    farewell_.told(ops::PeerId(peer), link_.origin(received), clock_.monotonic_us());
    return deny_open(received, refused, 0);
  }
  if (const auto old = sessions_.find(std::string(peer)); old != sessions_.end()) {
    end(*old->second);
  }
  if (const RefusedRequest bad = check_room(*open)) {
    return deny_open(received, bad, 10 * kRetryMs);
  }
  const std::string address = who == nullptr ? std::string() : link_.address(received);
  if (const RefusedRequest bad = check_shares(*open, who, address)) {
    return deny_open(received, bad, 10 * kRetryMs);
  }
  if (const RefusedRequest bad = check_told(*open)) return deny_open(received, bad, kRetryMs);
  if (const RefusedRequest bad = check_grant(*open, who)) return deny_open(received, bad, 0);
  if (open->granted_bytes() < limits::kFrameBytesMin) {
    return deny(
        peer, wire::Refusal::BadValue,
        fmt::format("granted_bytes {} is below {}", open->granted_bytes(), limits::kFrameBytesMin),
        0);
  }
  const std::string grant(text_of(open->grant()));
  const Rights* rights = who == nullptr ? nullptr : rights_of(*who, grant);
  if (who != nullptr && rights == nullptr) {
    return deny_open(
        received,
        {wire::Refusal::NotEntitled, fmt::format("no grant '{}' that has terms shows '{}' anything",
                                                 shown(grant), shown(who->name))},
        0);
  }
  if (rights != nullptr) view->cut_to(rights->entitlement);
  Session& session = add_session(peer, *open, std::move(*view));
  if (rights != nullptr) {
    session.user = received.user;
    session.name = who->name;
    session.address = address;
    session.grant = grant;
    if (rights->entitlement->terms().own_numbers) session.own.emplace(log_, grant);
    session.origin = link_.origin(received);
    session.rights_at = rights->since;
    held_by_name_.open(session.name);
    held_by_address_.open(session.address);
    farewell_.stays(session.peer);
  }
  tell_opened(session, *open, who);
  if (is_past(*open)) {
    start_at_worker(session, *open);
  } else {
    start_live(session, *open);
  }
}

Session& Sessions::add_session(std::string_view peer, const wire::Open& open, View view) {
  auto& group = groups_[view.key()];
  if (group == nullptr) {
    group = std::make_shared<ViewGroup>(std::move(view), picture_.picture());
  }
  ++group->members;
  auto added = std::make_unique<Session>();
  Session& session = *added;
  session.id = next_id_++;
  session.peer = peer;
  session.client = text_of(open.client());
  session.mode = open.mode();
  session.group = group;
  session.granted_bytes = taken_of(open.granted_bytes(), 0);
  const std::size_t frame_bytes =
      open.frame_bytes_max() == 0 ? limits::kFrameBytesMax : open.frame_bytes_max();
  session.frame_bytes_max =
      std::min({frame_bytes, limits::kFrameBytesMax, std::size_t{session.granted_bytes}});
  session.heard_us = session.sent_us = clock_.monotonic_us();
  by_id_[session.id] = &session;
  sessions_[session.peer] = std::move(added);
  ++counts_.opened;
  return session;
}

void Sessions::on_credit(Session& session, Bytes bytes) {
  const Request<wire::Credit> request(bytes);
  if (request.root == nullptr) {
    return deny(session.peer, wire::Refusal::Malformed, "the credit is malformed", 0);
  }
  on_probe(session, request.root->probe());
  const std::uint64_t granted = taken_of(request.root->granted_bytes(), session.sent_bytes);
  if (granted <= session.granted_bytes) return;
  const replay::Grant grant{.session = session.id, .granted_bytes = granted};
  // What the worker has no room to hear of now the console grants again, at its next heartbeat.
  if (session.at_worker && !to_workers_(replay::Command(grant))) return;
  session.granted_bytes = granted;
  make_ready(session);
}

void Sessions::on_probe(Session& session, std::uint64_t probe) {
  if (probe <= session.probe) return;
  session.probe = probe;
  session.probe_due = true;
  // By a grant it waits for a tick: how long a turn takes tells of what is withheld.
  const bool soon = clock_.monotonic_us() - session.probe_us < kTickUs;
  if (session.seeking || soon || !session.grant.empty()) return;
  heartbeat(session);
}

void Sessions::on_refill(Session& session, Bytes bytes) {
  const Request<wire::Refill> request(bytes);
  const Result<wire::Token> token = request.root == nullptr
                                        ? Fault{FaultCode::Invalid, "the refill is malformed"}
                                        : parse_token(request.root->token());
  if (!token) return deny(session.peer, wire::Refusal::Malformed, token.fault().sentence, 0);
  if (session.at_worker && session.mode == wire::Mode::Live) {
    // What was lost on the way is made anew with the picture.
    static_cast<void>(link_.send(session.peer, make_reopen(wire::Refusal::None, "open again")));
    return end(session);
  }
  if (session.at_worker || session.seeking || session.mode != wire::Mode::Live) return;
  ++session.refills;
  ++counts_.refills;
  if (session.current) leave_head(session, ring_.head());
  session.kept.clear();
  session.snapshot.reset();
  std::optional<wire::SeqRange> lost;
  const bool replaces = resume(session, *token, lost);
  tell_going_back(session);
  if (replaces || lost) return open_at(session, replaces, lost);
  session.told_fix = session.fix;
  session.told_event = session.event;
  make_ready(session);
}

void Sessions::on_control(Session& session, Bytes bytes) {
  const Request<wire::Control> request(bytes);
  if (request.root == nullptr) {
    return deny(session.peer, wire::Refusal::Malformed, "the control is malformed", 0);
  }
  if (session.mode != wire::Mode::Replay) {
    return deny(session.peer, wire::Refusal::BadValue, "only a replay can be controlled", 0);
  }
  replay::Steer steer;
  steer.session = session.id;
  steer.request = request.root->request();
  steer.kind = request.root->kind();
  steer.time_us = request.root->time_us();
  steer.speed = request.root->speed();
  if (!to_workers_(replay::Command(steer))) {
    deny(session.peer, wire::Refusal::NotReady, "the readers are busy", kRetryMs);
  }
}

void Sessions::on_worker_output(replay::Output&& output) {
  const auto deliver_frame = [&](replay::FrameOut& frame) {
    Session* session = find(frame.session);
    if (session == nullptr || !may_be_sent(*session)) return;
    const ops::Sent result = link_.send(session->peer, *link_.share(frame.owner, frame.bytes));
    if (!sent(*session, result, frame.bytes.size()) || !frame.last) return;
    static_cast<void>(link_.send(session->peer, make_reopen(wire::Refusal::None, "the end")));
    gone_.push_back(session->id);
  };
  if (auto* frame = std::get_if<replay::FrameOut>(&output)) {
    deliver_frame(*frame);
  } else if (auto* state = std::get_if<replay::StateOut>(&output)) {
    Session* session = find(state->session);
    if (session == nullptr || !may_be_sent(*session)) return;
    static_cast<void>(link_.send(session->peer, state->message));
  } else if (auto* kept = std::get_if<replay::KeptOut>(&output)) {
    if (Session* session = find(kept->session)) on_kept(*session, *kept);
  } else if (const auto* sought = std::get_if<replay::SoughtOut>(&output)) {
    if (Session* session = find(sought->session)) on_sought(*session, *sought);
  } else if (auto* failed = std::get_if<replay::FailedOut>(&output)) {
    Session* session = find(failed->session);
    if (session == nullptr) return;
    session->reading_kept = false;
    deny(session->peer, failed->code, failed->reason, kRetryMs);
    gone_.push_back(session->id);
  }
}

void Sessions::on_kept(Session& session, replay::KeptOut& kept) {
  session.reading_kept = false;
  // A floor that rose while the worker read may have taken some of it: step() sees to that.
  const bool whole = kept.after + 1 >= store_.event_floor();
  if (whole && kept.after == session.event && session.kept.empty()) {
    session.kept.assign(kept.bodies.begin(), kept.bodies.end());
    session.kept_through = kept.through;
    if (session.kept.empty()) session.event = kept.through;
  }
  make_ready(session);
}

Session* Sessions::find(std::uint64_t id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

void Sessions::end(Session& session) {
  if (session.current) {
    auto& current = session.group->current;
    current.erase(std::find(current.begin(), current.end(), &session));
    --at_head_;
  }
  held_by_name_.end(session.name, session.at_worker);
  held_by_address_.end(session.address, session.at_worker);
  if (session.at_worker) {
    --replays_;
    shown_replays_ -= session.grant.empty() ? 0 : 1;
    stops_unsent_.push_back(session.id);
    tell_stops();
  }
  if (--session.group->members == 0) groups_.erase(session.group->filter.view().key());
  by_id_.erase(session.id);
  const std::string peer = session.peer;
  sessions_.erase(peer);
}

void Sessions::tell_stops() {
  while (!stops_unsent_.empty() &&
         to_workers_(replay::Command(replay::Stop{.session = stops_unsent_.back()}))) {
    stops_unsent_.pop_back();
  }
}

void Sessions::remove_gone() {
  for (const std::uint64_t id : std::exchange(gone_, {})) {
    if (Session* session = find(id)) end(*session);
  }
}

void Sessions::end_all(wire::Refusal code, std::string_view reason) {
  while (!sessions_.empty()) {
    Session& session = *sessions_.begin()->second;
    static_cast<void>(link_.send(session.peer, make_reopen(code, reason)));
    end(session);
  }
}

std::uint64_t Sessions::lag_max() const {
  std::uint64_t lag = 0;
  for (const auto& [peer, session] : sessions_) {
    if (!session->current && !session->at_worker && !session->seeking)
      lag = std::max(lag, ring_.head() - session->fix);
  }
  return lag;
}

std::vector<SessionStatus> Sessions::statuses(std::size_t most) const {
  std::vector<SessionStatus> list;
  for (const auto& [peer, session] : sessions_) {
    if (list.size() == most) break;
    const bool held_back = session->at_worker && session->mode == wire::Mode::Live;
    const char* standing = held_back            ? "held back"
                           : session->at_worker ? "replay"
                           : session->seeking   ? "seeking"
                           : session->snapshot  ? "snapshot"
                           : session->paced()   ? "paced"
                           : session->current   ? "riding"
                           : can_ride(*session) ? "riding"
                                                : "behind";
    list.push_back({.id = session->id,
                    .client = session->client,
                    .name = session->name,
                    .mode = std::string(mode_name(*session)),
                    .view = session->group->filter.view().text(),
                    .standing = standing,
                    .lag = session->current || session->at_worker ? 0 : ring_.head() - session->fix,
                    .credit_bytes = session->credit(),
                    .frames = session->frames,
                    .conflated_frames = session->conflated_frames,
                    .bytes = session->sent_bytes});
  }
  return list;
}

}  // namespace vigie::sessions
