// Signing in and out, and the first sign-in by link.

#include <nlohmann/json.hpp>

#include "clients/web/server/accounts/body.h"
#include "clients/web/server/accounts/cookies.h"
#include "clients/web/server/accounts/endpoints.h"
#include "clients/web/server/accounts/passwords.h"
#include "clients/web/server/accounts/secrets.h"
#include "clients/web/server/accounts/totp.h"
#include "clients/web/server/accounts/words.h"

namespace vigie::web::people {
namespace {

constexpr std::string_view kWaits = "too many passwords are being checked";

/// A sign-in under way.
struct Entry {
  Call call;
  Lockout::Attempt attempt = {};
  std::optional<Account> account = {};  // empty: nobody has that name
  std::string totp = {};                // as typed
  bool totp_given = false;
  std::string link_digest = {};  // of a first sign-in
  std::string password_hash = {};
  std::optional<std::int64_t> totp_step = {};
};
using SharedEntry = std::shared_ptr<Entry>;

/// False: it was answered already.
bool may_enter(const Call& call) {
  if (call.desk->keeper.everybody()) {
    refuse(call, 409, "open", "this server is open: nobody signs in");
    return false;
  }
  if (is_private(*call.request)) return true;
  refuse(call, 403, "insecure", "passwords are not taken in the clear over a network: use https");
  return false;
}

bool held_off(const Call& call, const Lockout::Attempt& attempt) {
  if (attempt.wait_seconds == 0) return false;
  hold_off(call, attempt.wait_seconds, "there were too many failures");
  return true;
}

void refuse_entry(const Entry& entry, std::string_view code, std::string_view detail) {
  Desk& desk = *entry.call.desk;
  ++desk.counters.refused_sign_ins;
  // A name that nobody has may be a password typed into the wrong field.
  desk.audit(fmt::format("{}: sign-in refused ({}), from {}",
                         entry.account ? "account " + entry.account->name : "an unknown account",
                         code, entry.call.request->remote));
  refuse(entry.call, 401, code, detail);
}

/// The code of an account that has one. False: it was answered.
bool take_code(Entry& entry, const Account& account) {
  if (account.totp.empty()) return true;
  Desk& desk = *entry.call.desk;
  if (!entry.totp_given) {
    desk.lockout.undo(entry.attempt);
    refuse(entry.call, 401, "totp_needed", "totp: the code of the authenticator app is needed");
    return false;
  }
  entry.totp_step = totp_step_of(account.totp, entry.totp, desk.clock.utc_us(), account.totp_step);
  if (entry.totp_step) return true;
  refuse_entry(entry, "totp_wrong", "totp: this code is wrong, or was used already");
  return false;
}

void entered(const Entry& entry, const Session& session, const std::string& token) {
  Desk& desk = *entry.call.desk;
  desk.lockout.succeeded(entry.attempt, desk.clock.monotonic_us());
  ++desk.counters.signed_in;
  desk.audit(fmt::format("account {}: signed in from {}, session {}", session.account,
                         session.remote, session.id));
  const Account* account = desk.book().account(session.account);
  if (account == nullptr) return refuse(entry.call, 401, "wrong", "the account was removed");
  const nlohmann::json told = session_json(desk, *account, session, csrf_of(token));
  Response response = json_response(
      200, told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  response.headers.emplace_back("Set-Cookie", session_cookie(entry.call.request->secure, token,
                                                             desk.options.absolute.count()));
  entry.call.respond(std::move(response));
}

Session new_session(const Call& call, const std::string& account, const std::string& token) {
  const std::int64_t now_us = call.desk->clock.utc_us();
  return {.id = make_id(),
          .digest = digest_of(token),
          .account = account,
          .kind = SessionKind::Browser,
          .label = browser_label(call.request->header("user-agent").value_or("")),
          .remote = call.request->remote,
          .made_us = now_us,
          .seen_us = now_us,
          .ends_us = now_us + call.desk->options.absolute.count() * kMicrosecondsPerSecond};
}

/// Writes the session (and, by link, first the password), then answers with its cookie. Whatever
/// the browser was signed in as before ends: a session's secret is never taken over.
void write_entry(const SharedEntry& entry) {
  Desk& desk = *entry->call.desk;
  const std::string token = make_token("");
  const Session session = new_session(entry->call, entry->account->name, token);
  const Session* now = desk.keeper.by_cookie(*entry->call.request);
  const Session before = now == nullptr ? Session{} : *now;
  const std::int64_t now_us = desk.clock.utc_us();
  const bool posted = desk.change<bool>(
      [entry, session, before, now_us](Store& store) -> Result<bool> {
        SignInProof proof{.password = entry->password_hash, .totp_step = entry->totp_step};
        if (!entry->link_digest.empty()) {
          Result<void> used =
              store.use_link(entry->link_digest, proof.password, proof.totp_step, now_us);
          if (!used) return used.fault();
          proof.totp_step.reset();  // it was taken just now
        }
        if (Result<void> done = store.sign_in(session, proof); !done) return done.fault();
        if (before.id.empty()) return true;
        const Result<void> ended =
            store.end_session(before.account, before.id, SessionKind::Browser);
        if (!ended && ended.fault().code != FaultCode::NotFound) return ended.fault();
        return true;
      },
      [entry, session, token](Result<bool> done) {
        Desk& at = *entry->call.desk;
        if (done) {
          if (!entry->link_digest.empty()) {
            ++at.counters.links_used;
            at.audit(fmt::format("account {}: the link was used, from {}", session.account,
                                 session.remote));
          }
          return entered(*entry, session, token);
        }
        if (done.fault().code == FaultCode::Invalid) {
          return refuse_entry(*entry, "wrong", done.fault().sentence);
        }
        if (done.fault().code == FaultCode::NotFound) {
          ++at.counters.links_refused;
          return refuse(entry->call, 410, "link_over", done.fault().sentence);
        }
        at.lockout.undo(entry->attempt);
        refuse(entry->call, done.fault());
      });
  if (posted) return;
  desk.lockout.undo(entry->attempt);
  too_busy(entry->call);
}

void password_checked(const SharedEntry& entry, bool right) {
  Desk& desk = *entry->call.desk;
  if (!right || !entry->account) {
    return refuse_entry(*entry, "wrong", "name or password is wrong");
  }
  if (entry->account->refused) {
    desk.lockout.undo(entry->attempt);
    return refuse(entry->call, 403, "identity_refused",
                  "the hub revoked this account's identity: ask your administrator");
  }
  if (take_code(*entry, *entry->account)) write_entry(entry);
}

/// The link that a browser shows, if it opens.
const Link* valid_link(const Desk& desk, const std::string& secret) {
  if (secret.size() > 128) return nullptr;
  const auto found = desk.book().links.find(digest_of(secret));
  if (found == desk.book().links.end()) return nullptr;
  const Link& link = found->second;
  const Account* account = desk.book().account(link.account);
  const bool opens = link.ends_us > desk.clock.utc_us() && account != nullptr &&
                     !account->disabled && !account->refused;
  return opens ? &link : nullptr;
}

/// `then`, when the book is as the file is now, if the link does not open by the book at hand: the
/// command line makes links too, and whoever made one opens it at once.
void when_known(Desk& desk, const std::string& secret, const std::function<void()>& then) {
  if (valid_link(desk, secret) != nullptr) return then();
  const bool posted = desk.change<bool>([](Store&) -> Result<bool> { return true; },
                                        [then](Result<bool>) { then(); });
  if (!posted) then();
}

void refuse_link(const Call& call) {
  ++call.desk->counters.links_refused;
  call.desk->audit(fmt::format("a link was refused, from {}", call.request->remote));
  refuse(call, 410, "link_over",
         "this link was used, renewed, or is over: ask your administrator for another one");
}

void tell_link(const Call& call, const Lockout::Attempt& attempt, const std::string& secret) {
  Desk& desk = *call.desk;
  const Link* link = valid_link(desk, secret);
  if (link == nullptr) return refuse_link(call);
  desk.lockout.undo(attempt);
  const Account& account = *desk.book().account(link->account);
  answer(call, 200,
         {{"account", account.name},
          {"display_name", account.display_name.empty() ? account.name : account.display_name},
          {"name", account.identity},
          {"first", account.password.empty()},
          {"totp", !account.totp.empty() && !link->resets_totp},
          {"ends_us", link->ends_us}});
}

void enter_by_link(const SharedEntry& entry, const std::string& secret,
                   const std::string& password) {
  Desk& desk = *entry->call.desk;
  const Link* link = valid_link(desk, secret);
  if (link == nullptr) return refuse_link(entry->call);
  entry->account = *desk.book().account(link->account);
  if (const auto good = check_password(password, entry->account->name); !good) {
    desk.lockout.undo(entry->attempt);
    return refuse(entry->call, 400, "bad_password", good.fault().sentence);
  }
  if (!link->resets_totp && !entry->account->totp.empty() && entry->totp_given) {
    // Codes are guessed at the account's expense, from however many addresses.
    desk.lockout.undo(entry->attempt);
    entry->attempt = desk.lockout.begin(entry->account->name, entry->call.request->remote,
                                        desk.clock.monotonic_us());
    if (held_off(entry->call, entry->attempt)) return;
  }
  if (!link->resets_totp && !take_code(*entry, *entry->account)) return;
  entry->link_digest = link->digest;
  const bool posted =
      desk.hash<Result<std::string>>([password] { return hash_password(password); },
                                     [entry](Result<std::string> hash) {
                                       if (hash) {
                                         entry->password_hash = std::move(*hash);
                                         return write_entry(entry);
                                       }
                                       entry->call.desk->lockout.undo(entry->attempt);
                                       refuse(entry->call, hash.fault());
                                     });
  if (posted) return;
  desk.lockout.undo(entry->attempt);
  hold_off(entry->call, 2, kWaits);
}

}  // namespace

void tell_session(Call call) {
  const Desk& desk = *call.desk;
  if (desk.keeper.everybody()) {
    const Viewer& viewer = *desk.keeper.everybody();
    return answer(call, 200,
                  {{"signed_in", false},
                   {"open", true},
                   {"account", ""},
                   {"name", viewer.name},
                   {"may_send", viewer.may_send},
                   {"administrator", false}});
  }
  const auto shown = call.desk->keeper.find(*call.request);
  if (!shown) return refuse(call, 401, "sign_in", shown.fault().sentence);
  answer(call, 200, session_json(desk, *shown->account, *shown->session, shown->csrf));
}

void sign_in(Call call) {
  if (!may_enter(call)) return;
  Result<Body> body = Body::read(*call.request, {"name", "password", "totp"});
  if (!body) return refuse(call, body.fault());
  Desk& desk = *call.desk;
  const std::string name = account_name_of(body->text("name"));
  std::string password = body->text("password");
  const auto totp = body->maybe_text("totp");
  if (body->fault()) return refuse(call, *body->fault());
  const bool possible = check_account_name(name).ok();
  auto entry = std::make_shared<Entry>(Entry{.call = std::move(call)});
  entry->totp = totp.value_or("");
  entry->totp_given = !entry->totp.empty();
  entry->attempt = desk.lockout.begin(possible ? name : "", entry->call.request->remote,
                                      desk.clock.monotonic_us());
  if (held_off(entry->call, entry->attempt)) return;
  // Unknown, disabled and not yet joined accounts take as long as a wrong password.
  const Account* account = desk.book().account(name);
  if (account != nullptr && !account->disabled && !account->password.empty()) {
    entry->account = *account;
  }
  entry->password_hash = entry->account ? entry->account->password : desk.dummy_hash;
  const bool posted = desk.hash<bool>(
      [entry, password = std::move(password)] {
        return password_matches(entry->password_hash, password);
      },
      [entry](bool right) { password_checked(entry, right); });
  if (posted) return;
  desk.lockout.undo(entry->attempt);
  hold_off(entry->call, 2, kWaits);
}

void sign_out(Call call) {
  const auto shared = std::make_shared<Call>(std::move(call));
  Desk& desk = *shared->desk;
  const bool posted = desk.change<bool>(
      [session = shared->session](Store& store) -> Result<bool> {
        Result<void> done = store.end_session(session.account, session.id, SessionKind::Browser);
        if (!done && done.fault().code != FaultCode::NotFound) return done.fault();
        return true;
      },
      [shared](Result<bool> done) {
        if (!done) return refuse(*shared, done.fault());
        shared->desk->audit(fmt::format("account {}: signed out, session {}", shared->account.name,
                                        shared->session.id));
        shared->respond({.status = 204,
                         .headers = {{"Cache-Control", "no-store"},
                                     {"Set-Cookie", cleared_cookie(shared->request->secure)}}});
      });
  if (!posted) too_busy(*shared);
}

void sign_out_everywhere(Call call) {
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool posted = shared->desk->change<std::int64_t>(
      [name = shared->account.name](Store& store) { return store.end_browsers(name); },
      [shared](Result<std::int64_t> ended) {
        if (!ended) return refuse(*shared, ended.fault());
        shared->desk->audit(fmt::format("account {}: signed out everywhere, {} sessions",
                                        shared->account.name, *ended));
        shared->respond({.status = 204,
                         .headers = {{"Cache-Control", "no-store"},
                                     {"Set-Cookie", cleared_cookie(shared->request->secure)}}});
      });
  if (!posted) too_busy(*shared);
}

void look_at_link(Call call) {
  if (!may_enter(call)) return;
  Result<Body> body = Body::read(*call.request, {"link"});
  if (!body) return refuse(call, body.fault());
  const std::string secret = body->text("link");
  if (body->fault()) return refuse(call, *body->fault());
  Desk& desk = *call.desk;
  const auto attempt = desk.lockout.begin("", call.request->remote, desk.clock.monotonic_us());
  if (held_off(call, attempt)) return;
  when_known(desk, secret, [call, attempt, secret] { tell_link(call, attempt, secret); });
}

void join_by_link(Call call) {
  if (!may_enter(call)) return;
  Result<Body> body = Body::read(*call.request, {"link", "password", "totp"});
  if (!body) return refuse(call, body.fault());
  const std::string secret = body->text("link");
  const std::string password = body->text("password");
  const auto totp = body->maybe_text("totp");
  if (body->fault()) return refuse(call, *body->fault());
  Desk& desk = *call.desk;
  auto entry = std::make_shared<Entry>(Entry{.call = std::move(call)});
  entry->attempt = desk.lockout.begin("", entry->call.request->remote, desk.clock.monotonic_us());
  if (held_off(entry->call, entry->attempt)) return;
  entry->totp = totp.value_or("");
  entry->totp_given = !entry->totp.empty();
  when_known(desk, secret, [entry, secret, password] { enter_by_link(entry, secret, password); });
}

}  // namespace vigie::web::people
