#pragma once
// Accounts as a browser meets them: the real thing on a net thread of its own, a clock that stands
// still until it is told to go on, and a browser that keeps its cookie.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "clients/web/server/accounts/accounts.h"
#include "clients/web/server/accounts/identities.h"
#include "clients/web/server/accounts/store.h"
#include "clients/web/server/accounts/totp.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::web::people {

using Json = nlohmann::json;

class StillClock final : public Clock {
 public:
  std::int64_t utc_us() const override { return 1'772'000'000'000'000 + now_us_; }
  std::int64_t monotonic_us() const override { return now_us_; }
  void advance(std::chrono::seconds time) { now_us_ += time.count() * kMicrosecondsPerSecond; }

 private:
  std::atomic<std::int64_t> now_us_ = 1'000'000;
};

struct Answer {
  int status = 0;
  Json body = {};
  std::string cookie = {};  // of Set-Cookie, whole
  std::string retry_after = {};
};

class Room {
 public:
  explicit Room(AccountsOptions options = {}) {
    options.folder = folder_.file("data");
    options.audit = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_ += line + "\n";
    };
    auto opened = Accounts::open(net_, options, clock_);
    EXPECT_TRUE(opened.ok()) << (opened ? "" : opened.fault().sentence);
    accounts_ = std::move(*opened);
    thread_ = std::thread([this] { net_.run(); });
  }
  template <typename Work>
  auto on_net(Work work) {
    using Outcome = decltype(work());
    std::promise<Outcome> promise;
    net_.post([&] {
      if constexpr (std::is_void_v<Outcome>) {
        work();
        promise.set_value();
      } else {
        promise.set_value(work());
      }
    });
    return promise.get_future().get();
  }

  ~Room() {
    on_net([this] { accounts_.reset(); });
    net_.stop();
    thread_.join();
  }

  Answer ask(Request request) {
    std::promise<Response> promise;
    net_.post([&] {
      accounts_->handle(std::make_shared<const Request>(std::move(request)),
                        [&](Response response) { promise.set_value(std::move(response)); });
    });
    const Response response = promise.get_future().get();
    Answer answer{.status = response.status};
    if (!response.body.empty()) answer.body = Json::parse(response.body);
    for (const auto& [name, value] : response.headers) {
      if (name == "Set-Cookie") answer.cookie = value;
      if (name == "Retry-After") answer.retry_after = value;
    }
    return answer;
  }

  Result<Viewer> viewer_of(const Request& request) {
    return on_net([&] { return accounts_->gate().viewer_of(request); });
  }

  /// Another program's store, as the command line has one.
  std::unique_ptr<Store> beside() { return std::move(*Store::open(folder_.file("data"))); }
  /// Adds an account in the file and waits until the server sees it; returns its link's secret.
  std::string add(const Account& account) {
    const auto store = beside();
    EXPECT_TRUE(store->add(account).ok());
    const auto secret = make_link(*store, account.name, clock_.utc_us() + 86'400'000'000, false);
    EXPECT_TRUE(secret.ok());
    wait_for_accounts(store->read()->accounts.size());
    return *secret;
  }
  void wait_for_accounts(std::size_t count) {
    while (on_net([&] { return accounts_->counters().accounts; }) != count)
      std::this_thread::yield();
  }

  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  std::string data() const { return folder_.file("data"); }
  StillClock& clock() { return clock_; }
  Accounts& accounts() { return *accounts_; }

 private:
  test::TemporaryFolder folder_;
  StillClock clock_;
  std::mutex mutex_;  // lines are written on the net thread and read by the test
  std::string log_;
  Net net_;
  std::unique_ptr<Accounts> accounts_;
  std::thread thread_;
};

class Browser {
 public:
  explicit Browser(Room& room, std::string remote = "127.0.0.1")
      : room_(room), remote_(std::move(remote)) {}

  Request request(const std::string& method, const std::string& path,
                  const std::string& body = "") const {
    Request request{.method = method, .path = "/api/v1" + path, .body = body};
    request.remote = remote_;
    request.secure = secure;
    request.host = "room.example";
    request.headers.emplace_back("user-agent", "Test/1");
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    if (!cookie.empty()) request.headers.emplace_back("cookie", cookie);
    if (!csrf.empty()) request.headers.emplace_back("x-vigie-csrf", csrf);
    return request;
  }
  Answer ask(const std::string& method, const std::string& path, const Json& body = nullptr) {
    Answer answer = room_.ask(request(method, path, body.is_null() ? "" : body.dump()));
    if (!answer.cookie.empty()) cookie = answer.cookie.substr(0, answer.cookie.find(';'));
    if (answer.body.is_object() && answer.body.contains("csrf")) csrf = answer.body["csrf"];
    return answer;
  }
  Answer join(const std::string& link, const std::string& password) {
    return ask("POST", "/session/join", {{"link", link}, {"password", password}});
  }
  Answer sign_in(const std::string& name, const std::string& password) {
    return ask("POST", "/session", {{"name", name}, {"password", password}});
  }
  Answer sign_in(const std::string& name, const std::string& password, const std::string& totp) {
    return ask("POST", "/session", {{"name", name}, {"password", password}, {"totp", totp}});
  }

  std::string cookie = {};
  std::string csrf = {};
  bool secure = true;

 private:
  Room& room_;
  std::string remote_;
};

inline const std::string kPassword = "correct horse battery";

}  // namespace vigie::web::people
