// What administrators ask, with or without a session: each Ask is answered by one Told.

#include <fmt/format.h>

#include "hub/sessions/sessions.h"
#include "schemas/messages/check_parts.h"
#include "schemas/messages/requests.h"
#include "schemas/words/times.h"

namespace vigie::sessions {
namespace {

/// Of a list, beyond the bytes of its texts.
constexpr std::size_t kListedAround = 128;
/// What a whole message counts, among an identity's requests.
constexpr double kWholeMessageCost = 10;

/// How a message stands in a list.
std::unique_ptr<wire::QuarantinedMessageT> without_bytes(const wire::QuarantinedMessageT& message) {
  auto listed = std::make_unique<wire::QuarantinedMessageT>();
  listed->id = message.id;
  listed->known_time_us = message.known_time_us;
  listed->endpoint = message.endpoint;
  listed->name = message.name;
  listed->key = message.key;
  listed->code = message.code;
  listed->reason = message.reason;
  listed->size = message.size;
  return listed;
}

std::size_t listed_bytes(const wire::QuarantinedMessageT& listed) {
  return kListedAround + listed.endpoint.size() + listed.name.size() + listed.key.size() +
         listed.reason.size();
}

}  // namespace

RefusedRequest Sessions::check_asker(std::string_view user, security::Sight& asker) const {
  // A plain hub asks nobody: whoever reaches it is on this machine.
  asker.is_of_all = registry_ == nullptr;
  if (registry_ == nullptr) return {};
  RefusedRequest refused;
  const security::Identity* who = who_is(user, refused);
  if (refused) return refused;
  if (!who->is_administrator()) {
    return {wire::Refusal::NotEntitled,
            fmt::format("'{}' is no administrator: only they may ask that", shown(who->name))};
  }
  asker.owner = owner_of(who->name);
  asker.is_of_all = asker.owner == kHubOwner;
  return {};
}

void Sessions::on_ask(const ops::Received& received) {
  const AlignedBytes copy(received.bytes);
  const wire::Ask* ask = verified<wire::Ask>(copy.bytes());
  const bool whole = ask != nullptr && ask->what() == wire::AskKind::Quarantined;
  const Wait wait = asks_too_often(received, whole ? kWholeMessageCost : 1);
  if (ask == nullptr) {
    if (wait.ms != 0) return deny(received.peer, wire::Refusal::TooFast, wait.why, wait.ms);
    return deny(received.peer, wire::Refusal::Malformed, "the ask is malformed", 0);
  }
  const ops::PeerId peer(received.peer);
  if (wait.ms != 0) {
    return tell_refused(peer, ask->request(), wire::Refusal::TooFast,
                        fmt::format("{}; wait {} ms", wait.why, wait.ms));
  }
  security::Sight asker;
  if (RefusedRequest bad = check_asker(received.user, asker)) {
    tell_refused(received.user, bad);
    return tell_refused(peer, ask->request(), bad.code, std::move(bad.reason));
  }
  switch (ask->what()) {
    case wire::AskKind::Quarantine:
      return tell(peer, list_quarantine(*ask, asker));
    case wire::AskKind::Quarantined:
      return tell_quarantined(received, *ask, asker);
    case wire::AskKind::RotateHubKey:
      return rotate_hub_key(received, *ask, asker);
    case wire::AskKind::None:
      break;
  }
  tell_refused(peer, ask->request(), wire::Refusal::BadValue,
               fmt::format("what {} is asked is not known", static_cast<int>(ask->what())));
}

wire::ToldT Sessions::list_quarantine(const wire::Ask& ask, const security::Sight& asker) const {
  wire::ToldT told;
  told.request = ask.request();
  if (quarantine_ == nullptr) return told;
  told.dropped = quarantine_->dropped(asker);
  const std::size_t most = ask.most() == 0 ? SIZE_MAX : ask.most();
  std::size_t bytes = 0;
  quarantine_->list(asker, ask.before(), [&](const wire::QuarantinedMessageT& message) {
    auto listed = without_bytes(message);
    bytes += listed_bytes(*listed);
    told.more = told.quarantined.size() == most || bytes > limits::kPageBytesGoal;
    if (!told.more) told.quarantined.push_back(std::move(listed));
    return !told.more;
  });
  return told;
}

void Sessions::tell_quarantined(const ops::Received& received, const wire::Ask& ask,
                                const security::Sight& asker) {
  const ops::PeerId peer(received.peer);
  const security::QuarantinedPtr found =
      quarantine_ == nullptr ? nullptr : quarantine_->find(asker, ask.id());
  if (found == nullptr) {
    return tell_refused(peer, ask.request(), wire::Refusal::NotFound,
                        fmt::format("the quarantine holds no message {}", ask.id()));
  }
  if (audit_ != nullptr) {
    const security::Holder who = registry_->find(received.user, known_time_us_);
    audit_->note_often(security::note_of_quarantined(who, *found), security::kReadingsAlone);
  }
  wire::ToldT told;
  told.request = ask.request();
  // The hub's own administrators see no owner's data.
  const bool is_anothers = registry_ != nullptr && asker.is_of_all && !found->name.empty() &&
                           owner_of(found->name) != kHubOwner;
  told.quarantined.push_back(is_anothers ? without_bytes(*found)
                                         : std::make_unique<wire::QuarantinedMessageT>(*found));
  tell(peer, told);
}

void Sessions::rotate_hub_key(const ops::Received& received, const wire::Ask& ask,
                              const security::Sight& asker) {
  const ops::PeerId peer(received.peer);
  if (registry_ == nullptr) {
    return tell_refused(peer, ask.request(), wire::Refusal::BadValue,
                        "this hub is plain: it has no key");
  }
  if (!asker.is_of_all) {
    RefusedRequest bad{wire::Refusal::NotEntitled,
                       "only the hub's own administrators may change its key"};
    tell_refused(received.user, bad);
    return tell_refused(peer, ask.request(), bad.code, std::move(bad.reason));
  }
  if (!change_hub_key_) {
    return tell_refused(peer, ask.request(), wire::Refusal::NotFound,
                        "this hub does not take another key while it runs");
  }
  security::HubKeyOrder order{.peer = peer,
                              .request = ask.request(),
                              .by = security::sender_of(registry_, received.user, known_time_us_),
                              .overlap_us = std::int64_t{ask.overlap_s()} * kMicrosecondsPerSecond};
  if (change_hub_key_(std::move(order))) return;
  tell_refused(peer, ask.request(), wire::Refusal::NotReady,
               "the hub's key is being changed: ask again");
}

void Sessions::tell_hub_key(const security::HubKeyOrder& order, const security::HubKeyTold& told) {
  if (audit_ != nullptr) {
    audit_->note(security::note_of_hub_key(order.by, told.key, told.old_until_us));
  }
  wire::ToldT answer;
  answer.request = order.request;
  answer.hub_key = told.key;
  answer.until_us = told.old_until_us;
  tell(order.peer, answer);
}

void Sessions::refuse_hub_key(const security::HubKeyOrder& order, wire::Refusal code,
                              std::string reason) {
  tell_refused(order.peer, order.request, code, std::move(reason));
}

void Sessions::open_again() {
  to_reopen_.clear();
  for (const auto& [peer, session] : sessions_) {
    if (session->mode == wire::Mode::Live) to_reopen_.push_back(session->id);
  }
}

void Sessions::reopen_some() {
  constexpr std::size_t kATick = 32;
  for (std::size_t asked = 0; asked < kATick && !to_reopen_.empty(); ++asked) {
    const Session* session = find(to_reopen_.back());
    to_reopen_.pop_back();
    if (session == nullptr) continue;
    static_cast<void>(
        link_.send(session->peer, make_reopen(wire::Refusal::None, "the hub has another key")));
    gone_.push_back(session->id);
  }
}

void Sessions::tell(const ops::PeerId& peer, const wire::ToldT& told) {
  // Whoever can't take it, or is gone, asks again.
  static_cast<void>(link_.send(peer, packed<wire::Told>(told)));
}

void Sessions::tell_refused(const ops::PeerId& peer, std::uint32_t request, wire::Refusal code,
                            std::string reason) {
  ++counts_.denied[code];
  quarantine(code, reason);
  wire::ToldT told;
  told.request = request;
  told.code = code;
  told.reason = std::move(reason);
  tell(peer, told);
}

void Sessions::quarantine(wire::Refusal code, std::string_view reason) {
  if (quarantine_ == nullptr || reading_ == nullptr) return;
  quarantine_->note({.endpoint = "listen",
                     .name = security::sender_of(registry_, reading_->user, known_time_us_),
                     .key = reading_->user,
                     .bytes = reading_->bytes,
                     .code = code,
                     .reason = reason},
                    known_time_us_, clock_.monotonic_us());
}

}  // namespace vigie::sessions
