// `vigie invite`, `join`, `rotate` and `revoke`: how people and devices come to be somebody, and
// cease to.

#include "vigie/enrol.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "clients/cli/commands/hub_link.h"
#include "clients/cli/commands/publisher.h"
#include "clients/cli/commands/track_plan.h"
#include "clients/cli/outputs/qr.h"
#include "clients/cli/outputs/terminal.h"
#include "clients/cli/outputs/text.h"
#include "schemas/keys/invite_code.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"
#include "vigie/ask.h"

namespace vigie::cli {
namespace {

/// What the library's fault means to a script.
ExitCode ended(const Fault& fault) {
  say(fault.sentence);
  if (fault.code == FaultCode::Unavailable) return ExitCode::Unreachable;
  return fault.code == FaultCode::Invalid ? ExitCode::Refused : ExitCode::Failure;
}

client::State access_state(client::StateKind kind, const std::string& name) {
  client::State state;
  state.kind = kind;
  state.name = name;
  state.group = kAccessGroup;
  state.true_time_us = SystemClock().utc_us();
  return state;
}

/// The invitation, but for its key; a Fault names the option.
Result<client::Invite> plan_invite(const InviteOptions& options, std::int64_t now_us) {
  client::Invite invite;
  invite.role = client::role_of(options.role);
  if (invite.role == client::Role::None) {
    return Fault{FaultCode::Invalid, "--role is needed: what is it to be?"};
  }
  invite.units = options.units;
  invite.rank = static_cast<std::uint8_t>(options.rank);
  if (invite.role == client::Role::Tracker && invite.units.empty()) invite.units = {options.name};
  if (invite.role == client::Role::Gateway && invite.units.empty()) {
    return Fault{FaultCode::Invalid, "--unit is needed: which units does the gateway publish for?"};
  }
  const auto valid = parse_duration(options.valid);
  if (!valid) return valid.fault();
  invite.ends_us = now_us + *valid;
  if (options.identity_valid.empty()) return invite;
  const auto lasts = parse_duration(options.identity_valid);
  if (!lasts) return lasts.fault();
  invite.identity_ends_us = now_us + *lasts;
  return invite;
}

/// HOST:PORT of loopback, or a path on this machine.
bool is_here_alone(std::string_view hub) {
  std::string host(hub.substr(0, hub.rfind(':')));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  return host == "::1" || host == "localhost" || hub.starts_with("ipc://");
}

/// The code on standard output; what it is, and the picture of it, beside.
ExitCode show_code(const InviteOptions& options, const client::Invite& invite,
                   const InviteCode& opens) {
  const std::string code = format_invite_code(opens);
  const auto qr = qr_code(code);
  if (!qr) return failed(qr.fault());
  if (!options.png.empty()) {
    if (const auto written = write_qr_png(*qr, options.png); !written) {
      return failed(written.fault());
    }
  }
  std::string text = code + "\n";
  if (options.qr || output_is_terminal()) text = qr_text(*qr) + text;
  if (const auto wrote = write_out(text); !wrote) return failed(wrote.fault());
  say(fmt::format("{} joins as {} with: vigie join CODE", options.name,
                  client::role_name(invite.role)));
  say(fmt::format("it opens once, until {}; whoever has it can use it",
                  moment_text(invite.ends_us)));
  if (is_here_alone(opens.hub)) {
    say(
        fmt::format("it leads to {}, so it can be used on this machine alone: for another one name "
                    "the hub as that one reaches it, with --address HOST:PORT",
                    opens.hub));
  }
  return ExitCode::Ok;
}

ExitCode withdraw(const InviteOptions& options, std::chrono::milliseconds timeout,
                  StopSignals& stop) {
  const auto link = link_of(options.hub, "invite");
  if (!link) return usage(link.fault());
  client::State state = access_state(client::StateKind::Invite, options.name);
  state.deleted = true;
  return deliver_states(*link, timeout, {&state, 1}, stop, "the withdrawal");
}

std::string trimmed_line(std::istream& input) {
  std::string line;
  std::getline(input, line);
  return line;
}

}  // namespace

ExitCode run_invite(const InviteOptions& options, StopSignals& stop) {
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  if (!timeout) return usage(timeout.fault());
  if (options.withdraw) return withdraw(options, *timeout, stop);
  const auto file = own_key_file(options.hub);
  const auto link = link_of(options.hub, "invite");
  auto invite = plan_invite(options, this_second_us());
  if (!file || !link || !invite) {
    return usage(!file ? file.fault() : !link ? link.fault() : invite.fault());
  }
  InviteCode code{.hub = options.address.empty() ? link->hub : options.address,
                  .hub_key = file->hub_key,
                  .secret = make_invite_secret()};
  const std::string text = format_invite_code(code);
  // What cannot be read back would open nothing.
  if (const auto read = parse_invite_code(text); !read) return usage(read.fault());
  invite->key = invite_key_pair(code.secret).key;
  client::State state = access_state(client::StateKind::Invite, options.name);
  state.invite = *invite;
  const ExitCode delivered = deliver_states(*link, *timeout, {&state, 1}, stop, "the invitation");
  if (delivered != ExitCode::Ok) return delivered;
  // On the way the hub may have told that it has another key.
  if (const auto now = own_key_file(options.hub)) code.hub_key = now->hub_key;
  return show_code(options, *invite, code);
}

ExitCode run_join(const JoinOptions& options, StopSignals&) {
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  if (!timeout) return usage(timeout.fault());
  client::JoinOptions join;
  join.code = options.code == "-" ? trimmed_line(std::cin) : options.code;
  if (const auto read = parse_invite_code(join.code); !read) return usage(read.fault());
  join.identity_path =
      options.hub.identity.empty() ? default_identity_path() : options.hub.identity;
  if (join.identity_path.empty()) {
    return usage({FaultCode::Invalid,
                  "neither XDG_CONFIG_HOME nor HOME is set: name the key file "
                  "with --identity FILE"});
  }
  join.replace = options.replace;
  join.hub = options.hub.hub;
  join.client = client_name("join");
  join.timeout = *timeout;
  const auto joined = client::join(join);
  if (!joined) return ended(joined.fault());
  if (joined->taken_up) {
    say(
        fmt::format("an earlier join of {} was cut, and is at its end now: this code was not used, "
                    "unless it was that one's",
                    join.identity_path));
  }
  std::string text = fmt::format("you are {}, {} at {}", harmless(joined->name),
                                 client::role_name(joined->role), harmless(joined->hub));
  if (!joined->units.empty()) {
    text += ", for " + harmless(fmt::format("{}", fmt::join(joined->units, " ")));
  }
  if (joined->rank != 0) text += fmt::format(", rank {}", joined->rank);
  if (joined->ends_us != 0) text += ", until " + moment_text(joined->ends_us);
  const auto wrote = write_out(text + "\nyour key is in " + join.identity_path + "\n");
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

/// Of the hub.
ExitCode rotate_hub_key(const RotateOptions& options, std::chrono::milliseconds timeout) {
  const auto overlap = parse_duration(options.overlap);
  const auto file = own_key_file(options.hub);
  auto link = link_of(options.hub, "rotate");
  if (!overlap || !file || !link) {
    return usage(!overlap ? overlap.fault() : !file ? file.fault() : link.fault());
  }
  constexpr std::int64_t kOverlapUsMax = std::int64_t{UINT32_MAX} * kMicrosecondsPerSecond;
  if (*overlap < 0 || *overlap > kOverlapUsMax || *overlap % kMicrosecondsPerSecond != 0) {
    return usage(
        {FaultCode::Invalid, fmt::format("--overlap {} is not whole seconds", options.overlap)});
  }
  const auto changed =
      client::change_hub_key({.link = std::move(*link), .timeout = timeout},
                             std::chrono::seconds(*overlap / kMicrosecondsPerSecond));
  if (!changed) return ended(changed.fault());
  std::string text = fmt::format("the hub has another key: {}\n", changed->key);
  text += changed->until_us == 0
              ? "the old one has ended. Who is connected is told the new one; everybody else must "
                "join anew\n"
              : fmt::format(
                    "the old one works until {}. Whoever connects before that is told the new "
                    "one, and keeps it; who does not must join anew\n",
                    moment_text(changed->until_us));
  const auto wrote = write_out(text);
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

ExitCode run_rotate(const RotateOptions& options, StopSignals&) {
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  if (timeout && options.hub_key) return rotate_hub_key(options, *timeout);
  const auto file = own_key_file(options.hub);
  if (!timeout || !file) return usage(!timeout ? timeout.fault() : file.fault());
  client::RotateOptions rotate;
  rotate.identity_path = identity_path(options.hub);
  rotate.hub = options.hub.hub;
  rotate.client = client_name("rotate");
  rotate.timeout = *timeout;
  if (const auto done = client::rotate(rotate); !done) return ended(done.fault());
  const auto wrote =
      write_out(fmt::format("{} has another key; the old one is nobody's\n", file->name));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

ExitCode run_revoke(const RevokeOptions& options, StopSignals& stop) {
  const auto timeout = parse_timeout(options.hub.timeout, kHubTimeout);
  const auto link = link_of(options.hub, "revoke");
  if (!timeout || !link) return usage(!timeout ? timeout.fault() : link.fault());
  client::State state = access_state(client::StateKind::Identity, options.name);
  state.deleted = true;
  const ExitCode done = deliver_states(*link, *timeout, {&state, 1}, stop, "the revocation");
  if (done != ExitCode::Ok) return done;
  const auto wrote = write_out(fmt::format("{} is revoked\n", options.name));
  return wrote ? ExitCode::Ok : failed(wrote.fault());
}

}  // namespace vigie::cli
