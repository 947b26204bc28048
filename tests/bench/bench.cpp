#include "tests/bench/bench.h"

#include <fmt/format.h>

namespace vigie::bench {

bool Bench::wanted(PeerKind kind) const {
  if (kind == PeerKind::Vigie || settings_.peers.empty()) return true;
  const std::string_view name = peer_name(kind);
  for (const std::string& word : settings_.peers) {
    if (name.find(word) != std::string_view::npos) return true;
  }
  return false;
}

void Bench::interleave(std::string_view measure, std::string_view variant,
                       std::initializer_list<PeerKind> kinds,
                       const std::function<Result<void>(PeerKind)>& round) {
  for (int i = 0; i < settings_.rounds; ++i) {
    for (const PeerKind kind : kinds) {
      if (!wanted(kind) || interrupted()) continue;
      fmt::print(stderr, "{} {}, round {} of {}: {}\n", measure, variant, i + 1, settings_.rounds,
                 peer_name(kind));
      if (Result<void> done = round(kind); !done) {
        add_fault(measure, fmt::format("{} round {}", variant, i + 1), kind, done.fault());
      }
    }
  }
}

std::string conditions_text(std::uint64_t window, const Pinning& pinning) {
  if (window == 0) return pinning.text();
  return fmt::format("window {}, {}", window, pinning.text());
}

}  // namespace vigie::bench
