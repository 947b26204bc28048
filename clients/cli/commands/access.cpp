// `vigie identities`, `rank`, `grant` and `access`: who is enrolled, what is shown to whom, and
// why.

#include <fmt/format.h>

#include <optional>

#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/publisher.h"
#include "clients/cli/commands/read_book.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/access_text.h"
#include "clients/cli/outputs/ndjson.h"
#include "clients/cli/outputs/terminal.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"
#include "vigie/console.h"

namespace vigie::cli {
namespace {

/// Times and lists of a new grant; a Fault names the option.
Result<client::Grant> plan_grant(const GrantOptions& options, std::int64_t now_us) {
  client::Grant grant;
  if (options.to.empty()) return Fault{FaultCode::Invalid, "--to is needed: who is to see it?"};
  grant.to = options.to;
  if (!options.classes.empty()) {
    const auto has = [&](const char* name) {
      return std::find(options.classes.begin(), options.classes.end(), name) !=
             options.classes.end();
    };
    grant.fixes = has("track");
    grant.events = has("event");
    grant.states = has("state");
  }
  grant.groups = options.groups;
  grant.units = options.units;
  if (!options.area.empty()) {
    const auto area = parse_area(options.area);
    if (!area) return area.fault();
    grant.area = client::Area{area->west_e7, area->south_e7, area->east_e7, area->north_e7};
  }
  for (const auto& [text, us] :
       {std::pair{&options.from, &grant.from_us}, std::pair{&options.until, &grant.until_us}}) {
    if (text->empty()) continue;
    const auto moment = parse_moment(*text, now_us);
    if (!moment) return moment.fault();
    *us = *moment;
  }
  grant.past = options.past;
  grant.round_m = options.round_m;
  grant.own_numbers = options.own_numbers;
  for (const auto& [text, option, seconds] :
       {std::tuple{&options.delay, "--delay", &grant.delay_s},
        std::tuple{&options.every, "--every", &grant.every_s}}) {
    if (text->empty()) continue;
    const auto duration = parse_duration(*text);
    if (!duration) return duration.fault();
    if (*duration % kMicrosecondsPerSecond != 0 ||
        *duration / kMicrosecondsPerSecond > UINT32_MAX) {
      return Fault{FaultCode::Invalid, fmt::format("{} {} is not whole seconds", option, *text)};
    }
    *seconds = static_cast<std::uint32_t>(*duration / kMicrosecondsPerSecond);
  }
  if (options.valid.empty()) return grant;
  const auto valid = parse_duration(options.valid);
  if (!valid) return valid.fault();
  grant.ends_us = now_us + *valid;
  return grant;
}

/// The same again, ended, as the hub wants it.
Result<client::Grant> plan_end(const GrantOptions& options, const client::LinkOptions& link,
                               std::chrono::milliseconds timeout, StopSignals& stop) {
  const auto book = read_book(link, timeout, std::nullopt, stop);
  if (!book) return book.fault();
  const auto found = book->grants.find(options.name);
  if (found == book->grants.end()) {
    return Fault{FaultCode::Invalid,
                 fmt::format("there is no grant '{}' that you can see", options.name)};
  }
  client::Grant grant = found->second.state.grant;
  if (grant.ended) {
    return Fault{FaultCode::Invalid, fmt::format("grant '{}' has ended already", options.name)};
  }
  grant.ended = true;
  grant.made_us = found->second.stamp.known_time_us;
  return grant;
}

std::string identities_json(const AccessBook& book, const std::string& owner) {
  std::string lines;
  for (const auto* list : {&book.identities, &book.invites, &book.grants}) {
    for (const auto& [name, item] : *list) {
      if (owner.empty() || owner_of(name) == owner) lines += ndjson_line(client::Item(item), false);
    }
  }
  return lines;
}

}  // namespace

ExitCode run_identities(const IdentitiesOptions& options, StopSignals& stop) {
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  const auto link = link_of(options.hub, "identities");
  if (!timeout || !link) return usage(!timeout ? timeout.fault() : link.fault());
  const auto book = read_book(*link, *timeout, std::nullopt, stop);
  if (!book) return not_read(book.fault());
  const auto wrote = write_out(options.format == "json"
                                   ? identities_json(*book, options.owner)
                                   : identities_text(*book, options.owner, SystemClock().utc_us()));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

ExitCode run_rank(const RankOptions& options, StopSignals& stop) {
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  const auto link = link_of(options.hub, "rank");
  if (!timeout || !link) return usage(!timeout ? timeout.fault() : link.fault());
  const auto book = read_book(*link, *timeout, std::nullopt, stop);
  if (!book) return not_read(book.fault());
  const auto found = book->identities.find(options.name);
  if (found == book->identities.end() || found->second.state.deleted) {
    return not_read({FaultCode::Invalid,
                     fmt::format("there is no identity '{}' that you can see", options.name)});
  }
  // All of it is said again, but for the rank; the hub refuses that of whom was revoked, or took
  // another key, meanwhile.
  client::State state = found->second.state;
  state.true_time_us = SystemClock().utc_us();
  state.identity.rank = static_cast<std::uint8_t>(options.rank);
  const ExitCode done = deliver_states(*link, *timeout, {&state, 1}, stop, "the rank");
  if (done != ExitCode::Ok) return done;
  const auto wrote = write_out(fmt::format("{} has rank {}\n", options.name, options.rank));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

ExitCode run_grant(const GrantOptions& options, StopSignals& stop) {
  const std::int64_t now_us = this_second_us();
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  const auto link = link_of(options.hub, "grant");
  if (!timeout || !link) return usage(!timeout ? timeout.fault() : link.fault());
  const auto grant =
      options.end ? plan_end(options, *link, *timeout, stop) : plan_grant(options, now_us);
  if (!grant) return options.end ? not_read(grant.fault()) : usage(grant.fault());
  client::State state;
  state.kind = client::StateKind::Grant;
  state.name = options.name;
  state.group = kAccessGroup;
  state.true_time_us = now_us;
  state.grant = *grant;
  const ExitCode done = deliver_states(*link, *timeout, {&state, 1}, stop, "the grant");
  if (done != ExitCode::Ok) return done;
  std::string done_text = fmt::format("{} has ended\n", options.name);
  if (!options.end) {
    done_text = fmt::format("{} shows {} what it names, from now on\n", options.name, grant->to);
    if (grant->has_terms()) {
      done_text += fmt::format("by its terms, in a session of its own: vigie watch --grant {}\n",
                               options.name);
    }
  }
  const auto wrote = write_out(done_text);
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

ExitCode run_access(const AccessOptions& options, StopSignals& stop) {
  const std::int64_t now_us = SystemClock().utc_us();
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  const auto link = link_of(options.hub, "access");
  const auto at =
      options.at.empty() ? Result<std::int64_t>(now_us) : parse_moment(options.at, now_us);
  if (!timeout || !link || !at) {
    return usage(!timeout ? timeout.fault() : !link ? link.fault() : at.fault());
  }
  std::string who = options.as;
  if (who.empty()) {
    const auto file = own_key_file(options.hub);
    if (!file) return usage(file.fault());
    who = file->name;
  }
  const auto now = read_book(*link, *timeout, std::nullopt, stop);
  if (!now) return not_read(now.fault());
  const auto then =
      options.at.empty() ? Result<AccessBook>(*now) : read_book(*link, *timeout, *at, stop);
  if (!then) return not_read(then.fault());
  const auto wrote = write_out(explain_access(*now, *then, who, now_us, *at));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

}  // namespace vigie::cli
