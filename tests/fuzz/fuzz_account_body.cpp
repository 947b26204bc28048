// What anybody posts to the endpoints about people: what is taken holds every check's promise, and
// no fault tells back what a field holds.

#include "clients/web/server/accounts/body.h"
#include "clients/web/server/accounts/cookies.h"
#include "clients/web/server/accounts/totp.h"
#include "clients/web/server/accounts/words.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::web::people;
  using vigie::fuzz::require;
  vigie::web::Request request;
  request.body.assign(reinterpret_cast<const char*>(data), size);
  request.headers = {{"content-type", "application/json; charset=utf-8"},
                     {"user-agent", request.body},
                     {"cookie", request.body}};
  static_cast<void>(request.cookie(cookie_name(true)));
  const std::string label = browser_label(request.body);
  require(label.size() <= 120, "a browser's label is short");
  require(check_label("label", label).ok() || label.size() > 64, "and harmless");
  auto body = Body::read(request, {"account", "name", "password", "totp", "days", "may_send"});
  if (!body) return 0;
  const std::string name = account_name_of(body->text("account"));
  const std::string password = body->text("password");
  const auto totp = body->maybe_text("totp");
  const auto days = body->maybe_number("days", 1, 3660);
  static_cast<void>(body->maybe_flag("may_send"));
  require(!days || (*days >= 1 && *days <= 3660), "a number is in its range");
  if (check_account_name(name)) {
    require(name.size() <= 32 && name.find('/') == std::string::npos, "a name is one file's");
  }
  const auto good = check_password(password, name);
  if (!good && password.size() > 8) {
    require(good.fault().sentence.find(password) == std::string::npos, "no password is told");
  }
  if (totp) static_cast<void>(totp_step_of("12345678901234567890", *totp, 59'000'000, 0));
  return 0;
}
