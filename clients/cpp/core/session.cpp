#include "clients/cpp/core/session.h"

#include "schemas/messages/frame.h"

namespace vigie::client {
namespace {

constexpr std::int64_t kDeniedUs = 2'000'000;
constexpr std::int64_t kTurnedAwayUsMax = 60'000'000;
/// So many opens without an answer, and the connection is made anew.
constexpr unsigned kUnansweredMax = 3;

}  // namespace

Session::Session(SessionOptions options, const Clock& clock, Random random,
                 std::function<void(wire::OpenT&)> make_open)
    : options_(std::move(options)),
      clock_(clock),
      random_(std::move(random)),
      make_open_(std::move(make_open)) {
  link_.since_us = clock.utc_us();
  opened_.heartbeat_ms = limits::kHeartbeatUs / 1000;
}

void Session::become(LinkState state, Refusal code, std::string_view reason,
                     std::vector<Item>& items) {
  if (link_.state == state && link_.code == code) return;
  link_ = {
      .state = state, .code = code, .reason = std::string(reason), .since_us = clock_.utc_us()};
  items.emplace_back(link_);
}

void Session::become_stale(Stale why, std::string_view reason, std::vector<Item>& items) {
  if (link_.state == LinkState::Stale) return;
  link_ = {.state = LinkState::Stale,
           .reason = std::string(reason),
           .since_us = heard_utc_us_,
           .stale = why};
  items.emplace_back(link_);
}

void Session::wait(std::int64_t wait_us) {
  state_ = State::Waiting;
  at_us_ = clock_.monotonic_us() + wait_us;
  open_due_ = false;
  requests_.clear();
}

void Session::link_up() {
  link_is_up_ = true;
  turned_away_ = false;
  unanswered_ = 0;
  opens_unanswered_ = 0;
  if (state_ == State::Over) return;
  if (state_ == State::Waiting && clock_.monotonic_us() < at_us_) return;
  // Many consoles lose a hub at one instant, and should not all come back at one.
  if (opened_before_) {
    wait(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(options_.reopen_us + 1)));
  } else {
    state_ = State::Opening;
    open_due_ = true;
  }
}

void Session::link_down(std::vector<Item>& items) {
  if (link_.state == LinkState::Live) {
    become_stale(Stale::Cut, "the connection is cut", items);
  }
  link_is_up_ = false;
  open_due_ = false;
  if (state_ == State::Opening || state_ == State::Open) state_ = State::Down;
  requests_.clear();
}

void Session::turned_away(Refusal code, std::string_view reason, std::vector<Item>& items) {
  if (state_ == State::Over) return;
  link_is_up_ = false;
  become(LinkState::Refused, code, reason, items);
  wait(backoff_us(turned_away_count_++, kDeniedUs, kTurnedAwayUsMax, random_));
  turned_away_ = true;
}

void Session::reopen(std::string_view reason, std::vector<Item>& items) {
  if (state_ == State::Over) return;
  become_stale(Stale::Anew, reason, items);
  wait(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(options_.reopen_us + 1)));
}

void Session::end(Refusal code, std::string_view reason, std::vector<Item>& items) {
  if (state_ == State::Over) return;
  // An Open that is on its way brings a session, too.
  close_due_ = state_ == State::Open || (state_ == State::Opening && opens_unanswered_ != 0);
  open_due_ = false;
  state_ = State::Over;
  requests_.clear();
  become(LinkState::Ended, code, reason, items);
}

std::vector<std::byte> Session::open() {
  wire::OpenT message;
  make_open_(message);
  message.protocol = kProtocolVersion;
  message.client = options_.client;
  message.frame_bytes_max = options_.frame_bytes_max;
  received_bytes_ = 0;
  probe_sent_ = probed_;
  granted_ = grant();
  message.granted_bytes = granted_;
  open_due_ = false;
  state_ = State::Opening;
  at_us_ = clock_.monotonic_us();
  ++unanswered_;
  ++opens_unanswered_;
  return packed<wire::Open>(message);
}

std::uint64_t Session::grant() const {
  const std::uint64_t window = options_.window_bytes;
  return received_bytes_ + (held_bytes_ < window ? window - held_bytes_ : 0);
}

std::optional<std::vector<std::byte>> Session::next_message(std::uint64_t received) {
  if (!link_is_up_) return std::nullopt;
  const std::int64_t now = clock_.monotonic_us();
  std::optional<std::vector<std::byte>> message;
  if (std::exchange(close_due_, false)) {
    message = packed<wire::Close>({});
  } else if (open_due_) {
    // A session that begins with little credit would be held to small frames for its life.
    if (held_bytes_ > options_.window_bytes / 2) return std::nullopt;
    message = open();
  } else if (state_ != State::Open) {
    return std::nullopt;
  } else if (!requests_.empty()) {
    message = std::move(requests_.front());
    requests_.pop_front();
  } else {
    const std::uint64_t granted = grant();
    const bool asked = probe_ > probe_sent_;
    const bool due = asked || now - sent_us_ >= std::int64_t{opened_.heartbeat_ms} * 1000;
    if (granted - granted_ < options_.window_bytes / 4 && !due) return std::nullopt;
    granted_ = granted;
    wire::CreditT credit;
    credit.granted_bytes = granted;
    credit.received = received;
    if (asked) {
      credit.probe = probe_sent_ = probe_;
      probe_sent_us_ = now;
    }
    message = packed<wire::Credit>(credit);
  }
  sent_us_ = now;
  return message;
}

std::int64_t Session::stale_us() const {
  // Two heartbeats missed, and a half for the way.
  return std::int64_t{opened_.heartbeat_ms} * 2500;
}

std::int64_t Session::next_wakeup_us() const {
  switch (state_) {
    case State::Waiting:
      return link_is_up_ || turned_away_ ? at_us_ : kNever;
    case State::Opening:
      return open_due_ ? kNever
                       : at_us_ + std::min(options_.answer_us << std::min(unanswered_ - 1, 6u),
                                           options_.answer_us_max);
    case State::Open: {
      const std::int64_t silence = link_.state == LinkState::Live
                                       ? std::min(stale_us(), options_.silence_us)
                                       : options_.silence_us;
      return std::min(sent_us_ + std::int64_t{opened_.heartbeat_ms} * 1000, heard_us_ + silence);
    }
    default:
      return kNever;
  }
}

void Session::tick(std::vector<Item>& items) {
  const std::int64_t now = clock_.monotonic_us();
  if (now < next_wakeup_us()) return;
  if (state_ == State::Waiting && turned_away_) {
    turned_away_ = false;
    reconnect_ = true;
    state_ = State::Down;
  } else if (state_ == State::Waiting) {
    state_ = State::Opening;
    open_due_ = true;
  } else if (state_ == State::Opening) {
    if (unanswered_ >= kUnansweredMax) {
      reconnect_ = true;
      wait(options_.answer_us);
      return;
    }
    open_due_ = true;
  } else if (state_ == State::Open) {
    if (now - heard_us_ >= std::min(stale_us(), options_.silence_us)) {
      become_stale(Stale::Silent, "the hub is silent", items);
    }
    if (now - heard_us_ >= options_.silence_us) {
      state_ = State::Opening;
      open_due_ = true;
      requests_.clear();
    }
  }
}

Session::Heard Session::on_message(Bytes message, std::vector<Item>& items) {
  if (state_ == State::Over) return Heard::Nothing;
  Heard heard = Heard::Nothing;
  if (is_frame(message)) {
    heard = state_ == State::Open ? Heard::Frame : Heard::Nothing;
  } else if (const auto* beat = verified<wire::Heartbeat>(message)) {
    if (state_ != State::Open) return Heard::Nothing;
    hear_hub_time(beat->known_time_us());
    on_probed(beat->probe());
    heard = Heard::Heartbeat;
  } else if (verified<wire::ReplayState>(message) != nullptr) {
    heard = state_ == State::Open ? Heard::ReplayState : Heard::Nothing;
  } else if (const auto* opened = verified<wire::Opened>(message)) {
    if ((state_ != State::Opening && state_ != State::Open) || open_due_) return Heard::Nothing;
    on_opened(*opened);
    heard = Heard::Opened;
  } else if (const auto* denied = verified<wire::Denied>(message)) {
    if (state_ == State::Opening && !open_due_) on_denied(*denied, items);
    return Heard::Nothing;
  } else if (const auto* again = verified<wire::Reopen>(message)) {
    if (state_ == State::Open) reopen(text_of(again->reason()), items);
    return Heard::Nothing;
  } else {
    return Heard::Nothing;
  }
  if (heard == Heard::Nothing) return heard;
  heard_us_ = clock_.monotonic_us();
  heard_utc_us_ = clock_.utc_us();
  if (link_.state != LinkState::Live) become(LinkState::Live, Refusal::None, {}, items);
  return heard;
}

void Session::on_opened(const wire::Opened& opened) {
  opened.UnPackTo(&opened_);
  // With a session open it answers a second Open, sent when the first seemed unanswered, and the
  // hub counts from that one; or it comes of a refill, and the count goes on.
  const bool asked = opens_unanswered_ != 0;
  if (asked) --opens_unanswered_;
  if (asked && state_ == State::Open) {
    received_bytes_ = 0;
    granted_ = grant();
  }
  if (opened_.heartbeat_ms == 0) opened_.heartbeat_ms = limits::kHeartbeatUs / 1000;
  state_ = State::Open;
  unanswered_ = 0;
  opened_before_ = true;
  turned_away_count_ = 0;
  if (asked) ++opens_;
  hear_hub_time(opened.known_time_us());
}

void Session::on_probed(std::uint64_t probe) {
  if (probe <= probed_ || probe > probe_sent_) return;
  probed_ = probe;
  if (probe == probe_sent_) probe_took_us_ = clock_.monotonic_us() - probe_sent_us_;
}

void Session::on_denied(const wire::Denied& denied, std::vector<Item>& items) {
  if (opens_unanswered_ != 0) --opens_unanswered_;
  const Refusal code = from_wire(denied.code());
  if (code == Refusal::Revoked) {
    // It may have got another key meanwhile: the next connection reads its key file again.
    turned_away(code, text_of(denied.reason()), items);
    return;
  }
  if (denied.retry_after_ms() == 0 && code != Refusal::NotReady) {
    end(code, text_of(denied.reason()), items);
    return;
  }
  become(LinkState::Refused, code, text_of(denied.reason()), items);
  const std::int64_t wait_us =
      denied.retry_after_ms() == 0 ? kDeniedUs : std::int64_t{denied.retry_after_ms()} * 1000;
  unanswered_ = 0;
  wait(wait_us +
       static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(wait_us / 4 + 1)));
}

std::int64_t Session::hub_time_us() const {
  return hub_time_known_ ? clock_.monotonic_us() + hub_ahead_us_ : 0;
}

void Session::hear_hub_time(std::int64_t hub_time_us) {
  hub_ahead_us_ = hub_time_us - clock_.monotonic_us();
  hub_time_known_ = true;
}

}  // namespace vigie::client
