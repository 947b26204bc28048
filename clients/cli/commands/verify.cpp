// `vigie verify`: what a recording is worth.

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/read_book.h"
#include "clients/cli/commands/replay_file.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/recording_text.h"
#include "clients/cli/outputs/terminal.h"
#include "schemas/messages/names.h"
#include "vigie/recording.h"

namespace vigie::cli {
namespace {

/// What is found out of the seal's key, in words, and what that means to a script.
struct Judgement {
  std::string text = {};
  ExitCode code = ExitCode::Ok;
};

/// Who may do what, as it was known at a moment.
struct Known {
  AccessBook book = {};
  std::int64_t at_us = 0;
};

bool has_name(const Known& known, const client::RecordingSeal& seal) {
  return known.book.identities.contains(seal.name);
}

bool has_key(const Known& known, const client::RecordingSeal& seal) {
  const auto found = known.book.identities.find(seal.name);
  if (found == known.book.identities.end()) return false;
  const client::State& state = found->second.state;
  const bool lasts = state.identity.ends_us == 0 || state.identity.ends_us > known.at_us;
  return !state.deleted && lasts && state.identity.sign_key == seal.key;
}

Judgement judge(const client::RecordingSeal& seal, const Known& then, const Known& now) {
  if (!has_name(then, seal) && !has_name(now, seal)) {
    return {fmt::format("the hub shows you no identity {}, of then or of now: there is none, or it "
                        "is not for you to see\n",
                        seal.name),
            ExitCode::Refused};
  }
  const bool was = has_key(then, seal);
  const bool is = has_key(now, seal);
  if (was && is) return {fmt::format("the hub says: it is the key of {}\n", seal.name)};
  if (was) {
    return {fmt::format("the hub says: it was the key of {} then, and is not any more; whoever has "
                        "the old one could have used it since\n",
                        seal.name),
            ExitCode::KeyOfThen};
  }
  if (is) {
    return {fmt::format("the hub says: it is the key of {} now, and was not at the time of the "
                        "seal, which is the sealer's own clock's\n",
                        seal.name),
            ExitCode::KeyOfThen};
  }
  return {
      fmt::format("the hub shows you no identity {} that has this key or had it then\n", seal.name),
      ExitCode::AnotherKey};
}

Judgement ask_hub(const VerifyOptions& options, const client::RecordingSeal& seal,
                  StopSignals& stop) {
  const auto timeout = parse_timeout(options.hub.timeout, std::chrono::milliseconds(10'000));
  const auto link = link_of(options.hub, "verify");
  if (!timeout || !link) {
    say(!timeout ? timeout.fault().sentence : link.fault().sentence);
    return {.code = ExitCode::Usage};
  }
  const auto now = read_book(*link, *timeout, std::nullopt, stop);
  if (!now) return {.code = not_read(now.fault())};
  const std::int64_t now_us = SystemClock().utc_us();
  // A sealer's clock may be ahead.
  const std::int64_t then_us = std::min(seal.time_us, now_us);
  const auto then = read_book(*link, *timeout, then_us, stop);
  if (!then) return {.code = not_read(then.fault())};
  return judge(seal, {*then, then_us}, {*now, now_us});
}

Judgement judge_key(const VerifyOptions& options, const client::RecordingSeal& seal,
                    StopSignals& stop) {
  if (!options.key.empty() && options.key != seal.key) {
    return {"that is NOT the key that was asked for\n", ExitCode::AnotherKey};
  }
  if (options.ask_hub) return ask_hub(options, seal, stop);
  if (!options.key.empty()) return {"that is the key that was asked for\n"};
  return {"whose key it is was not proved: compare it (--key), or ask the hub (--ask-hub)\n"};
}

}  // namespace

ExitCode run_verify(const VerifyOptions& options, StopSignals& stop) {
  if (!options.key.empty() && !is_key(options.key)) {
    say(fmt::format("--key '{}' is not 64 lower-case hexadecimal digits", options.key));
    return ExitCode::Usage;
  }
  auto reader = client::RecordingReader::open(options.file);
  if (!reader) return failed(reader.fault());
  while (!stop.requested()) {
    const auto next = (*reader)->next();
    if (!next) return failed(next.fault());
    if (!*next) break;
  }
  const client::RecordingReport report = (*reader)->report();
  if (report.state == client::RecordingState::Reading) return ExitCode::Unfinished;
  std::string text = recording_text(report) + proof_text(report);
  ExitCode code = worth(report);
  if (report.seal) {
    const Judgement judgement = judge_key(options, *report.seal, stop);
    text += judgement.text;
    code = judgement.code;
  }
  const auto wrote = write_out(text);
  return wrote ? code : failed(wrote.fault());
}

}  // namespace vigie::cli
