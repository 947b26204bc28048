// What sessions may see, and what becomes of them when that changes.

#include <algorithm>
#include <utility>

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
  const std::uint64_t version = registry_->sight_version(who);
  const bool stands = kept.entitlement != nullptr && kept.version == version &&
                      known_time_us_ < kept.entitlement->valid_until_us();
  if (!stands) {
    std::shared_ptr<const Entitlement> now =
        grant.empty() ? registry_->entitlement(who, known_time_us_)
                      : registry_->entitlement_by(grant, who, known_time_us_);
    ++counts_.rights_made;
    if (now == nullptr) {
      rights_.erase({who.name, grant});
      return nullptr;
    }
    // Of what it was before the hub's start nothing is known: then it has changed.
    const bool same = kept.entitlement != nullptr && kept.entitlement->key() == now->key();
    if (!same) kept.since = ring_.head();
    kept.entitlement = std::move(now);
    kept.version = version;
  }
  rights_until_us_ = std::min(rights_until_us_, kept.entitlement->valid_until_us());
  return &kept;
}

void Sessions::look_at_rights() {
  if (registry_ == nullptr) return;
  const bool anew = registry_->version() != rights_version_ || known_time_us_ >= rights_until_us_;
  if (anew) {
    rights_version_ = registry_->version();
    rights_until_us_ = registry_->next_end_us(known_time_us_);
    // Whoever waits already keeps its turn.
    for (auto& [peer, session] : sessions_) {
      if (!std::exchange(session->unlooked, true)) to_look_.push_back(session->id);
    }
  }
  for (std::size_t steps = 0; steps < kLookSteps && !to_look_.empty();) {
    Session* session = find(to_look_.front());
    to_look_.pop_front();
    if (session != nullptr && session->unlooked) steps += look_at(*session);
  }
  remove_gone();
  if (!anew) return;
  // Those that are left stay where they are.
  for (const std::uint64_t id : to_look_) {
    Session* session = find(id);
    if (session != nullptr && session->current) leave_head(*session, ring_.head());
  }
}

std::size_t Sessions::look_at(Session& session) {
  session.unlooked = false;
  const security::Identity* who = registry_->find(session.user, known_time_us_).identity;
  if (who == nullptr) {
    end_by_rights(session, wire::Refusal::Revoked, security::kUnknownKey);
    return kEndSteps;
  }
  const std::uint64_t made = counts_.rights_made;
  const std::uint64_t read = registry_->grants_read();
  const Rights* rights = rights_of(*who, session.grant);
  const Entitlement* had = session.group->filter.view().entitlement();
  const bool same = rights != nullptr &&
                    (had == rights->entitlement.get() || had->key() == rights->entitlement->key());
  const auto steps = static_cast<std::size_t>((counts_.rights_made - made) * kMadeSteps +
                                              registry_->grants_read() - read);
  if (!same) {
    end_by_rights(session, wire::Refusal::AccessChanged,
                  "what you may see has changed; the picture comes anew");
    return kEndSteps + steps;
  }
  make_ready(session);
  return 1 + steps;
}

bool Sessions::may_be_sent(Session& session) {
  if (!session.unlooked) return true;
  const std::uint64_t id = session.id;
  look_at(session);
  remove_gone();
  return find(id) != nullptr;
}

void Sessions::end_by_rights(Session& session, wire::Refusal code, std::string_view reason) {
  ++counts_.ended_by_rights[code];
  static_cast<void>(link_.send(session.peer, make_reopen(code, reason)));
  farewell_.told(session.peer, session.origin, clock_.monotonic_us());
  gone_.push_back(session.id);
}

}  // namespace vigie::sessions
