#include "hub/ops/door_book.h"

#include <utility>

namespace vigie::ops {
namespace {

/// Handshakes that may begin at once after a rest: one that comes alone never waits, and a crowd
/// keeps the I/O threads for a few milliseconds.
constexpr double kAtOnceOfASecond = 0.05;

constexpr std::int64_t kLookUs = 100'000;  // between looks for who is late

Pace pace_of(std::size_t per_second) {
  const auto rate = static_cast<double>(per_second);
  return {.per_second = rate, .at_once = std::max(1.0, rate * kAtOnceOfASecond)};
}

}  // namespace

DoorLimits scaled_to(DoorLimits limits, std::size_t connections) {
  if (connections >= limits.connections) return limits;
  const double part = static_cast<double>(connections) / static_cast<double>(limits.connections);
  const auto scale = [&](std::size_t& limit, std::size_t least) {
    const auto scaled = static_cast<std::size_t>(static_cast<double>(limit) * part);
    limit = std::min(limit, std::max(least, scaled));
  };
  limits.connections = connections;
  scale(limits.connections_per_address, 1);
  scale(limits.connections_per_identity, 1);
  scale(limits.waiting, 2);
  return limits;
}

std::string_view word_of(DoorLimit limit) {
  switch (limit) {
    case DoorLimit::Connections:
      return "connections";
    case DoorLimit::ConnectionsPerAddress:
      return "connections_per_address";
    case DoorLimit::ConnectionsPerIdentity:
      return "connections_per_identity";
    case DoorLimit::Waiting:
      return "waiting";
    case DoorLimit::WaitingPerAddress:
      return "waiting_per_address";
    case DoorLimit::WaitTime:
      return "wait_time";
    case DoorLimit::HandshakeTime:
      return "handshake_time";
  }
  return "unknown";
}

DoorBook::DoorBook(const DoorLimits& limits)
    : limits_(limits),
      pace_(pace_of(limits.handshakes_per_second)),
      address_pace_(pace_of(limits.handshakes_per_address)) {}

std::optional<DoorLimit> DoorBook::why_not(const std::string& address) const {
  using enum DoorLimit;
  if (connections_.size() >= limits_.connections) return Connections;
  if (waiting_ >= limits_.waiting) return Waiting;
  const auto known = addresses_.find(address);
  if (known == addresses_.end()) return std::nullopt;
  if (known->second.open >= limits_.connections_per_address) return ConnectionsPerAddress;
  if (known->second.waiting.size() >= limits_.waiting - waiting_) return WaitingPerAddress;
  return std::nullopt;
}

std::optional<DoorLimit> DoorBook::came(Id id, const std::string& address, std::int64_t now_us) {
  gone(id);  // its end was not heard of
  if (const auto limit = why_not(address)) return limit;
  const auto known = addresses_.try_emplace(address).first;
  const Connection connection{
      .address = &*known, .stage = Stage::Waiting, .place = ++came_, .since_us = now_us};
  connections_.emplace(id, connection);
  Address& of = known->second;
  ++of.open;
  of.waiting.emplace(connection.place, id);
  ++waiting_;
  if (!of.in_line) line_.push_back(&of);
  of.in_line = true;
  return std::nullopt;
}

void DoorBook::leave_stage(Id id, Connection& connection) {
  Address& of = connection.address->second;
  if (connection.stage == Stage::Waiting) {
    of.waiting.erase({connection.place, id});
    --waiting_;
  }
  if (connection.stage == Stage::UnderWay) {
    --of.under_way;
    under_way_.erase(id);
  }
}

void DoorBook::done(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  if (found->second.stage == Stage::Late) return;  // named already
  leave_stage(id, found->second);
  found->second.stage = Stage::In;
}

std::optional<DoorLimit> DoorBook::heard(Id id, const std::string& key) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return std::nullopt;
  Connection& connection = found->second;
  if (connection.stage == Stage::Waiting || connection.stage == Stage::Late) return std::nullopt;
  leave_key(connection);
  connection.key = &*of_key_.try_emplace(key, 0).first;
  if (++connection.key->second <= limits_.connections_per_identity) return std::nullopt;
  leave_key(connection);
  leave_stage(id, connection);
  connection.stage = Stage::Late;
  return DoorLimit::ConnectionsPerIdentity;
}

void DoorBook::leave_key(Connection& connection) {
  const Keys::pointer key = std::exchange(connection.key, nullptr);
  if (key != nullptr && --key->second == 0) of_key_.erase(std::string(key->first));
}

std::string_view DoorBook::address_of(Id id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? std::string_view() : found->second.address->first;
}

std::string_view DoorBook::key_of(Id id) const {
  const auto found = connections_.find(id);
  const bool spoke = found != connections_.end() && found->second.key != nullptr;
  return spoke ? found->second.key->first : std::string_view();
}

void DoorBook::gone(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  leave_stage(id, found->second);
  leave_key(found->second);
  const Addresses::pointer address = found->second.address;
  connections_.erase(found);
  Address& of = address->second;
  --of.open;
  // Who came and went without a turn leaves nothing behind.
  if (of.open > 0 || of.had_turn) return;
  std::erase(line_, &of);
  addresses_.erase(std::string(address->first));
}

bool DoorBook::may_go(Address& address, std::int64_t now_us) const {
  return address.under_way < limits_.under_way - under_way_.size() &&
         address.bucket.left(address_pace_, now_us) >= 1;
}

DoorBook::Turn DoorBook::let_go(Address& address, std::int64_t now_us) {
  const Id id = address.waiting.begin()->second;
  Connection& connection = connections_.find(id)->second;
  leave_stage(id, connection);
  const std::int64_t waited_us = now_us - connection.since_us;
  connection.stage = Stage::UnderWay;
  connection.since_us = now_us;
  ++address.under_way;
  under_way_.insert(id);
  address.had_turn = true;
  address.bucket.take(1);
  bucket_.take(1);
  return {id, waited_us};
}

std::vector<DoorBook::Turn> DoorBook::next(std::int64_t now_us) {
  std::vector<Turn> turns;
  std::size_t passed_by = 0;  // in a row: nobody may go once that is everybody
  while (passed_by < line_.size() && under_way_.size() < limits_.under_way &&
         bucket_.left(pace_, now_us) >= 1) {
    Address* const first = line_.front();
    line_.pop_front();
    first->in_line = !first->waiting.empty();
    if (!first->in_line) continue;
    line_.push_back(first);
    ++passed_by;
    if (!may_go(*first, now_us)) continue;
    turns.push_back(let_go(*first, now_us));
    passed_by = 0;
  }
  return turns;
}

bool DoorBook::is_late(const Connection& connection, std::int64_t now_us) const {
  const std::int64_t past_us = now_us - connection.since_us;
  if (connection.stage == Stage::Waiting) return past_us > limits_.wait_us_max;
  return connection.stage == Stage::UnderWay && past_us > limits_.handshake_us_max;
}

/// How far from the limit somebody may be named: little of it, however short it is.
std::int64_t DoorBook::look_us() const {
  return std::min(kLookUs, std::min(limits_.wait_us_max, limits_.handshake_us_max) / 10);
}

std::vector<DoorBook::Late> DoorBook::late(std::int64_t now_us) {
  std::vector<Late> all;
  if ((waiting_ == 0 && under_way_.empty()) || now_us < next_look_us_) return all;
  next_look_us_ = now_us + look_us();
  for (auto& [id, connection] : connections_) {
    if (!is_late(connection, now_us)) continue;
    const bool waited = connection.stage == Stage::Waiting;
    leave_stage(id, connection);
    connection.stage = Stage::Late;
    all.push_back(
        {id, connection.address->first, waited ? DoorLimit::WaitTime : DoorLimit::HandshakeTime});
  }
  return all;
}

void DoorBook::tidy(std::int64_t now_us) {
  std::erase_if(addresses_, [&](const auto& one) {
    const Address& address = one.second;
    return address.open == 0 && !address.in_line && address.bucket.is_full(address_pace_, now_us);
  });
}

}  // namespace vigie::ops
