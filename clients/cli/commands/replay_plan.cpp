#include "clients/cli/commands/replay_plan.h"

#include "clients/cli/commands/filter.h"
#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/pacing.h"
#include "schemas/words/times.h"

namespace vigie::cli {

Result<client::ReplayOptions> plan_replay(const ReplayOptions& options, std::string_view command) {
  client::ReplayOptions replay;
  const auto link = link_of(options.hub, command);
  if (!link) return link.fault();
  replay.link = *link;
  replay.grant = options.grant;
  // What a grant holds back is read by the time at which it became known.
  replay.clock = options.clock == "known" || !options.grant.empty() ? client::ReplayClock::Known
                                                                    : client::ReplayClock::True;
  const auto view = view_of(options.filter, "");
  if (!view) return view.fault();
  replay.view = *view;
  const std::int64_t now_us = SystemClock().utc_us();
  const auto from = options.from.empty() ? Result<std::int64_t>(kTrueTimeUsMin)
                                         : parse_moment(options.from, now_us);
  if (!from) return from.fault();
  replay.from_us = *from;
  if (!options.to.empty()) {
    const auto to = parse_moment(options.to, now_us);
    if (!to) return to.fault();
    if (*to <= *from) return Fault{FaultCode::Invalid, "--to is not after --from"};
    replay.until_us = *to;
  }
  const auto speed = parse_pace_factor(options.speed);
  if (!speed) return speed.fault();
  replay.speed = *speed;
  return replay;
}

}  // namespace vigie::cli
