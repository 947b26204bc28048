#pragma once
// The code that invites: "VIGIE-" and base64url (RFC 4648, without padding) of a version byte (1),
// the hub's public key (32), the invitation's secret (16), the hub's address as HOST:PORT, and the
// first four bytes of BLAKE2b-256 of all that, so that a mistyped code is told from a used one.
// Pure.

#include <string>
#include <string_view>

#include "schemas/keys/key_pair.h"

namespace vigie {

struct InviteCode {
  std::string hub = {};      // HOST:PORT as the device reaches it; at most 255 bytes
  std::string hub_key = {};  // 64 hexadecimal digits
  InviteSecret secret = {};
};

std::string format_invite_code(const InviteCode& code);
/// Blanks and line ends in it are skipped. Invalid says what is wrong, never the code.
Result<InviteCode> parse_invite_code(std::string_view text);

}  // namespace vigie
