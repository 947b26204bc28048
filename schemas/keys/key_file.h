#pragma once
// Key files: who a program is, and its secret key. TOML, owned by its user and readable by nobody
// else (0600): a file that others may read is refused, with what to do about it. Written whole or
// not at all (a new file, synced, renamed).

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "schemas/keys/key_pair.h"

namespace vigie {

/// Of a client: all but `ends_us`. Of a hub: `keys`, and `ends_us` of a key that it had before.
struct KeyFile {
  std::string name = {};  // OWNER/NAME
  std::string role = {};  // "tracker", "console", "gateway", "partner", "administrator"
  std::vector<std::string> units = {};  // that it publishes for
  std::string hub = {};                 // HOST:PORT
  std::string hub_key = {};             // the hub's newest public key
  std::string hub_key_old = {};         // the one before, until the newest has worked; may be empty
  std::int64_t ends_us = 0;             // when `keys` end, by the hub's clock; 0: no end is known
  KeyPair keys = {};
};

/// Fails with NotFound, Invalid (permissions, owner or content; the sentence names the file, what
/// is wrong and what to do, and never the secret) or Io.
Result<KeyFile> read_key_file(const std::string& path);
/// The same of a file's text; `path` is for the sentences.
Result<KeyFile> parse_key_file(std::string_view text, const std::string& path);
/// Makes the folder (0700) when it is missing. Fails with DiskFull or Io.
Result<void> write_key_file(const std::string& path, const KeyFile& file);
/// Reads it, lets `change` change it, and writes it when `change` says that it did: nobody else who
/// does so, or replaces the file, comes between. Fails as reading and writing do.
Result<void> change_key_file(const std::string& path, const std::function<bool(KeyFile&)>& change);
/// Renames a key file over another one, never while that is being changed. Fails with Io.
Result<void> replace_key_file(const std::string& from, const std::string& to);

}  // namespace vigie
