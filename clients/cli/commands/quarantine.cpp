#include "clients/cli/commands/quarantine.h"

#include <fmt/format.h>

#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/quarantine_text.h"
#include "clients/cli/outputs/terminal.h"
#include "clients/cli/outputs/text.h"
#include "schemas/words/new_file.h"
#include "vigie/ask.h"

namespace vigie::cli {
namespace {

/// What the library's fault means to a script.
ExitCode unanswered(const Fault& fault) {
  say(fault.sentence);
  if (fault.code == FaultCode::Unavailable) return ExitCode::Unreachable;
  const bool is_hubs = fault.code == FaultCode::Invalid || fault.code == FaultCode::NotFound;
  return is_hubs ? ExitCode::Refused : ExitCode::Failure;
}

ExitCode list(const QuarantineOptions& options, const client::AskOptions& ask, StopSignals& stop) {
  std::uint64_t before = options.before;
  std::uint32_t left = options.limit;
  bool is_first = true;
  while (!stop.requested()) {
    const auto page = client::ask_quarantine(ask, before, left);
    if (!page) return unanswered(page.fault());
    std::string text = is_first && options.format == "text" ? quarantine_head() : std::string();
    for (const client::QuarantinedMessage& message : page->messages) {
      text += options.format == "json" ? quarantined_json(message) : quarantined_line(message);
      before = message.id;
    }
    if (const auto wrote = write_out(text); !wrote) return failed(wrote.fault());
    is_first = false;
    const auto had = static_cast<std::uint32_t>(page->messages.size());
    const bool is_all = !page->more || had == 0 || (options.limit != 0 && had >= left);
    if (!is_all) {
      left -= options.limit == 0 ? 0 : had;
      continue;
    }
    if (page->more) say(fmt::format("there are older ones: --before {}", before));
    if (page->dropped != 0) {
      say(fmt::format("{} more were refused since the hub's start and are not kept, or no more",
                      count_text(page->dropped)));
    }
    return ExitCode::Ok;
  }
  return ExitCode::Unfinished;
}

/// For its owner's eyes, and over nothing: what it holds is foreign, and may be anybody's.
Result<void> write_raw(const std::string& path, const std::vector<std::byte>& bytes) {
  constexpr unsigned kMode = 0600;
  auto file = NewFile::begin(path, path + ".part", kMode, Existing::Kept);
  if (!file) return file.fault();
  Result<void> done = file->write(bytes);
  if (done) done = file->put_in_place();
  if (!done) file->discard();
  return done;
}

ExitCode show(const QuarantineOptions& options, const client::AskOptions& ask) {
  const auto message = client::ask_quarantined(ask, options.id);
  if (!message) return unanswered(message.fault());
  if (!options.raw.empty() && message->bytes.empty() && message->size != 0) {
    return failed({FaultCode::Invalid,
                   fmt::format("--raw {}: the hub shows the bytes of message {} to its owner's "
                               "administrators alone",
                               options.raw, options.id)});
  }
  if (!options.raw.empty()) {
    if (const auto written = write_raw(options.raw, message->bytes); !written) {
      return failed(written.fault());
    }
  }
  const auto wrote =
      write_out(options.format == "json" ? quarantined_json(*message) : quarantined_text(*message));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

}  // namespace

ExitCode run_quarantine(const QuarantineOptions& options, StopSignals& stop) {
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  const auto link = link_of(options.hub, "quarantine");
  if (!timeout || !link) return usage(!timeout ? timeout.fault() : link.fault());
  const client::AskOptions ask{.link = *link, .timeout = *timeout};
  return options.show ? show(options, ask) : list(options, ask, stop);
}

}  // namespace vigie::cli
