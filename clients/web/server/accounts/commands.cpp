#include "clients/web/server/accounts/commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "clients/web/server/accounts/command_options.h"
#include "clients/web/server/accounts/identities.h"
#include "clients/web/server/accounts/keeper.h"
#include "clients/web/server/accounts/secrets.h"
#include "clients/web/server/accounts/words.h"
#include "clients/web/server/ops/config_file.h"
#include "vigie/enrol.h"

namespace vigie::web {

using namespace people;  // NOLINT: this file is its face

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int say(const Fault& fault) {
  std::fprintf(stderr, "%s\n", fault.sentence.c_str());
  return kFailed;
}

int usage(const std::string& sentence) {
  std::fprintf(stderr, "%s\n", sentence.c_str());
  return kUsage;
}

int out(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : say({FaultCode::Io, "standard output can't be written"});
}

std::string day_text(std::int64_t us) {
  return us == 0 ? "-" : format_time(us).substr(0, 16) + "Z";
}

std::string json_line(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int show_link(Store& store, const CommandOptions& options, std::int64_t now_us) {
  const Result<std::string> secret =
      make_link(store, options.name, now_us + options.link_valid_us, options.reset_totp);
  if (!secret) return say(secret.fault());
  const Result<std::string> known = store.base_url();
  if (!known) return say(known.fault());
  const std::string base = !options.url.empty() ? options.url : *known;
  std::fprintf(stderr, "%s sets the password with this link, once, until %s:\n",
               options.name.c_str(), day_text(now_us + options.link_valid_us).c_str());
  if (base.empty()) {
    std::fprintf(stderr, "(put the page's address before it, or give --url)\n");
  }
  return out(link_address(base, *secret) + "\n");
}

/// The identity that the code makes; the account's name is kept with it until it is written.
Result<JoinedIdentity> join_hub(Store& store, const CommandOptions& options) {
  std::string code = options.code;
  if (code == "-") std::getline(std::cin, code);
  const Result<std::string> key = identity_key(options.data, options.name);
  if (!key) return key.fault();
  const Result<std::string> before = store.begin_joining(options.name, digest_of(code), *key);
  if (!before) return before.fault();
  Result<JoinedIdentity> joined = join_identity({.folder = options.data,
                                                 .account = options.name,
                                                 .code = code,
                                                 .hub = options.hub,
                                                 .program = "vigie-web account",
                                                 .key_before = *before});
  if (joined && joined->taken_up) {
    std::fprintf(stderr,
                 "an earlier join was cut, and is at its end now: this code was not used, unless "
                 "it was that one's\n");
  }
  return joined;
}

int add(Store& store, const CommandOptions& options, std::int64_t now_us) {
  if (options.plain == !options.code.empty()) {
    return usage(
        "--code is needed, the invitation of this person's identity; or --plain, where the hub "
        "asks nobody");
  }
  if (const auto good = check_label("--display-name", options.display_name); !good) {
    return usage(good.fault().sentence);
  }
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  if (book->account(options.name) != nullptr) {
    return say({FaultCode::Invalid, fmt::format("there is an account '{}' already", options.name)});
  }
  Account account{.name = options.name,
                  .display_name = options.display_name,
                  .administrator = options.administrator,
                  .read_only = options.read_only,
                  .made_us = now_us};
  if (!options.plain) {
    const Result<JoinedIdentity> joined = join_hub(store, options);
    if (!joined) return say(joined.fault());
    account.identity = joined->name;
    account.role = joined->role;
  }
  if (Result<void> done = store.add(account); !done) return say(done.fault());
  std::fprintf(stderr, "%s is added%s\n", account.name.c_str(),
               account.identity.empty()
                   ? ", without an identity"
                   : fmt::format(" as {}, {}", account.identity, account.role).c_str());
  return show_link(store, options, now_us);
}

int join(Store& store, const CommandOptions& options, std::int64_t) {
  if (options.code.empty()) return usage("--code is needed: the invitation of the identity");
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  if (book->account(options.name) == nullptr) {
    return say({FaultCode::NotFound, fmt::format("there is no account '{}'", options.name)});
  }
  const Result<JoinedIdentity> joined = join_hub(store, options);
  if (!joined) return say(joined.fault());
  Result<void> done = store.set_identity(options.name, joined->name, joined->role);
  if (!done) return say(done.fault());
  return out(fmt::format("{} is {}, {}\n", options.name, joined->name, joined->role));
}

std::string state_of(const Account& account) {
  if (account.disabled) return "disabled";
  if (account.refused) return "identity revoked";
  return account.password.empty() ? "not joined" : "joined";
}

int list(Store& store, const CommandOptions& options, std::int64_t now_us) {
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  std::unordered_map<std::string, int> sessions;
  for (const auto& [digest, session] : book->sessions) {
    if (session.ends_us > now_us) ++sessions[session.account];
  }
  std::string text;
  if (!options.json) {
    text = fmt::format("{:<20} {:<26} {:<14} {:<17} {:<5} {:>8} {}\n", "NAME", "IDENTITY", "ROLE",
                       "STATE", "CODES", "SESSIONS", "SIGNED IN");
  }
  for (const auto& [name, account] : book->accounts) {
    if (options.json) {
      text += json_line({{"account", name},
                         {"display_name", account.display_name},
                         {"name", account.identity},
                         {"role", account.role},
                         {"administrator", account.administrator},
                         {"read_only", account.read_only},
                         {"state", state_of(account)},
                         {"totp", !account.totp.empty()},
                         {"sessions", sessions[name]},
                         {"made_us", account.made_us},
                         {"signed_in_us", account.signed_in_us}});
      continue;
    }
    text += fmt::format("{:<20} {:<26} {:<14} {:<17} {:<5} {:>8} {}{}\n", name,
                        account.identity.empty() ? "-" : account.identity,
                        account.role.empty() ? "-" : account.role, state_of(account),
                        account.totp.empty() ? "no" : "yes", sessions[name],
                        day_text(account.signed_in_us),
                        account.administrator ? " (administrator)" : "");
  }
  return out(text);
}

int set_disabled(Store& store, const CommandOptions& options, bool disabled) {
  Result<void> done = store.change(options.name, {.disabled = disabled});
  if (!done) return say(done.fault());
  return out(options.name + (disabled ? " is disabled; what was open ends\n" : " is enabled\n"));
}

int remove(Store& store, const CommandOptions& options, std::int64_t) {
  if (!options.yes) return usage("this can't be undone: give --yes");
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  const Account* account = book->account(options.name);
  const std::string identity = account == nullptr ? "" : account->identity;
  Result<void> done = remove_account(store, options.data, options.name);
  if (!done) return say(done.fault());
  std::string text = options.name + " is removed\n";
  if (!identity.empty()) {
    text +=
        "the hub still knows its identity; an administrator of the hub ends it with: vigie "
        "revoke " +
        identity + "\n";
  }
  return out(text);
}

int sign_out(Store& store, const CommandOptions& options, std::int64_t) {
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  if (book->account(options.name) == nullptr) {
    return say({FaultCode::NotFound, fmt::format("there is no account '{}'", options.name)});
  }
  const Result<std::int64_t> browsers = store.end_browsers(options.name);
  if (!browsers) return say(browsers.fault());
  std::int64_t ended = *browsers;
  if (options.tokens) {
    const Result<std::int64_t> tokens = store.end_tokens(options.name);
    if (!tokens) return say(tokens.fault());
    ended += *tokens;
  }
  return out(fmt::format("{} sessions ended\n", ended));
}

int rotate(Store& store, const CommandOptions& options, std::int64_t) {
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  const Account* account = book->account(options.name);
  if (account == nullptr || account->identity.empty()) {
    return say({FaultCode::NotFound,
                fmt::format("there is no account '{}' with an identity", options.name)});
  }
  client::RotateOptions how;
  how.identity_path = identity_path(options.data, options.name);
  how.hub = options.hub;
  how.client = "vigie-web account";
  if (Result<void> done = client::rotate(how); !done) return say(done.fault());
  return out(account->identity + " has another key; the old one is nobody's\n");
}

int add_token(Store& store, const CommandOptions& options, std::int64_t now_us) {
  if (const auto good = check_label("--label", options.label); !good || options.label.empty()) {
    return usage(good ? "--label is empty" : good.fault().sentence);
  }
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  const Account* account = book->account(options.name);
  if (account != nullptr && options.may_send && !may_send(*account)) {
    return usage("--may-send: this account sends nothing itself");
  }
  const Result<MadeToken> made = make_api_token(store,
                                                {.account = options.name,
                                                 .label = options.label,
                                                 .remote = "command line",
                                                 .days = options.days,
                                                 .may_send = options.may_send},
                                                now_us);
  if (!made) return say(made.fault());
  std::fprintf(stderr, "token %s, until %s; it is not shown again:\n", made->session.id.c_str(),
               day_text(made->session.ends_us).c_str());
  return out(made->secret + "\n");
}

int list_tokens(Store& store, const CommandOptions& options, std::int64_t) {
  const Result<Book> book = store.read();
  if (!book) return say(book.fault());
  std::string text;
  for (const auto& [digest, session] : book->sessions) {
    if (session.account != options.name || session.kind != SessionKind::Token) continue;
    if (options.json) {
      text += json_line({{"id", session.id},
                         {"label", session.label},
                         {"may_send", session.may_send},
                         {"made_us", session.made_us},
                         {"seen_us", session.seen_us},
                         {"ends_us", session.ends_us}});
      continue;
    }
    text += fmt::format("{}  {:<8}  until {}  used {:<17}  {}\n", session.id,
                        session.may_send ? "may send" : "reads", day_text(session.ends_us),
                        day_text(session.seen_us), session.label);
  }
  return out(text);
}

int end_token(Store& store, const CommandOptions& options, std::int64_t) {
  Result<void> done = store.end_session(options.name, options.id, SessionKind::Token);
  return done ? out("it opens nothing any more\n") : say(done.fault());
}

/// What the command line leaves out, the server's configuration and surroundings say.
Result<void> settle(CommandOptions& options) {
  WebConfig config;
  if (!options.config.empty()) {
    const std::vector<std::string> faults = read_config_file(options.config, config);
    if (!faults.empty()) {
      return Fault{FaultCode::Invalid, fmt::format("{}", fmt::join(faults, "\n"))};
    }
    options.link_valid_us = config.link_valid_us;
    if (options.url.empty()) options.url = config.base_url;
  }
  if (!options.data.empty()) config.data = options.data;
  Result<std::string> data = data_folder(config);
  if (!data) return data.fault();
  options.data = std::move(*data);
  return {};
}

}  // namespace

int run_account_command(int argc, char** argv) {
  int exit_code = 0;
  CommandOptions options = read_command_line(argc, argv, exit_code);
  if (options.command.empty()) return exit_code;
  if (Result<void> settled = settle(options); !settled) return usage(settled.fault().sentence);
  if (!options.name.empty()) {
    if (const auto good = check_account_name(options.name); !good) {
      return usage(good.fault().sentence);
    }
  }
  std::error_code error;
  if (options.command != "add" &&
      !std::filesystem::exists(options.data + "/accounts.sqlite", error)) {
    return say({FaultCode::NotFound, options.data + " holds no accounts yet: add one"});
  }
  auto store = Store::open(options.data);
  if (!store) return say(store.fault());
  const std::int64_t now_us = SystemClock().utc_us();
  using Run = int (*)(Store&, const CommandOptions&, std::int64_t);
  const std::array<std::pair<std::string_view, Run>, 9> commands{{{"add", add},
                                                                  {"join", join},
                                                                  {"list", list},
                                                                  {"link", show_link},
                                                                  {"remove", remove},
                                                                  {"sign-out", sign_out},
                                                                  {"rotate", rotate},
                                                                  {"token add", add_token},
                                                                  {"token list", list_tokens}}};
  for (const auto& [name, run] : commands) {
    if (options.command == name) return run(**store, options, now_us);
  }
  if (options.command == "token end") return end_token(**store, options, now_us);
  return set_disabled(**store, options, options.command == "disable");
}

}  // namespace vigie::web
