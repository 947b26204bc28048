// What people do with their own account: settings, password, codes, sessions, API tokens.

#include <nlohmann/json.hpp>

#include "clients/web/server/accounts/body.h"
#include "clients/web/server/accounts/endpoints.h"
#include "clients/web/server/accounts/identities.h"
#include "clients/web/server/accounts/passwords.h"
#include "clients/web/server/accounts/qr_path.h"
#include "clients/web/server/accounts/secrets.h"
#include "clients/web/server/accounts/totp.h"
#include "clients/web/server/accounts/words.h"

namespace vigie::web::people {
namespace {

using SharedCall = std::shared_ptr<Call>;

/// A change without a value: answered with 204, and told in the log as `what`.
void change_quietly(Call call, std::function<Result<void>(Store&)> work, std::string what) {
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool posted = shared->desk->change<bool>(
      [work = std::move(work)](Store& store) -> Result<bool> {
        if (Result<void> done = work(store); !done) return done.fault();
        return true;
      },
      [shared, what = std::move(what)](Result<bool> done) {
        if (!done) return refuse(*shared, done.fault());
        if (!what.empty()) {
          shared->desk->audit(fmt::format("account {}: {}", shared->account.name, what));
        }
        answer_nothing(*shared);
      });
  if (!posted) too_busy(*shared);
}

void write_password(const SharedCall& call, const std::string& hash, bool keep_tokens) {
  const bool posted = call->desk->change<Ended>(
      [name = call->account.name, before = call->account.password, hash, keep = call->session.id,
       keep_tokens](Store& store) {
        return store.set_password(name, before, hash, keep, keep_tokens);
      },
      [call, keep_tokens](Result<Ended> ended) {
        if (!ended) return refuse(*call, ended.fault());
        call->desk->audit(fmt::format("account {}: another password; {} other sign-ins ended, {}",
                                      call->account.name, ended->browsers,
                                      keep_tokens ? std::string("API tokens stay")
                                                  : fmt::format("{} API tokens", ended->tokens)));
        answer(*call, 200, {{"browsers", ended->browsers}, {"tokens", ended->tokens}});
      });
  if (!posted) too_busy(*call);
}

nlohmann::json sessions_json(const Call& call, SessionKind kind) {
  const Desk& desk = *call.desk;
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [digest, session] : desk.book().sessions) {
    if (session.account != call.account.name || session.kind != kind) continue;
    if (!desk.keeper.is_valid(session)) continue;
    nlohmann::json told = {{"id", session.id},
                           {"label", session.label},
                           {"remote", session.remote},
                           {"made_us", session.made_us},
                           {"seen_us", desk.keeper.seen_us(session)},
                           {"ends_us", session.ends_us}};
    if (kind == SessionKind::Browser) told["current"] = session.id == call.session.id;
    if (kind == SessionKind::Token) told["may_send"] = session.may_send;
    list.push_back(std::move(told));
  }
  std::sort(list.begin(), list.end(), [](const nlohmann::json& a, const nlohmann::json& b) {
    return a["made_us"] > b["made_us"];
  });
  return list;
}

}  // namespace

void tell_account(Call call) {
  const Account& account = call.account;
  answer(call, 200,
         {{"account", account.name},
          {"display_name", account.display_name},
          {"name", account.identity},
          {"role", account.role},
          {"administrator", account.administrator},
          {"read_only", account.read_only},
          {"totp", !account.totp.empty()},
          {"language", account.language},
          {"theme", account.theme},
          {"made_us", account.made_us},
          {"signed_in_us", account.signed_in_us}});
}

void change_own_account(Call call) {
  Result<Body> body = Body::read(*call.request, {"display_name", "language", "theme"});
  if (!body) return refuse(call, body.fault());
  AccountChange change{.display_name = body->maybe_text("display_name"),
                       .language = body->maybe_text("language"),
                       .theme = body->maybe_text("theme")};
  body->check(check_label("display_name", change.display_name.value_or("")));
  body->check(check_language(change.language.value_or("")));
  body->check(check_theme(change.theme.value_or("")));
  if (body->fault()) return refuse(call, *body->fault());
  const std::string name = call.account.name;
  change_quietly(
      std::move(call), [name, change](Store& store) { return store.change(name, change); }, "");
}

void change_password(Call call) {
  Result<Body> body = Body::read(*call.request, {"current", "password", "keep_tokens"});
  if (!body) return refuse(call, body.fault());
  std::string current = body->text("current");
  std::string password = body->text("password");
  const bool keep_tokens = body->maybe_flag("keep_tokens").value_or(false);
  if (body->fault()) return refuse(call, *body->fault());
  if (const auto good = check_password(password, call.account.name); !good) {
    return refuse(call, 400, "bad_password", good.fault().sentence);
  }
  with_password(std::move(call), std::move(current), [password, keep_tokens](Call checked) {
    const auto shared = std::make_shared<Call>(std::move(checked));
    const bool posted =
        shared->desk->hash<Result<std::string>>([password] { return hash_password(password); },
                                                [shared, keep_tokens](Result<std::string> hash) {
                                                  if (!hash) return refuse(*shared, hash.fault());
                                                  write_password(shared, *hash, keep_tokens);
                                                });
    if (!posted) hold_off(*shared, 2, "too many passwords are being checked");
  });
}

void begin_totp(Call call) {
  Result<Body> body = Body::read(*call.request, {"password"});
  if (!body) return refuse(call, body.fault());
  std::string password = body->text("password");
  if (body->fault()) return refuse(call, *body->fault());
  if (!call.account.totp.empty()) {
    return refuse(call, 409, "totp_on", "codes are asked for already: end that first");
  }
  with_password(std::move(call), std::move(password), [](Call checked) {
    Desk& desk = *checked.desk;
    const std::string secret = random_bytes(kTotpSecretBytes);
    const std::string uri = totp_uri(secret, checked.account.name, "Vigie");
    const Result<QrPath> qr = qr_path(uri);
    if (!qr) return refuse(checked, qr.fault());
    desk.pending_totp[checked.session.id] = {.secret = secret,
                                             .made_us = desk.clock.monotonic_us()};
    answer(checked, 200,
           {{"secret", base32(secret)},
            {"uri", uri},
            {"qr", {{"side", qr->side}, {"path", qr->path}}}});
  });
}

void confirm_totp(Call call) {
  Result<Body> body = Body::read(*call.request, {"code"});
  if (!body) return refuse(call, body.fault());
  const std::string code = body->text("code");
  if (body->fault()) return refuse(call, *body->fault());
  Desk& desk = *call.desk;
  const auto pending = desk.pending_totp.find(call.session.id);
  if (pending == desk.pending_totp.end()) {
    return refuse(call, 409, "totp_not_begun", "no secret waits to be confirmed: begin again");
  }
  const std::string secret = pending->second.secret;
  const auto step = totp_step_of(secret, code, desk.clock.utc_us(), 0);
  if (!step) {
    return refuse(call, 400, "totp_wrong",
                  "code is wrong: is the clock of the device with the app right?");
  }
  desk.pending_totp.erase(pending);
  const std::string name = call.account.name;
  change_quietly(
      std::move(call),
      [name, secret, step](Store& store) { return store.set_totp(name, secret, *step); },
      "codes are asked for at signing in");
}

void end_totp(Call call) {
  Result<Body> body = Body::read(*call.request, {"password"});
  if (!body) return refuse(call, body.fault());
  std::string password = body->text("password");
  if (body->fault()) return refuse(call, *body->fault());
  with_password(std::move(call), std::move(password), [](Call checked) {
    const std::string name = checked.account.name;
    change_quietly(
        std::move(checked), [name](Store& store) { return store.set_totp(name, "", 0); },
        "no codes are asked for any more");
  });
}

void list_sessions(Call call) {
  answer(call, 200, {{"sessions", sessions_json(call, SessionKind::Browser)}});
}

void end_own_session(Call call) {
  const auto end = [account = call.account.name, id = call.rest](Store& store) {
    return store.end_session(account, id, SessionKind::Browser);
  };
  change_quietly(std::move(call), end, "one session was ended by another");
}

void list_tokens(Call call) {
  answer(call, 200, {{"tokens", sessions_json(call, SessionKind::Token)}});
}

void make_token_of_account(Call call) {
  Result<Body> body = Body::read(*call.request, {"label", "days", "may_send"});
  if (!body) return refuse(call, body.fault());
  TokenPlan plan{.account = call.account.name,
                 .label = body->text("label"),
                 .remote = call.request->remote,
                 .days = body->maybe_number("days", 1, kTokenDaysMax).value_or(90),
                 .may_send = body->maybe_flag("may_send").value_or(false)};
  body->check(check_label("label", plan.label));
  if (plan.label.empty()) body->check(Fault{FaultCode::Invalid, "label is empty"});
  if (plan.may_send && !may_send(call.account)) {
    body->check(Fault{FaultCode::Invalid, "may_send: this account sends nothing itself"});
  }
  if (body->fault()) return refuse(call, *body->fault());
  const auto shared = std::make_shared<Call>(std::move(call));
  const std::int64_t now_us = shared->desk->clock.utc_us();
  const bool posted = shared->desk->change<MadeToken>(
      [plan, now_us](Store& store) { return make_api_token(store, plan, now_us); },
      [shared](Result<MadeToken> made) {
        if (!made) return refuse(*shared, made.fault());
        const Session& session = made->session;
        shared->desk->audit(fmt::format("account {}: API token {} was made, {}", session.account,
                                        session.id, session.may_send ? "may send" : "reads"));
        answer(*shared, 201,
               {{"id", session.id},
                {"token", made->secret},
                {"label", session.label},
                {"may_send", session.may_send},
                {"ends_us", session.ends_us}});
      });
  if (!posted) too_busy(*shared);
}

void end_token(Call call) {
  const auto end = [account = call.account.name, id = call.rest](Store& store) {
    return store.end_session(account, id, SessionKind::Token);
  };
  change_quietly(std::move(call), end, "an API token was ended");
}

}  // namespace vigie::web::people
