#include <nlohmann/json.hpp>

#include "clients/web/server/accounts/endpoints.h"
#include "clients/web/server/accounts/passwords.h"

namespace vigie::web::people {
namespace {

Response retry(int status, std::string_view code, std::int64_t seconds, std::string_view why) {
  Response response = problem(status, code, fmt::format("{}: try again in {} s", why, seconds));
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

}  // namespace

void answer(const Call& call, int status, const nlohmann::json& json) {
  call.respond(json_response(
      status, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"));
}

void answer_nothing(const Call& call) {
  call.respond({.status = 204, .headers = {{"Cache-Control", "no-store"}}});
}

void refuse(const Call& call, int status, std::string_view code, std::string_view detail) {
  call.respond(problem(status, code, detail));
}

void refuse(const Call& call, const Fault& fault) {
  switch (fault.code) {
    case FaultCode::Invalid:
      return refuse(call, 400, "invalid", fault.sentence);
    case FaultCode::NotFound:
      return refuse(call, 404, "not_found", fault.sentence);
    case FaultCode::Unavailable:
      return refuse(call, 503, "unavailable", fault.sentence);
    case FaultCode::DiskFull:
      return refuse(call, 507, "disk_full", "the server's disk is full: nothing was changed");
    default:
      // The sentence is in the log; it may name files.
      return refuse(call, 500, "failed", "the server could not do it; its log tells why");
  }
}

void hold_off(const Call& call, std::int64_t seconds, std::string_view why) {
  ++call.desk->counters.held_off;
  call.respond(retry(429, "too_many_attempts", seconds, why));
}

void too_busy(const Call& call) {
  call.respond(retry(503, "busy", 2, "too much waits to be written"));
}

nlohmann::json session_json(const Desk& desk, const Account& account, const Session& session,
                            const std::string& csrf) {
  const Viewer viewer =
      desk.keeper.viewer({.account = &account, .session = &session, .csrf = csrf});
  return {{"signed_in", true},
          {"open", false},
          {"account", account.name},
          {"display_name", account.display_name.empty() ? account.name : account.display_name},
          {"name", viewer.name},
          {"may_send", viewer.may_send},
          {"administrator", viewer.administrator},
          {"totp", !account.totp.empty()},
          {"language", account.language},
          {"theme", account.theme},
          {"ends_us", session.ends_us},
          {"csrf", csrf}};
}

void with_password(Call call, std::string password, std::function<void(Call)> then) {
  Desk& desk = *call.desk;
  const Lockout::Attempt attempt =
      desk.lockout.begin(call.account.name, call.request->remote, desk.clock.monotonic_us());
  if (attempt.wait_seconds > 0) {
    return hold_off(call, attempt.wait_seconds, "a wrong password was given before");
  }
  const std::string hash = call.account.password;
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool posted = desk.hash<bool>(
      [hash, password = std::move(password)] { return password_matches(hash, password); },
      [shared, attempt, then = std::move(then)](bool right) {
        Desk& at = *shared->desk;
        if (right) {
          at.lockout.succeeded(attempt, at.clock.monotonic_us());
          return then(std::move(*shared));
        }
        ++at.counters.refused_sign_ins;
        at.audit(fmt::format("account {}: wrong password for a change, from {}",
                             shared->account.name, shared->request->remote));
        refuse(*shared, 403, "wrong_password", "password is wrong");
      });
  if (posted) return;
  desk.lockout.undo(attempt);
  hold_off(*shared, 2, "too many passwords are being checked");
}

std::string base_of(const Call& call) {
  if (!call.desk->options.base_url.empty()) return call.desk->options.base_url;
  return (call.request->secure ? "https://" : "http://") + call.request->host;
}

}  // namespace vigie::web::people
