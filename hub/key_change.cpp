#include "hub/key_change.h"

#include <fmt/format.h>

#include <algorithm>

namespace vigie {
namespace {

constexpr std::int64_t kOverlapUsMax = 366ll * 86'400 * kMicrosecondsPerSecond;
constexpr long kWaitMsMax = 1000;  // the clock may be set
// Each change leaves a listener behind until the hub's end, where connections by the key before may
// still be.
constexpr std::uint64_t kChangesMax = 64;
constexpr std::int64_t kPauseUs = 10 * kMicrosecondsPerSecond;

}  // namespace

KeyChange::KeyChange(std::string folder, security::HubKeys keys, const Clock& clock, Log log,
                     std::function<void(HubKeyNotice&&)> tell)
    : folder_(std::move(folder)),
      clock_(clock),
      log_(std::move(log)),
      tell_(std::move(tell)),
      keys_(std::move(keys)),
      until_us_(keys_.old ? keys_.old->until_us : 0),
      loop_({.name = "vigie-keys", .idle_us = 0, .on_stop = [this] { orders_.wake(); }},
            [this](const std::stop_token&) { return step(); }) {}

KeyChange::~KeyChange() = default;

std::size_t KeyChange::step() {
  ops::Poller poller;
  poller.add(orders_.descriptor());
  const std::int64_t left_us =
      keys_.old ? std::max<std::int64_t>(keys_.old->until_us - clock_.utc_us(), 0) : INT64_MAX;
  poller.wait(static_cast<long>(std::min<std::int64_t>(left_us / 1000 + 1, kWaitMsMax)));
  if (keys_.old && clock_.utc_us() >= keys_.old->until_us) end_old();
  for (security::HubKeyOrder& order : orders_.take_all()) change(std::move(order));
  return 1;
}

std::string KeyChange::why_not(const security::HubKeyOrder& order) const {
  if (order.overlap_us > kOverlapUsMax) {
    return fmt::format("an overlap of {} s is longer than a year",
                       order.overlap_us / kMicrosecondsPerSecond);
  }
  if (changes_.load(std::memory_order_relaxed) >= kChangesMax) {
    return fmt::format("the hub's key was changed {} times since its start: restart the hub",
                       kChangesMax);
  }
  if (clock_.monotonic_us() < pause_until_us_) {
    return fmt::format("the hub's key was changed a moment ago: wait {} s between changes",
                       kPauseUs / kMicrosecondsPerSecond);
  }
  if (order.overlap_us == 0 || !keys_.old) return {};
  return fmt::format(
      "the key before this one still works, until {}: wait until then; or, where a key is known to "
      "others, change it with no overlap, which ends both at once",
      format_time(keys_.old->until_us));
}

void KeyChange::change(security::HubKeyOrder&& order) {
  if (std::string reason = why_not(order); !reason.empty()) {
    return tell_(HubKeyRefused{std::move(order), wire::Refusal::BadValue, std::move(reason)});
  }
  const std::int64_t until_us = order.overlap_us == 0 ? 0 : clock_.utc_us() + order.overlap_us;
  Result<security::HubKeys> next = security::change_hub_key(folder_, keys_, until_us);
  if (!next) {
    log_.error("the hub's key can't be changed", {{"why", next.fault().sentence}});
    return tell_(HubKeyRefused{
        std::move(order), wire::Refusal::NotReady,
        fmt::format("the hub can't keep another key, and goes on with the one it has: {}",
                    next.fault().sentence)});
  }
  log_.warning("the hub has another key",
               {{"key", next->keys.key},
                {"before", keys_.keys.key},
                {"before_works_until", until_us == 0 ? "now" : format_time(until_us)},
                {"by", order.by}});
  keys_ = std::move(*next);
  if (!keys_.left.empty()) {
    log_.error("the old key's file can't be removed: remove it", {{"why", keys_.left}});
  }
  // A key that becomes known while an old one still works is not to wait.
  if (until_us == 0) pause_until_us_ = clock_.monotonic_us() + kPauseUs;
  until_us_.store(until_us, std::memory_order_relaxed);
  changes_.fetch_add(1, std::memory_order_relaxed);
  tell_(HubKeyChanged{std::move(order), keys_.keys, until_us});
}

void KeyChange::end_old() {
  log_.warning(
      "the hub's key before this one has ended: whoever has not heard of the new one must join "
      "anew",
      {{"ended", keys_.old->keys.key}, {"key", keys_.keys.key}});
  keys_.old.reset();
  until_us_.store(0, std::memory_order_relaxed);
  if (Result<void> gone = security::forget_old_hub_key(folder_); !gone) {
    log_.error("the old key's file can't be removed: remove it", {{"why", gone.fault().sentence}});
  }
  tell_(OldHubKeyEnded{});
}

void KeyChange::show(ops::Figures& figures) const {
  figures.ask_set("vigie_hub_key_", "The hub's own key", [this] {
    return std::vector<std::pair<std::string, double>>{
        {"changes_total", static_cast<double>(changes_.load(std::memory_order_relaxed))},
        {"old_until_seconds",
         static_cast<double>(until_us_.load(std::memory_order_relaxed)) / 1e6}};
  });
}

}  // namespace vigie
