#include "clients/web/server/accounts/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <vector>

#include "clients/web/server/accounts/identities.h"
#include "clients/web/server/accounts/secrets.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::web::people {
namespace {

constexpr std::int64_t kNow = 1'772'000'000'000'000;
constexpr std::int64_t kDay = 86'400'000'000;

unsigned mode_of(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 07777U : 0;
}

Account person(const std::string& name) {
  return {.name = name, .made_us = kNow};
}

Session browser(const std::string& account, const std::string& token, std::int64_t seen_us) {
  return {.id = make_id(),
          .digest = digest_of(token),
          .account = account,
          .made_us = kNow,
          .seen_us = seen_us,
          .ends_us = kNow + kDay};
}

class StoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open() {
    auto store = Store::open(folder_.file("data"));
    EXPECT_TRUE(store.ok()) << (store ? "" : store.fault().sentence);
    return std::move(*store);
  }
  test::TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = open();
};

TEST_F(StoreTest, FolderAndFilesAreTheirUsersAlone) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  EXPECT_EQ(mode_of(folder_.file("data")), 0700U);
  for (const char* file : {"accounts.sqlite", "accounts.sqlite-wal", "accounts.sqlite-shm"}) {
    EXPECT_EQ(mode_of(folder_.file("data/" + std::string(file))), 0600U) << file;
  }
}

TEST_F(StoreTest, AFileThatOthersMayReadIsRefusedWithWhatToDo) {
  store_.reset();
  const std::string path = folder_.file("data/accounts.sqlite");
  ::chmod(path.c_str(), 0644);
  const auto refused = Store::open(folder_.file("data"));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.fault().sentence.find("chmod 600"), std::string::npos);
}

TEST_F(StoreTest, WhatWasAddedIsThereWhenItIsOpenedAnew) {
  Account account = person("anna");
  account.display_name = "Anna Ö";
  account.administrator = true;
  account.identity = "alpha/anna";
  account.role = "console";
  ASSERT_TRUE(store_->add(account).ok());
  store_ = open();
  const auto book = store_->read();
  ASSERT_TRUE(book.ok());
  const Account* read = book->account("anna");
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->display_name, "Anna Ö");
  EXPECT_TRUE(read->administrator);
  EXPECT_EQ(read->identity, "alpha/anna");
  EXPECT_TRUE(may_send(*read));
}

TEST_F(StoreTest, AFileOfANewerProgramIsLeftAlone) {
  store_.reset();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.file("data/accounts.sqlite").c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "PRAGMA user_version=99", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const auto refused = Store::open(folder_.file("data"));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.fault().sentence.find("newer"), std::string::npos);
}

TEST_F(StoreTest, BytesThatAreNoDatabaseAreADamagedFile) {
  store_.reset();
  const std::string path = folder_.file("data/accounts.sqlite");
  std::ofstream(path, std::ios::binary) << std::string(4096, 'x');
  const auto refused = Store::open(folder_.file("data"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.fault().code, FaultCode::Damaged);
}

TEST_F(StoreTest, NamesThatLookLikeSqlAreRefusedAndLabelsThatDoAreKeptAsTheyAre) {
  const std::string evil = "x'); DROP TABLE accounts;--";
  EXPECT_FALSE(store_->add(person(evil)).ok());
  Account account = person("anna");
  account.display_name = evil;
  ASSERT_TRUE(store_->add(account).ok());
  EXPECT_FALSE(store_->change(evil, {.disabled = true}).ok());
  EXPECT_FALSE(store_->end_session(evil, evil, SessionKind::Browser).ok());
  EXPECT_EQ(store_->read()->account("anna")->display_name, evil);
}

TEST_F(StoreTest, AnotherStoreSeesThatSomethingChanged) {
  const auto other = open();
  const auto before = store_->version();
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(*store_->version(), *before);
  ASSERT_TRUE(other->add(person("anna")).ok());
  EXPECT_NE(*store_->version(), *before);
  EXPECT_NE(store_->read()->account("anna"), nullptr);
}

TEST_F(StoreTest, ALinkOpensOnceAndSetsThePassword) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  const auto secret = make_link(*store_, "anna", kNow + kDay, false);
  ASSERT_TRUE(secret.ok());
  ASSERT_TRUE(store_->use_link(digest_of(*secret), "HASH", {}, kNow).ok());
  EXPECT_EQ(store_->read()->account("anna")->password, "HASH");
  EXPECT_EQ(store_->use_link(digest_of(*secret), "OTHER", {}, kNow).fault().code,
            FaultCode::NotFound);
  EXPECT_EQ(store_->read()->account("anna")->password, "HASH");
}

TEST_F(StoreTest, AFirstPasswordLeavesTheTokensThatWereMadeBefore) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  ASSERT_TRUE(make_api_token(*store_, {.account = "anna", .label = "x", .days = 1}, kNow).ok());
  const auto first = make_link(*store_, "anna", kNow + kDay, false);
  ASSERT_TRUE(store_->use_link(digest_of(*first), "HASH", {}, kNow).ok());
  EXPECT_EQ(store_->read()->sessions.size(), 1U);
  const auto reset = make_link(*store_, "anna", kNow + kDay, false);
  ASSERT_TRUE(store_->use_link(digest_of(*reset), "OTHER", {}, kNow).ok());
  EXPECT_TRUE(store_->read()->sessions.empty());
}

TEST_F(StoreTest, ALinkThatIsOverOrRenewedOrOfADisabledAccountOpensNothing) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  const auto first = make_link(*store_, "anna", kNow + kDay, false);
  EXPECT_FALSE(store_->use_link(digest_of(*first), "HASH", {}, kNow + kDay).ok());
  const auto second = make_link(*store_, "anna", kNow + kDay, false);
  EXPECT_FALSE(store_->use_link(digest_of(*first), "HASH", {}, kNow).ok());
  ASSERT_TRUE(store_->change("anna", {.disabled = true}).ok());
  EXPECT_FALSE(store_->use_link(digest_of(*second), "HASH", {}, kNow).ok());
}

TEST_F(StoreTest, NoSecretOfALinkOrSessionStandsInTheFile) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  const auto link = make_link(*store_, "anna", kNow + kDay, false);
  const auto token = make_api_token(*store_, {.account = "anna", .label = "x", .days = 1}, kNow);
  ASSERT_TRUE(link.ok() && token.ok());
  store_.reset();
  std::string bytes;
  for (const char* name : {"data/accounts.sqlite", "data/accounts.sqlite-wal"}) {
    std::ifstream file(folder_.file(name), std::ios::binary);
    bytes += std::string(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_EQ(bytes.find(*link), std::string::npos);
  EXPECT_EQ(bytes.find(token->secret), std::string::npos);
  EXPECT_NE(bytes.find(token->session.digest), std::string::npos);
}

TEST_F(StoreTest, ACodesStepIsTakenOnceWhoeverAsks) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  ASSERT_TRUE(store_->set_totp("anna", "SECRET", 100).ok());
  const SignInProof proof{.password = "", .totp_step = 101};
  ASSERT_TRUE(store_->sign_in(browser("anna", "a", kNow), proof).ok());
  const auto other = open();
  EXPECT_EQ(other->sign_in(browser("anna", "b", kNow), proof).fault().code, FaultCode::Invalid);
  EXPECT_EQ(store_->read()->sessions.size(), 1U);
}

TEST_F(StoreTest, APasswordThatWasChangedMeanwhileSignsNobodyIn) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  ASSERT_TRUE(store_->set_password("anna", "", "NEW", "", false).ok());
  EXPECT_FALSE(store_->sign_in(browser("anna", "a", kNow), {.password = "OLD"}).ok());
  EXPECT_FALSE(store_->set_password("anna", "OLD", "NEWER", "", false).ok());
}

TEST_F(StoreTest, OneBrowserMoreThanAllowedEndsTheOneNotSeenForLongest) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  for (std::int64_t i = 0; i <= Store::kBrowsersMax; ++i) {
    ASSERT_TRUE(store_->sign_in(browser("anna", "t" + std::to_string(i), kNow + i), {}).ok());
  }
  const auto book = store_->read();
  EXPECT_EQ(book->sessions.size(), static_cast<std::size_t>(Store::kBrowsersMax));
  EXPECT_EQ(book->session(digest_of("t0")), nullptr);
  EXPECT_NE(book->session(digest_of("t1")), nullptr);
}

TEST_F(StoreTest, TokensAreBoundedAndOneMoreIsRefused) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  const TokenPlan plan{.account = "anna", .label = "x", .days = 1};
  for (std::int64_t i = 0; i < Store::kTokensMax; ++i) {
    ASSERT_TRUE(make_api_token(*store_, plan, kNow).ok());
  }
  EXPECT_EQ(make_api_token(*store_, plan, kNow).fault().code, FaultCode::Invalid);
}

TEST_F(StoreTest, RemovedTheAccountTakesAllWithIt) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  ASSERT_TRUE(store_->sign_in(browser("anna", "a", kNow), {}).ok());
  ASSERT_TRUE(make_link(*store_, "anna", kNow + kDay, false).ok());
  ASSERT_TRUE(remove_account(*store_, folder_.file("data"), "anna").ok());
  const auto book = store_->read();
  EXPECT_TRUE(book->accounts.empty() && book->sessions.empty() && book->links.empty());
  EXPECT_EQ(remove_account(*store_, folder_.file("data"), "anna").fault().code,
            FaultCode::NotFound);
}

TEST_F(StoreTest, AnIdentityThatWasRefusedEndsSessionsUntilAnotherIsGiven) {
  ASSERT_TRUE(store_->add(person("anna")).ok());
  ASSERT_TRUE(store_->sign_in(browser("anna", "a", kNow), {}).ok());
  ASSERT_TRUE(store_->refuse_identity("anna").ok());
  EXPECT_TRUE(store_->read()->sessions.empty());
  EXPECT_FALSE(store_->sign_in(browser("anna", "b", kNow), {}).ok());
  ASSERT_TRUE(store_->set_identity("anna", "alpha/anna2", "console").ok());
  EXPECT_TRUE(store_->sign_in(browser("anna", "c", kNow), {}).ok());
}

TEST_F(StoreTest, AJoinThatWasCutIsKnownByItsCodeAndForgottenWhenItIsDone) {
  EXPECT_EQ(*store_->begin_joining("anna", "CODE", "KEY1"), "KEY1");
  EXPECT_EQ(*store_->begin_joining("anna", "CODE", "KEY2"), "KEY1") << "as when it was begun";
  EXPECT_EQ(*store_->begin_joining("anna", "OTHER", "KEY2"), "KEY2");
  ASSERT_TRUE(store_->add(person("anna")).ok());
  EXPECT_EQ(*store_->begin_joining("anna", "OTHER", "KEY3"), "KEY3");
}

TEST_F(StoreTest, KilledAtAnyMomentAnAccountIsThereWholeOrNotAtAllAndAddingGoesOn) {
  store_.reset();
  for (int round = 0; round < 12; ++round) {
    const std::string name = "n" + std::to_string(round);
    int done[2];
    ASSERT_EQ(::pipe(done), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = Store::open(folder_.file("data"));
      for (int i = 0; store; ++i) {
        const std::string one = name + "-" + std::to_string(i);
        static_cast<void>((*store)->add(person(one)));
        static_cast<void>(make_link(**store, one, kNow, false));
        if (::write(done[1], "x", 1) != 1) break;
      }
      ::_exit(1);
    }
    // It goes on while this reads: the kill falls anywhere in the next one.
    std::vector<char> bytes(static_cast<std::size_t>(round) % 4 + 1);
    for (char& byte : bytes) ASSERT_EQ(::read(done[0], &byte, 1), 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(done[0]);
    ::close(done[1]);
    auto store = Store::open(folder_.file("data"));
    ASSERT_TRUE(store.ok()) << store.fault().sentence;
    const auto book = (*store)->read();
    ASSERT_TRUE(book.ok()) << book.fault().sentence;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_NE(book->account(name + "-" + std::to_string(i)), nullptr) << "it was told as done";
    }
    ASSERT_TRUE((*store)->add(person(name + ".after")).ok());
  }
}

}  // namespace
}  // namespace vigie::web::people
