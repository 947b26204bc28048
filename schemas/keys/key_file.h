#pragma once
// Key files: who a program is, and its secret key. TOML, owned by its user and readable by nobody
// else (0600): a file that others may read is refused, with what to do about it. Written whole or
// not at all (a new file, synced, renamed).

#include <string>
#include <vector>

#include "schemas/keys/key_pair.h"

namespace vigie {

/// Of a client: all of it. Of a hub: `keys` alone.
struct KeyFile {
  std::string name = {};  // OWNER/NAME
  std::string role = {};  // "tracker", "console", "gateway", "partner", "administrator"
  std::vector<std::string> units = {};  // that it publishes for
  std::string hub = {};                 // HOST:PORT
  std::string hub_key = {};             // the hub's public key
  KeyPair keys = {};
};

/// Fails with NotFound, Invalid (permissions, owner or content; the sentence names the file, what
/// is wrong and what to do, and never the secret) or Io.
Result<KeyFile> read_key_file(const std::string& path);
/// The same of a file's text; `path` is for the sentences.
Result<KeyFile> parse_key_file(std::string_view text, const std::string& path);
/// Makes the folder (0700) when it is missing. Fails with DiskFull or Io.
Result<void> write_key_file(const std::string& path, const KeyFile& file);

}  // namespace vigie
