#pragma once
// Small builders for the messages both sides send often. Pure.

#include "schemas/messages/checks.h"

namespace vigie {

std::vector<std::byte> make_rejected(wire::Refusal code, std::string_view reason,
                                     std::uint32_t retry_after_ms);
std::vector<std::byte> make_denied(wire::Refusal code, std::string_view reason,
                                   std::uint32_t retry_after_ms);
std::vector<std::byte> make_reopen(wire::Refusal code, std::string_view reason);
std::vector<std::byte> make_rehello(std::string_view reason);

}  // namespace vigie
