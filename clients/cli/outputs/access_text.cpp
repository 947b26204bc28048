#include "clients/cli/outputs/access_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/outputs/text.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

using client::Role;
using client::StateKind;

constexpr const char* kRow = "{:<28} {:<14} {:<4} {:<10} {:<30} {}\n";

std::string joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, " "));
}

std::string until(std::int64_t us) {
  return us == 0 ? "until revoked" : "until " + moment_text(us);
}

bool is_of(const std::string& name, const std::string& owner) {
  return owner.empty() || owner_of(name) == owner;
}

/// An invitation opens no more once its identity has been spoken of since.
bool is_open(const AccessBook& book, const client::StateItem& invite, std::int64_t now_us) {
  if (invite.state.deleted || invite.state.invite.ends_us <= now_us) return false;
  const auto identity = book.identities.find(invite.state.name);
  return identity == book.identities.end() || identity->second.stamp.seq < invite.stamp.seq;
}

/// Since when it grants.
std::int64_t made_us(const client::StateItem& item) {
  const client::Grant& grant = item.state.grant;
  return grant.ended && grant.made_us != 0 ? grant.made_us : item.stamp.known_time_us;
}

/// Known time from which on it grants nothing; INT64_MAX: none.
std::int64_t ended_us(const client::StateItem& item) {
  const client::Grant& grant = item.state.grant;
  const std::int64_t ends = grant.ends_us == 0 ? INT64_MAX : grant.ends_us;
  return grant.ended ? std::min(ends, item.stamp.known_time_us) : ends;
}

std::string classes_text(const client::Grant& grant) {
  std::vector<std::string> classes;
  if (grant.fixes) classes.emplace_back("positions");
  if (grant.events) classes.emplace_back("events");
  if (grant.states) classes.emplace_back("cards");
  return fmt::format("{}", fmt::join(classes, ", "));
}

std::string what_text(const client::Grant& grant) {
  std::string text = classes_text(grant);
  if (!grant.groups.empty()) text += "; groups " + joined(grant.groups);
  if (!grant.units.empty()) text += "; units " + joined(grant.units);
  if (grant.area) {
    text += fmt::format("; inside {:.5f},{:.5f},{:.5f},{:.5f}", grant.area->west_e7 / 1e7,
                        grant.area->south_e7 / 1e7, grant.area->east_e7 / 1e7,
                        grant.area->north_e7 / 1e7);
  }
  if (grant.from_us != 0) text += "; known from " + moment_text(grant.from_us);
  if (grant.until_us != 0) text += "; known before " + moment_text(grant.until_us);
  if (grant.delay_s != 0) text += fmt::format("; {} s late", grant.delay_s);
  if (grant.round_m != 0) text += fmt::format("; rounded to {} m", grant.round_m);
  if (grant.every_s != 0) text += fmt::format("; a fix every {} s at most", grant.every_s);
  if (grant.own_numbers) text += "; by numbers of its own";
  if (grant.past) text += "; of the time before it was made, too";
  return text;
}

/// Whether it shows what was known at `at_us`, and why not.
std::string standing(const client::StateItem& grant, std::int64_t now_us, std::int64_t at_us) {
  if (now_us >= ended_us(grant)) return "no: ended " + moment_text(ended_us(grant));
  if (at_us < made_us(grant) && !grant.state.grant.past) {
    return fmt::format("no: made {}, and grants nothing from before", moment_text(made_us(grant)));
  }
  const client::Grant& what = grant.state.grant;
  if (what.until_us != 0 && at_us >= what.until_us) {
    return "no: only what was known before " + moment_text(what.until_us);
  }
  if (at_us < what.from_us) {
    return fmt::format("no: only what was known from {} on{}", moment_text(what.from_us),
                       what.states ? ", and cards in force then" : "");
  }
  const std::int64_t ends = what.ends_us;
  return ends == 0 ? "yes" : "yes, until " + moment_text(ends);
}

std::string own_data(Role role, const std::string& owner, const client::Identity& identity) {
  switch (role) {
    case Role::Tracker:
    case Role::Gateway: {
      const bool all = std::any_of(identity.units.begin(), identity.units.end(),
                                   [](const std::string& unit) { return unit.ends_with("/*"); });
      return fmt::format("  events and cards of {}: its own units\n",
                         all ? "all units of " + owner : joined(identity.units));
    }
    case Role::Administrator:
      if (owner == kHubOwner)
        return "  who may do what and who did what, of every owner; no owner's data\n";
      return fmt::format("  everything of {}, and who may do and did what there\n", owner);
    case Role::Console:
      return fmt::format("  everything of {}: its own owner\n", owner);
    default:
      return fmt::format("  nothing of {} but what is granted\n", owner);
  }
}

}  // namespace

void AccessBook::take(const client::StateItem& item) {
  if (item.state.kind == StateKind::Identity) identities[item.state.name] = item;
  if (item.state.kind == StateKind::Invite) invites[item.state.name] = item;
  if (item.state.kind == StateKind::Grant) grants[item.state.name] = item;
}

std::string identities_text(const AccessBook& book, const std::string& owner, std::int64_t now_us) {
  std::string text = fmt::format(kRow, "IDENTITY", "ROLE", "RANK", "KEY", "LASTS", "UNITS");
  for (const auto& [name, item] : book.identities) {
    const client::Identity& identity = item.state.identity;
    if (!is_of(name, owner) || item.state.deleted) continue;
    const bool over = identity.ends_us != 0 && identity.ends_us <= now_us;
    text += fmt::format(kRow, name, client::role_name(identity.role), identity.rank,
                        identity.key.substr(0, 8),
                        over ? "ended " + moment_text(identity.ends_us) : until(identity.ends_us),
                        joined(identity.units));
  }
  for (const auto& [name, item] : book.invites) {
    if (!is_of(name, owner) || !is_open(book, item, now_us)) continue;
    const client::Invite& invite = item.state.invite;
    text += fmt::format(kRow, name, client::role_name(invite.role), invite.rank, "invited",
                        "code " + until(invite.ends_us), joined(invite.units));
  }
  return text;
}

std::string explain_access(const AccessBook& now, const AccessBook& then, const std::string& who,
                           std::int64_t now_us, std::int64_t at_us) {
  const std::string owner(owner_of(who));
  const std::string when = at_us == now_us ? "now" : "of " + moment_text(at_us);
  const auto found = now.identities.find(who);
  std::string text;
  bool takes_grants = true;
  if (found == now.identities.end()) {
    text = fmt::format(
        "Whether {} is enrolled is not yours to see. If it is, it may see {}, of "
        "what you may know:\n",
        who, when);
  } else {
    const client::Identity& identity = found->second.state.identity;
    if (found->second.state.deleted) return fmt::format("{} is revoked. It sees nothing.\n", who);
    if (identity.ends_us != 0 && identity.ends_us <= now_us) {
      return fmt::format("{} ended {}. It sees nothing.\n", who, moment_text(identity.ends_us));
    }
    takes_grants = identity.role == Role::Console || identity.role == Role::Partner ||
                   (identity.role == Role::Administrator && owner != kHubOwner);
    text = fmt::format("{}, {}, may see {}:\n", who, client::role_name(identity.role), when);
    text += own_data(identity.role, owner, identity);
  }
  for (const auto& [name, item] : now.grants) {
    const client::Grant& grant = item.state.grant;
    if (!takes_grants || (grant.to != who && grant.to != owner)) continue;
    // A grant never changes; where it was not there then, it was made later.
    const bool was_there = at_us == now_us || then.grants.contains(name);
    const std::string stands = was_there || grant.past
                                   ? standing(item, now_us, at_us)
                                   : fmt::format("no: made {}, and grants nothing from before",
                                                 moment_text(made_us(item)));
    text += fmt::format("  of {}: {} (grant {} to {}): {}\n", owner_of(name), what_text(grant),
                        name, grant.to, stands);
  }
  return text + "  nothing else that you may know of\n";
}

}  // namespace vigie::cli
