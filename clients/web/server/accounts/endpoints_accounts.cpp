// What administrators do with everybody's accounts. Nobody takes the right from themselves, so that
// one administrator is always left.

#include <nlohmann/json.hpp>

#include "clients/web/server/accounts/body.h"
#include "clients/web/server/accounts/endpoints.h"
#include "clients/web/server/accounts/identities.h"
#include "clients/web/server/accounts/secrets.h"
#include "clients/web/server/accounts/words.h"

namespace vigie::web::people {
namespace {

using SharedCall = std::shared_ptr<Call>;

/// An account that is being added.
struct Addition {
  Account account = {};
  std::string code = {};        // empty: on a plain hub
  std::string key_before = {};  // as Store::begin_joining() returned it
  bool taken_up = false;
};

struct MadeLink {
  std::string secret = {};
  std::int64_t ends_us = 0;
};

std::int64_t link_end(const Desk& desk) {
  return desk.clock.utc_us() + desk.options.link_valid.count() * kMicrosecondsPerSecond;
}

/// True: it was answered that one does not do so to oneself.
bool is_oneself(const Call& call) {
  if (call.rest != call.account.name) return false;
  refuse(call, 409, "yourself", "not of your own account: let another administrator do it");
  return true;
}

void write_addition(const SharedCall& call, const std::shared_ptr<Addition>& addition) {
  Desk& desk = *call->desk;
  const std::int64_t ends_us = link_end(desk);
  const bool posted = desk.change<MadeLink>(
      [addition, ends_us](Store& store) -> Result<MadeLink> {
        if (Result<void> done = store.add(addition->account); !done) return done.fault();
        Result<std::string> secret = make_link(store, addition->account.name, ends_us, false);
        if (!secret) return secret.fault();
        return MadeLink{.secret = std::move(*secret), .ends_us = ends_us};
      },
      [call, addition](Result<MadeLink> link) {
        if (!link) return refuse(*call, link.fault());
        const Account& account = addition->account;
        call->desk->audit(
            fmt::format("account {}: added by {} as {}", account.name, call->account.name,
                        account.identity.empty() ? "nobody (a plain hub)" : account.identity));
        answer(*call, 201,
               {{"account", account.name},
                {"name", account.identity},
                {"role", account.role},
                {"taken_up", addition->taken_up},
                {"link", link_address(base_of(*call), link->secret)},
                {"link_ends_us", link->ends_us}});
      });
  if (!posted) too_busy(*call);
}

void ask_hub_for(const SharedCall& call, const std::shared_ptr<Addition>& addition) {
  Desk& desk = *call->desk;
  const JoinPlan plan{.folder = desk.options.folder,
                      .account = addition->account.name,
                      .code = addition->code,
                      .hub = desk.options.hub,
                      .program = desk.options.program,
                      .key_before = addition->key_before};
  const bool posted =
      desk.ask_hub<Result<JoinedIdentity>>([plan] { return join_identity(plan); },
                                           [call, addition](Result<JoinedIdentity> joined) {
                                             if (!joined) return refuse(*call, joined.fault());
                                             addition->account.identity = joined->name;
                                             addition->account.role = joined->role;
                                             addition->taken_up = joined->taken_up;
                                             write_addition(call, addition);
                                           });
  if (!posted) too_busy(*call);
}

void begin_joining(const SharedCall& call, const std::shared_ptr<Addition>& addition) {
  const bool posted = call->desk->change<std::string>(
      [addition, folder = call->desk->options.folder](Store& store) -> Result<std::string> {
        const Result<std::string> key = identity_key(folder, addition->account.name);
        if (!key) return key.fault();
        return store.begin_joining(addition->account.name, digest_of(addition->code), *key);
      },
      [call, addition](Result<std::string> key_before) {
        if (!key_before) return refuse(*call, key_before.fault());
        addition->key_before = std::move(*key_before);
        ask_hub_for(call, addition);
      });
  if (!posted) too_busy(*call);
}

}  // namespace

void list_accounts(Call call) {
  const Book& book = call.desk->book();
  std::unordered_map<std::string, std::int64_t> sessions;
  for (const auto& [digest, session] : book.sessions) {
    if (call.desk->keeper.is_valid(session)) ++sessions[session.account];
  }
  std::unordered_map<std::string, std::int64_t> links;
  for (const auto& [digest, link] : book.links) links[link.account] = link.ends_us;
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [name, account] : book.accounts) {
    list.push_back({{"account", name},
                    {"display_name", account.display_name},
                    {"name", account.identity},
                    {"role", account.role},
                    {"administrator", account.administrator},
                    {"read_only", account.read_only},
                    {"disabled", account.disabled},
                    {"refused", account.refused},
                    {"joined", !account.password.empty()},
                    {"totp", !account.totp.empty()},
                    {"sessions", sessions[name]},
                    {"link_ends_us", links[name]},
                    {"made_us", account.made_us},
                    {"signed_in_us", account.signed_in_us}});
  }
  answer(call, 200, {{"accounts", list}});
}

void add_account(Call call) {
  Result<Body> body = Body::read(
      *call.request, {"account", "display_name", "administrator", "read_only", "code", "plain"});
  if (!body) return refuse(call, body.fault());
  auto addition = std::make_shared<Addition>();
  Account& account = addition->account;
  account.name = body->text("account");
  account.display_name = body->maybe_text("display_name").value_or("");
  account.administrator = body->maybe_flag("administrator").value_or(false);
  account.read_only = body->maybe_flag("read_only").value_or(false);
  account.made_us = call.desk->clock.utc_us();
  addition->code = body->maybe_text("code").value_or("");
  const bool plain = body->maybe_flag("plain").value_or(false);
  body->check(check_account_name(account.name));
  body->check(check_label("display_name", account.display_name));
  if (plain == !addition->code.empty()) {
    body->check(Fault{FaultCode::Invalid,
                      "code is needed, the invitation of this person's identity; or plain, where "
                      "the hub asks nobody"});
  }
  if (body->fault()) return refuse(call, *body->fault());
  if (call.desk->book().account(account.name) != nullptr) {
    return refuse(call, 409, "taken",
                  fmt::format("there is an account '{}' already", account.name));
  }
  const auto shared = std::make_shared<Call>(std::move(call));
  if (plain) return write_addition(shared, addition);
  begin_joining(shared, addition);
}

void change_account(Call call) {
  Result<Body> body =
      Body::read(*call.request, {"display_name", "administrator", "read_only", "disabled"});
  if (!body) return refuse(call, body.fault());
  const AccountChange change{.display_name = body->maybe_text("display_name"),
                             .administrator = body->maybe_flag("administrator"),
                             .read_only = body->maybe_flag("read_only"),
                             .disabled = body->maybe_flag("disabled")};
  body->check(check_label("display_name", change.display_name.value_or("")));
  if (body->fault()) return refuse(call, *body->fault());
  if ((change.administrator || change.disabled) && is_oneself(call)) return;
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool posted = shared->desk->change<bool>(
      [name = shared->rest, change](Store& store) -> Result<bool> {
        if (Result<void> done = store.change(name, change); !done) return done.fault();
        return true;
      },
      [shared, change](Result<bool> done) {
        if (!done) return refuse(*shared, done.fault());
        std::string what = "changed";
        if (change.disabled) what = *change.disabled ? "disabled" : "enabled";
        if (change.administrator) {
          what += *change.administrator ? ", administrator" : ", no administrator";
        }
        shared->desk->audit(
            fmt::format("account {}: {} by {}", shared->rest, what, shared->account.name));
        answer_nothing(*shared);
      });
  if (!posted) too_busy(*shared);
}

void link_account(Call call) {
  Result<Body> body = Body::read(*call.request, {"reset_totp"});
  if (!body) return refuse(call, body.fault());
  const bool resets = body->maybe_flag("reset_totp").value_or(false);
  if (body->fault()) return refuse(call, *body->fault());
  const std::int64_t ends_us = link_end(*call.desk);
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool posted = shared->desk->change<std::string>(
      [name = shared->rest, ends_us, resets](Store& store) {
        return make_link(store, name, ends_us, resets);
      },
      [shared, ends_us, resets](Result<std::string> secret) {
        if (!secret) return refuse(*shared, secret.fault());
        shared->desk->audit(fmt::format("account {}: a link was made by {}{}", shared->rest,
                                        shared->account.name, resets ? ", ends codes" : ""));
        answer(*shared, 201,
               {{"link", link_address(base_of(*shared), *secret)}, {"link_ends_us", ends_us}});
      });
  if (!posted) too_busy(*shared);
}

void sign_out_account(Call call) {
  Result<Body> body = Body::read(*call.request, {"tokens"});
  if (!body) return refuse(call, body.fault());
  const bool tokens = body->maybe_flag("tokens").value_or(false);
  if (body->fault()) return refuse(call, *body->fault());
  if (call.desk->book().account(call.rest) == nullptr) {
    return refuse(call, 404, "not_found", "there is no such account");
  }
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool posted = shared->desk->change<std::int64_t>(
      [name = shared->rest, tokens](Store& store) -> Result<std::int64_t> {
        const Result<std::int64_t> browsers = store.end_browsers(name);
        if (!browsers || !tokens) return browsers;
        const Result<std::int64_t> ended = store.end_tokens(name);
        if (!ended) return ended;
        return *browsers + *ended;
      },
      [shared](Result<std::int64_t> ended) {
        if (!ended) return refuse(*shared, ended.fault());
        shared->desk->audit(fmt::format("account {}: signed out everywhere by {}, {} sessions",
                                        shared->rest, shared->account.name, *ended));
        answer(*shared, 200, {{"ended", *ended}});
      });
  if (!posted) too_busy(*shared);
}

void remove_account_of(Call call) {
  if (is_oneself(call)) return;
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool posted = shared->desk->change<bool>(
      [folder = shared->desk->options.folder, name = shared->rest](Store& store) -> Result<bool> {
        if (Result<void> done = remove_account(store, folder, name); !done) return done.fault();
        return true;
      },
      [shared](Result<bool> done) {
        if (!done) return refuse(*shared, done.fault());
        shared->desk->audit(
            fmt::format("account {}: removed by {}", shared->rest, shared->account.name));
        answer_nothing(*shared);
      });
  if (!posted) too_busy(*shared);
}

}  // namespace vigie::web::people
