// Accounts, their settings, sessions, codes and API tokens, and what administrators do.

#include "tests/unit/clients/web/accounts/browser.h"

namespace vigie::web::people {
namespace {

class AccountTest : public testing::Test {
 protected:
  void SetUp() override {
    Account chief{.name = "chief", .administrator = true, .made_us = 1};
    ASSERT_EQ(chief_.join(room_.add(chief), kPassword).status, 200);
    Account anna{.name = "anna", .identity = "alpha/anna", .role = "console", .made_us = 1};
    ASSERT_EQ(anna_.join(room_.add(anna), kPassword).status, 200);
  }
  Request by_token(const std::string& token, const std::string& method = "GET") {
    Request request = Browser(room_).request(method, "/units");
    request.headers.emplace_back("authorization", "Bearer " + token);
    return request;
  }
  Room room_;
  Browser chief_{room_};
  Browser anna_{room_};
};

TEST_F(AccountTest, SettingsAreKeptAndWrongOnesAreNamed) {
  EXPECT_EQ(anna_.ask("PATCH", "/account", {{"language", "fr"}, {"theme", "night"}}).status, 204);
  const Answer session = anna_.ask("GET", "/session");
  EXPECT_EQ(session.body["language"], "fr");
  EXPECT_EQ(session.body["theme"], "night");
  const Answer wrong = anna_.ask("PATCH", "/account", {{"language", "de"}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.body["detail"].get<std::string>().find("language"), std::string::npos);
  EXPECT_EQ(anna_.ask("PATCH", "/account", {{"administrator", true}}).status, 400);
}

TEST_F(AccountTest, APasswordIsChangedWithTheOldOneAndEndsTheOtherSessions) {
  Browser other(room_);
  other.sign_in("anna", kPassword);
  const Json wrong = {{"current", "not the old one"}, {"password", "another password"}};
  EXPECT_EQ(anna_.ask("PUT", "/account/password", wrong).body["code"], "wrong_password");
  room_.clock().advance(std::chrono::seconds(2));
  const Json right = {{"current", kPassword}, {"password", "another password"}};
  const Answer changed = anna_.ask("PUT", "/account/password", right);
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, (Json{{"browsers", 1}, {"tokens", 0}}));
  EXPECT_EQ(anna_.ask("GET", "/session").status, 200);
  EXPECT_EQ(other.ask("GET", "/session").status, 401);
  EXPECT_EQ(Browser(room_).sign_in("anna", "another password").status, 200);
}

TEST_F(AccountTest, APasswordThatIsChangedEndsTheTokensUnlessTheyAreToStay) {
  const auto make = [&] { return anna_.ask("POST", "/tokens", {{"label", "x"}}).body["token"]; };
  const std::string first = make();
  Json change = {{"current", kPassword}, {"password", "another password"}, {"keep_tokens", true}};
  EXPECT_EQ(anna_.ask("PUT", "/account/password", change).body["tokens"], 0);
  EXPECT_TRUE(room_.viewer_of(by_token(first)).ok());
  const std::string second = make();
  change = {{"current", "another password"}, {"password", kPassword}};
  EXPECT_EQ(anna_.ask("PUT", "/account/password", change).body["tokens"], 2);
  EXPECT_FALSE(room_.viewer_of(by_token(first)).ok());
  EXPECT_FALSE(room_.viewer_of(by_token(second)).ok());
  EXPECT_TRUE(anna_.ask("GET", "/tokens").body["tokens"].empty());
  EXPECT_NE(room_.log().find("2 API tokens"), std::string::npos);
}

TEST_F(AccountTest, ALinkThatResetsThePasswordEndsBrowsersAndTokens) {
  const std::string token = anna_.ask("POST", "/tokens", {{"label", "x"}}).body["token"];
  const std::string link = chief_.ask("POST", "/accounts/anna/link", Json::object()).body["link"];
  EXPECT_TRUE(room_.viewer_of(by_token(token)).ok()) << "the link is not used yet";
  Browser again(room_);
  ASSERT_EQ(again.join(link.substr(link.find('#') + 1), "another password").status, 200);
  EXPECT_EQ(anna_.ask("GET", "/session").status, 401);
  EXPECT_FALSE(room_.viewer_of(by_token(token)).ok());
}

TEST_F(AccountTest, CodesAreAskedForAfterOneWasConfirmedAndNotBefore) {
  const Answer begun = anna_.ask("POST", "/account/totp", {{"password", kPassword}});
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_TRUE(begun.body["uri"].get<std::string>().starts_with("otpauth://totp/Vigie:anna?"));
  EXPECT_GT(begun.body["qr"]["side"].get<int>(), 20);
  EXPECT_EQ(Browser(room_).sign_in("anna", kPassword).status, 200) << "not confirmed yet";
  EXPECT_EQ(anna_.ask("PUT", "/account/totp", {{"code", "000000"}}).body["code"], "totp_wrong");
  // The app's side: the secret as it is typed.
  const std::string text = begun.body["secret"];
  std::string secret;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    held = held << 5 | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    if ((bits += 5) >= 8) secret += static_cast<char>(held >> (bits -= 8) & 0xFF);
  }
  const auto code = [&] { return totp_code(secret, totp_step_at(room_.clock().utc_us())); };
  EXPECT_EQ(anna_.ask("PUT", "/account/totp", {{"code", code()}}).status, 204);
  EXPECT_EQ(Browser(room_).sign_in("anna", kPassword).body["code"], "totp_needed");
  room_.clock().advance(std::chrono::seconds(30));
  EXPECT_EQ(Browser(room_).sign_in("anna", kPassword, code()).status, 200);
  EXPECT_EQ(anna_.ask("POST", "/account/totp/off", {{"password", kPassword}}).status, 204);
  EXPECT_EQ(Browser(room_).sign_in("anna", kPassword).status, 200);
}

TEST_F(AccountTest, SessionsAreListedAndOneIsEndedFromAnother) {
  Browser other(room_);
  other.sign_in("anna", kPassword);
  const Answer list = anna_.ask("GET", "/account/sessions");
  ASSERT_EQ(list.body["sessions"].size(), 2U);
  std::string id;
  for (const Json& session : list.body["sessions"]) {
    EXPECT_EQ(session["label"], "Test/1");
    if (!session["current"].get<bool>()) id = session["id"];
  }
  EXPECT_EQ(chief_.ask("DELETE", "/account/sessions/" + id).status, 404) << "not the chief's";
  EXPECT_EQ(anna_.ask("DELETE", "/account/sessions/" + id).status, 204);
  EXPECT_EQ(other.ask("GET", "/session").status, 401);
}

TEST_F(AccountTest, ATokenReadsUnlessItMaySendAndManagesNoAccounts) {
  const Answer made = anna_.ask("POST", "/tokens", {{"label", "QGIS"}, {"days", 1}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string token = made.body["token"];
  const auto viewer = room_.viewer_of(by_token(token, "POST"));
  ASSERT_TRUE(viewer.ok()) << "no CSRF token is asked of a bearer";
  EXPECT_EQ(viewer->name, "alpha/anna");
  EXPECT_FALSE(viewer->may_send);
  const Answer sender =
      anna_.ask("POST", "/tokens", {{"label", "script"}, {"days", 1}, {"may_send", true}});
  EXPECT_TRUE(room_.viewer_of(by_token(sender.body["token"]))->may_send);
  Request managing = by_token(token);
  managing.path = "/api/v1/account";
  EXPECT_EQ(room_.ask(managing).body["code"], "token");
  const Answer list = anna_.ask("GET", "/tokens");
  EXPECT_EQ(list.body["tokens"].size(), 2U);
  EXPECT_EQ(list.body.dump().find(token), std::string::npos);
}

TEST_F(AccountTest, ATokenEndsByItsTimeAndWhenItIsEnded) {
  const Answer made = anna_.ask("POST", "/tokens", {{"label", "QGIS"}, {"days", 1}});
  const Answer other = anna_.ask("POST", "/tokens", {{"label", "other"}, {"days", 2}});
  const std::string id = other.body["id"];
  EXPECT_EQ(chief_.ask("DELETE", "/tokens/" + id).status, 404) << "not the chief's";
  EXPECT_EQ(anna_.ask("DELETE", "/tokens/" + id).status, 204);
  EXPECT_FALSE(room_.viewer_of(by_token(other.body["token"])).ok());
  EXPECT_TRUE(room_.viewer_of(by_token(made.body["token"])).ok());
  room_.clock().advance(std::chrono::hours(24));
  EXPECT_FALSE(room_.viewer_of(by_token(made.body["token"])).ok());
}

TEST_F(AccountTest, ATokenInTheClearOverANetworkIsRefused) {
  const Answer made = anna_.ask("POST", "/tokens", {{"label", "QGIS"}, {"days", 1}});
  Request request = by_token(made.body["token"]);
  request.secure = false;
  EXPECT_TRUE(room_.viewer_of(request).ok()) << "loopback";
  request.remote = "192.0.2.1";
  EXPECT_FALSE(room_.viewer_of(request).ok());
}

TEST_F(AccountTest, AdministratorsAloneManageAccounts) {
  for (const auto& [method, path] :
       std::vector<std::pair<std::string, std::string>>{{"GET", "/accounts"},
                                                        {"POST", "/accounts"},
                                                        {"PATCH", "/accounts/chief"},
                                                        {"DELETE", "/accounts/chief"},
                                                        {"POST", "/accounts/chief/link"},
                                                        {"POST", "/accounts/chief/sign-out"}}) {
    EXPECT_EQ(anna_.ask(method, path, Json::object()).status, 403) << method << path;
    EXPECT_EQ(Browser(room_).ask(method, path, Json::object()).status, 401) << method << path;
  }
  EXPECT_EQ(chief_.ask("GET", "/accounts").body["accounts"].size(), 2U);
}

TEST_F(AccountTest, AnAdministratorAddsLinksDisablesAndRemoves) {
  const Answer added = chief_.ask("POST", "/accounts", {{"account", "ben"}, {"plain", true}});
  ASSERT_EQ(added.status, 201) << added.body;
  const std::string link = added.body["link"];
  ASSERT_TRUE(link.starts_with("https://room.example/join#")) << link;
  Browser ben(room_);
  EXPECT_EQ(ben.join(link.substr(link.find('#') + 1), kPassword).status, 200);
  EXPECT_EQ(chief_.ask("POST", "/accounts", {{"account", "ben"}, {"plain", true}}).status, 409);
  EXPECT_EQ(chief_.ask("PATCH", "/accounts/ben", {{"disabled", true}}).status, 204);
  EXPECT_EQ(ben.ask("GET", "/session").status, 401);
  EXPECT_EQ(chief_.ask("PATCH", "/accounts/ben", {{"disabled", false}}).status, 204);
  EXPECT_EQ(ben.ask("GET", "/session").status, 401) << "nothing from before is valid";
  EXPECT_EQ(ben.sign_in("ben", kPassword).status, 200);
  EXPECT_EQ(chief_.ask("POST", "/accounts/ben/sign-out", Json::object()).body["ended"], 1);
  EXPECT_EQ(chief_.ask("DELETE", "/accounts/ben").status, 204);
  EXPECT_EQ(chief_.ask("POST", "/accounts/ben/link", Json::object()).status, 404);
}

TEST_F(AccountTest, NobodyTakesTheRightFromThemselves) {
  EXPECT_EQ(chief_.ask("PATCH", "/accounts/chief", {{"disabled", true}}).body["code"], "yourself");
  EXPECT_EQ(chief_.ask("PATCH", "/accounts/chief", {{"administrator", false}}).status, 409);
  EXPECT_EQ(chief_.ask("DELETE", "/accounts/chief").status, 409);
}

TEST_F(AccountTest, ALinkForALostDeviceEndsCodesAndAnotherDoesNot) {
  ASSERT_TRUE(room_.beside()->set_totp("anna", "12345678901234567890", 0).ok());
  const auto link_of = [&](bool resets) {
    const Answer made = chief_.ask("POST", "/accounts/anna/link", {{"reset_totp", resets}});
    const std::string link = made.body["link"];
    return link.substr(link.find('#') + 1);
  };
  EXPECT_EQ(Browser(room_).join(link_of(false), kPassword).body["code"], "totp_needed");
  EXPECT_EQ(Browser(room_).join(link_of(true), kPassword).status, 200);
  EXPECT_EQ(Browser(room_).sign_in("anna", kPassword).status, 200);
}

TEST_F(AccountTest, ACodeThatIsNoInvitationIsRefusedAndAddsNobody) {
  const Answer refused =
      chief_.ask("POST", "/accounts", {{"account", "ben"}, {"code", "VIGIE-nonsense"}});
  EXPECT_EQ(refused.status, 400) << refused.body;
  EXPECT_EQ(refused.body.dump().find("nonsense"), std::string::npos);
  EXPECT_EQ(chief_.ask("GET", "/accounts").body["accounts"].size(), 2U);
}

TEST_F(AccountTest, BadBodiesAndPathsGetAClearAnswer) {
  struct Case {
    const char* method;
    const char* path;
    std::string body;
    int status;
  };
  const std::vector<Case> cases = {
      {"POST", "/session", "", 400},
      {"POST", "/session", "[]", 400},
      {"POST", "/session", "{\"name\":1,\"password\":\"x\"}", 400},
      {"POST", "/session", "{\"name\":\"a\",\"password\":\"x\",\"more\":1}", 400},
      {"POST", "/session", std::string(10'000, '['), 400},
      {"POST", "/session", "{\"name\":\"" + std::string(20'000, 'a') + "\"}", 400},
      {"POST", "/session", "{\"name\":\"\xFF\",\"password\":\"x\"}", 400},
      {"POST", "/tokens", "{\"label\":\"x\",\"days\":0}", 400},
      {"POST", "/tokens", "{\"label\":\"x\",\"days\":18446744073709551615}", 400},
      {"POST", "/tokens", "{\"label\":\"x\",\"days\":1.5}", 400},
      {"POST", "/tokens", "{\"label\":\"\"}", 400},
      {"PUT", "/session", "{}", 405},
      {"GET", "/session/nothing", "", 404},
      {"DELETE", "/tokens/a/b", "", 404},
      {"DELETE", "/account/sessions/'--", "", 404},
  };
  for (const Case& one : cases) {
    const Answer answer = room_.ask(anna_.request(one.method, one.path, one.body));
    EXPECT_EQ(answer.status, one.status) << one.method << " " << one.path << " " << answer.body;
    EXPECT_TRUE(answer.body.contains("code")) << answer.body;
  }
  Request form = anna_.request("POST", "/session", "{}");
  std::erase_if(form.headers, [](const auto& header) { return header.first == "content-type"; });
  EXPECT_EQ(room_.ask(form).status, 400) << "a form of another site is no JSON";
}

TEST_F(AccountTest, OurPathsAreOursAndNoOthers) {
  for (const char* path : {"/api/v1/session", "/api/v1/accounts/x", "/api/v1/tokens"}) {
    EXPECT_TRUE(Accounts::handles(path)) << path;
  }
  for (const char* path : {"/api/v1/sessions", "/api/v1/units", "/session", "/api/v1", ""}) {
    EXPECT_FALSE(Accounts::handles(path)) << path;
  }
}

}  // namespace
}  // namespace vigie::web::people
