#pragma once
// The endpoints about people, one function each. Net thread. Each answers once, mostly later; what
// is answered as done is on the disk.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "clients/web/server/accounts/desk.h"

namespace vigie::web::people {

/// A request on its way, and whose it is. Copies: the book changes meanwhile.
struct Call {
  std::shared_ptr<Desk> desk;
  std::shared_ptr<const Request> request;
  Respond respond;
  std::string rest = {};  // what the path has in the place of '*'
  Account account = {};   // empty names: nobody signed in
  Session session = {};
  std::string csrf = {};
};

// endpoints_session.cpp
void tell_session(Call call);
void sign_in(Call call);
void sign_out(Call call);
void sign_out_everywhere(Call call);
void look_at_link(Call call);
void join_by_link(Call call);

// endpoints_account.cpp
void tell_account(Call call);
void change_own_account(Call call);
void change_password(Call call);
void begin_totp(Call call);
void confirm_totp(Call call);
void end_totp(Call call);
void list_sessions(Call call);
void end_own_session(Call call);
void list_tokens(Call call);
void make_token_of_account(Call call);
void end_token(Call call);

// endpoints_accounts.cpp: for administrators
void list_accounts(Call call);
void add_account(Call call);
void change_account(Call call);
void link_account(Call call);
void sign_out_account(Call call);
void remove_account_of(Call call);

// answers.cpp
void answer(const Call& call, int status, const nlohmann::json& json);
void answer_nothing(const Call& call);  // 204
/// By the fault's code: 400, 404, 503, 507, 500.
void refuse(const Call& call, const Fault& fault);
void refuse(const Call& call, int status, std::string_view code, std::string_view detail);
/// 429 with Retry-After.
void hold_off(const Call& call, std::int64_t seconds, std::string_view why);
/// 503 with Retry-After: too many changes wait.
void too_busy(const Call& call);
nlohmann::json session_json(const Desk& desk, const Account& account, const Session& session,
                            const std::string& csrf);
/// Asks for the account's password again; `then` where it is right, else it answers. Guesses are
/// held off as those at signing in.
void with_password(Call call, std::string password, std::function<void(Call)> then);
/// Where links of this server begin.
std::string base_of(const Call& call);

}  // namespace vigie::web::people
