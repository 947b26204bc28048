#include "tests/bench/rights/book.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace vigie::bench {
std::string RightsBook::key_of(std::size_t number) {
  return fmt::format("{:064x}", number + 1);
}

void RightsBook::enrol(const std::string& name, wire::Role role) {
  wire::StateT state;
  state.kind = wire::StateKind::Identity;
  state.name = name;
  state.identity = std::make_unique<wire::IdentityT>();
  state.identity->key = key_of(enrolled_++);
  state.identity->role = role;
  note(std::move(state));
}

void RightsBook::grant(const std::string& name, const std::string& to, const std::string& group,
                       const std::string& unit) {
  wire::StateT state;
  state.kind = wire::StateKind::Grant;
  state.name = name;
  state.grant = std::make_unique<wire::GrantT>();
  state.grant->to = to;
  state.grant->groups = {group};
  if (!unit.empty()) state.grant->units = {unit};
  note(std::move(state));
}

void RightsBook::note(wire::StateT state) {
  state.group = kAccessGroup;
  state.stamp = std::make_unique<wire::Stamp>(++seq_, ++now_us_, 0, 0, 0);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::State::Pack(builder, &state));
  registry.note(*flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()));
}

double thread_ns() {
  timespec ran{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran);
  return static_cast<double>(ran.tv_sec) * 1e9 + static_cast<double>(ran.tv_nsec);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace vigie::bench
