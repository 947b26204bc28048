#include "clients/cli/outputs/recording_text.h"

#include <fmt/format.h>

#include "clients/cli/outputs/text.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

using client::RecordingState;

std::string view_text(const client::View& view) {
  std::vector<std::string> parts;
  if (!view.channels.empty()) {
    parts.push_back(fmt::format("channels {}", fmt::join(view.channels, " ")));
  }
  if (!view.units.empty()) parts.push_back(fmt::format("units {}", fmt::join(view.units, " ")));
  std::vector<std::string> classes;
  if (view.fixes) classes.emplace_back("track");
  if (view.events) classes.emplace_back("event");
  if (view.states) classes.emplace_back("state");
  if (classes.size() < 3) parts.push_back(fmt::format("class {}", fmt::join(classes, " ")));
  if (view.area) {
    parts.push_back(fmt::format("{} {} to {}", view.area_cuts_events ? "all" : "fixes",
                                position_text(view.area->south_e7, view.area->west_e7, 7),
                                position_text(view.area->north_e7, view.area->east_e7, 7)));
  }
  return parts.empty() ? "all that was shown" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string range_text(const client::RecordingAbout& about) {
  // What `vigie record` asks for where no beginning is named.
  const std::string from =
      about.from_us <= kTrueTimeUsMin ? "the beginning" : moment_text(about.from_us);
  const std::string until = about.until_us == 0 ? "the end" : moment_text(about.until_us);
  return fmt::format("by {} time, from {} to {}",
                     about.clock == client::ReplayClock::Known ? "known" : "true", from, until);
}

}  // namespace

std::string counts_text(const client::RecordingCounts& counts) {
  std::string text = fmt::format("{} entries in {} messages", count_text(counts.entries),
                                 count_text(counts.messages));
  if (counts.entries != 0)
    text += fmt::format(", seqs {} to {}", counts.first_seq, counts.last_seq);
  if (!counts.complete) text += "; NOT all of the range: it was stopped before";
  if (counts.gone.empty()) {
    if (counts.complete) text += "; all of the range";
  } else {
    text += fmt::format("; {}{}", counts.complete ? "all that is still kept: " : "",
                        harmless(counts.gone));
  }
  if (counts.openings > 1) text += fmt::format("; the link was cut {} times", counts.openings - 1);
  for (const client::SeqRange& range : counts.damaged) {
    text += fmt::format("; the hub could not read seqs {} to {}", range.first, range.last);
  }
  return text;
}

std::string recording_text(const client::RecordingReport& report) {
  const client::RecordingAbout& about = report.about;
  if (report.counts.openings == 0) return "it holds nothing\n";
  std::string asked = fmt::format("{}; {}", range_text(about), view_text(about.view));
  if (!about.grant.empty()) asked += fmt::format("; by grant {}", about.grant);
  std::string of = fmt::format("log {:016x}{:016x}", about.log.high, about.log.low);
  if (!about.hub_key.empty()) of += fmt::format(", hub {}", about.hub_key);
  of += fmt::format("; by {}, at {} by the hub's clock",
                    about.program.empty() ? "a program without a name" : about.program,
                    moment_text(about.opened_us));
  // The file says all this, and it may be anybody's.
  return fmt::format("asked: {}\nof: {}\nholds: {}\n", harmless(asked), harmless(of),
                     counts_text(report.counts));
}

std::string proof_text(const client::RecordingReport& report) {
  switch (report.state) {
    case RecordingState::Sealed:
      return fmt::format(
          "nothing was changed, removed or added since it was sealed\n"
          "sealed by: key {}, which says that it is {} and that it was {}\n",
          report.seal->key, report.seal->name, moment_text(report.seal->time_us));
    case RecordingState::NotSealed:
      return "not sealed: it is in order, and nobody vouches for it; whoever changed it could have "
             "put it in order again\n";
    case RecordingState::Cut:
      return fmt::format("cut, and not sealed: {}; what stands before is in order\n",
                         report.sentence);
    case RecordingState::Changed:
      return fmt::format("CHANGED: {}\n", harmless(report.sentence));
    case RecordingState::Reading:
      break;
  }
  return "it was not read to its end\n";
}

}  // namespace vigie::cli
