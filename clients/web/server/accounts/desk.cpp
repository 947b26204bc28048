#include "clients/web/server/accounts/desk.h"

#include "clients/web/server/accounts/passwords.h"
#include "clients/web/server/accounts/secrets.h"

namespace vigie::web::people {
namespace {

constexpr std::chrono::milliseconds kTick{500};
constexpr unsigned kTicksToWrite = 120;  // uses of sessions are written once a minute
constexpr std::size_t kJoinsWaitingMax = 8;
constexpr std::int64_t kPendingTotpUs = 600 * kMicrosecondsPerSecond;

}  // namespace

Desk::Desk(Net& net_thread, AccountsOptions with, const Clock& by)
    : net(net_thread), options(std::move(with)), clock(by) {}

Result<void> Desk::start() {
  auto store = Store::open(options.folder);
  if (!store) return store.fault();
  store_ = std::move(*store);
  if (!options.base_url.empty()) {
    if (Result<void> done = store_->set_base_url(options.base_url); !done) return done;
  }
  // First the version, then the book: what changes in between is read again.
  const Result<std::int64_t> version = store_->version();
  if (!version) return version.fault();
  version_ = *version;
  Result<Book> book = store_->read();
  if (!book) return book.fault();
  Result<std::string> dummy = hash_password(make_token(""));
  if (!dummy) return dummy.fault();
  dummy_hash = std::move(*dummy);
  take(std::make_shared<const Book>(std::move(*book)));
  hashing_ = std::make_unique<Worker>(options.passwords_waiting_max);
  asking_ = std::make_unique<Worker>(kJoinsWaitingMax);
  storing_ = std::make_unique<Worker>(options.changes_waiting_max);
  timer_ = std::make_unique<Net::Timer>(net);
  timer_->after(kTick, [this] { tick(); });
  return {};
}

void Desk::stop() {
  stopped_ = true;
  timer_.reset();
  hashing_.reset();
  asking_.reset();
  storing_.reset();
  if (store_ == nullptr) return;
  // When sessions were used is not worth failing for: it is at most a minute's.
  static_cast<void>(store_->seen(keeper.take_seen(), clock.utc_us(),
                                 options.idle.count() * kMicrosecondsPerSecond));
  store_.reset();
}

void Desk::take(std::shared_ptr<const Book> book) {
  const std::uint64_t before = counters.sessions;
  counters.accounts = book->accounts.size();
  counters.sessions = book->sessions.size();
  if (counters.sessions < before) counters.sessions_ended += before - counters.sessions;
  keeper.set_book(std::move(book));
}

void Desk::tick() {
  timer_->after(kTick, [this] { tick(); });
  keeper.tick();
  const std::int64_t now_us = clock.monotonic_us();
  std::erase_if(pending_totp,
                [&](const auto& p) { return now_us - p.second.made_us > kPendingTotpUs; });
  if (++ticks_ % kTicksToWrite == 0) {
    const std::int64_t utc_us = clock.utc_us();
    const std::int64_t idle_us = options.idle.count() * kMicrosecondsPerSecond;
    const bool posted = change<bool>(
        [seen = keeper.take_seen(), utc_us, idle_us](Store& store) -> Result<bool> {
          if (Result<void> done = store.seen(seen, utc_us, idle_us); !done) return done.fault();
          return true;
        },
        [](Result<bool>) {});
    if (!posted) audit("accounts: the file is slow: uses of sessions were not written");
    return;
  }
  poll();
}

void Desk::poll() {
  if (polling_) return;
  const std::weak_ptr<Desk> desk = weak_from_this();
  polling_ = storing_->post([desk, this, store = store_.get(), &thread = net] {
    // The thread is joined before this goes, and version_ is its own.
    std::shared_ptr<const Book> fresh;
    std::string failed;
    const Result<std::int64_t> version = store->version();
    if (!version) {
      failed = version.fault().sentence;
    } else if (*version != version_) {
      Result<Book> book = store->read();
      if (book) {
        version_ = *version;
        fresh = std::make_shared<const Book>(std::move(*book));
      } else {
        failed = book.fault().sentence;
      }
    }
    thread.post([desk, fresh, failed] {
      const auto still = desk.lock();
      if (still == nullptr || still->stopped_) return;
      still->polling_ = false;
      if (!failed.empty()) {
        ++still->counters.failures;
        still->audit("accounts: changes can't be seen: " + failed);
      }
      if (fresh != nullptr) still->take(fresh);
    });
  });
}

}  // namespace vigie::web::people
