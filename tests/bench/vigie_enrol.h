#pragma once
// Enrols at a hub that asks who is there: as the administrator whom the hub made at its first
// start, over the protocol (schemas/messages/PROTOCOL.md), without the client library.

#include <filesystem>

#include "schemas/messages/wire.h"
#include "tests/bench/zmtp.h"

namespace vigie::bench {

/// Somebody whom the hub knows.
struct Enrolled {
  std::string name = {};  // OWNER/NAME
  CurveKeys keys = {};
};

/// Of a spool: of an identity, or, without one, of anybody.
wire::Spool new_spool(const std::optional<Enrolled>& who);
std::optional<CurveKeys> keys_of(const std::optional<Enrolled>& who);

/// What somebody is to be.
struct Enrolment {
  std::string name = {};
  wire::Role role = wire::Role::None;
  std::vector<std::string> units = {};
};

/// Makes a key pair for each and has the hub on `port` take them in; returns when all that is
/// durable. `data` is the hub's folder. Unavailable when it is not within `seconds`.
Result<std::vector<Enrolled>> enrol(Poller& poller, int port, const std::filesystem::path& data,
                                    const std::vector<Enrolment>& wanted, double seconds);

}  // namespace vigie::bench
