#pragma once
// Makes of stored bodies what the terms of a grant show of them: rounded, without names and counts,
// and of each unit at most the newest fix of each step. Not cut: what the grant and the view take
// is decided after this. A worker's thread.

#include <map>

#include "hub/replay/parts.h"
#include "schemas/model/picture.h"
#include "schemas/model/terms.h"

namespace vigie::replay {

class Coarsener {
 public:
  Coarsener(const Terms& terms, std::size_t bytes_max) : terms_(terms), bytes_max_(bytes_max) {}

  /// Bodies in order of seq; appends what comes of them. A body that comes of fixes of a step has
  /// the step's end for its known time.
  void add(Bytes body, Parts& out);
  /// Nothing that became known before this is to come any more.
  void reach(std::int64_t known_us, Parts& out);
  /// The known time at which fixes that are held back come out; INT64_MAX: there are none.
  std::int64_t due_us() const;
  /// The seq before the first of them; `reached` where there are none.
  std::uint64_t had_through(std::uint64_t reached) const {
    return newest_.empty() ? reached : step_first_seq_ - 1;
  }
  /// Forgets what is held back.
  void clear() { newest_.clear(); }

 private:
  struct Newest {
    std::string group;
    wire::Stamp stamp;
    wire::Fix fix;
  };
  void hold_back(const wire::UnitFixes& section);

  const Terms terms_;
  const std::size_t bytes_max_;
  std::int64_t step_us_ = 0;              // of what is held back
  std::uint64_t step_first_seq_ = 0;      // of its first fix
  std::map<std::string, Newest> newest_;  // by unit
};

/// The picture as the terms show it, of what the view takes at large.
Picture coarse_picture(const Picture& picture, const View& at_large, const Terms& terms);

}  // namespace vigie::replay
