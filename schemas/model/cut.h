#pragma once
// Cutting entries out of a batch, for a view or by their seqs. Pure.

#include "schemas/messages/entry_writer.h"
#include "schemas/model/view.h"

namespace vigie {

/// `length` fixes of a section from the `start`-th on, with the stamp, numbers and readings that
/// are theirs.
FixesEntry run_of(const wire::UnitFixes& section, const wire::Batch& batch, std::size_t start,
                  std::size_t length);

/// Writes the view's part of a body (areas cut fixes; leaves are not told: that takes the picture).
/// `body` is verified. `written` is called after each entry, or run of fixes of at most about 2 KB,
/// so that the caller may end a part there.
void cut_body(Bytes body, const View& view, EntryWriter& out, const std::function<void()>& written);

/// Writes the entry with this seq, when the body has it and the view takes it. True when it was
/// written.
bool cut_entry(Bytes body, std::uint64_t seq, const View& view, EntryWriter& out);

}  // namespace vigie
