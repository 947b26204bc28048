// Signing in and out, links, lock-out, cookies and CSRF: what a browser sees.

#include "tests/unit/clients/web/accounts/browser.h"

namespace vigie::web::people {
namespace {

Account person(const std::string& name, bool administrator = false) {
  return {.name = name, .administrator = administrator, .made_us = 1};
}

TEST(FirstSignIn, TheLinkTellsWhoseItIsThenSetsThePasswordAndSignsIn) {
  Room room;
  const std::string link = room.add(person("anna"));
  Browser anna(room);
  const Answer look = anna.ask("POST", "/session/link", {{"link", link}});
  EXPECT_EQ(look.status, 200);
  EXPECT_EQ(look.body["account"], "anna");
  EXPECT_EQ(look.body["first"], true);
  const Answer joined = anna.join(link, kPassword);
  ASSERT_EQ(joined.status, 200) << joined.body;
  EXPECT_EQ(joined.body["account"], "anna");
  EXPECT_EQ(anna.ask("GET", "/session").status, 200);
  EXPECT_EQ(Browser(room).sign_in("Anna", kPassword).status, 200) << "capitals are made small";
}

TEST(FirstSignIn, ALinkOpensOnceAlsoForTwoWhoComeAtOnce) {
  Room room;
  const std::string link = room.add(person("anna"));
  Browser one(room);
  Browser other(room);
  std::thread beside([&] { static_cast<void>(one.join(link, kPassword)); });
  const int second = other.join(link, kPassword + "2").status;
  beside.join();
  EXPECT_NE(one.cookie.empty(), other.cookie.empty()) << second;
  EXPECT_EQ(Browser(room).join(link, kPassword).status, 410);
  EXPECT_EQ(Browser(room).ask("POST", "/session/link", {{"link", link}}).status, 410);
}

TEST(FirstSignIn, ALinkIsOverAfterItsTime) {
  Room room;
  const std::string link = room.add(person("anna"));
  room.clock().advance(std::chrono::hours(24));
  EXPECT_EQ(Browser(room).join(link, kPassword).status, 410);
}

TEST(FirstSignIn, ABadPasswordLeavesTheLinkAsItWas) {
  Room room;
  const std::string link = room.add(person("anna"));
  EXPECT_EQ(Browser(room).join(link, "short").body["code"], "bad_password");
  EXPECT_EQ(Browser(room).join(link, kPassword).status, 200);
}

TEST(SignIn, UnknownNamesDisabledAccountsAndWrongPasswordsAreToldAlike) {
  Room room;
  Browser(room).join(room.add(person("anna")), kPassword);
  Browser(room).join(room.add(person("ben")), kPassword);
  ASSERT_TRUE(room.beside()->change("ben", {.disabled = true}).ok());
  static_cast<void>(room.add(person("not-joined")));
  std::vector<Answer> answers;
  for (const char* name : {"anna", "nobody", "ben", "not-joined"}) {
    Browser browser(room, "127.0.0." + std::to_string(answers.size() + 1));
    answers.push_back(browser.sign_in(name, "wrong password"));
    EXPECT_TRUE(answers.back().cookie.empty());
  }
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, answers.front().body);
  }
}

TEST(SignIn, TheCookieIsSecureByTlsAndPlainOnLoopbackAlone) {
  Room room;
  Browser(room).join(room.add(person("anna")), kPassword);
  Browser by_tls(room, "192.0.2.1");
  const Answer tls = by_tls.sign_in("anna", kPassword);
  ASSERT_EQ(tls.status, 200) << tls.body;
  EXPECT_TRUE(tls.cookie.starts_with("__Host-vigie=")) << tls.cookie;
  for (const char* word : {"; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/;"}) {
    EXPECT_NE(tls.cookie.find(word), std::string::npos) << word;
  }
  Browser plain(room);
  plain.secure = false;
  const Answer loopback = plain.sign_in("anna", kPassword);
  EXPECT_TRUE(loopback.cookie.starts_with("vigie=")) << loopback.cookie;
  EXPECT_EQ(loopback.cookie.find("Secure"), std::string::npos);
  Browser clear(room, "192.0.2.1");
  clear.secure = false;
  EXPECT_EQ(clear.sign_in("anna", kPassword).body["code"], "insecure");
}

TEST(SignIn, TheSessionsSecretIsNewAndTheOneBeforeEnds) {
  Room room;
  Browser anna(room);
  anna.join(room.add(person("anna")), kPassword);
  Browser thief(room);
  thief.cookie = anna.cookie;
  EXPECT_EQ(thief.ask("GET", "/session").status, 200);
  ASSERT_EQ(anna.sign_in("anna", kPassword).status, 200);
  EXPECT_NE(anna.cookie, thief.cookie);
  EXPECT_EQ(thief.ask("GET", "/session").status, 401);
}

TEST(SignIn, AFailureIsHeldOffWithRetryAfterAndTheRightPasswordToo) {
  Room room;
  Browser(room).join(room.add(person("anna")), kPassword);
  ASSERT_EQ(Browser(room, "192.0.2.1").sign_in("anna", "wrong password").status, 401);
  const Answer held = Browser(room, "192.0.2.2").sign_in("anna", kPassword);
  EXPECT_EQ(held.status, 429);
  EXPECT_EQ(held.retry_after, "1");
  room.clock().advance(std::chrono::seconds(1));
  EXPECT_EQ(Browser(room, "192.0.2.2").sign_in("anna", kPassword).status, 200);
}

TEST(SignIn, WithCodesTheCodeIsNeededAndTakenOnce) {
  Room room;
  Browser(room).join(room.add(person("anna")), kPassword);
  const std::string secret = "12345678901234567890";
  ASSERT_TRUE(room.beside()->set_totp("anna", secret, 0).ok());
  static_cast<void>(room.add(person("ben")));  // the server has seen the file's change by now
  EXPECT_EQ(Browser(room).sign_in("anna", kPassword).body["code"], "totp_needed");
  const std::string code = totp_code(secret, totp_step_at(room.clock().utc_us()));
  ASSERT_EQ(Browser(room).sign_in("anna", kPassword, code).status, 200);
  const Answer again = Browser(room).sign_in("anna", kPassword, code);
  EXPECT_EQ(again.body["code"], "totp_wrong");
}

TEST(SignIn, TheLogNamesWhoAndFromWhereAndNoSecret) {
  Room room;
  Browser anna(room);
  const std::string link = room.add(person("anna"));
  anna.join(link, kPassword);
  static_cast<void>(Browser(room, "192.0.2.1").sign_in("anna", "my other password"));
  static_cast<void>(Browser(room, "192.0.2.2").sign_in("my.other.password", "anna"));
  const std::string log = room.log();
  EXPECT_NE(log.find("account anna: signed in from 127.0.0.1"), std::string::npos) << log;
  EXPECT_NE(log.find("account anna: sign-in refused (wrong), from 192.0.2.1"), std::string::npos);
  for (const std::string& secret :
       {link, kPassword, std::string("other"), anna.cookie.substr(13), anna.csrf}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
  }
}

TEST(SignIn, MorePasswordsThanTheQueueTakesAreHeldOff) {
  Room room({.passwords_waiting_max = 1});
  Browser(room).join(room.add(person("anna")), kPassword);
  std::vector<std::thread> threads;
  std::atomic<int> held = 0;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&room, &held, i] {
      Browser browser(room, "192.0.2." + std::to_string(i));
      held += browser.sign_in("name" + std::to_string(i), kPassword).status == 429;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(held, 0);
  EXPECT_EQ(Browser(room).sign_in("anna", kPassword).status, 200);
}

TEST(Csrf, AChangeByCookieNeedsTheTokenAndReadingDoesNot) {
  Room room;
  Browser anna(room);
  anna.join(room.add(person("anna")), kPassword);
  const std::string right = anna.csrf;
  for (const std::string& wrong : {std::string(), std::string(64, 'a'), right + "a"}) {
    anna.csrf = wrong;
    const Answer refused = anna.ask("PATCH", "/account", {{"theme", "night"}});
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body["code"], "csrf");
    EXPECT_FALSE(room.viewer_of(anna.request("POST", "/events", "{}")).ok());
    EXPECT_TRUE(room.viewer_of(anna.request("GET", "/events")).ok());
  }
  anna.csrf = right;
  EXPECT_EQ(anna.ask("PATCH", "/account", {{"theme", "night"}}).status, 204);
  EXPECT_TRUE(room.viewer_of(anna.request("POST", "/events", "{}")).ok());
}

TEST(Sessions, EndWhenIdleAndAtTheirEndWhateverTheyDo) {
  Room room({.idle = std::chrono::hours(1), .absolute = std::chrono::hours(3)});
  Browser anna(room);
  anna.join(room.add(person("anna")), kPassword);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(anna.ask("GET", "/session").status, 200) << i;
    room.clock().advance(std::chrono::minutes(59));
  }
  EXPECT_EQ(anna.ask("GET", "/session").status, 200);
  room.clock().advance(std::chrono::minutes(4));
  EXPECT_EQ(anna.ask("GET", "/session").status, 401) << "its end";
  anna.sign_in("anna", kPassword);
  room.clock().advance(std::chrono::hours(1));
  EXPECT_EQ(anna.ask("GET", "/session").status, 401) << "idle";
}

TEST(Sessions, WhoWatchesIsToldWhenItEnds) {
  Room room({.idle = std::chrono::hours(1)});
  Browser anna(room);
  anna.join(room.add(person("anna")), kPassword);
  const auto viewer = room.viewer_of(anna.request("GET", "/feed"));
  ASSERT_TRUE(viewer.ok());
  std::promise<void> ended;
  room.on_net([&] { room.accounts().gate().watch(viewer->session, [&] { ended.set_value(); }); });
  Browser other(room);
  ASSERT_EQ(other.sign_in("anna", kPassword).status, 200);
  EXPECT_EQ(other.ask("DELETE", "/session/all").status, 204);
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_EQ(anna.ask("GET", "/session").status, 401);
  EXPECT_TRUE(other.cookie.ends_with("=")) << "the cookie is cleared: " << other.cookie;
}

TEST(Sessions, AnUnwatchedSessionEndsWithoutACall) {
  Room room;
  Browser anna(room);
  anna.join(room.add(person("anna")), kPassword);
  const auto viewer = room.viewer_of(anna.request("GET", "/feed"));
  room.on_net([&] {
    Gate& gate = room.accounts().gate();
    gate.unwatch(gate.watch(viewer->session, [] { ADD_FAILURE() << "it was unwatched"; }));
  });
  EXPECT_EQ(anna.ask("DELETE", "/session").status, 204);
}

TEST(Sessions, TheHubsRefusalOfTheIdentityEndsThemAndSignsNobodyIn) {
  Room room;
  Account account = person("anna");
  account.identity = "alpha/anna";
  account.role = "console";
  Browser anna(room);
  anna.join(room.add(account), kPassword);
  const auto viewer = room.viewer_of(anna.request("GET", "/feed"));
  ASSERT_TRUE(viewer.ok());
  EXPECT_EQ(viewer->identity_path, room.data() + "/identities/anna.key");
  std::promise<void> ended;
  room.on_net([&] {
    room.accounts().gate().watch(viewer->session, [&] { ended.set_value(); });
    room.accounts().identity_refused(viewer->identity_path);
  });
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_EQ(anna.sign_in("anna", kPassword).body["code"], "identity_refused");
}

TEST(OpenRoom, EverybodyIsOneViewerAndNobodySignsIn) {
  Room room({.open = true});
  Browser anybody(room);
  anybody.secure = false;
  const Answer session = anybody.ask("GET", "/session");
  EXPECT_EQ(session.body["open"], true);
  const auto viewer = room.viewer_of(anybody.request("POST", "/events", "{}"));
  ASSERT_TRUE(viewer.ok());
  EXPECT_TRUE(viewer->open && viewer->may_send && !viewer->administrator);
  EXPECT_EQ(anybody.sign_in("anna", kPassword).body["code"], "open");
  EXPECT_EQ(anybody.ask("GET", "/accounts").status, 403);
}

}  // namespace
}  // namespace vigie::web::people
