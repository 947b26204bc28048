#include "clients/web/server/live/watches.h"

#include <utility>

#include "clients/web/server/live/browser.h"

namespace vigie::web {
namespace {

constexpr std::chrono::milliseconds kTick{1'000};

/// An account that got another identity has it in the same file: the picture of the one before is
/// not its.
std::string key_of(const Viewer& viewer) {
  return viewer.identity_path + '\n' + viewer.name;
}

}  // namespace

struct Watches::Kept {
  Watch watch;
  std::int64_t used_us;
};

Watches::Watches(LiveOptions options, Net& net, Gate& gate, const Clock& clock)
    : options_(std::move(options)), net_(net), gate_(gate), clock_(clock), yard_(net), timer_(net) {
  tick();
}

Watches::~Watches() = default;

Watch* Watches::watch_of(const Viewer& viewer) {
  const std::string key = key_of(viewer);
  const auto found = watches_.find(key);
  if (found != watches_.end()) {
    found->second->used_us = clock_.monotonic_us();
    return &found->second->watch;
  }
  if (watches_.size() >= options_.watches_max) return nullptr;
  WatchOptions options;
  options.link.hub = options_.hub;
  options.link.identity = viewer.identity_path;
  options.link.client = options_.server;
  options.picture = options_.picture;
  if (options_.revoked && !viewer.identity_path.empty()) {
    options.revoked = [this, path = viewer.identity_path] { options_.revoked(path); };
  }
  auto kept = std::unique_ptr<Kept>(
      new Kept{{std::move(options), net_, yard_, clock_, counters_}, clock_.monotonic_us()});
  return &watches_.emplace(key, std::move(kept)).first->second->watch;
}

std::unique_ptr<WebSocketUser> Watches::browser(const Viewer& viewer) {
  return std::make_unique<BrowserView>(
      viewer,
      BrowserView::Surroundings{net_, yard_, gate_, clock_, options_, tally_, counters_, browsers_,
                                [this](const Viewer& one) { return watch_of(one); }});
}

void Watches::tick() {
  timer_.after(kTick, [this] { tick(); });
  const std::int64_t now_us = clock_.monotonic_us();
  const std::int64_t linger_us = std::chrono::microseconds(options_.linger).count();
  std::erase_if(watches_, [&](const auto& entry) {
    Kept& kept = *entry.second;
    if (kept.watch.users() != 0) kept.used_us = now_us;
    return now_us - kept.used_us > linger_us;
  });
}

LiveCounters Watches::counters() const {
  LiveCounters counters = counters_;
  counters.watches = watches_.size();
  for (const auto& [path, kept] : watches_) {
    if (kept->watch.link().state == client::LinkState::Live) ++counters.watches_live;
    counters.picture_bytes += kept->watch.picture().bytes();
  }
  counters.browsers = browsers_.size();
  for (const BrowserView* browser : browsers_) {
    counters.browser_bytes += browser->bytes();
    switch (browser->standing()) {
      case BrowserView::Standing::Waiting:
        ++counters.browsers_waiting;
        break;
      case BrowserView::Standing::Riding:
        ++counters.browsers_riding;
        break;
      case BrowserView::Standing::Paced:
        ++counters.browsers_paced;
        break;
      case BrowserView::Standing::Behind:
        ++counters.browsers_behind;
        break;
    }
  }
  counters.catch_ups = tally_.catch_ups;
  counters.replays = tally_.replays;
  return counters;
}

}  // namespace vigie::web
