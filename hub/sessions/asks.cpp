// What administrators ask, with or without a session: each Ask is answered by one Told.

#include <fmt/format.h>

#include "hub/sessions/sessions.h"
#include "schemas/messages/check_parts.h"

namespace vigie::sessions {
namespace {

/// Of a list, beyond the bytes of its texts.
constexpr std::size_t kListedAround = 128;

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
  if (ask == nullptr) {
    return deny(received.peer, wire::Refusal::Malformed, "the ask is malformed", 0);
  }
  const ops::PeerId peer(received.peer);
  security::Sight asker;
  if (RefusedRequest bad = check_asker(received.user, asker)) {
    return tell_refused(peer, ask->request(), bad.code, std::move(bad.reason));
  }
  switch (ask->what()) {
    case wire::AskKind::Quarantine:
      return tell(peer, list_quarantine(*ask, asker));
    case wire::AskKind::Quarantined:
      return tell_quarantined(peer, *ask, asker);
    case wire::AskKind::RotateHubKey:
      return rotate_hub_key(peer, *ask, asker);
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

void Sessions::tell_quarantined(const ops::PeerId& peer, const wire::Ask& ask,
                                const security::Sight& asker) {
  const security::QuarantinedPtr found =
      quarantine_ == nullptr ? nullptr : quarantine_->find(asker, ask.id());
  if (found == nullptr) {
    return tell_refused(peer, ask.request(), wire::Refusal::NotFound,
                        fmt::format("the quarantine holds no message {}", ask.id()));
  }
  wire::ToldT told;
  told.request = ask.request();
  told.quarantined.push_back(std::make_unique<wire::QuarantinedMessageT>(*found));
  tell(peer, told);
}

void Sessions::rotate_hub_key(const ops::PeerId& peer, const wire::Ask& ask,
                              const security::Sight& asker) {
  if (registry_ == nullptr) {
    return tell_refused(peer, ask.request(), wire::Refusal::BadValue,
                        "this hub is plain: it has no key");
  }
  if (!asker.is_of_all) {
    return tell_refused(peer, ask.request(), wire::Refusal::NotEntitled,
                        "only the hub's own administrators may change its key");
  }
  tell_refused(peer, ask.request(), wire::Refusal::NotFound,
               "this hub does not take another key while it runs");
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
