// `vigie audit`: who did what, from the hub's own account in the log.

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/commands/follow.h"
#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/options.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/audit_text.h"
#include "clients/cli/outputs/ndjson.h"
#include "clients/cli/outputs/terminal.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"
#include "vigie/console.h"
#include "vigie/replay.h"

namespace vigie::cli {
namespace {

using Next = std::function<Result<std::optional<client::Item>>(std::chrono::milliseconds)>;

struct AuditPlan {
  client::LinkOptions link = {};
  client::View view = {};
  AuditFilter filter = {};
  std::string owner = {};
  std::int64_t from_us = 0;
  std::int64_t until_us = 0;  // 0: to the end as it is now
  bool owners = false;        // of more than one
  bool text = false;
  std::chrono::milliseconds timeout{0};
};

/// The times of the range; a Fault names the option.
Result<void> plan_range(const AuditOptions& options, AuditPlan& plan) {
  const std::int64_t now_us = SystemClock().utc_us();
  const auto from = parse_moment(options.from, now_us);
  if (!from) return from.fault();
  plan.from_us = *from;
  if (options.to.empty()) return {};
  if (options.follow) return Fault{FaultCode::Invalid, "--follow excludes --to"};
  const auto to = parse_moment(options.to, now_us);
  if (!to) return to.fault();
  if (*to <= *from) return Fault{FaultCode::Invalid, "--to is not after --from"};
  plan.until_us = *to;
  return {};
}

/// A kind that there is none of would find nothing, and look as if nothing had been done.
Result<void> check_kinds(const std::vector<std::string>& what) {
  const auto known = audit_kinds();
  for (const std::string& kind : what) {
    if (std::find(known.begin(), known.end(), kind) != known.end()) continue;
    return Fault{FaultCode::Invalid,
                 fmt::format("--what '{}' is no kind of the audit's; there are {}", kind,
                             fmt::join(known, ", "))};
  }
  return {};
}

Result<AuditPlan> plan_audit(const AuditOptions& options) {
  AuditPlan plan;
  const auto link = link_of(options.hub, "audit");
  if (!link) return link.fault();
  const auto timeout = parse_timeout(options.hub.timeout, std::chrono::milliseconds(10'000));
  if (!timeout) return timeout.fault();
  const auto own = own_key_file(options.hub);
  if (!own) return own.fault();
  if (const auto range = plan_range(options, plan); !range) return range.fault();
  if (const auto kinds = check_kinds(options.what); !kinds) return kinds.fault();
  plan.link = *link;
  plan.timeout = *timeout;
  plan.filter = {.who = options.who, .what = options.what};
  plan.text = options.format.empty() ? output_is_terminal() : options.format == "text";
  plan.view.fixes = plan.view.states = false;
  const std::string owner =
      options.owner.empty() ? std::string(owner_of(own->name)) : options.owner;
  if (!is_segment(owner)) {
    return Fault{FaultCode::Invalid, fmt::format("--owner '{}' is no owner's name", owner)};
  }
  plan.owner = owner;
  // Events of other groups the hub's administrators don't see.
  plan.owners = owner == kHubOwner && options.owner.empty();
  if (!plan.owners) {
    plan.view.channels = {channel_name(MessageClass::Event, owner, kAuditGroup)};
  }
  return plan;
}

/// Events that were not asked for are passed over.
Next only_wanted(const AuditFilter& filter, Next next) {
  return [&filter, next = std::move(next)](std::chrono::milliseconds wait) {
    while (true) {
      auto item = next(wait);
      if (!item || !*item) return item;
      const auto* event = std::get_if<client::EventItem>(&**item);
      if (event == nullptr || wants(filter, event->event)) return item;
    }
  };
}

Follow follow_of(const AuditPlan& plan, std::uint64_t& entries) {
  Follow follow;
  follow.timeout = plan.timeout;
  follow.line = [&plan, &entries](const client::Item& item) {
    const auto* event = std::get_if<client::EventItem>(&item);
    if (event == nullptr) return std::string();
    ++entries;
    return plan.text ? audit_line(*event, plan.owners) : ndjson_line(item, false);
  };
  return follow;
}

ExitCode follow_on(const AuditPlan& plan, Follow& follow, StopSignals& stop) {
  client::ConsoleOptions options;
  options.link = plan.link;
  options.view = plan.view;
  options.start = client::StartKind::KnownTime;
  options.time_us = plan.from_us;
  auto console = client::Console::open(options);
  if (!console) return usage(console.fault());
  follow.next = only_wanted(plan.filter, [&](auto wait) { return (*console)->next(wait); });
  return follow_ndjson(follow, false, 0, stop);
}

ExitCode read_range(const AuditPlan& plan, Follow& follow, StopSignals& stop) {
  client::ReplayOptions options;
  options.link = plan.link;
  options.view = plan.view;
  options.clock = client::ReplayClock::Known;
  options.from_us = plan.from_us;
  options.until_us = plan.until_us;
  auto replay = client::Replay::open(options);
  if (!replay) return usage(replay.fault());
  follow.is_finite = follow.ends_with_replay = true;
  follow.next = only_wanted(plan.filter, [&](auto wait) { return (*replay)->next(wait); });
  return follow_ndjson(follow, false, 0, stop);
}

}  // namespace

ExitCode run_audit(const AuditOptions& options, StopSignals& stop) {
  const auto plan = plan_audit(options);
  if (!plan) return usage(plan.fault());
  std::uint64_t entries = 0;
  Follow follow = follow_of(*plan, entries);
  if (options.follow) return follow_on(*plan, follow, stop);
  const ExitCode done = read_range(*plan, follow, stop);
  if (done == ExitCode::Ok && entries == 0) {
    constexpr const char* kNothing =
        "nothing of that is told to you (no such entry, or you are no administrator of {})";
    say(fmt::format(kNothing, plan->owner));
  }
  return done;
}

}  // namespace vigie::cli
