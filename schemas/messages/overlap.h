#pragma once
// The hub writes into an accepted batch where it lies: every entry's stamp and every fix's marks.
// FlatBuffers lets two fields name the same bytes, and a verifier takes that for well formed; the
// hub's own writing could then turn a length or an offset that was verified into another. So a
// batch whose writable parts belong to anything else as well is refused before anything is written.
// Pure.

#include "schemas/messages/wire.h"

namespace vigie {

/// True when no byte of a stamp or of a vector of fixes is also a part of another object of the
/// batch, and every object lies within limits::kBatchBytesMax of the root. Call on a verified
/// batch. Costs a few nanoseconds for each table, string and vector, and none for a fix.
bool writable_parts_stand_alone(const wire::Batch& batch);

}  // namespace vigie
