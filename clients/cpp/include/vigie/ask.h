#pragma once
// What administrators ask the hub: what it refused and keeps, and another key of its own. An
// owner's administrator is told of its owner's senders, the hub's own of all; a plain hub tells
// everybody. Each call makes a connection of its own and waits for the answer. One thread each.
//
// All fail with Invalid (the hub refused, and why), NotFound, Unavailable (no answer) or Io.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schemas/words/result.h"
#include "vigie/view.h"

namespace vigie::client {

struct AskOptions {
  LinkOptions link = {};
  std::chrono::milliseconds timeout{10'000};
};

/// A message that the hub refused.
struct QuarantinedMessage {
  std::uint64_t id = 0;  // rising
  std::int64_t known_time_us = 0;
  std::string endpoint = {};  // "publish" or "listen"
  std::string name = {};      // who sent it; empty: nobody known
  std::string key = {};       // by which key; empty: the hub asks nobody
  Refusal code = Refusal::None;
  std::string reason = {};
  std::uint32_t size = 0;             // of the whole message
  std::vector<std::byte> bytes = {};  // of it, from the first on; empty in a list
};

struct Quarantine {
  std::vector<QuarantinedMessage> messages = {};  // the newest first
  bool more = false;                              // there are older ones
  std::uint64_t dropped = 0;  // that were not kept, or no more, since the hub's start
};

/// The hub's key, after it was changed.
struct HubKeyChange {
  std::string key = {};       // the new public one
  std::int64_t until_us = 0;  // known time: until then the old one works; 0: it does not any more
};

/// The hub takes another key; the old one works for `overlap` more, so that everybody comes by and
/// is told the new one. Only the hub's own administrators may. Not asked again when the connection
/// ends before the answer: then Unavailable.
Result<HubKeyChange> change_hub_key(const AskOptions& options, std::chrono::seconds overlap);

/// Those with ids lower than `before` (0: from the newest on), at most so many (0: as many as the
/// hub tells at once).
Result<Quarantine> ask_quarantine(const AskOptions& options, std::uint64_t before = 0,
                                  std::uint32_t most = 0);
/// One of them, with its bytes.
Result<QuarantinedMessage> ask_quarantined(const AskOptions& options, std::uint64_t id);

/// What the bytes say that they are: "Batch", "Open" and so on; empty: nothing that a hub is sent.
std::string message_kind(std::span<const std::byte> bytes);

/// What a refused batch says, as far as it can be read; nothing of it is checked. Readings are left
/// out.
struct RefusedBatch {
  std::vector<Event> events = {};
  std::vector<State> states = {};
  std::vector<Fix> fixes = {};
  std::size_t left_out = 0;  // messages that would have been too much
};
/// Empty when it is no whole batch.
std::optional<RefusedBatch> read_refused_batch(std::span<const std::byte> bytes);

}  // namespace vigie::client
