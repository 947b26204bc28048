#pragma once
// The hub's own keys, in a folder that is its user's alone:
//
//   hub.key             the hub's key pair (schemas/keys/key_file.h)
//   administrators      who rules the hub itself: a line `NAME KEY` each, '#' begins a comment
//   administrator.toml  the key file of the first of them, made with the hub's, to be taken away
//
// Read at the start; the main thread.

#include <string>
#include <vector>

#include "hub/security/registry.h"
#include "schemas/keys/key_file.h"

namespace vigie::security {

struct HubKeys {
  KeyPair keys = {};
  std::vector<HubAdministrator> administrators = {};
  std::vector<std::string> made = {};  // files that were not there
};

/// Reads the folder; makes what is missing at a hub's first start. `hub` is the address that goes
/// into administrator.toml, HOST:PORT. Never writes over anything. Fails with Invalid (rights or
/// content: the file, what is wrong, what to do) or Io.
Result<HubKeys> open_hub_keys(const std::string& folder, const std::string& hub);

/// The lines of `administrators`; Invalid names the line.
Result<std::vector<HubAdministrator>> parse_administrators(std::string_view text,
                                                           const std::string& path);

}  // namespace vigie::security
