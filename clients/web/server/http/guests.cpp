#include "clients/web/server/http/guests.h"

#include <utility>
#include <vector>

namespace vigie::web {

void Guests::leave(const Guest* guest) {
  const auto found = here_.find(guest);
  if (found == here_.end()) return;
  const std::shared_ptr<Guest> kept = std::move(found->second);
  here_.erase(found);
  if (here_.empty() && on_empty) std::exchange(on_empty, nullptr)();
}

// Over a copy: each of them leaves meanwhile.
void Guests::drain_all() {
  draining = true;
  std::vector<std::shared_ptr<Guest>> all;
  for (const auto& [key, guest] : here_) all.push_back(guest);
  for (const auto& guest : all) guest->drain();
}

void Guests::cut_all() {
  std::vector<std::shared_ptr<Guest>> all;
  for (const auto& [key, guest] : here_) all.push_back(guest);
  for (const auto& guest : all) guest->cut();
}

bool Guests::has_room(const std::string& address) const {
  if (open_ >= options.connections_max) return false;
  if (rules.is_proxy(address)) return true;
  const auto found = by_address_.find(address);
  return found == by_address_.end() || found->second < options.connections_per_address;
}

Place::Place(std::shared_ptr<Guests> guests, std::string address)
    : guests_(std::move(guests)), address_(std::move(address)) {
  ++guests_->by_address_[address_];
  ++guests_->open_;
  ++guests_->counters.connections;
  ++guests_->counters.connections_open;
}

Place::~Place() {
  const auto found = guests_->by_address_.find(address_);
  if (--found->second == 0) guests_->by_address_.erase(found);
  --guests_->open_;
  --guests_->counters.connections_open;
}

}  // namespace vigie::web
