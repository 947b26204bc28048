// What administrators ask, with or without a session: each Ask is answered by one Told.

#include <fmt/format.h>

#include "hub/sessions/sessions.h"
#include "schemas/messages/check_parts.h"
#include "schemas/messages/requests.h"
#include "schemas/words/times.h"

namespace vigie::sessions {

RefusedRequest Sessions::check_asker(std::string_view user, Asker& asker) const {
  // A plain hub asks nobody: whoever reaches it is on this machine.
  asker.is_of_hub = registry_ == nullptr;
  if (registry_ == nullptr) return {};
  RefusedRequest refused;
  const security::Identity* who = who_is(user, refused);
  if (refused) return refused;
  if (!who->is_administrator()) {
    return {wire::Refusal::NotEntitled,
            fmt::format("'{}' is no administrator: only they may ask that", shown(who->name))};
  }
  asker.name = who->name;
  asker.owner = owner_of(who->name);
  asker.is_of_hub = asker.owner == kHubOwner;
  return {};
}

void Sessions::on_ask(const ops::Received& received) {
  const AlignedBytes copy(received.bytes);
  const wire::Ask* ask = verified<wire::Ask>(copy.bytes());
  if (ask == nullptr) {
    return deny(received.peer, wire::Refusal::Malformed, "the ask is malformed", 0);
  }
  const ops::PeerId peer(received.peer);
  Asker asker;
  if (RefusedRequest bad = check_asker(received.user, asker)) {
    return tell_refused(peer, ask->request(), bad.code, std::move(bad.reason));
  }
  switch (ask->what()) {
    case wire::AskKind::Quarantine:
      return tell(peer, {});
    case wire::AskKind::Quarantined:
      return tell_refused(peer, ask->request(), wire::Refusal::NotFound,
                          fmt::format("the quarantine holds no message {}", ask->id()));
    case wire::AskKind::RotateHubKey:
      return rotate_hub_key(peer, *ask, asker);
    case wire::AskKind::None:
      break;
  }
  tell_refused(peer, ask->request(), wire::Refusal::BadValue,
               fmt::format("what {} is asked is not known", static_cast<int>(ask->what())));
}

void Sessions::rotate_hub_key(const std::string& peer, const wire::Ask& ask, const Asker& asker) {
  if (registry_ == nullptr) {
    return tell_refused(peer, ask.request(), wire::Refusal::BadValue,
                        "this hub is plain: it has no key");
  }
  if (!asker.is_of_hub) {
    return tell_refused(peer, ask.request(), wire::Refusal::NotEntitled,
                        "only the hub's own administrators may change its key");
  }
  if (!change_hub_key_) {
    return tell_refused(peer, ask.request(), wire::Refusal::NotFound,
                        "this hub does not take another key while it runs");
  }
  security::HubKeyOrder order{.peer = peer,
                              .request = ask.request(),
                              .by = asker.name,
                              .overlap_us = std::int64_t{ask.overlap_s()} * kMicrosecondsPerSecond};
  if (change_hub_key_(std::move(order))) return;
  tell_refused(peer, ask.request(), wire::Refusal::NotReady,
               "the hub's key is being changed: ask again");
}

void Sessions::tell_hub_key(const security::HubKeyOrder& order, const security::HubKeyTold& told) {
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
  wire::ToldT told;
  told.request = request;
  told.code = code;
  told.reason = std::move(reason);
  tell(peer, told);
}

}  // namespace vigie::sessions
