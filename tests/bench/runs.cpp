#include "tests/bench/runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/bench/clock.h"

namespace vigie::bench {
namespace {

constexpr std::size_t kSinglesATurn = 64;

/// Hands over up to `quota` messages; returns how many the server's credit let out.
std::uint64_t hand_over(Run& run, const Shape& shape, std::uint64_t quota, std::size_t& turn) {
  std::uint64_t sent = 0;
  const std::int64_t now = now_ns();
  const std::uint64_t calls = shape.single ? std::min<std::uint64_t>(quota, kSinglesATurn) : 1;
  for (std::uint64_t call = 0; call < calls; ++call) {
    const std::size_t publisher = turn++ % run.next.size();
    Handover handover{run.next[publisher], shape.single ? 1 : quota, now, 0};
    handover.count = run.peer->publish(publisher, handover);
    if (handover.count == 0) continue;
    run.account.handed_over(publisher, handover);
    run.next[publisher] += handover.count;
    sent += handover.count;
  }
  return sent;
}

Result<void> unspoilt(const Run& run) {
  if (Result<void> state = run.poller.state(); !state) return state;
  if (!run.account.spoilt().empty()) return Fault{FaultCode::Damaged, run.account.spoilt()};
  return {};
}

}  // namespace

Result<std::unique_ptr<Run>> begin_run(PeerKind kind, const std::filesystem::path& temp,
                                       const Places& places, const Spread& spread,
                                       const Shape& shape) {
  Result<TempFolder> folder = TempFolder::make(temp);
  if (!folder) return folder.fault();
  auto run = std::make_unique<Run>(std::move(*folder));
  Places here = places;
  here.folder = run->folder.path();
  pin_self(here.pinning.generator_core);
  run->account.open(shape.publishers, shape.consoles, shape.latencies);
  run->next.assign(shape.publishers, 0);
  run->peer = make_peer(kind, run->poller, run->account, here, spread);
  if (shape.heads) run->peer->read_heads();
  if (auto started = run->peer->start(); !started) return started.fault();
  if (auto opened = run->peer->open_consoles(shape.consoles); !opened) return opened.fault();
  if (auto opened = run->peer->open_publishers(shape.publishers); !opened) return opened.fault();
  return run;
}

std::uint64_t completed(const Run& run) {
  const std::uint64_t delivered = run.account.slowest();
  if (!run.peer->acknowledges()) return delivered;
  return std::min(delivered, run.account.acknowledged());
}

Result<void> drain(Run& run, double seconds) {
  const std::int64_t deadline = deadline_ns(seconds);
  while (completed(run) < run.account.published()) {
    if (auto good = unspoilt(run); !good) return good;
    if (past(deadline)) {
      return Fault{FaultCode::Unavailable,
                   fmt::format("of {} messages {} were delivered to the slowest console and {} "
                               "acknowledged within {} s",
                               run.account.published(), run.account.slowest(),
                               run.account.acknowledged(), seconds)};
    }
    run.poller.step(20'000'000);
  }
  return unspoilt(run);
}

Result<double> closed_loop(Run& run, const ClosedPlan& plan) {
  const std::int64_t begin = now_ns();
  const std::int64_t warm = begin + static_cast<std::int64_t>(plan.warm_seconds * 1e9);
  const std::int64_t end = warm + static_cast<std::int64_t>(plan.seconds * 1e9);
  std::int64_t started = 0;
  std::uint64_t completed_before = 0;
  std::size_t turn = 0;
  for (;;) {
    const std::int64_t now = now_ns();
    const std::uint64_t done = completed(run);
    if (started == 0 && now >= warm) {
      started = now;
      completed_before = done;
    }
    const std::uint64_t published = run.account.published();
    if (now >= end || published >= plan.messages_max) break;
    const std::uint64_t ahead = published - done;
    const std::uint64_t quota =
        std::min(plan.window - std::min(plan.window, ahead), plan.messages_max - published);
    const std::uint64_t sent = quota > 0 ? hand_over(run, plan.shape, quota, turn) : 0;
    // With nothing to send, the next step waits for what a console or an acknowledgement frees.
    run.poller.step(sent > 0 ? 0 : 20'000'000);
    if (auto good = unspoilt(run); !good) return good.fault();
  }
  if (auto drained = drain(run, 30); !drained) return drained.fault();
  if (started == 0) started = begin;
  const double seconds = static_cast<double>(now_ns() - started) / 1e9;
  return static_cast<double>(run.account.published() - completed_before) / seconds;
}

Result<void> open_loop(Run& run, const OpenPlan& plan) {
  const auto interval = static_cast<std::int64_t>(1e9 / plan.rate);
  const std::int64_t begin = now_ns();
  const std::int64_t warm = begin + static_cast<std::int64_t>(plan.warm_seconds * 1e9);
  const std::int64_t end = warm + static_cast<std::int64_t>(plan.seconds * 1e9);
  const std::int64_t last = end + 60 * kNsPerSecond;
  std::int64_t intended = begin;
  bool warming = true;
  std::size_t turn = 0;
  for (;;) {
    const std::int64_t now = now_ns();
    if (now >= end && (!plan.until || plan.until() || now >= last)) break;
    if (warming && now >= warm) {
      run.account.forget_latencies();
      warming = false;
    }
    if (intended <= now) {
      // All that is due by now: what the sender was late for keeps the time it was meant for.
      const std::size_t publisher = turn % run.next.size();
      Handover handover{run.next[publisher], static_cast<std::size_t>((now - intended) / interval),
                        intended, interval};
      ++handover.count;
      handover.count = run.peer->publish(publisher, handover);
      run.account.handed_over(publisher, handover);
      run.next[publisher] += handover.count;
      intended += static_cast<std::int64_t>(handover.count) * interval;
      ++turn;
    }
    run.poller.step(std::clamp<std::int64_t>(intended - now_ns(), 0, 20'000'000));
    if (plan.each_step) plan.each_step();
    if (auto good = unspoilt(run); !good) return good;
  }
  return drain(run, 10);
}

}  // namespace vigie::bench
