// A browser's conversation: who it is, what it asks.

#include "clients/web/server/live/browser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "clients/web/server/live/conversation.h"

namespace vigie::web {
namespace {

/// Texts that wait for a browser which asks more than it takes.
constexpr std::size_t kTextsMax = 64;
constexpr int kMessagesPerSecond = 100;
constexpr std::size_t kProbesMax = 16;
constexpr std::int64_t kQuietUs = 20'000'000;
/// For the identity's own picture, which tells of its grants.
constexpr std::chrono::milliseconds kGrantsPatience{5'000};

std::int64_t us(std::chrono::milliseconds time) {
  return std::chrono::microseconds(time).count();
}

}  // namespace

BrowserView::BrowserView(Viewer viewer, Surroundings around)
    : viewer_(std::move(viewer)),
      around_(std::move(around)),
      pace_timer_(around_.net),
      alive_(std::make_shared<int>(0)) {}

BrowserView::~BrowserView() {
  leave();
}

void BrowserView::on_open(WebSocket& socket) {
  socket_ = &socket;
  opened_us_ = sent_us_ = around_.clock.monotonic_us();
  around_.all.insert(this);
  ++around_.counters.browsers_opened;
  if (!let_in()) return;
  watch_ = around_.watch_of(viewer_);
  if (watch_ == nullptr) {
    close(closing::kServerFull, "the server watches for as many identities as it may",
          around_.counters.closed_full);
    return;
  }
  watch_->add(*this);
  past_ = std::make_unique<PastView>(
      PastView::Surroundings{around_.net, around_.yard, around_.clock, around_.options,
                             around_.tally, around_.counters},
      viewer_.account, [this] { pump(); });
  if (!viewer_.session.empty()) {
    gate_watch_ = around_.gate.watch(viewer_.session, [this] {
      close(closing::kSignedOut, "this session is over: sign in again",
            around_.counters.closed_session_ended);
    });
  }
  say(hello_text(viewer_, around_.options.server, around_.clock.utc_us()));
  link_due_ = true;
  pump();
}

bool BrowserView::let_in() {
  LiveTally& tally = around_.tally;
  if (tally.browsers >= around_.options.browsers_max) {
    close(closing::kServerFull, "the server has as many browsers as it may",
          around_.counters.closed_full);
    return false;
  }
  const auto found = tally.browsers_of.find(viewer_.account);
  if (found != tally.browsers_of.end() && found->second >= around_.options.browsers_per_account) {
    close(closing::kAccountFull, "this account has as many connections as it may",
          around_.counters.closed_account_limit);
    return false;
  }
  ++tally.browsers;
  ++tally.browsers_of[viewer_.account];
  counted_ = true;
  return true;
}

void BrowserView::on_closed() {
  if (!closing_) ++around_.counters.closed_other;
  leave();
}

void BrowserView::leave() {
  socket_ = nullptr;
  closing_ = true;
  around_.all.erase(this);
  end_catch_up();
  past_.reset();
  pace_timer_.cancel();
  if (watch_ != nullptr) std::exchange(watch_, nullptr)->remove(*this);
  if (gate_watch_ != 0) around_.gate.unwatch(std::exchange(gate_watch_, 0));
  if (!std::exchange(counted_, false)) return;
  --around_.tally.browsers;
  const auto found = around_.tally.browsers_of.find(viewer_.account);
  if (--found->second == 0) around_.tally.browsers_of.erase(found);
}

void BrowserView::close(const CloseKind& kind, std::string_view sentence, std::uint64_t& counter) {
  if (closing_ || socket_ == nullptr) return;
  closing_ = true;
  ++counter;
  texts_.clear();
  socket_->close(kind, sentence);
}

void BrowserView::on_text(std::string_view text) {
  if (closing_) return;
  LiveCounters& counters = around_.counters;
  ++counters.messages;
  if (++messages_ > kMessagesPerSecond) {
    close(closing::kFlooding, "too many messages in a second", counters.closed_flooding);
    return;
  }
  auto parsed = parse_page_message(text);
  if (const auto* refusal = std::get_if<PageRefusal>(&parsed)) {
    ++counters.messages_refused;
    if (refusal->broken) {
      close(closing::kBroken, refusal->reason, counters.closed_protocol);
    } else {
      refuse(refusal->code, refusal->reason, refusal->about);
    }
    return;
  }
  const PageMessage& message = std::get<PageMessage>(parsed);
  if (!open_ && !std::holds_alternative<OpenMessage>(message)) {
    ++counters.messages_refused;
    close(closing::kBroken, "type must be \"open\" in the first message", counters.closed_protocol);
    return;
  }
  std::visit([this](const auto& one) { on_message(one); }, message);
  pump();
}

void BrowserView::refuse(std::string_view code, std::string_view reason, std::string_view about) {
  say(error_text(code, reason, about));
  pump();
}

void BrowserView::say(std::string text) {
  if (closing_) return;
  if (texts_.size() >= kTextsMax) {
    close(closing::kFlooding, "asks more than it takes answers", around_.counters.closed_flooding);
    return;
  }
  texts_.push_back(std::move(text));
}

void BrowserView::on_message(const OpenMessage& message) {
  if (open_) {
    ++around_.counters.messages_refused;
    refuse("already_open", "type is \"open\", but this connection is open: send interest", "open");
    return;
  }
  if (asks_grants_) {
    ++around_.counters.messages_refused;
    refuse("already_open", "type is \"open\", and another one is not answered yet", "open");
    return;
  }
  if (message.grant.empty()) {
    take_open(message);
    return;
  }
  asks_grants_ = true;
  watch_->when_complete(kGrantsPatience, [this, message,
                                          alive = std::weak_ptr<int>(alive_)](bool complete) {
    if (alive.expired() || closing_) return;
    asks_grants_ = false;
    if (complete) {
      look_by_grant(message);
    } else {
      refuse("hub_away",
             fmt::format("the hub did not say whether grant '{}' is yours", message.grant), "open");
    }
    pump();
  });
}

/// What the hub did not name is not even asked for: it would be a session and a thread of its own.
void BrowserView::look_by_grant(const OpenMessage& message) {
  std::vector<GrantTold> grants = watch_->grants();
  const auto found = std::find_if(grants.begin(), grants.end(), [&](const GrantTold& grant) {
    return grant.name == message.grant;
  });
  if (found == grants.end()) {
    ++around_.counters.messages_refused;
    refuse("no_such_grant", no_such_grant(message.grant), "open");
    return;
  }
  Watch* const watch = around_.watch_by_grant(viewer_, *found);
  if (watch == nullptr) {
    close(closing::kGrantsFull, "the server looks by as many grants as it may",
          around_.counters.closed_full);
    return;
  }
  watch_->remove(*this);
  watch_ = watch;
  watch_->add(*this);
  grant_ = std::move(*found);
  link_due_ = true;
  take_open(message);
}

void BrowserView::take_open(const OpenMessage& message) {
  open_ = message;
  cursor_ = std::make_unique<Cursor>(message.json, message.interest);
  if (watch_->complete()) begin_view();
}

void BrowserView::begin_view() {
  const client::ConsoleStatus status = watch_->status();
  const std::optional<ResumeToken> token = std::exchange(open_->resume, std::nullopt);
  const bool resumed = token && token->log == watch_->log();
  grants_told_ = watch_->grants();
  say(opened_text({watch_->log(), status.overdue_after_ms, status.silent_after_ms, resumed,
                   status.hub_time_us, grant_, grants_told_}));
  end_catch_up();
  blank_due_ = false;
  if (resumed) {
    ++around_.counters.resumed;
    cursor_->resume(watch_->picture(), *token);
  } else {
    cursor_->begin(watch_->picture());
  }
  viewing_ = true;
}

void BrowserView::on_message(const InterestMessage& message) {
  open_->interest = message.interest;
  if (viewing_) {
    cursor_->set_interest(watch_->picture(), message.interest);
  } else {
    cursor_ = std::make_unique<Cursor>(open_->json, message.interest);
  }
}

void BrowserView::on_message(const ProbeMessage& message) {
  if (probes_ >= kProbesMax) {
    ++around_.counters.messages_refused;
    refuse("too_many_probes", "more probes wait for the hub than are kept", "probe");
    return;
  }
  ++probes_;
  watch_->probe(
      [this, id = message.id, alive = std::weak_ptr<int>(alive_)](std::int64_t waited_us) {
        if (alive.expired()) return;
        --probes_;
        if (closing_) return;
        const client::ConsoleStatus status = watch_->status();
        say(probe_text(id, waited_us, status.link_age_us, status.hub_time_us));
        pump();
      });
}

void BrowserView::on_message(const PastMessage& message) {
  const Reason refused = past_->ask(message, watch_->link_options(), watch_->grant());
  if (refused) say(past_text({message.request, "failed", message.time_us, refused, {}}));
}

void BrowserView::on_message(const ControlMessage& message) {
  const Reason refused = past_->control(message);
  if (refused) {
    ++around_.counters.messages_refused;
    refuse(refused.code, refused.sentence, "control");
  } else if (message.what == PastControl::Stop) {
    say(past_text({message.request, "ended", 0, Reason{"stopped", "stopped"}, {}}));
  }
}

void BrowserView::on_link() {
  link_due_ = true;
  pump();
}

void BrowserView::on_reset() {
  if (!open_) return;
  if (watch_->complete()) {
    begin_view();
  } else {
    viewing_ = false;
    blank_due_ = true;
    end_catch_up();
    past_->stop();
  }
  pump();
}

void BrowserView::on_grants() {
  if (!viewing_ || grants_told_ == watch_->grants()) return;
  grants_told_ = watch_->grants();
  say(grants_text(grants_told_));
  pump();
}

void BrowserView::on_frames() {
  if (!viewing_) return;
  const std::int64_t ride_us = std::int64_t{around_.options.ride_ms_max} * 1000;
  cursor_->keep_up(watch_->picture(), around_.clock.monotonic_us(), ride_us);
  pump();
}

void BrowserView::on_tick() {
  messages_ = 0;
  if (closing_ || socket_ == nullptr) return;
  const std::int64_t now_us = around_.clock.monotonic_us();
  if (!open_ && now_us - opened_us_ > us(around_.options.unopened)) {
    close(closing::kBroken, "no message of type \"open\" came", around_.counters.closed_protocol);
    return;
  }
  if (socket_->sending() && now_us - sent_us_ > us(around_.options.deaf)) {
    close(closing::kPageSlow, "took nothing for too long", around_.counters.closed_deaf);
    return;
  }
  // Something is sent now and then, so that a connection that is gone is found.
  if (now_us - sent_us_ > kQuietUs) link_due_ = true;
  pump();
}

BrowserView::Standing BrowserView::standing() const {
  if (!viewing_) return Standing::Waiting;
  if (cursor_->riding()) return Standing::Riding;
  return cursor_->paced() ? Standing::Paced : Standing::Behind;
}

std::size_t BrowserView::bytes() const {
  std::size_t bytes = sizeof *this;
  for (const std::string& text : texts_) bytes += sizeof text + text.size();
  if (cursor_ != nullptr) bytes += cursor_->bytes();
  if (past_ != nullptr) bytes += past_->bytes();
  return bytes;
}

}  // namespace vigie::web
