#include "hub/security/audit_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "schemas/messages/check_access.h"
#include "schemas/messages/check_parts.h"
#include "schemas/words/times.h"

namespace vigie::security {
namespace {

constexpr std::string_view kSeveral = "several";
constexpr std::size_t kListBytesMax = limits::kFieldValueBytesMax - 32;
constexpr std::size_t kOwnersMax = 256;  // of one note

void add_owner(AuditNote& note, std::string_view owner) {
  const bool there = std::find(note.owners.begin(), note.owners.end(), owner) != note.owners.end();
  if (!there && note.owners.size() < kOwnersMax) note.owners.emplace_back(owner);
}

/// Whole names, as many as have room.
template <typename List, typename Text>
std::string listed(const List& list, const Text& text) {
  std::string all;
  std::size_t left = list.size();
  for (const auto& one : list) {
    const std::string_view name = text(one);
    if (all.size() + name.size() + 1 > kListBytesMax) break;
    if (!all.empty()) all += ' ';
    all += name;
    --left;
  }
  return left == 0 ? all : fmt::format("{} and {} more", all, left);
}

std::string listed(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list) {
  std::vector<std::string_view> names;
  for (const auto* one : each(list)) names.push_back(text_of(one));
  return listed(names, [](std::string_view name) { return name; });
}

std::string role_text(wire::Role role) {
  std::string text = wire::EnumNameRole(role);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// Empty: no such time.
std::string time_text(std::int64_t us) {
  return us == 0 ? std::string() : format_time(us);
}

/// Empty: 0.
std::string number_text(std::uint64_t number) {
  return number == 0 ? std::string() : fmt::format("{}", number);
}

AuditNote note_by(const Holder& holder, std::string_view kind) {
  AuditNote note{.kind = std::string(kind), .owners = {owner_of_actor(holder)}};
  note.set("who", actor_of(holder));
  return note;
}

void tell_identity(const Registry& registry, const Holder& holder, const wire::State& state,
                   AuditNote& note) {
  const std::string name(text_of(state.name()));
  const std::string who = actor_of(holder);
  const Identity* had = registry.named(name);
  const wire::Identity* identity = state.identity();
  if (had != nullptr) note.set("key_before", had->key);
  if (state.deleted() || identity == nullptr) {
    note.kind = "revoked";
    note.text = fmt::format("{} revoked {}", who, name);
    return;
  }
  note.set("key", text_of(identity->key()));
  note.set("role", role_text(identity->role()));
  note.set("units", listed(identity->units()));
  note.set("ends", time_text(identity->ends_us()));
  note.set("invite", text_of(identity->invite()));
  note.set("rank", number_text(identity->rank()));
  note.set("sign_key", text_of(identity->sign_key()));
  const std::string role = role_text(identity->role());
  if (holder.invitation != nullptr || had == nullptr) {
    note.kind = "enrolled";
    note.text = holder.invitation != nullptr
                    ? fmt::format("{} joined as {} with its invitation", name, role)
                    : fmt::format("{} enrolled {} as {}", who, name, role);
  } else if (had->key != text_of(identity->key())) {
    note.kind = "rotated";
    note.text = fmt::format("{} gave {} another key", who, name == who ? "itself" : name);
  } else {
    note.kind = "changed";
    note.text = fmt::format("{} changed what {} may do", who, name);
  }
}

void tell_invite(const Holder& holder, const wire::State& state, AuditNote& note) {
  const std::string_view name = text_of(state.name());
  const wire::Invite* invite = state.invite();
  if (state.deleted() || invite == nullptr) {
    note.kind = "invite_withdrawn";
    note.text = fmt::format("{} withdrew the invitation of {}", actor_of(holder), name);
    return;
  }
  const std::string role = role_text(invite->role());
  note.kind = "invited";
  note.set("invite", text_of(invite->key()));
  note.set("role", role);
  note.set("units", listed(invite->units()));
  note.set("ends", time_text(invite->ends_us()));
  note.set("identity_ends", time_text(invite->identity_ends_us()));
  note.set("rank", number_text(invite->rank()));
  note.text = fmt::format("{} invited {} as {}, until {}", actor_of(holder), name, role,
                          format_time(invite->ends_us()));
}

std::string classes_text(wire::Class classes) {
  const auto bits = static_cast<unsigned>(classes);
  std::vector<std::string_view> names;
  for (const MessageClass one : {MessageClass::Track, MessageClass::Event, MessageClass::State}) {
    if ((bits & (1u << static_cast<unsigned>(one))) != 0) names.push_back(class_name(one));
  }
  return fmt::format("{}", fmt::join(names, " "));
}

std::string area_text(const wire::Area& area) {
  return fmt::format("{:.7f},{:.7f},{:.7f},{:.7f}", area.west_e7() / 1e7, area.south_e7() / 1e7,
                     area.east_e7() / 1e7, area.north_e7() / 1e7);
}

void tell_grant(const Holder& holder, const wire::State& state, AuditNote& note) {
  const std::string_view name = text_of(state.name());
  const wire::Grant& grant = *state.grant();
  const std::string_view to = text_of(grant.to());
  add_owner(note, to.find('/') == std::string_view::npos ? to : owner_of(to));
  note.set("grant", name);
  note.set("to_whom", to);
  note.set("classes", classes_text(grant.classes()));
  note.set("groups", listed(grant.groups()));
  note.set("units", listed(grant.units()));
  if (grant.area() != nullptr) note.set("area", area_text(*grant.area()));
  note.set("known_from", time_text(grant.from_us()));
  note.set("known_before", time_text(grant.until_us()));
  note.set("ends", time_text(grant.ends_us()));
  note.set("delay_s", number_text(grant.delay_s()));
  note.set("round_m", number_text(grant.round_m()));
  note.set("every_s", number_text(grant.every_s()));
  note.set("own_numbers", grant.own_numbers() ? "yes" : "");
  note.set("exception", grant.past() ? "past" : "");
  note.kind = grant.ended() ? "grant_ended" : "granted";
  note.text = grant.ended()
                  ? fmt::format("{} ended grant {} to {}", actor_of(holder), name, to)
                  : fmt::format("{} made grant {} to {}{}", actor_of(holder), name, to,
                                grant.past() ? ", of the time before it was made, too" : "");
}

/// True when a view of these channels may hold something of the owner's.
bool may_cover(const wire::View* view, std::string_view owner) {
  if (view == nullptr || size_of(view->channels()) == 0) return true;
  for (const auto* channel : each(view->channels())) {
    const std::string_view prefix = text_of(channel);
    const std::size_t cut = prefix.find('/');
    if (cut == std::string_view::npos || cut + 1 == prefix.size()) return true;
    const std::string_view rest = prefix.substr(cut + 1);
    if (rest.substr(0, rest.find('/')) == owner) return true;
  }
  return false;
}

/// The grants by which it sees, and their owners' audits.
void tell_grants(const Registry& registry, const Identity& who, std::string_view grant,
                 const wire::View* view, std::int64_t now_us, AuditNote& note) {
  std::vector<ShownBy> by = registry.shown_by(who, grant, now_us);
  std::erase_if(by, [&](const ShownBy& one) { return !may_cover(view, owner_of(one.grant)); });
  for (const ShownBy& one : by) {
    add_owner(note, owner_of(one.grant));
    note.grants.emplace_back(one.grant);
    if (one.past) note.exceptions.emplace_back(one.grant);
  }
  std::sort(note.grants.begin(), note.grants.end());
  std::sort(note.exceptions.begin(), note.exceptions.end());
}

/// Takes in names; both are sorted.
void join(std::vector<std::string>& names, const std::vector<std::string>& more) {
  if (names == more) return;
  std::vector<std::string> all;
  std::set_union(names.begin(), names.end(), more.begin(), more.end(), std::back_inserter(all));
  names = std::move(all);
}

}  // namespace

std::string_view AuditNote::field(std::string_view key) const {
  for (const auto& [name, value] : fields) {
    if (name == key) return value;
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> AuditNote::fields_for(
    std::string_view owner) const {
  const bool is_first = owner == owners.front();
  std::vector<std::pair<std::string, std::string>> told = fields;
  if (!is_first) std::erase_if(told, [](const auto& field) { return field.first == "view"; });
  for (const auto& [key, names] :
       {std::pair("grants", &grants), std::pair("exceptions", &exceptions)}) {
    std::vector<std::string_view> own;
    for (const std::string& name : *names) {
      if (is_first || owner_of(name) == owner) own.push_back(name);
    }
    if (!own.empty()) {
      told.emplace_back(key, listed(own, [](std::string_view name) { return name; }));
    }
  }
  return told;
}

const std::string& AuditNote::text_for(std::string_view owner) const {
  return others_text.empty() || owner == owners.front() ? text : others_text;
}

void AuditNote::set(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.first == key; });
  // Names, lists and reasons have their own limits; whatever is longer is not cut in a character.
  const std::string kept =
      value.size() <= limits::kFieldValueBytesMax ? std::string(value) : shown(value);
  if (found != fields.end()) {
    found->second = kept;
  } else {
    fields.emplace_back(key, kept);
  }
}

void AuditNote::merge(AuditNote&& later) {
  count += later.count;
  text = std::move(later.text);
  others_text = std::move(later.others_text);
  join(grants, later.grants);
  join(exceptions, later.exceptions);
  for (const std::string& owner : later.owners) add_owner(*this, owner);
  for (auto& [key, value] : fields) {
    if (later.field(key) != value) value = kSeveral;
  }
  for (const auto& [key, value] : later.fields) {
    if (field(key).empty()) fields.emplace_back(key, kSeveral);
  }
  for (const wire::MessageName& name : later.references) {
    if (references.size() < limits::kReferencesMax) references.push_back(name);
  }
  // 0 at the end: without end; at the beginning: from the first on.
  from_us = std::min(from_us, later.from_us);
  until_us = until_us == 0 || later.until_us == 0 ? 0 : std::max(until_us, later.until_us);
}

std::string actor_of(const Holder& holder) {
  if (holder.identity != nullptr) return holder.identity->name;
  if (holder.invitation != nullptr) return "invitation of " + holder.invitation->becomes.name;
  return "unknown";
}

std::string owner_of_actor(const Holder& holder) {
  if (holder.identity != nullptr) return std::string(owner_of(holder.identity->name));
  if (holder.invitation != nullptr) return std::string(owner_of(holder.invitation->becomes.name));
  return std::string(kHubOwner);
}

AuditNote note_of_state(const Registry& registry, const Holder& holder, const wire::State& state) {
  const std::string_view name = text_of(state.name());
  AuditNote note = note_by(holder, "");
  add_owner(note, owner_of(name));
  if (state.kind() != wire::StateKind::Grant) note.set("whom", name);
  if (state.kind() == wire::StateKind::Identity) tell_identity(registry, holder, state, note);
  if (state.kind() == wire::StateKind::Invite) tell_invite(holder, state, note);
  if (state.kind() == wire::StateKind::Grant) tell_grant(holder, state, note);
  return note;
}

AuditNote note_of_acknowledgement(const Holder& holder, const wire::Event& event) {
  AuditNote note = note_by(holder, "acknowledged");
  note.set("unit", text_of(event.unit()));
  std::vector<std::string> names;
  for (const wire::MessageName* name : each(event.references())) {
    note.references.push_back(*name);
    names.push_back(fmt::format("{:016x}{:016x}:{}", name->spool().high(), name->spool().low(),
                                name->number()));
  }
  note.set("messages", listed(names, [](const std::string& one) { return std::string_view(one); }));
  note.text = fmt::format("{} acknowledged {} message{} as {}", actor_of(holder), names.size(),
                          names.size() == 1 ? "" : "s", text_of(event.unit()));
  return note;
}

bool is_told(wire::Refusal code) {
  using enum wire::Refusal;
  return code == NotEntitled || code == Revoked || code == BadInvite || code == WrongSpool ||
         code == SpoolClosed || code == TooFast || code == TooManySessions;
}

AuditNote note_of_refusal(const Holder& holder, const RefusedAct& act) {
  AuditNote note = note_by(holder, "refused");
  if (!holder) note.set("key", act.key);
  note.set("code", refusal_name(act.code));
  note.set("endpoint", act.endpoint);
  note.set("reason", act.reason);
  note.count = act.count;
  note.text = fmt::format("{} was refused at {}: {}", actor_of(holder), act.endpoint, act.reason);
  return note;
}

AuditNote note_of_closed_code(std::string_view key, const ClosedInvitation& closed) {
  AuditNote note = note_by({}, "refused");
  add_owner(note, owner_of(closed.name));
  note.set("whom", closed.name);
  note.set("invite", key);
  note.set("code", refusal_name(wire::Refusal::BadInvite));
  note.set("endpoint", "gate");
  note.set("reason", fmt::format("the code {}", closed.why));
  note.text =
      fmt::format("a code for {} was tried, and refused at gate: it {}", closed.name, closed.why);
  return note;
}

AuditNote note_of_reading(const Registry& registry, const Identity& who, const wire::Open& open,
                          std::string_view view, std::int64_t now_us) {
  const bool replays = open.mode() == wire::Mode::Replay;
  AuditNote note = note_by({.identity = &who}, open.recording() ? "exported" : "read_past");
  const bool true_time = open.start() == wire::StartKind::TrueTime;
  const bool live = open.mode() == wire::Mode::Live;
  note.set("mode", replays ? "replay" : live ? "live" : "snapshot");
  note.set("clock", true_time ? "true" : "known");
  note.set("view", view);
  note.set("grant", text_of(open.grant()));
  note.from_us = open.time_us();
  note.until_us = replays ? open.until_us() : live ? 0 : open.time_us();
  tell_grants(registry, who, text_of(open.grant()), open.view(), now_us, note);
  const char* what = replays ? "replayed" : live ? "followed, from the past on," : "looked at";
  const auto text = [&](std::string_view seen, bool by_exception) {
    return fmt::format("{} {} {} by {} time{}", who.name, open.recording() ? "exported" : what,
                       seen, true_time ? "true" : "known",
                       by_exception ? ", by an explicit exception" : "");
  };
  note.text = text(view, !note.exceptions.empty());
  note.others_text = text("what it is shown", false);
  return note;
}

AuditNote note_of_going_back(const Registry& registry, const Identity& who, const GoneBack& back,
                             std::int64_t now_us) {
  AuditNote note = note_by({.identity = &who}, "read_past");
  note.set("mode", "live");
  note.set("clock", "known");
  note.set("view", back.view);
  note.set("grant", back.grant);
  note.set("after_seq", fmt::format("{}", back.after_seq));
  note.from_us = back.from_us;
  tell_grants(registry, who, back.grant, nullptr, now_us, note);
  note.text = fmt::format("{} went on with {} from seq {}", who.name, back.view, back.after_seq);
  note.others_text =
      fmt::format("{} went on with what it is shown from seq {}", who.name, back.after_seq);
  return note;
}

AuditNote note_of_hub_key(std::string_view by, std::string_view key, std::int64_t until_us) {
  AuditNote note{.kind = "hub_key_rotated", .owners = {std::string(kHubOwner)}};
  note.set("who", by);
  note.set("key", key);
  note.set("before_works_until", time_text(until_us));
  note.text = until_us == 0
                  ? fmt::format("{} gave the hub another key; the one before has ended", by)
                  : fmt::format("{} gave the hub another key; the one before works until {}", by,
                                format_time(until_us));
  return note;
}

AuditNote note_of_quarantined(const Holder& holder, const wire::QuarantinedMessageT& message) {
  AuditNote note = note_by(holder, "read_quarantined");
  if (!message.name.empty()) add_owner(note, owner_of(message.name));
  note.set("whom", message.name);
  note.set("message", fmt::format("{}", message.id));
  note.text = fmt::format("{} looked at a refused message of {}", actor_of(holder),
                          message.name.empty() ? "nobody known" : message.name.c_str());
  return note;
}

AuditNote note_of_start(const Registry& registry, const HubStart& start) {
  AuditNote note{.kind = "hub_started", .owners = {std::string(kHubOwner)}};
  note.set("who", "hub");
  note.set("log", start.log);
  note.set("next_seq", fmt::format("{}", start.next_seq));
  note.set("after_crash", start.after_crash ? "yes" : "no");
  // Whatever became of a change before: the key that the hub has now.
  note.set("hub_key", registry.hub_key().key);
  std::vector<std::string> names;
  for (const HubAdministrator& one : registry.administrators()) {
    names.push_back(fmt::format("{}/{}={}", kHubOwner, one.name, one.key));
  }
  note.set("administrators",
           listed(names, [](const std::string& one) { return std::string_view(one); }));
  note.text =
      start.after_crash ? "the hub started, after an end that was not clean" : "the hub started";
  return note;
}

AuditNote note_of_stop() {
  AuditNote note{.kind = "hub_stopped", .owners = {std::string(kHubOwner)}};
  note.set("who", "hub");
  note.text = "the hub stopped";
  return note;
}

}  // namespace vigie::security
