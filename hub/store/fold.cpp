#include "hub/store/fold.h"

#include <fmt/format.h>

#include "hub/store/cut.h"
#include "hub/store/entries.h"

namespace vigie::store {

Result<std::uint64_t> fold_checkpoint(const Sources& sources, std::uint64_t through,
                                      Picture& picture, Ledger* ledger) {
  const std::uint64_t floor = sources.floor.load();
  std::string damage;
  while (true) {
    const auto found = checkpoint_at_or_before(sources.database, through);
    if (!found.ok()) return found.fault();
    const std::uint64_t seq = *found ? (*found)->seq : 0;
    if (seq + 1 < floor) {
      return Fault{damage.empty() ? FaultCode::NotFound : FaultCode::Damaged,
                   fmt::format("what was known at seq {} is not kept any more: the log begins at "
                               "seq {}{}",
                               through, floor, damage)};
    }
    if (!*found) return 0;
    const auto loaded = load_checkpoint(sources.database, **found, picture, ledger);
    if (loaded.ok()) return seq;
    damage = fmt::format(" ({})", loaded.fault().sentence);
    picture.clear();
    if (ledger != nullptr) *ledger = Ledger();
    through = seq - 1;
  }
}

Result<void> fold_through(const Sources& sources, std::uint64_t through, bool accept_damage,
                          Picture& picture, Ledger* ledger) {
  const auto start = fold_checkpoint(sources, through, picture, ledger);
  if (!start.ok()) return start.fault();
  const auto reader = make_log_reader(sources.database, sources.health, sources.floor);
  reader->seek(*start + 1);
  while (true) {
    const auto body = reader->next();
    if (!body.ok()) {
      if (body.fault().code == FaultCode::Damaged && accept_damage) continue;
      return body.fault();
    }
    if (body->empty() || header_of(*body).first_seq() > through) return {};
    BodyPtr cut;
    Bytes folded = *body;
    if (header_of(*body).last_seq() > through) {
      cut = body_through(*body, through);
      if (cut == nullptr) return {};
      folded = cut->bytes();
    }
    picture.fold(folded);
    if (ledger != nullptr) ledger->fold(folded);
    if (cut != nullptr) return {};
  }
}

}  // namespace vigie::store
