#pragma once
// The terms of a grant: how late it shows, how roughly, how seldom, and whether by numbers of its
// own. Pure.
//
// They are applied to what was stored before anything else is decided (areas, leaves, what is
// newest), so that nothing finer can be inferred from where a border lies or when it is crossed;
// and by known time alone, in steps that begin at the same moments for everybody, so that many
// sessions together tell no more than one.

#include <compare>
#include <cstdint>

#include "schemas/messages/entry_writer.h"

namespace vigie {

struct Terms {
  static constexpr std::int64_t kSettleUs = 1'000'000;
  std::int64_t delay_us = 0;
  std::int64_t every_us = 0;
  std::uint32_t round_m = 0;
  /// Seqs, tokens, log and names are made of what is shown (hub/replay/own_numbers.h).
  bool own_numbers = false;

  bool any() const { return delay_us != 0 || every_us != 0 || round_m != 0 || own_numbers; }
  /// The beginning of the step that holds this known time.
  std::int64_t step_of(std::int64_t known_us) const;
  /// The first moment after that step.
  std::int64_t step_end(std::int64_t known_us) const { return step_of(known_us) + every_us; }
  /// What became known before this may be read at `now_us`, and nothing else. A second is left for
  /// it to become durable, so that all see the same of a step.
  std::int64_t read_until_us(std::int64_t now_us) const { return now_us - delay_us - kSettleUs; }
  auto operator<=>(const Terms&) const = default;
};

struct CellCentre {
  std::int32_t lat_e7, lon_e7;
};

/// The middle of the cell that holds the position: cells are `round_m` high and about as wide, in
/// rows along the parallels, the same for all positions. REQUIRES: round_m != 0.
CellCentre cell_centre(std::int32_t lat_e7, std::int32_t lon_e7, std::uint32_t round_m);

/// The fix as the terms show it: rounded, and without what could tell more than the cell does
/// (speed, course, altitude, accuracies finer than the cell).
wire::Fix coarse_fix(const wire::Fix& fix, const Terms& terms);

/// Writes fixes as the terms show them: without names, running counts and readings, which would
/// tell how many are left out, or more than the cell.
void write_coarse_fixes(FixesEntry entry, const Terms& terms, EntryWriter& out);

/// Writes an event as the terms show it: its position rounded; then without fields, which may hold
/// positions too. Its text stays as it was written.
void write_coarse_event(const wire::Event& event, wire::Spool spool, const Terms& terms,
                        EntryWriter& out);

}  // namespace vigie
