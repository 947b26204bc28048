#include "clients/web/server/api/senders.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "clients/web/server/api/letter_box.h"
#include "clients/web/server/api/spool_yard.h"

namespace vigie::web::api {
namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::seconds kTidy{30};

}  // namespace

/// The mutex is the hand-over of letters from the net thread to the yard's thread.
class Senders::Inner : public std::enable_shared_from_this<Senders::Inner> {
 public:
  Inner(Net& net, const Clock& clock, SendersOptions options)
      : net_(net),
        clock_(clock),
        options_(std::move(options)),
        box_(options_, clock_),
        timer_(net) {}

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    came_.notify_all();
    thread_.join();
    timer_.cancel();
  }

  void send(Letter letter, Respond respond) {
    const auto message = box_.take(letter, std::move(respond));
    if (message == nullptr) return;
    bool full = false;
    {
      const std::lock_guard lock(mutex_);
      full = letters_.size() >= options_.waiting_max;
      if (!full) letters_.push_back({std::move(letter), message});
    }
    if (full) {
      box_.failed(message,
                  {FaultCode::Unavailable,
                   fmt::format("{} events are on their way already", options_.waiting_max)});
      return;
    }
    came_.notify_one();
    tick();
  }

  SendersCounters counters() const { return box_.counters(); }

 private:
  struct OnItsWay {
    Letter letter;
    std::shared_ptr<LetterBox::Message> message;
  };

  void run() {
    SpoolYard yard(options_, clock_,
                   [this](const std::string& spool, const client::Delivery& delivery) {
                     net_.post([self = weak_from_this(), spool, delivery] {
                       if (const auto inner = self.lock()) inner->box_.delivered(spool, delivery);
                     });
                   });
    yard.take_up();
    std::unique_lock lock(mutex_);
    while (true) {
      came_.wait_for(lock, kTidy, [this] { return stopping_ || !letters_.empty(); });
      if (!letters_.empty()) {
        OnItsWay next = std::move(letters_.front());
        letters_.pop_front();
        lock.unlock();
        store(yard, std::move(next));
        lock.lock();
      } else if (stopping_) {
        return;
      } else {
        lock.unlock();
        yard.tidy();
        lock.lock();
      }
    }
  }

  void store(SpoolYard& yard, OnItsWay next) {
    auto stored = yard.store(next.letter.link, next.letter.who, next.letter.event);
    net_.post([self = weak_from_this(), message = next.message, stored = std::move(stored)] {
      const auto inner = self.lock();
      if (inner == nullptr) return;
      if (stored) {
        inner->box_.stored(message, *stored);
      } else {
        inner->box_.failed(message, stored.fault());
      }
    });
  }

  /// While answers wait.
  void tick() {
    if (ticking_) return;
    ticking_ = true;
    timer_.after(kTick, [this] {
      ticking_ = false;
      box_.expire();
      if (box_.counters().waiting > 0) tick();
    });
  }

  Net& net_;
  const Clock& clock_;
  const SendersOptions options_;
  LetterBox box_;
  Net::Timer timer_;
  bool ticking_ = false;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<OnItsWay> letters_;
  bool stopping_ = false;
};

Senders::Senders(std::shared_ptr<Inner> inner) : inner_(std::move(inner)) {}

Senders::~Senders() {
  inner_->stop();
}

Result<std::unique_ptr<Senders>> Senders::open(Net& net, const Clock& clock,
                                               SendersOptions options) {
  namespace files = std::filesystem;
  std::error_code failed;
  files::create_directories(options.folder, failed);
  if (!failed) files::permissions(options.folder, files::perms::owner_all, failed);
  if (failed) {
    return Fault{FaultCode::Io, fmt::format("{}: {}", options.folder, failed.message())};
  }
  auto inner = std::make_shared<Inner>(net, clock, std::move(options));
  inner->start();
  return std::unique_ptr<Senders>(new Senders(std::move(inner)));
}

void Senders::send(Letter letter, Respond respond) {
  inner_->send(std::move(letter), std::move(respond));
}

SendersCounters Senders::counters() const {
  return inner_->counters();
}

}  // namespace vigie::web::api
