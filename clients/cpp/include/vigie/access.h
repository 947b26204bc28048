#pragma once
// Who may do what: identities, invitations, grants, as values. Times are known times in
// microseconds since 1970, UTC; 0: without end. schemas/messages/access.fbs tells what each means.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vigie/area.h"

namespace vigie::client {

/// What an identity may do; the numbers are the wire's.
enum class Role : std::uint8_t {
  None = 0,
  Tracker = 1,
  Console = 2,
  Gateway = 3,
  Partner = 4,
  Administrator = 5
};

/// "tracker", "console", "gateway", "partner" or "administrator"; else "unknown".
std::string role_name(Role role);
/// None when there is no such role.
Role role_of(const std::string& name);

/// A key and what it may do; the state's name is OWNER/NAME. Times are known times in microseconds,
/// 0: without end.
struct Identity {
  std::string key = {};  // CURVE public key: 64 lower-case hexadecimal digits
  Role role = Role::None;
  std::vector<std::string> units = {};  // OWNER/NAME, or OWNER/*
  std::int64_t ends_us = 0;
  std::string invite = {};    // the key of the invitation that it came by; empty: none
  std::uint8_t rank = 0;      // among the sources of one unit the lowest that is fresh moves it
  std::string sign_key = {};  // of its signatures (Ed25519), written as `key`; empty: it has none
  bool operator==(const Identity&) const = default;
};

/// The right to become an identity, once.
struct Invite {
  std::string key = {};
  Role role = Role::None;
  std::vector<std::string> units = {};
  std::int64_t identity_ends_us = 0;
  std::int64_t ends_us = 0;  // must be given
  std::uint8_t rank = 0;     // what the identity's will be
  bool operator==(const Invite&) const = default;
};

/// Who the hub takes a key for: the identity of that name, or whoever holds an invitation to become
/// it.
struct TakenFor {
  std::string name = {};
  std::optional<Identity> identity = {};
  std::optional<Invite> invite = {};
};

/// What an owner shows to somebody else (access.fbs tells more).
struct Grant {
  std::string to = {};  // OWNER or OWNER/NAME
  bool fixes = true;    // of these three one at least
  bool events = true;
  bool states = true;
  std::vector<std::string> groups = {};
  std::vector<std::string> units = {};
  std::optional<Area> area = {};
  std::int64_t from_us = 0;
  std::int64_t until_us = 0;
  std::int64_t ends_us = 0;
  bool past = false;
  bool ended = false;
  std::int64_t made_us = 0;
  // Its terms; with any of them it is opened by itself (ConsoleOptions::grant).
  std::uint32_t delay_s = 0;  // nothing before it has been known for so long
  std::uint32_t round_m = 0;  // positions of cells about so wide
  std::uint32_t every_s = 0;  // of each unit at most one fix in so long
  bool own_numbers = false;   // seqs, tokens and log tell nothing of what is withheld
  bool has_terms() const { return delay_s != 0 || round_m != 0 || every_s != 0 || own_numbers; }
  bool operator==(const Grant&) const = default;
};

}  // namespace vigie::client
