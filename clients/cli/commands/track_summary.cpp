#include "clients/cli/commands/track_summary.h"

#include <fmt/format.h>

#include "clients/cli/outputs/json_line.h"
#include "clients/cli/outputs/terminal.h"
#include "clients/cli/outputs/text.h"

namespace vigie::cli {
namespace {

std::string json_of(const TrackSummary& summary) {
  JsonLine line;
  line.number("published", summary.published);
  line.number("acknowledged", summary.sum.acknowledged);
  line.number("refused", summary.sum.refused);
  line.number("given_up", summary.sum.given_up);
  line.number("waiting", summary.waiting);
  JsonLine refused;
  for (const auto& [name, reason] : summary.sum.by_reason) refused.number(name, reason.count);
  std::string reasons = refused.finish();
  reasons.pop_back();
  line.raw("refused_by_reason", reasons);
  std::string skipped = "{";
  for (const auto& [reason, entry] : summary.skips.by_reason()) {
    if (skipped.size() > 1) skipped += ',';
    append_json_text(skipped, reason);
    skipped += fmt::format(":{}", entry.count);
  }
  line.raw("skipped", skipped + "}");
  return line.finish();
}

}  // namespace

Result<void> print_summary(const TrackSummary& summary, bool json) {
  if (json) return write_out(json_of(summary));
  std::string text = fmt::format("published {}, acknowledged {}, refused {}", summary.published,
                                 summary.sum.acknowledged, summary.sum.refused);
  if (summary.sum.given_up > 0) text += fmt::format(", given up {}", summary.sum.given_up);
  text += '\n';
  for (const auto& [name, reason] : summary.sum.by_reason) {
    text += fmt::format("  refused {} {}: {}\n", reason.count, name, harmless(reason.example));
  }
  for (const auto& [reason, entry] : summary.skips.by_reason()) {
    text += fmt::format("  left out {} {}{}{}\n", entry.count, reason,
                        entry.first_place.empty() ? "" : "; first: ", harmless(entry.first_place));
  }
  return write_out(text);
}

}  // namespace vigie::cli
