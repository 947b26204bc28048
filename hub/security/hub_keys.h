#pragma once
// The hub's own keys, in a folder that is its user's alone:
//
//   hub.key             the hub's key pair (schemas/keys/key_file.h)
//   hub.key.old         the one before, and when it ends: until then both work
//   administrators      who rules the hub itself: a line `NAME KEY` each, '#' begins a comment
//   administrator.toml  the key file of the first of them, made with the hub's, to be taken away;
//                       while it lies there, it is checked like the others
//
// Read at the start, on the main thread; changed by the thread that changes the hub's key
// (hub/key_change.h). Cut at any moment, a change is done or not begun.

#include <optional>
#include <string>
#include <vector>

#include "hub/security/registry.h"
#include "schemas/keys/key_file.h"

namespace vigie::security {

/// A key that the hub had before.
struct OldHubKey {
  KeyPair keys = {};
  std::int64_t until_us = 0;  // by the hub's clock
};

/// What a hub's administrator asks for: another key. The old one works for so long.
struct HubKeyOrder {
  std::string peer = {};  // who is to be told
  std::uint32_t request = 0;
  std::string by = {};  // OWNER/NAME
  std::int64_t overlap_us = 0;
};

struct HubKeys {
  KeyPair keys = {};
  std::optional<OldHubKey> old = {};
  std::vector<HubAdministrator> administrators = {};
  std::vector<std::string> made = {};  // files that were not there
  std::string left = {};               // why an old key's file, of no more use, is still there
};

/// Reads the folder; makes what is missing at a hub's first start. `hub` is the address that goes
/// into administrator.toml, HOST:PORT. Never writes over anything; removes an old key that has
/// ended by `now_us`. Fails with Invalid (rights or content: the file, what is wrong, what to do)
/// or Io.
Result<HubKeys> open_hub_keys(const std::string& folder, const std::string& hub,
                              std::int64_t now_us);

/// Another key for the hub, in place of `keys.keys`, which become the old ones until `until_us`, or
/// with 0 are no more, and neither are those before. Gives what then is there. Fails with DiskFull
/// or Io: the hub's own key, and what is old, is what it was.
Result<HubKeys> change_hub_key(const std::string& folder, const HubKeys& keys,
                               std::int64_t until_us);
/// The old key's file goes, too. Fails with Io.
Result<void> forget_old_hub_key(const std::string& folder);

/// The lines of `administrators`; Invalid names the line.
Result<std::vector<HubAdministrator>> parse_administrators(std::string_view text,
                                                           const std::string& path);

}  // namespace vigie::security
