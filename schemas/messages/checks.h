#pragma once
// What arrives is verified once (structure) and then range-checked (values). Pure; touches nothing
// it is given.

#include <string>
#include <vector>

#include "schemas/messages/wire.h"
#include "schemas/words/result.h"

namespace vigie {

/// Messages of a batch that are refused for good.
struct RefusedNumbers {
  std::uint64_t first;  // both included
  std::uint64_t last;
  wire::Refusal code;
  std::string reason;  // names the field and the value
};

/// A request or batch that is refused as a whole.
struct RefusedRequest {
  wire::Refusal code = wire::Refusal::None;
  std::string reason;
  explicit operator bool() const { return code != wire::Refusal::None; }
};

/// Checks the batch as a whole: spool present, sizes, numbers at least 1, rising and disjoint, and
/// that what the hub will write into is nothing else as well (overlap.h). Call on a verified batch
/// of up to limits::kBatchBytesMax.
RefusedRequest check_batch(const wire::Batch& batch);
/// Checks each message's values; appends what is refused. Takes about 5 ns a fix when all is well.
void check_entries(const wire::Batch& batch, std::vector<RefusedNumbers>& refused);

/// One fix's values. None when all is well; `reason` may be null when the text is not wanted.
wire::Refusal check_fix(const wire::Fix& fix, std::string* reason);
wire::Refusal check_event(const wire::Event& event, std::string* reason);
wire::Refusal check_state(const wire::State& state, std::string* reason);
RefusedRequest check_view(const wire::View* view);
RefusedRequest check_open(const wire::Open& open);

/// How many messages: events, states and fixes.
std::size_t entry_count(const wire::Batch& batch);

/// A refusal's stable name in snake_case ("bad_position"), for counters, logs and the command.
std::string refusal_name(wire::Refusal code);

}  // namespace vigie
