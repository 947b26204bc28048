#include "hub/security/quarantine.h"

#include <algorithm>

#include "schemas/messages/names.h"
#include "schemas/messages/refusals.h"

namespace vigie::security {
namespace {

/// Whose share a message is of; empty: of nobody's.
std::string sender_key(std::string_view name, std::string_view key) {
  // No name begins so: it would have an empty owner.
  return name.empty() && !key.empty() ? "/" + std::string(key) : std::string(name);
}

std::size_t weight_of(const wire::QuarantinedMessageT& message) {
  return kQuarantinedAround + message.bytes.size();
}

/// No more than so many bytes, and no half a character.
std::string_view clipped(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

std::string sender_of(const Registry* registry, std::string_view key, std::int64_t now_us) {
  if (registry == nullptr) return {};
  const Holder holder = registry->find(key, now_us);
  if (holder.identity != nullptr) return holder.identity->name;
  return holder.invitation != nullptr ? holder.invitation->becomes.name : std::string();
}

Quarantine::Quarantine(QuarantineOptions options, std::function<void(QuarantinedPtr)> keep)
    : options_(options), keep_(std::move(keep)) {}

void Quarantine::restore(const std::vector<QuarantinedPtr>& messages) {
  for (const QuarantinedPtr& message : messages) {
    if (message->id <= last_id_) continue;
    last_id_ = message->id;
    put(message);
  }
  dropped_ = 0;
  dropped_of_.clear();
}

void Quarantine::note(const RefusedMessage& refused, std::int64_t known_us, std::int64_t now_us) {
  const RefusalWord* word = find_refusal(refused.code);
  if (word == nullptr || !word->is_quarantined) return;
  forget_rested(now_us);
  const std::size_t size = std::min(refused.bytes.size(), kQuarantinedBytesMax);
  const auto cost = static_cast<double>(kQuarantinedAround + size);
  if (!may_copy(sender_key(refused.name, refused.key), cost, now_us)) {
    return count_dropped(refused.name);
  }
  auto message = std::make_shared<wire::QuarantinedMessageT>();
  message->id = std::max(last_id_ + 1, static_cast<std::uint64_t>(std::max(known_us, INT64_C(0))));
  message->known_time_us = known_us;
  message->endpoint = refused.endpoint;
  message->name = refused.name;
  message->key = refused.key;
  message->code = refused.code;
  message->reason = clipped(refused.reason, kQuarantinedReasonMax);
  message->size = static_cast<std::uint32_t>(refused.bytes.size());
  const auto* first = reinterpret_cast<const std::uint8_t*>(refused.bytes.data());
  message->bytes.assign(first, first + size);
  last_id_ = message->id;
  put(message);
  if (keep_) keep_(std::move(message));
}

void Quarantine::top_up(Allowance& allowance, double rate, std::int64_t now_us) const {
  const double most = rate * options_.seconds_at_once;
  const double came = allowance.at_us == INT64_MIN
                          ? most
                          : static_cast<double>(now_us - allowance.at_us) * rate / 1e6;
  allowance.bytes = std::min(allowance.bytes + came, most);
  allowance.at_us = now_us;
}

bool Quarantine::may_copy(const std::string& sender, double bytes, std::int64_t now_us) {
  top_up(allowance_, options_.bytes_per_second, now_us);
  if (allowance_.bytes < bytes) return false;
  if (!sender.empty()) {
    Allowance& own = senders_[sender].allowance;
    top_up(own, options_.sender_bytes_per_second, now_us);
    if (own.bytes < bytes) return false;
    own.bytes -= bytes;
  }
  allowance_.bytes -= bytes;
  return true;
}

void Quarantine::put(QuarantinedPtr message) {
  const auto sender = senders_.try_emplace(sender_key(message->name, message->key)).first;
  const std::size_t weight = weight_of(*message);
  weigh(sender->first, sender->second.bytes, sender->second.bytes + weight);
  sender->second.bytes += weight;
  sender->second.ids.push_back(message->id);
  bytes_ += weight;
  by_id_.emplace(message->id, std::move(message));
  make_room(sender);
}

void Quarantine::make_room(Senders::iterator newest) {
  const std::size_t messages_share = options_.messages_max / QuarantineOptions::kSenders;
  const std::size_t bytes_share = options_.bytes_max / QuarantineOptions::kSenders;
  const Sender& sender = newest->second;
  const auto is_over = [&] {
    return sender.ids.size() > messages_share || sender.bytes > bytes_share;
  };
  // The newest itself is kept, however small the share.
  while (!newest->first.empty() && sender.ids.size() > 1 && is_over()) drop_oldest(newest);
  while (by_id_.size() > 1 &&
         (by_id_.size() > options_.messages_max || bytes_ > options_.bytes_max)) {
    drop_oldest(senders_.find(by_weight_.rbegin()->second));
  }
}

void Quarantine::drop_oldest(Senders::iterator sender) {
  const auto oldest = by_id_.find(sender->second.ids.front());
  const std::size_t weight = weight_of(*oldest->second);
  count_dropped(oldest->second->name);
  weigh(sender->first, sender->second.bytes, sender->second.bytes - weight);
  sender->second.bytes -= weight;
  sender->second.ids.pop_front();
  bytes_ -= weight;
  by_id_.erase(oldest);
}

/// Who has nothing here and may copy as much as ever: whoever has just lost all that is kept of it
/// may not begin anew. There are no more of them than may be copied within seconds_at_once.
void Quarantine::forget_rested(std::int64_t now_us) {
  if (now_us < next_forget_us_) return;
  next_forget_us_ = now_us + 1'000'000;
  const double most = options_.sender_bytes_per_second * options_.seconds_at_once;
  std::erase_if(senders_, [&](const auto& one) {
    if (!one.second.ids.empty()) return false;
    Allowance rested = one.second.allowance;
    top_up(rested, options_.sender_bytes_per_second, now_us);
    return rested.bytes >= most;
  });
}

void Quarantine::weigh(const std::string& sender, std::size_t before, std::size_t after) {
  if (before != 0) by_weight_.erase({before, sender});
  if (after != 0) by_weight_.emplace(after, sender);
}

void Quarantine::count_dropped(std::string_view name) {
  ++dropped_;
  if (name.empty()) return;
  const auto owner = dropped_of_.find(owner_of(name));
  if (owner != dropped_of_.end()) {
    ++owner->second;
  } else {
    dropped_of_.emplace(owner_of(name), 1);
  }
}

bool Quarantine::is_seen(const Sight& sight, const wire::QuarantinedMessageT& message) const {
  return sight.is_of_all || (!message.name.empty() && owner_of(message.name) == sight.owner);
}

void Quarantine::list(const Sight& sight, std::uint64_t before,
                      const std::function<bool(const wire::QuarantinedMessageT&)>& take) const {
  auto at = before == 0 ? by_id_.end() : by_id_.lower_bound(before);
  while (at != by_id_.begin()) {
    --at;
    if (is_seen(sight, *at->second) && !take(*at->second)) return;
  }
}

QuarantinedPtr Quarantine::find(const Sight& sight, std::uint64_t id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || !is_seen(sight, *found->second)) return nullptr;
  return found->second;
}

std::uint64_t Quarantine::dropped(const Sight& sight) const {
  if (sight.is_of_all) return dropped_;
  const auto owner = dropped_of_.find(sight.owner);
  return owner == dropped_of_.end() ? 0 : owner->second;
}

}  // namespace vigie::security
