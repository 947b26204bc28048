#pragma once
// What the audit tells of one act: who did what to what, as fields and as a plain sentence. The
// kinds and their fields are listed in schemas/messages/PROTOCOL.md. Pure. No secret is in any.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/security/registry.h"

namespace vigie::security {

/// The kind of an event by which somebody says that he has taken note of others.
inline constexpr std::string_view kAcknowledgement = "acknowledgement";

struct AuditNote {
  std::string kind;
  std::vector<std::string> owners;  // whose audits tell it, the one who acts first; at least one
  std::string text = {};            // one sentence
  /// In order, each key once. Empty values are not told.
  std::vector<std::pair<std::string, std::string>> fields = {};
  /// Names of grants by which something is seen, and of those the exceptions; sorted. The first
  /// owner is told of all, any other of its own.
  std::vector<std::string> grants = {};
  std::vector<std::string> exceptions = {};
  std::string others_text = {};  // in place of `text`, to owners but the first; empty: the same
  std::vector<wire::MessageName> references = {};
  std::uint64_t count = 1;  // acts like this that it stands for
  /// Of what was read: known or true times, 0: none.
  std::int64_t from_us = 0;
  std::int64_t until_us = 0;

  std::string_view field(std::string_view key) const;
  /// What one of the owners is told: what others show, and the view, which may name what is
  /// others', are the first owner's alone.
  std::vector<std::pair<std::string, std::string>> fields_for(std::string_view owner) const;
  const std::string& text_for(std::string_view owner) const;
  void set(std::string_view key, std::string_view value);
  /// Takes in a later act of the same kind: the sentence is the later one's, fields that differ are
  /// told as "several", and the range becomes the least that holds both.
  void merge(AuditNote&& later);
};

/// Who acts, as the audit calls it: OWNER/NAME, or "invitation of OWNER/NAME".
std::string actor_of(const Holder& holder);
/// OWNER; the hub's own where nobody is known.
std::string owner_of_actor(const Holder& holder);

/// A state that says who may do what. REQUIRES: it may be published, and `registry` has not taken
/// it in yet.
AuditNote note_of_state(const Registry& registry, const Holder& holder, const wire::State& state);
/// REQUIRES: of that kind.
AuditNote note_of_acknowledgement(const Holder& holder, const wire::Event& event);

/// True for refusals that say something of who asks: rights, keys, limits. What is malformed is
/// not the audit's.
bool is_told(wire::Refusal code);

struct RefusedAct {
  std::string_view endpoint = {};  // "publish", "listen" or "gate"
  std::string_view key = {};       // that was held; told where nobody holds it
  wire::Refusal code = wire::Refusal::None;
  std::string_view reason = {};
  std::uint64_t count = 1;  // messages
};
AuditNote note_of_refusal(const Holder& holder, const RefusedAct& act);
/// At the gate, of a code that opens nothing any more: told to the owner whom it was for, too.
AuditNote note_of_closed_code(std::string_view key, const ClosedInvitation& closed);

/// Somebody opens what became known before. `view`: in words.
AuditNote note_of_reading(const Registry& registry, const Identity& who, const wire::Open& open,
                          std::string_view view, std::int64_t now_us);
/// A session that goes on from a place that lies back. `from_us` 0: before what is in memory.
struct GoneBack {
  std::uint64_t after_seq = 0;
  std::int64_t from_us = 0;
  std::string_view view = {};
  std::string_view grant = {};
};
AuditNote note_of_going_back(const Registry& registry, const Identity& who, const GoneBack& back,
                             std::int64_t now_us);

/// The hub took another key. `until_us`: the one before works until then; 0: not any more.
AuditNote note_of_hub_key(std::string_view by, std::string_view key, std::int64_t until_us);
/// Somebody looks at a refused message, whole.
AuditNote note_of_quarantined(const Holder& holder, const wire::QuarantinedMessageT& message);

struct HubStart {
  std::string log = {};  // its id, hexadecimal
  std::uint64_t next_seq = 0;
  bool after_crash = false;
};
/// Who rules the hub is named by its configuration: told at each start.
AuditNote note_of_start(const Registry& registry, const HubStart& start);
AuditNote note_of_stop();

}  // namespace vigie::security
