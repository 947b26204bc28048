// `vigie-web account`, beside a server that runs.

#include "clients/web/server/accounts/commands.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/unit/clients/web/accounts/browser.h"

namespace vigie::web::people {
namespace {

using testing::HasSubstr;

struct Said {
  int exit_code;
  std::string out;
  std::string err;
};

Said run(std::vector<std::string> words) {
  words.insert(words.begin(), "account");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_account_command(static_cast<int>(argv.size()), argv.data());
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

std::string secret_of(const std::string& link) {
  const std::string secret = link.substr(link.find('#') + 1);
  return secret.substr(0, secret.find('\n'));
}

TEST(AccountCommand, AddPrintsALinkThatARunningServerTakes) {
  Room room({.base_url = "https://room.example"});
  const Said said = run({"add", "anna", "--plain", "--administrator", "--data", room.data()});
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_THAT(said.out, testing::StartsWith("https://room.example/join#"));
  room.wait_for_accounts(1);
  Browser anna(room);
  const Answer joined = anna.join(secret_of(said.out), kPassword);
  ASSERT_EQ(joined.status, 200) << joined.body;
  EXPECT_EQ(joined.body["administrator"], true);
}

TEST(AccountCommand, WhatItEndsEndsInTheRunningServerWithinTwoSeconds) {
  Room room;
  Browser anna(room);
  anna.join(room.add({.name = "anna"}), kPassword);
  const auto viewer = room.viewer_of(anna.request("GET", "/feed"));
  ASSERT_TRUE(viewer.ok());
  std::promise<void> ended;
  room.on_net([&] { room.accounts().gate().watch(viewer->session, [&] { ended.set_value(); }); });
  EXPECT_THAT(run({"sign-out", "anna", "--data", room.data()}).out, HasSubstr("1 sessions ended"));
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(2)), std::future_status::ready);
}

TEST(AccountCommand, LinkDisableEnableRemoveAndTokensDoWhatTheySay) {
  test::TemporaryFolder folder;
  const std::string data = folder.file("data");
  ASSERT_EQ(run({"add", "anna", "--plain", "--data", data}).exit_code, 0);
  EXPECT_EQ(run({"add", "anna", "--plain", "--data", data}).exit_code, 1) << "twice";
  EXPECT_THAT(run({"link", "anna", "--url", "http://h:1/", "--data", data}).out,
              testing::StartsWith("http://h:1/join#"));
  EXPECT_EQ(run({"disable", "anna", "--data", data}).exit_code, 0);
  EXPECT_THAT(run({"list", "--data", data}).out, HasSubstr("disabled"));
  EXPECT_EQ(run({"enable", "anna", "--data", data}).exit_code, 0);
  const Said token = run({"token", "add", "anna", "--label", "QGIS", "--data", data});
  EXPECT_THAT(token.out, testing::StartsWith("vigie_"));
  const Said list = run({"token", "list", "anna", "--data", data});
  EXPECT_THAT(list.out, HasSubstr("QGIS"));
  const std::string id = list.out.substr(0, 16);
  EXPECT_EQ(run({"token", "end", "anna", id, "--data", data}).exit_code, 0);
  EXPECT_EQ(run({"token", "end", "anna", id, "--data", data}).exit_code, 1);
  EXPECT_EQ(run({"remove", "anna", "--data", data}).exit_code, 2) << "it must be meant";
  EXPECT_EQ(run({"remove", "anna", "--yes", "--data", data}).exit_code, 0);
  EXPECT_EQ(run({"link", "anna", "--data", data}).exit_code, 1);
}

TEST(AccountCommand, ListAsJsonIsOneObjectALine) {
  test::TemporaryFolder folder;
  ASSERT_EQ(run({"add", "anna", "--plain", "--data", folder.file("data")}).exit_code, 0);
  const Said list = run({"list", "--json", "--data", folder.file("data")});
  EXPECT_EQ(Json::parse(list.out)["account"], "anna");
}

TEST(AccountCommand, MistakesAreToldWithTwoAndMakeNothing) {
  test::TemporaryFolder folder;
  const std::string data = folder.file("data");
  EXPECT_EQ(run({}).exit_code, 2);
  EXPECT_EQ(run({"add", "anna", "--data", data}).exit_code, 2) << "neither code nor plain";
  EXPECT_EQ(run({"add", "../anna", "--plain", "--data", data}).exit_code, 2);
  EXPECT_EQ(run({"list", "--data", folder.file("other")}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(folder.file("other"))) << "a slip makes no folder";
  EXPECT_EQ(run({"token", "add", "a", "--label", "x", "--days", "0", "--data", data}).exit_code, 2);
}

TEST(AccountCommand, EveryCommandHasHelpWithAnExample) {
  for (const char* name :
       {"add", "join", "list", "link", "disable", "enable", "remove", "sign-out", "rotate"}) {
    const Said help = run({name, "--help"});
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_THAT(help.out, HasSubstr("  vigie-web account " + std::string(name))) << name;
  }
}

}  // namespace
}  // namespace vigie::web::people
