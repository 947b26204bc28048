#include "clients/web/server/live/watches.h"

#include <system_error>
#include <utility>

#include "clients/web/server/live/browser.h"

namespace vigie::web {
namespace {

constexpr std::chrono::milliseconds kTick{1'000};

/// An account that got another identity has it in the same file: the picture of the one before is
/// not its.
std::string key_of(const Viewer& viewer) {
  return viewer.identity_path + '\n' + viewer.name + '\n';
}

/// A watch by a grant that was used so lately may be asked for again by whoever waits for it.
constexpr std::int64_t kInUseUs = 15'000'000;

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
  return find_or_open(viewer, key_of(viewer), {});
}

Watch* Watches::watch_of(const Viewer& viewer, const GrantTold& grant) {
  const std::string identity = key_of(viewer);
  const std::string key = identity + grant.name;
  const auto found = watches_.find(key);
  if (found == watches_.end()) {
    if (!has_room(identity)) return nullptr;
  } else if (found->second->watch.ended_by_rights() && found->second->watch.users() == 0) {
    watches_.erase(found);  // it is there again: begun anew
  }
  WatchOptions options;
  options.grant = grant.name;
  options.held_back_us = held_back_us(grant.content);
  options.ends_us = grant.content.ends_us;
  return find_or_open(viewer, key, std::move(options));
}

Watch* Watches::find(const Viewer& viewer, const std::string& grant) {
  const auto found = watches_.find(key_of(viewer) + grant);
  return found == watches_.end() ? nullptr : &found->second->watch;
}

/// For one more grant of that identity; those that nobody looks at any more make it.
bool Watches::has_room(const std::string& identity) {
  const std::int64_t now_us = clock_.monotonic_us();
  std::size_t in_use = 0;
  auto longest_idle = watches_.end();
  for (auto it = watches_.upper_bound(identity);
       it != watches_.end() && it->first.starts_with(identity); ++it) {
    Kept& kept = *it->second;
    ++in_use;
    const bool idle = kept.watch.users() == 0 && now_us - kept.used_us > kInUseUs;
    const bool longer =
        longest_idle == watches_.end() || kept.used_us < longest_idle->second->used_us;
    if (idle && longer) longest_idle = it;
  }
  if (in_use < options_.grants_per_identity) return true;
  if (longest_idle == watches_.end()) return false;
  watches_.erase(longest_idle);
  return true;
}

Watch* Watches::find_or_open(const Viewer& viewer, const std::string& key, WatchOptions options) {
  const auto found = watches_.find(key);
  if (found != watches_.end()) {
    found->second->used_us = clock_.monotonic_us();
    return &found->second->watch;
  }
  if (watches_.size() >= options_.watches_max) return nullptr;
  options.link.hub = options_.hub;
  options.link.identity = viewer.identity_path;
  options.link.client = options_.server;
  options.picture = options_.picture;
  if (options_.revoked && !viewer.identity_path.empty()) {
    options.revoked = [this, path = viewer.identity_path] { options_.revoked(path); };
  }
  try {
    auto kept = std::unique_ptr<Kept>(
        new Kept{{std::move(options), net_, yard_, clock_, counters_}, clock_.monotonic_us()});
    return &watches_.emplace(key, std::move(kept)).first->second->watch;
  } catch (const std::system_error&) {
    return nullptr;  // the machine has no thread left
  }
}

std::unique_ptr<WebSocketUser> Watches::browser(const Viewer& viewer) {
  return std::make_unique<BrowserView>(
      viewer,
      BrowserView::Surroundings{
          net_, yard_, gate_, clock_, options_, tally_, counters_, browsers_,
          [this](const Viewer& one) { return watch_of(one); },
          [this](const Viewer& one, const GrantTold& grant) { return watch_of(one, grant); }});
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
