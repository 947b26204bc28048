// What sessions may see, and what becomes of them when that changes.

#include <algorithm>

#include "hub/sessions/sessions.h"
#include "schemas/messages/requests.h"

namespace vigie::sessions {

const security::Identity* Sessions::who_is(std::string_view user, RefusedRequest& refused) const {
  if (registry_ == nullptr) return nullptr;
  const security::Holder holder = registry_->find(user, known_time_us_);
  if (holder.invitation != nullptr) {
    refused = {wire::Refusal::NotEntitled, "an invitation opens no session: join with it first"};
  } else if (holder.identity == nullptr) {
    refused = {wire::Refusal::Revoked, security::kUnknownKey};
  }
  return holder.identity;
}

RefusedRequest Sessions::check_grant(const wire::Open& open, const security::Identity* who) const {
  const std::string_view grant = text_of(open.grant());
  if (grant.empty()) return {};
  if (who == nullptr) {
    return {wire::Refusal::NotEntitled, "this hub asks nobody who they are: it has no grants"};
  }
  if (open.start() == wire::StartKind::TrueTime && open.mode() != wire::Mode::Live) {
    return {wire::Refusal::BadRange, "a grant that has terms is read by known time"};
  }
  if (open.start() == wire::StartKind::NowNoSnapshot) {
    return {wire::Refusal::BadRange, "a grant that has terms begins with the picture"};
  }
  if (open.view() != nullptr && open.view()->pace_ms() != 0) {
    return {wire::Refusal::BadView, "a grant that has terms has a pace of its own: pace_ms is 0"};
  }
  return {};
}

const Sessions::Rights* Sessions::rights_of(const security::Identity& who,
                                            const std::string& grant) {
  Rights& kept = rights_[{who.name, grant}];
  const bool stands = kept.entitlement != nullptr && kept.version == registry_->version() &&
                      known_time_us_ < kept.entitlement->valid_until_us();
  if (!stands) {
    std::shared_ptr<const Entitlement> now =
        grant.empty() ? registry_->entitlement(who, known_time_us_)
                      : registry_->entitlement_by(grant, who, known_time_us_);
    if (now == nullptr) {
      rights_.erase({who.name, grant});
      return nullptr;
    }
    // Of what it was before the hub's start nothing is known: then it has changed.
    const bool same = kept.entitlement != nullptr && kept.entitlement->key() == now->key();
    if (!same) kept.since = ring_.head();
    kept.entitlement = std::move(now);
    kept.version = registry_->version();
  }
  rights_until_us_ = std::min(rights_until_us_, kept.entitlement->valid_until_us());
  return &kept;
}

void Sessions::look_at_rights() {
  if (registry_ == nullptr) return;
  if (registry_->version() == rights_version_ && known_time_us_ < rights_until_us_) return;
  rights_version_ = registry_->version();
  rights_until_us_ = registry_->next_end_us(known_time_us_);
  for (auto& [peer, session] : sessions_) {
    const security::Identity* who = registry_->find(session->user, known_time_us_).identity;
    if (who == nullptr) {
      end_by_rights(*session, wire::Refusal::Revoked, security::kUnknownKey);
      continue;
    }
    const Rights* rights = rights_of(*who, session->grant);
    const Entitlement* had = session->group->filter.view().entitlement();
    if (rights != nullptr && had->key() == rights->entitlement->key()) continue;
    end_by_rights(*session, wire::Refusal::AccessChanged,
                  "what you may see has changed; the picture comes anew");
  }
  remove_gone();
}

void Sessions::end_by_rights(Session& session, wire::Refusal code, std::string_view reason) {
  ++counts_.ended_by_rights[code];
  static_cast<void>(link_.send(session.peer, make_reopen(code, reason)));
  farewell_.told(session.peer, session.origin, clock_.monotonic_us());
  gone_.push_back(session.id);
}

}  // namespace vigie::sessions
