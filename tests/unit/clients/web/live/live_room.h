#pragma once
// The live room on the test's own thread: watches over a hub in miniature, browsers at a socket
// that takes when the test lets it, a clock that the test can put forward.

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "clients/web/server/live/watches.h"
#include "tests/unit/clients/web/live/listen_hub.h"
#include "tests/unit/clients/web/live/page_model.h"

namespace vigie::web::test {

using ::vigie::test::ListenHub;
using Json = nlohmann::json;
/// The hub's own words; the page's are in `wire`.
namespace hub_wire = ::vigie::wire;

/// The machine's clock, put forward.
class ForwardClock final : public Clock {
 public:
  std::int64_t utc_us() const override { return machine_.utc_us() + forward_us_; }
  std::int64_t monotonic_us() const override { return machine_.monotonic_us() + forward_us_; }
  void advance(std::chrono::microseconds time) { forward_us_ += time.count(); }

 private:
  const SystemClock machine_;
  std::atomic<std::int64_t> forward_us_{0};
};

/// As if the machine had no thread left, for as long as it lives: a new one would need a stack
/// larger than any memory.
class NoThreadsLeft {
 public:
  NoThreadsLeft() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t none;
    pthread_attr_init(&none);
    pthread_attr_setstacksize(&none, std::size_t{1} << 46);
    pthread_setattr_default_np(&none);
    pthread_attr_destroy(&none);
  }
  ~NoThreadsLeft() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  NoThreadsLeft(const NoThreadsLeft&) = delete;
  NoThreadsLeft& operator=(const NoThreadsLeft&) = delete;

 private:
  pthread_attr_t before_;
};

/// The net thread is the test's: it runs while something is waited for.
class TurningNet : public Net {
 public:
  /// Runs until `done`, which is asked again and again; false: not within 20 s.
  bool run_until(const std::function<bool()>& done) {
    const SystemClock clock;
    const std::int64_t end_us = clock.monotonic_us() + 20'000'000;
    Timer timer(*this);
    std::function<void()> look = [&] {
      if (done() || clock.monotonic_us() >= end_us) {
        stop();
      } else {
        timer.after(std::chrono::milliseconds(1), look);
      }
    };
    look();
    run();
    return done();
  }
  /// What was posted so far, and what that posts.
  void run_posted() {
    int turns = 0;
    static_cast<void>(run_until([&] { return ++turns > 3; }));
  }
};

/// Ends sessions when the test says so.
class TestGate final : public Gate {
 public:
  Result<Viewer> viewer_of(const Request&) override { return Viewer(); }
  std::uint64_t watch(const std::string& session, std::function<void()> ended) override {
    watched_[++number_] = {session, std::move(ended)};
    return number_;
  }
  void unwatch(std::uint64_t number) override { watched_.erase(number); }
  void end(const std::string& session) {
    const auto copy = watched_;
    for (const auto& [number, one] : copy) {
      if (one.first == session && watched_.contains(number)) one.second();
    }
  }
  std::size_t watched() const { return watched_.size(); }

 private:
  std::map<std::uint64_t, std::pair<std::string, std::function<void()>>> watched_;
  std::uint64_t number_ = 0;
};

/// A browser: its socket, and what a page makes of what it gets.
class TestBrowser final : private WebSocket {
 public:
  TestBrowser(Net& net, std::unique_ptr<WebSocketUser> user) : net_(net), user_(std::move(user)) {
    user_->on_open(*this);
  }
  ~TestBrowser() override { leave(); }
  TestBrowser(const TestBrowser&) = delete;
  TestBrowser& operator=(const TestBrowser&) = delete;

  void say(const std::string& text) {
    if (user_ != nullptr) user_->on_text(text);
  }
  void say_json(const Json& json) { say(json.dump()); }
  void open(Json more = Json::object()) {
    more["type"] = "open";
    say_json(more);
  }
  /// Takes nothing from here on: what is on its way stays so.
  void stall() { takes_ = false; }
  /// Takes again.
  void go_on() {
    takes_ = true;
    if (on_its_way_) taken();
  }
  void leave() {
    if (user_ == nullptr) return;
    user_->on_closed();
    user_.reset();
  }

  PageModel page;
  std::vector<Json> texts;
  std::vector<std::string> frames;      // as they came
  std::optional<std::uint16_t> closed;  // with this number,
  std::string close_code;               // this code,
  std::string close_reason;             // and this sentence
  std::size_t texts_of(const std::string& type) const {
    std::size_t count = 0;
    for (const Json& text : texts) count += text["type"] == type ? 1 : 0;
    return count;
  }
  /// The last text of that type; null: none came.
  Json last(const std::string& type) const {
    for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
      if ((*text)["type"] == type) return *text;
    }
    return {};
  }
  /// Live or Snapshot frames are read by `page`, Past ones by `past`.
  PageModel past;

 private:
  void send(std::shared_ptr<const std::string> message, bool binary) override {
    EXPECT_FALSE(on_its_way_) << "one message at a time";
    EXPECT_FALSE(closed) << "nothing is sent behind a close";
    on_its_way_ = true;
    waiting_ = std::move(message);
    binary_ = binary;
    if (takes_)
      net_.post([this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired() && takes_) taken();
      });
  }
  bool sending() const override { return on_its_way_; }
  void close(const CloseKind& kind, std::string_view sentence) override {
    closed = kind.number;
    close_code = kind.code;
    close_reason = sentence;
    net_.post([this, alive = std::weak_ptr<int>(alive_)] {
      if (!alive.expired()) leave();
    });
  }
  void taken() {
    if (!on_its_way_ || user_ == nullptr) return;
    on_its_way_ = false;
    const auto message = std::move(waiting_);
    if (binary_) {
      frames.push_back(*message);
      const bool is_past = wire::GetFrame(message->data())->kind() == wire::FrameKind::Past;
      (is_past ? past : page).take(*message);
    } else {
      texts.push_back(Json::parse(*message));
    }
    user_->on_sent();
  }

  Net& net_;
  std::unique_ptr<WebSocketUser> user_;
  bool takes_ = true;
  bool on_its_way_ = false;
  bool binary_ = false;
  std::shared_ptr<const std::string> waiting_;
  const std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

/// Counts what it is told.
struct Told final : WatchUser {
  void on_frames() override { ++frames; }
  void on_link() override { ++links; }
  void on_reset() override { ++resets; }
  void on_tick() override {
    ++ticks;
    if (at_tick) at_tick();
  }
  int frames = 0;
  int links = 0;
  int resets = 0;
  int ticks = 0;
  std::function<void()> at_tick;
};

class LiveRoom : public ::testing::Test {
 protected:
  LiveRoom() {
    options.hub = hub.address();
    options.server = "vigie-web test";
  }
  Watches& watches() {
    if (watches_ == nullptr) watches_ = std::make_unique<Watches>(options, net, gate, clock);
    return *watches_;
  }
  static Viewer viewer(const std::string& account = "ann") {
    Viewer viewer;
    viewer.account = account;
    viewer.session = "session of " + account;
    return viewer;
  }
  std::unique_ptr<TestBrowser> browser(const std::string& account = "ann") {
    return std::make_unique<TestBrowser>(net, watches().browser(viewer(account)));
  }
  /// One that is open and has the picture.
  std::unique_ptr<TestBrowser> opened(Json open = Json::object(),
                                      const std::string& account = "ann") {
    auto one = browser(account);
    one->open(std::move(open));
    EXPECT_TRUE(net.run_until([&] { return one->page.snapshots() != 0; }));
    return one;
  }
  /// The hub gives `seq` to the browsers' picture.
  void until_had(std::uint64_t seq, const std::string& account = "ann") {
    EXPECT_TRUE(net.run_until([&] {
      const SharedPicture& picture = watches().watch_of(viewer(account))->picture();
      return std::max(picture.event_seq(), picture.fix_seq()) >= seq;
    })) << seq
        << " did not come";
  }
  /// Whatever is looked at once a second was.
  void pass_a_tick(const Viewer& of = viewer()) {
    Told told;
    Watch& watch = *watches().watch_of(of);
    watch.add(told);
    EXPECT_TRUE(net.run_until([&] { return told.ticks == 2; }));
    watch.remove(told);
  }

  ListenHub hub;
  TurningNet net;
  ForwardClock clock;
  TestGate gate;
  LiveOptions options;  // before watches()

 private:
  std::unique_ptr<Watches> watches_;
};

}  // namespace vigie::web::test
