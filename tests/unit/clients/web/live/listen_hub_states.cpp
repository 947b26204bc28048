// What the hub in miniature retains: cards, and grants that have terms.

#include <algorithm>

#include "tests/unit/clients/web/live/listen_hub.h"

namespace vigie::test {

using Lock = std::lock_guard<std::mutex>;

std::uint64_t ListenHub::add_state(wire::StateT state) {
  state.stamp = std::make_unique<wire::Stamp>(next_seq_, known_us(next_seq_), 0, 0, 0);
  state.number = next_seq_;
  state.true_time_us = known_us(next_seq_);
  state.clock = wire::Clock::Satellite;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::State::Pack(builder, &state));
  EntryWriter writer;
  writer.add_state(*flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()),
                   wire::Spool(1, 1));
  return add(writer, state.true_time_us, false);
}

std::uint64_t ListenHub::tell_card(const std::string& unit, const std::string& call_sign) {
  const Lock lock(mutex_);
  wire::StateT state;
  state.kind = wire::StateKind::UnitCard;
  state.name = unit;
  state.card = std::make_unique<wire::UnitCardT>();
  state.card->call_sign = call_sign;
  return add_state(std::move(state));
}

std::uint64_t ListenHub::grant(const std::string& name, wire::GrantT content) {
  const Lock lock(mutex_);
  grants_.push_back(name);
  wire::StateT state;
  state.kind = wire::StateKind::Grant;
  state.name = name;
  state.group = "_access";
  state.grant = std::make_unique<wire::GrantT>(std::move(content));
  ends_sessions_ = true;  // they name it when they are opened again
  return add_state(std::move(state));
}

std::uint64_t ListenHub::end_grant(const std::string& name, wire::GrantT content) {
  const Lock lock(mutex_);
  std::erase(grants_, name);
  wire::StateT state;
  state.kind = wire::StateKind::Grant;
  state.name = name;
  state.group = "_access";
  content.ended = true;
  state.grant = std::make_unique<wire::GrantT>(std::move(content));
  return add_state(std::move(state));
}

bool ListenHub::may_open(const std::string& grant) const {
  return grant.empty() || std::find(grants_.begin(), grants_.end(), grant) != grants_.end();
}

void ListenHub::end_by_rights() {
  std::erase_if(sessions_, [this](const auto& entry) {
    if (may_open(entry.second.open.grant)) return false;
    send(entry.first, make_reopen(wire::Refusal::AccessChanged, "what you may see has changed"));
    return true;
  });
}

}  // namespace vigie::test
