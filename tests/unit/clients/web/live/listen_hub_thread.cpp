// The hub's thread: what it takes from its socket, and what it sends of the log.

#include <algorithm>

#include "tests/unit/clients/web/live/listen_hub.h"

namespace vigie::test {
namespace {

constexpr std::size_t kPageUnits = 64;
constexpr std::int64_t kBeatUs = 50'000;

using Lock = std::lock_guard<std::mutex>;

}  // namespace

void ListenHub::run() {
  while (!stop_) {
    bool gone = false;
    {
      const Lock lock(mutex_);
      gone = gone_;
    }
    if (gone) socket_.reset();
    if (!gone && !socket_) bind();
    if (!socket_) {
      std::unique_lock lock(mutex_);
      sessions_.clear();
      away_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !gone_ || stop_; });
      away_ = false;
      continue;
    }
    zmq::pollitem_t polled{socket_->handle(), 0, ZMQ_POLLIN, 0};
    zmq::poll(&polled, 1, std::chrono::milliseconds(2));
    take_messages();
    const Lock lock(mutex_);
    if (std::exchange(ends_sessions_, false)) {
      const bool newest_alone = std::exchange(newest_alone_, false);
      std::erase_if(sessions_, [&](const auto& entry) {
        if (newest_alone && entry.first != newest_) return false;
        send(entry.first, make_reopen(denied_, "it ended"));
        return true;
      });
    }
    end_by_rights();
    for (auto& [peer, session] : sessions_) feed(peer, session);
    std::erase_if(sessions_, [](const auto& entry) {
      return entry.second.open.mode == wire::Mode::Snapshot && entry.second.end_told;
    });
  }
}

void ListenHub::take_messages() {
  zmq::message_t id;
  while (socket_->recv(id, zmq::recv_flags::dontwait)) {
    zmq::message_t message;
    [[maybe_unused]] const auto got = socket_->recv(message);
    const AlignedBytes aligned(
        Bytes(static_cast<const std::byte*>(message.data()), message.size()));
    const Lock lock(mutex_);
    on_message(id.to_string(), aligned.bytes());
  }
}

void ListenHub::send(const std::string& peer, const Message& message) {
  socket_->send(zmq::buffer(peer), zmq::send_flags::sndmore);
  socket_->send(zmq::buffer(message.data(), message.size()), zmq::send_flags::none);
}

bool ListenHub::push(const std::string& peer, Session& session, const Message& message) {
  if (session.sent + message.size() > session.granted) return false;
  session.sent += message.size();
  bytes_sent_[session.open.mode] += message.size();
  send(peer, message);
  return true;
}

void ListenHub::on_message(const std::string& peer, Bytes bytes) {
  if (const auto* open = verified<wire::Open>(bytes)) return on_open(peer, *open);
  const auto found = sessions_.find(peer);
  if (found == sessions_.end()) {
    if (verified<wire::Close>(bytes) == nullptr) {
      send(peer, make_reopen(wire::Refusal::None, "no session"));
    }
    return;
  }
  if (const auto* credit = verified<wire::Credit>(bytes)) {
    if (deaf_) return;
    found->second.granted = std::max(found->second.granted, credit->granted_bytes());
    if (credit->probe() <= found->second.probe) return;
    found->second.probe = credit->probe();
    found->second.beat_us = 0;
    if (!held_) beat(peer, found->second);
  } else if (const auto* control = verified<wire::Control>(bytes)) {
    on_control(peer, found->second, *control);
  } else if (verified<wire::Close>(bytes) != nullptr) {
    sessions_.erase(found);
  }
}

void ListenHub::on_open(const std::string& peer, const wire::Open& open) {
  Session session;
  open.UnPackTo(&session.open);
  const wire::OpenT& asked = session.open;
  asked_.push_back(
      {asked.mode, asked.start, asked.seq, asked.time_us, asked.speed, asked.paused, asked.grant});
  if (denied_ != wire::Refusal::None) {
    send(peer, make_denied(denied_, denied_reason_, denied_retry_ms_));
    return;
  }
  if (!may_open(asked.grant)) {
    send(peer, make_denied(wire::Refusal::NotEntitled, "no grant '" + asked.grant + "'", 0));
    return;
  }
  session.granted = asked.granted_bytes;
  session.paused = asked.paused;
  const auto classes = asked.view == nullptr ? 0u : static_cast<unsigned>(asked.view->classes);
  session.wants_fixes = classes == 0 || (classes & static_cast<unsigned>(wire::Class::Track)) != 0;
  bool replaces = asked.start == wire::StartKind::Now;
  session.at = head();
  if (asked.start == wire::StartKind::Seq) session.at = asked.seq;
  std::uint64_t event = session.at;
  if (asked.start == wire::StartKind::Token) {
    wire::Token token;
    std::memcpy(&token, asked.token.data(), sizeof token);
    const bool same = token.log().high() == log_id_.high();
    replaces = !same || token.fix() == 0;
    session.at = same ? std::min(token.event(), token.fix()) : 0;
    event = same ? token.event() : 0;
    // Events that are still to be had come before a picture.
    if (same && replaces) say_since(session, event);
  }
  wire::OpenedT opened;
  opened.protocol = kProtocolVersion;
  opened.log = std::make_unique<wire::LogId>(log_id_);
  opened.mode = asked.mode;
  opened.durable = head();
  opened.known_time_us = known_us(head());
  opened.heartbeat_ms = 2000;
  opened.replaces = replaces;
  opened.overdue_after_ms = 30'000;
  opened.silent_after_ms = 120'000;
  if (asked.grant.empty()) opened.grants = grants_;
  opened.position = std::make_unique<wire::Token>(log_id_, event, session.at);
  if (asked.mode == wire::Mode::Replay) {
    begin_replay(session);
  } else if (replaces || asked.mode == wire::Mode::Snapshot) {
    session.at = head();
    begin_picture(session);
  }
  send(peer, packed<wire::Opened>(opened));
  sessions_.insert_or_assign(peer, std::move(session));
  newest_ = peer;
}

void ListenHub::on_control(const std::string& peer, Session& session,
                           const wire::Control& control) {
  controls_.push_back({control.kind(), control.speed()});
  if (control.kind() == wire::ControlKind::Pause) session.paused = true;
  if (control.kind() == wire::ControlKind::Resume) session.paused = false;
  wire::ReplayStateT state;
  state.request = control.request();
  state.phase = session.paused ? wire::ReplayPhase::Paused : wire::ReplayPhase::Playing;
  state.time_us = session.open.time_us;
  send(peer, packed<wire::ReplayState>(state));
}

wire::FrameHeader ListenHub::header(wire::FrameKind kind, std::uint64_t prev,
                                    std::uint64_t last) const {
  return wire::FrameHeader(0, kFrameMagic, kind, 0, 0, 0, prev, 0, last, prev, last, head(),
                           known_us(head()), log_id_);
}

ListenHub::Message ListenHub::frame(wire::FrameHeader header, const std::vector<BodyPtr>& bodies) {
  Message bytes(sizeof header);
  for (const BodyPtr& body : bodies) {
    bytes.insert(bytes.end(), body->bytes().begin(), body->bytes().end());
  }
  header.mutate_bytes(static_cast<std::uint32_t>(bytes.size()));
  header.mutate_body_count(static_cast<std::uint32_t>(bodies.size()));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

void ListenHub::begin_picture(Session& session) {
  Picture picture;
  const wire::OpenT& asked = session.open;
  for (const Entry& entry : log_) {
    const bool known_later =
        asked.start == wire::StartKind::KnownTime && entry.known_us > asked.time_us;
    const bool true_later =
        asked.start == wire::StartKind::TrueTime && entry.true_us > asked.time_us;
    if (asked.mode == wire::Mode::Snapshot && (known_later || true_later)) continue;
    if (asked.mode == wire::Mode::Snapshot && asked.start == wire::StartKind::TrueTime) {
      picture.fold_by_order(entry.body->bytes());
    } else {
      picture.fold(entry.body->bytes());
    }
  }
  EntryWriter writer;
  std::vector<BodyPtr> pages;
  const auto turn = [&](bool over) {
    if (!writer.empty() && (over || writer.entries() >= kPageUnits)) {
      pages.push_back(writer.finish(known_us(head())));
    }
  };
  for (const RetainedState& state : picture.states()) {
    write_state(state, writer);
    turn(false);
  }
  for (const Unit& unit : picture.units()) {
    if (unit.seq == 0) continue;
    write_unit(picture, unit, writer);
    turn(false);
  }
  turn(true);
  const std::size_t count = std::max<std::size_t>(pages.size(), 1);
  for (std::size_t i = 0; i < count; ++i) {
    wire::FrameHeader page = header(wire::FrameKind::Snapshot, session.at, head());
    unsigned flags = 0;
    if (i == 0) flags |= static_cast<unsigned>(wire::FrameFlag::FirstPage);
    if (i == 0) flags |= static_cast<unsigned>(wire::FrameFlag::Replace);
    if (i + 1 == count) flags |= static_cast<unsigned>(wire::FrameFlag::LastPage);
    page.mutate_flags(static_cast<std::uint8_t>(flags));
    session.waiting.push_back(
        frame(page, i < pages.size() ? std::vector<BodyPtr>{pages[i]} : std::vector<BodyPtr>{}));
  }
}

void ListenHub::say_since(Session& session, std::uint64_t seq) {
  std::uint64_t at = seq;
  for (std::size_t i = seq; i < log_.size(); ++i) {
    if (log_[i].is_fix) continue;
    wire::FrameHeader said = header(wire::FrameKind::Conflated, at, log_[i].seq);
    said.mutate_prev(0);
    said.mutate_last(0);
    session.waiting.push_back(frame(said, {log_[i].body}));
    at = log_[i].seq;
  }
}

void ListenHub::begin_replay(Session& session) {
  const bool by_known = session.open.start == wire::StartKind::KnownTime;
  const auto time_of = [by_known](const Entry& entry) {
    return by_known ? entry.known_us : entry.true_us;
  };
  for (const Entry& entry : log_) {
    if (time_of(entry) >= session.open.time_us) session.range.push_back(&entry);
  }
  std::stable_sort(session.range.begin(), session.range.end(),
                   [&](const Entry* a, const Entry* b) { return time_of(*a) < time_of(*b); });
}

void ListenHub::feed(const std::string& peer, Session& session) {
  const bool replay = session.open.mode == wire::Mode::Replay;
  if (replay ? (replays_held_ || session.paused) : held_) return;
  while (!session.waiting.empty()) {
    if (!push(peer, session, session.waiting.front())) return;
    session.waiting.pop_front();
  }
  if (session.open.mode == wire::Mode::Snapshot) {
    send(peer, make_reopen(wire::Refusal::None, "complete"));
    session.end_told = true;
    return;
  }
  if (replay) {
    while (!session.range.empty()) {
      const Entry& entry = *session.range.front();
      wire::FrameHeader head_of = header(wire::FrameKind::Replay, 0, 0);
      head_of.mutate_time_us(session.open.start == wire::StartKind::KnownTime ? entry.known_us
                                                                              : entry.true_us);
      if (!push(peer, session, frame(head_of, {entry.body}))) return;
      session.range.pop_front();
    }
    if (std::exchange(session.end_told, true)) return;
    wire::ReplayStateT state;
    state.phase = wire::ReplayPhase::Ended;
    state.time_us = known_us(head());
    send(peer, packed<wire::ReplayState>(state));
    return;
  }
  for (std::size_t i = session.at; i < log_.size(); ++i) {
    const Entry& entry = log_[i];
    if (entry.is_fix && !session.wants_fixes) continue;
    if (!push(peer, session,
              frame(header(wire::FrameKind::Live, session.at, entry.seq), {entry.body}))) {
      return;
    }
    session.at = entry.seq;
  }
  session.at = head();
  beat(peer, session);
}

void ListenHub::beat(const std::string& peer, Session& session) {
  const std::int64_t now_us = clock_.monotonic_us();
  if (now_us - session.beat_us < kBeatUs) return;
  session.beat_us = now_us;
  wire::HeartbeatT beat;
  beat.position = std::make_unique<wire::Token>(log_id_, session.at, session.at);
  beat.durable = beat.head = head();
  beat.known_time_us = known_us(head());
  beat.probe = session.probe;
  send(peer, packed<wire::Heartbeat>(beat));
}

}  // namespace vigie::test
