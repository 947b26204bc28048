#pragma once
// What the endpoints share: the gate, the lock-out, and the three threads that do what is slow.
// Net thread. Work goes out by change(), hash() and join(), and comes back to the net thread; when
// the server is going, it does not come back.

#include <fmt/format.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "clients/web/server/accounts/accounts.h"
#include "clients/web/server/accounts/keeper.h"
#include "clients/web/server/accounts/lockout.h"
#include "clients/web/server/accounts/store.h"
#include "clients/web/server/accounts/worker.h"

namespace vigie::web::people {

class Desk : public std::enable_shared_from_this<Desk> {
 public:
  Desk(Net& net_thread, AccountsOptions with, const Clock& by);

  Net& net;
  const AccountsOptions options;
  const Clock& clock;
  AccountsCounters counters;
  Keeper keeper{options, clock, counters};
  Lockout lockout;

  const Book& book() const { return *keeper.book(); }
  void audit(const std::string& line) const {
    if (options.audit) options.audit(line);
  }

  /// Runs `work` on the file's thread, reads the book again, then `then` with the outcome. False:
  /// too much waits; nothing was done.
  template <typename T>
  [[nodiscard]] bool change(std::function<Result<T>(Store&)> work,
                            std::function<void(Result<T>)> then);
  /// Runs `work` on the thread of slow hashes, or that of questions to the hub.
  template <typename T>
  [[nodiscard]] bool hash(std::function<T()> work, std::function<void(T)> then) {
    return run<T>(*hashing_, std::move(work), std::move(then));
  }
  template <typename T>
  [[nodiscard]] bool ask_hub(std::function<T()> work, std::function<void(T)> then) {
    return run<T>(*asking_, std::move(work), std::move(then));
  }

  /// A secret for codes that was shown and not yet confirmed, by session.
  struct PendingTotp {
    std::string secret;
    std::int64_t made_us;
  };
  std::unordered_map<std::string, PendingTotp> pending_totp;

  /// What an unknown name's password is compared with, so that it takes as long.
  std::string dummy_hash;

  Result<void> start();
  /// No answer comes back from here on. Waits for what is under way.
  void stop();

 private:
  template <typename T>
  bool run(Worker& worker, std::function<T()> work, std::function<void(T)> then);
  void take(std::shared_ptr<const Book> book);
  void tick();
  void poll();

  std::unique_ptr<Store> store_;  // the file's thread alone, once it runs
  std::int64_t version_ = 0;      // of the file, the same
  bool stopped_ = false;
  bool polling_ = false;
  unsigned ticks_ = 0;
  std::unique_ptr<Net::Timer> timer_;
  std::unique_ptr<Worker> hashing_;
  std::unique_ptr<Worker> asking_;
  std::unique_ptr<Worker> storing_;
};

template <typename T>
bool Desk::run(Worker& worker, std::function<T()> work, std::function<void(T)> then) {
  const std::weak_ptr<Desk> desk = weak_from_this();
  Net& thread = net;
  return worker.post([desk, &thread, work = std::move(work), then = std::move(then)] {
    auto outcome = std::make_shared<T>(work());
    thread.post([desk, outcome, then] {
      const auto still = desk.lock();
      if (still != nullptr && !still->stopped_) then(std::move(*outcome));
    });
  });
}

template <typename T>
bool Desk::change(std::function<Result<T>(Store&)> work, std::function<void(Result<T>)> then) {
  const std::weak_ptr<Desk> desk = weak_from_this();
  Store* store = store_.get();
  Net& thread = net;
  return storing_->post([desk, store, &thread, work = std::move(work), then = std::move(then)] {
    auto outcome = std::make_shared<Result<T>>(work(*store));
    Result<Book> book = store->read();
    std::shared_ptr<const Book> fresh;
    if (book) {
      fresh = std::make_shared<const Book>(std::move(*book));
    } else if (*outcome) {
      *outcome = book.fault();
    }
    thread.post([desk, outcome, fresh, then] {
      const auto still = desk.lock();
      if (still == nullptr || still->stopped_) return;
      if (!*outcome && outcome->fault().code != FaultCode::Invalid &&
          outcome->fault().code != FaultCode::NotFound) {
        ++still->counters.failures;
        still->audit("accounts: " + outcome->fault().sentence);
      }
      if (fresh != nullptr) still->take(fresh);
      then(std::move(*outcome));
    });
  });
}

}  // namespace vigie::web::people
