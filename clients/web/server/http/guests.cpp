#include "clients/web/server/http/guests.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace vigie::web {
namespace {

/// By what connections of one machine are counted.
std::string machine_of(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  return std::string(inet_ntop(AF_INET6, bytes.data(), text.data(), text.size())) + "/64";
}

}  // namespace

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
  const auto found = by_address_.find(machine_of(address));
  return found == by_address_.end() || found->second < options.connections_per_address;
}

Place::Place(std::shared_ptr<Guests> guests, const std::string& address)
    : guests_(std::move(guests)), address_(machine_of(address)) {
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
