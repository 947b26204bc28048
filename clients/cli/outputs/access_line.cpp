#include "clients/cli/outputs/access_line.h"

#include <fmt/format.h>

#include <array>

namespace vigie::cli {
namespace {

using client::StateKind;

constexpr std::array<std::string_view, 5> kKinds{"unknown", "unit_card", "identity", "invite",
                                                 "grant"};
template <std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, std::size_t place) {
  return place < N ? names[place] : names[0];
}

void add_list(JsonLine& line, std::string_view key, const std::vector<std::string>& list) {
  if (list.empty()) return;
  std::string json = "[";
  for (const std::string& text : list) {
    if (json.size() > 1) json += ',';
    append_json_text(json, text);
  }
  line.raw(key, json + "]");
}

void add_time(JsonLine& line, std::string_view key, std::int64_t us) {
  if (us != 0) line.time(key, us);
}

void add_identity(JsonLine& line, const client::Identity& identity) {
  line.text("key", identity.key);
  line.text("role", role_name(identity.role));
  add_list(line, "units", identity.units);
  add_time(line, "ends", identity.ends_us);
  if (!identity.invite.empty()) line.text("invite", identity.invite);
  if (identity.rank != 0) line.number("rank", identity.rank);
  if (!identity.sign_key.empty()) line.text("sign_key", identity.sign_key);
}

void add_invite(JsonLine& line, const client::Invite& invite) {
  line.text("key", invite.key);
  line.text("role", role_name(invite.role));
  add_list(line, "units", invite.units);
  add_time(line, "identity_ends", invite.identity_ends_us);
  add_time(line, "ends", invite.ends_us);
  if (invite.rank != 0) line.number("rank", invite.rank);
}

void add_grant(JsonLine& line, const client::Grant& grant) {
  line.text("to", grant.to);
  std::vector<std::string> classes;
  if (grant.fixes) classes.emplace_back("track");
  if (grant.events) classes.emplace_back("event");
  if (grant.states) classes.emplace_back("state");
  add_list(line, "classes", classes);
  add_list(line, "groups", grant.groups);
  add_list(line, "units", grant.units);
  if (grant.area) {
    std::string area = "[";
    for (const std::int32_t e7 :
         {grant.area->west_e7, grant.area->south_e7, grant.area->east_e7, grant.area->north_e7}) {
      if (area.size() > 1) area += ',';
      append_scaled(area, e7, 7);
    }
    line.raw("area", area + "]");
  }
  add_time(line, "from", grant.from_us);
  add_time(line, "until", grant.until_us);
  add_time(line, "ends", grant.ends_us);
  if (grant.past) line.flag("past", true);
  if (grant.ended) line.flag("ended", true);
  add_time(line, "made", grant.made_us);
  for (const auto& [term, value] :
       {std::pair{"delay_s", grant.delay_s}, std::pair{"round_m", grant.round_m},
        std::pair{"every_s", grant.every_s}}) {
    if (value != 0) line.number(term, value);
  }
  if (grant.own_numbers) line.flag("own_numbers", true);
}

}  // namespace

std::string_view state_kind_name(StateKind kind) {
  return name_of(kKinds, static_cast<std::size_t>(kind));
}

void add_access(JsonLine& line, const client::State& state) {
  if (state.kind == StateKind::Identity) return add_identity(line, state.identity);
  if (state.kind == StateKind::Invite) return add_invite(line, state.invite);
  if (state.kind == StateKind::Grant) return add_grant(line, state.grant);
}

}  // namespace vigie::cli
