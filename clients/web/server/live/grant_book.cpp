#include "clients/web/server/live/grant_book.h"

#include <fmt/format.h>

#include <string_view>

#include "schemas/words/times.h"

namespace vigie::web {
namespace {

/// What a view by a grant shows is a second later than its delay.
constexpr std::int64_t kReadAfterUs = kMicrosecondsPerSecond;

/// FNV-1a. Nothing hangs on its strength: who makes up a place of a view spoils their own page.
std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

void GrantBook::take(const client::Item& item) {
  const auto* state = std::get_if<client::StateItem>(&item);
  if (state == nullptr || state->state.kind != client::StateKind::Grant) return;
  const std::lock_guard lock(mutex_);
  const std::string& name = state->state.name;
  if (grants_.size() >= kGrantsMax) make_room(state->stamp.known_time_us);
  if (state->state.grant.ended) {
    grants_.erase(name);
  } else if (grants_.contains(name) || grants_.size() < kGrantsMax) {
    grants_[name] = state->state.grant;
  }
}

/// Without those that have ended by their time. Under the lock.
void GrantBook::make_room(std::int64_t hub_time_us) {
  std::erase_if(grants_, [hub_time_us](const auto& one) {
    return one.second.ends_us != 0 && one.second.ends_us <= hub_time_us;
  });
}

std::vector<GrantTold> GrantBook::standing(const std::vector<std::string>& named,
                                           std::int64_t hub_time_us) const {
  std::vector<GrantTold> standing;
  const std::lock_guard lock(mutex_);
  for (const std::string& name : named) {
    const auto found = grants_.find(name);
    if (found == grants_.end()) continue;
    const client::Grant& grant = found->second;
    const bool over = grant.ends_us != 0 && grant.ends_us <= hub_time_us;
    if (!over) standing.push_back({name, grant});
  }
  return standing;
}

std::int64_t held_back_us(const client::Grant& grant) {
  if (!grant.has_terms()) return 0;
  return (std::int64_t{grant.delay_s} + grant.every_s) * kMicrosecondsPerSecond + kReadAfterUs;
}

std::string log_by_grant(const std::string& log, const std::string& grant) {
  const std::string both = log + '\n' + grant;
  return fmt::format("{:016x}{:016x}", mixed(0xcbf29ce484222325, both),
                     mixed(0x9e3779b97f4a7c15, both));
}

}  // namespace vigie::web
