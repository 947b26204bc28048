#pragma once
// Messages as they lie in the spool: checked, encoded once, of one kind each. Pure.
//
//   fix    unit bytes (u8), group bytes (u8), readings bytes (u16), unit, group, wire::Fix (48
//   bytes), readings event  a FlatBuffer with root wire::Event (number 0) state  a FlatBuffer with
//   root wire::State (number 0)

#include <memory>

#include "clients/cpp/core/convert.h"
#include "schemas/words/interval_set.h"

namespace vigie::client {

enum class MessageKind : std::uint8_t { Fix = 0, Event = 1, State = 2 };
inline constexpr std::size_t kMessageKinds = 3;

struct Row {
  std::uint64_t number = 0;  // in the spool, from 1
  MessageKind kind = MessageKind::Fix;
  std::vector<std::byte> payload;
};

/// What a row counts against the spool's bound, beside its payload: keys and page overhead.
inline constexpr std::uint64_t kRowBytesExtra = 32;
inline std::uint64_t row_bytes(const Row& row) {
  return row.payload.size() + kRowBytesExtra;
}

/// Fail with Invalid: the sentence names the field and the value.
Result<std::vector<std::byte>> encode(const Fix& fix);
Result<std::vector<std::byte>> encode(const Event& event);
Result<std::vector<std::byte>> encode(const State& state);

/// A fix row, borrowed from its payload.
struct FixRow {
  std::string_view unit;
  std::string_view group;
  wire::Fix fix;
  std::span<const std::uint8_t> readings;
};
/// Empty when the payload is damaged.
std::optional<FixRow> decode_fix(const Row& row);
/// Null when the payload is damaged.
std::unique_ptr<wire::EventT> decode_event(const Row& row);
std::unique_ptr<wire::StateT> decode_state(const Row& row);

}  // namespace vigie::client
