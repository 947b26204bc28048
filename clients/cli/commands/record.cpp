// `vigie record`: a range of the past as a sealed file.

#include <fmt/format.h>

#include <atomic>

#include "clients/cli/commands/follow.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/replay_plan.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/recording_text.h"
#include "clients/cli/outputs/terminal.h"
#include "clients/cli/outputs/text.h"
#include "vigie/recording.h"

namespace vigie::cli {
namespace {

/// Replays the range into the writer. `failed`: it did not take all; its finish() says why.
ExitCode keep_range(client::ReplayOptions range, std::chrono::milliseconds timeout,
                    client::RecordingWriter& writer, std::atomic<bool>& failed, StopSignals& stop) {
  range.on_message = [&](std::span<const std::byte> message) {
    if (!writer.add(message)) failed = true;
  };
  auto replay = client::Replay::open(std::move(range));
  if (!replay) {
    say(replay.fault().sentence);
    return ExitCode::Usage;
  }
  Progress progress;
  Follow follow;
  follow.timeout = timeout;
  follow.is_finite = true;
  follow.ends_with_replay = true;
  follow.next = [&](std::chrono::milliseconds wait) -> Result<std::optional<client::Item>> {
    if (failed) return Fault{FaultCode::Closed, "the file can't be written"};
    return (*replay)->next(wait);
  };
  std::uint64_t items = 0;
  const auto show = [&](const client::Item&) {
    constexpr std::uint64_t kTogether = 4096;
    if (++items % kTogether == 0) progress.show(fmt::format("{} entries", count_text(items)));
  };
  const ExitCode end = follow_to_end(follow, show, stop);
  // Its thread is over, and the writer is ours alone.
  replay->reset();
  return end;
}

}  // namespace

ExitCode run_record(const RecordOptions& options, StopSignals& stop) {
  auto planned = plan_replay(options.range, "record");
  const auto timeout = parse_timeout(options.range.hub.timeout, std::chrono::milliseconds(10'000));
  if (!planned || !timeout) {
    say(!planned ? planned.fault().sentence : timeout.fault().sentence);
    return ExitCode::Usage;
  }
  auto writer = client::RecordingWriter::open(
      {.path = options.out, .identity = options.no_seal ? "" : planned->link.identity});
  if (!writer) {
    say(writer.fault().sentence);
    return writer.fault().code == FaultCode::Invalid ? ExitCode::Usage : ExitCode::Failure;
  }
  std::atomic<bool> broken = false;  // set on the replay's thread
  const ExitCode end = keep_range(*planned, *timeout, **writer, broken, stop);
  const client::RecordingCounts counts = (*writer)->counts();
  if (counts.openings == 0) {
    if (broken) {
      if (const auto placed = (*writer)->finish(0); !placed) say(placed.fault().sentence);
    }
    (*writer)->discard();
    return end == ExitCode::Ok ? ExitCode::Failure : end;
  }
  if (const auto placed = (*writer)->finish(SystemClock().utc_us()); !placed) {
    say(placed.fault().sentence);
    const bool is_cut = placed.fault().code == FaultCode::DiskFull;
    say(fmt::format("what was kept before that is in {}.part{}", options.out,
                    is_cut ? ", cut and not sealed" : "; 'vigie verify' says what it is worth"));
    return ExitCode::Failure;
  }
  if (!counts.gone.empty()) say("not all of the range is still kept: " + counts.gone);
  const auto seal = (*writer)->seal();
  const auto wrote =
      write_out(fmt::format("{}: {}\n{}\n", options.out, counts_text(counts),
                            seal ? fmt::format("sealed by {} with key {}", seal->name, seal->key)
                                 : std::string("not sealed: nobody vouches for it")));
  return wrote ? end : failed(wrote.fault());
}

}  // namespace vigie::cli
