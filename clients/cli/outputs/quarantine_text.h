#pragma once
// Messages that the hub refused, for people and as NDJSON. What they hold is a stranger's: it is
// written so that it steers no terminal. Pure.

#include <string>

#include "vigie/ask.h"

namespace vigie::cli {

/// The head of the list, and a line for a message in it.
std::string quarantine_head();
std::string quarantined_line(const client::QuarantinedMessage& message);
/// All that is known of one: the hub's words, what can be read of it, and its first bytes.
std::string quarantined_text(const client::QuarantinedMessage& message);
/// An NDJSON line; with the bytes, as hexadecimal digits, where they are there.
std::string quarantined_json(const client::QuarantinedMessage& message);

}  // namespace vigie::cli
