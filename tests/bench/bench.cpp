#include "tests/bench/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace vigie::bench {
namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

}  // namespace

bool Bench::wanted(PeerKind kind) const {
  const bool limit = kind == PeerKind::Relay || kind == PeerKind::RelayStored;
  if (kind == PeerKind::Vigie || kind == PeerKind::VigieGuarded) return true;
  if (settings_.peers.empty()) return settings_.full || !limit;
  return std::any_of(settings_.peers.begin(), settings_.peers.end(), [&](const std::string& word) {
    return lower(peer_name(kind)).find(lower(word)) != std::string::npos;
  });
}

int Bench::few_rounds() const {
  return by_form(std::min(settings_.rounds, 2), settings_.rounds);
}

void Bench::interleave(std::string_view measure, std::string_view variant,
                       std::initializer_list<PeerKind> kinds,
                       const std::function<Result<void>(PeerKind)>& round, int rounds) {
  if (rounds == 0) rounds = settings_.rounds;
  for (int i = 0; i < rounds; ++i) {
    for (const PeerKind kind : kinds) {
      if (!wanted(kind) || interrupted()) continue;
      fmt::print(stderr, "{} {}, round {} of {}: {}\n", measure, variant, i + 1, rounds,
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
