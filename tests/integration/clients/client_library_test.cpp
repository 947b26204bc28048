// The library against the real hub's process.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "schemas/words/times.h"
#include "vigie/client.h"

namespace vigie::client {
namespace {

using namespace std::chrono_literals;

bool is_free(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return free;
}

/// The first of three free ports in a row, below those that the kernel gives to outgoing
/// connections.
std::uint16_t free_ports() {
  std::uint16_t port = static_cast<std::uint16_t>(10'000 + ::getpid() * 3 % 20'000);
  while (!is_free(port) || !is_free(static_cast<std::uint16_t>(port + 1)) ||
         !is_free(static_cast<std::uint16_t>(port + 2))) {
    port = static_cast<std::uint16_t>(10'000 + (port + 3) % 20'000);
  }
  return port;
}

/// A hub of one test: in a folder of its own, over local sockets.
class HubProcess {
 public:
  HubProcess() {
    std::string folder = (std::filesystem::temp_directory_path() / "vigie-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    start();
  }
  ~HubProcess() {
    kill_9();
    std::filesystem::remove_all(folder_);
  }
  HubProcess(const HubProcess&) = delete;
  HubProcess& operator=(const HubProcess&) = delete;

  void start() {
    const char* bin = std::getenv("VIGIE_BIN");
    const std::string program = std::string(bin == nullptr ? "." : bin) + "/vigie-hub";
    const std::string data = folder_ + "/data";
    const std::string ipc = folder_ + "/ipc";
    std::filesystem::create_directories(ipc);
    const std::string port = std::to_string(free_ports());
    process_ = ::fork();
    if (process_ == 0) {
      ::execl(program.c_str(), program.c_str(), "--plain", "--data", data.c_str(), "--port",
              port.c_str(), "--ipc", ipc.c_str(), "--log-level", "warning", nullptr);
      ::_exit(127);
    }
  }
  void kill_9() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  LinkOptions link() const {
    return {.hub = "ipc://" + folder_ + "/ipc", .reconnect_ms = 20, .reconnect_ms_max = 200};
  }
  std::string file(const char* name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
  pid_t process_ = 0;
};

Fix fix_of(std::string unit, std::int64_t true_time_us, int step) {
  Fix fix;
  fix.unit = std::move(unit);
  fix.group = "patrol";
  fix.true_time_us = true_time_us;
  fix.clock = ClockKind::Satellite;
  fix.lat_e7 = 159'000'000 + step;
  fix.lon_e7 = 15'000'000 - step;
  return fix;
}

Event event_of(std::string text) {
  Event event;
  event.unit = "red/alpha";
  event.kind = "text";
  event.true_time_us = SystemClock().utc_us();
  event.text = std::move(text);
  return event;
}

template <typename Listening>
void take_until(Listening& listening, const std::function<bool(const Item&)>& done) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < end) {
    auto item = listening.next(1s);
    ASSERT_TRUE(item) << item.fault().sentence;
    if (*item && done(**item)) return;
  }
  FAIL() << "it did not come";
}

bool is_snapshot_end(const Item& item) {
  return std::holds_alternative<SnapshotEnd>(item);
}

TEST(ClientLibrary, publishes_watches_joins_late_and_replays_to_the_last_digit) {
  const HubProcess hub;
  const std::int64_t start_us = SystemClock().utc_us() - 3600 * kMicrosecondsPerSecond;
  auto console = Console::open({.link = hub.link()});
  ASSERT_TRUE(console);
  take_until(**console, is_snapshot_end);
  auto tracker = Tracker::open(
      {.link = hub.link(), .spool_path = hub.file("a.spool"), .order = SendOrder::InOrder});
  ASSERT_TRUE(tracker);
  constexpr int kFixes = 2000;
  std::vector<Fix> fixes;
  for (int i = 0; i < kFixes; ++i) {
    fixes.push_back(fix_of(i % 2 == 0 ? "red/alpha" : "blue/bravo", start_us + i * 1'000'000, i));
  }
  ASSERT_TRUE((*tracker)->publish(fixes));
  ASSERT_TRUE((*tracker)->publish(event_of("water at the well")));
  State card;
  card.name = "red/alpha";
  card.true_time_us = SystemClock().utc_us();
  card.card.call_sign = "Alpha";
  ASSERT_TRUE((*tracker)->publish(card));
  const Result<void> settled = (*tracker)->wait_settled(60s);
  ASSERT_TRUE(settled) << settled.fault().sentence;
  EXPECT_EQ((*tracker)->stats().settled, kFixes + 2u);
  EXPECT_EQ((*tracker)->stats().refused, 0u);

  std::set<std::uint64_t> shown;
  std::uint64_t conflated = 0;
  bool has_event = false;
  bool has_card = false;
  take_until(**console, [&](const Item& item) {
    if (const auto* fix = std::get_if<FixItem>(&item)) {
      shown.insert(fix->stamp.name.number);
      conflated += fix->conflated;
    }
    if (const auto* event = std::get_if<EventItem>(&item)) has_event = event->event.text[0] == 'w';
    if (const auto* state = std::get_if<StateItem>(&item)) {
      has_card = state->state.card.call_sign == "Alpha";
    }
    return shown.size() + conflated == kFixes && has_event && has_card;
  });

  std::map<std::string, Fix> units;
  auto late = Console::open({.link = hub.link(), .once = true});
  ASSERT_TRUE(late);
  take_until(**late, [&](const Item& item) {
    if (const auto* fix = std::get_if<FixItem>(&item)) units[fix->fix.unit] = fix->fix;
    const auto* link = std::get_if<LinkItem>(&item);
    return link != nullptr && link->state == LinkState::Ended;
  });
  ASSERT_EQ(units.size(), 2u);
  EXPECT_EQ(units["blue/bravo"], fixes.back());

  for (const ReplayClock clock : {ReplayClock::True, ReplayClock::Known}) {
    auto replay = Replay::open({.link = hub.link(),
                                .view = {.events = false, .states = false},
                                .clock = clock,
                                .from_us = start_us});
    ASSERT_TRUE(replay);
    std::vector<Fix> replayed;
    take_until(**replay, [&](const Item& item) {
      if (const auto* fix = std::get_if<FixItem>(&item)) replayed.push_back(fix->fix);
      const auto* said = std::get_if<ReplayItem>(&item);
      return said != nullptr && said->phase == ReplayPhase::Ended;
    });
    EXPECT_EQ(replayed, fixes);
    const std::uint32_t request = (*replay)->seek(start_us + 1'990'000'000);
    std::size_t again = 0;
    bool answered = false;
    take_until(**replay, [&](const Item& item) {
      const auto* said = std::get_if<ReplayItem>(&item);
      if (said != nullptr && said->request == request) answered = true;
      again += answered && std::holds_alternative<FixItem>(item);
      return said != nullptr && answered && said->phase == ReplayPhase::Ended;
    });
    EXPECT_TRUE(clock == ReplayClock::Known || again == 10) << again;
    (*replay)->stop();
    take_until(**replay, [](const Item& item) {
      const auto* link = std::get_if<LinkItem>(&item);
      return link != nullptr && link->state == LinkState::Ended;
    });
  }
}

TEST(ClientLibrary, comes_back_after_kill_9_of_the_hub_and_shows_each_event_once) {
  HubProcess hub;
  auto console = Console::open({.link = hub.link()});
  ASSERT_TRUE(console);
  take_until(**console, is_snapshot_end);
  auto tracker = Tracker::open({.link = hub.link(), .spool_path = hub.file("a.spool")});
  ASSERT_TRUE(tracker);
  std::map<std::string, int> shown;
  int published = 0;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE((*tracker)->publish(event_of("event " + std::to_string(published++))));
      ASSERT_TRUE((*tracker)->publish(fix_of("red/alpha", SystemClock().utc_us(), i)));
      if (i == 20 + round * 7) {
        hub.kill_9();
        hub.start();
      }
    }
    const Result<void> settled = (*tracker)->wait_settled(60s);
    ASSERT_TRUE(settled) << settled.fault().sentence;
    take_until(**console, [&](const Item& item) {
      if (const auto* event = std::get_if<EventItem>(&item)) ++shown[event->event.text];
      return shown.size() == static_cast<std::size_t>(published);
    });
  }
  for (const auto& [text, times] : shown) EXPECT_EQ(times, 1) << text;
  EXPECT_GE((*console)->status().opens, 4u);

  // Another process goes on from the token, and is shown what it lacks and nothing else.
  const std::vector<std::byte> token = (*console)->token();
  console->reset();
  ASSERT_TRUE((*tracker)->publish(event_of("while away")));
  ASSERT_TRUE((*tracker)->wait_settled(60s));
  auto again = Console::open({.link = hub.link(), .start = StartKind::Token, .token = token});
  ASSERT_TRUE(again);
  take_until(**again, [](const Item& item) {
    const auto* event = std::get_if<EventItem>(&item);
    EXPECT_TRUE(event == nullptr || event->event.text == "while away");
    return event != nullptr;
  });
}

}  // namespace
}  // namespace vigie::client
