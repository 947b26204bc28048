#pragma once
// How a device becomes somebody: join() with an invitation's code, rotate() for another key. The
// secret key is made here and never leaves this machine. Both may be cut at any moment and are then
// called again: what was begun is taken up. One thread; they wait for the hub.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "schemas/words/result.h"
#include "vigie/access.h"

namespace vigie::client {

struct JoinOptions {
  std::string code = {};           // as `vigie invite` prints it
  std::string identity_path = {};  // the key file that is written
  bool replace = false;            // of another identity that is there
  std::string hub = {};            // another address than the code's
  std::string client = {};         // program and version, for the hub's status
  std::chrono::milliseconds timeout{10'000};
};

/// Who this device is now.
struct Joined {
  std::string name = {};
  Role role = Role::None;
  std::vector<std::string> units = {};
  std::int64_t ends_us = 0;  // known time; 0: without end
  std::string hub = {};
  std::uint8_t rank = 0;  // among the sources of one unit
  /// An earlier join that was cut is at its end now; `code` was not used, unless it was that one's.
  bool taken_up = false;
};

/// Fails with Invalid (the code, the file that is there, or the hub's refusal: used, withdrawn,
/// over), Unavailable (the hub does not answer, or has another key than the code's) or Io.
Result<Joined> join(const JoinOptions& options);

struct RotateOptions {
  std::string identity_path = {};
  std::string hub = {};  // another address than the file's
  std::string client = {};
  std::chrono::milliseconds timeout{10'000};
};

/// Another key for the same identity: the old one is nobody's from then on. Programs that run take
/// the new one up by themselves. Fails as join() does.
Result<void> rotate(const RotateOptions& options);

}  // namespace vigie::client
