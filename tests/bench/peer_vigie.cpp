#include "tests/bench/peer_vigie.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/messages/names.h"

namespace vigie::bench {
namespace {

/// Reads one answer of the status port to its end.
class StatusRequest final : public Connection {
 public:
  using Connection::Connection;
  const std::string& text() const { return text_; }
  bool complete() const {
    const std::size_t head = text_.find("\r\n\r\n");
    const std::size_t field = text_.find("Content-Length: ");
    if (head == std::string::npos || field == std::string::npos) return false;
    return text_.size() >= head + 4 + std::strtoul(text_.c_str() + field + 16, nullptr, 10);
  }

 private:
  void on_bytes() override {
    text_ += unread();
    consume(unread().size());
  }
  std::string text_;
};

}  // namespace

ConsoleOptions VigiePeer::live_options() {
  ConsoleOptions options;
  options.open.mode = wire::Mode::Live;
  options.open.start = wire::StartKind::NowNoSnapshot;
  return options;
}

Result<void> VigiePeer::start() {
  Result<int> ports = free_ports(3);
  if (!ports) return ports.fault();
  port_ = *ports;
  std::vector<std::string> argv{(places().programs / "vigie-hub").string(),
                                "--data",
                                data().string(),
                                "--host",
                                "127.0.0.1",
                                "--port",
                                std::to_string(port_)};
  if (guarded_) {
    // The generator's clients are few identities, each of them many times, at one address.
    for (const char* option :
         {"publishers.bytes_per_second=none", "publishers.bytes_per_address=none",
          "publishers.messages_per_address=0", "sessions.requests_per_second=0",
          "sessions.requests_per_address=0", "sessions.messages_per_second=0",
          "sessions.messages_per_address=0", "sessions.bytes_per_second=none",
          "sessions.bytes_per_address=none", "sessions.per_identity=100000",
          "sessions.per_address=100000", "door.connections_per_identity=100000"}) {
      argv.insert(argv.end(), {"--set", option});
    }
  } else {
    argv.push_back("--plain");
  }
  for (const std::string& option : places().hub_set) {
    argv.insert(argv.end(), {"--set", option});
  }
  argv.insert(argv.end(), hub_options_.begin(), hub_options_.end());
  if (auto started = run(argv); !started || !guarded_) return started;
  return enrol_clients();
}

Result<void> VigiePeer::enrol_clients() {
  if (gateway_) return {};  // the log on which it was started again knows them
  const std::string owner(owner_of(unit_name(0)));
  auto made = enrol(poller(), port_, data(),
                    {{owner + "/gateway", wire::Role::Gateway, {owner + "/*"}},
                     {owner + "/room", wire::Role::Console}},
                    20);
  if (!made) return made.fault();
  gateway_ = made->at(0);
  room_ = made->at(1);
  return {};
}

Result<VigieConsole*> VigiePeer::begin_console(ConsoleOptions options, std::size_t index) {
  options.who = room_;
  consoles_.push_back(
      std::make_unique<VigieConsole>(poller(), account(), index, std::move(options)));
  if (auto begun = consoles_.back()->begin_listening(port_ + 1, 20); !begun) return begun.fault();
  return consoles_.back().get();
}

Result<VigieConsole*> VigiePeer::open_console(ConsoleOptions options, std::size_t index) {
  Result<VigieConsole*> console = begin_console(std::move(options), index);
  if (!console) return console;
  auto opened =
      step_until(poller(), 20, "a console's opening", [&] { return (*console)->opened(); });
  if (!opened) return opened.fault();
  return console;
}

Result<void> VigiePeer::open_consoles(std::size_t count) {
  std::vector<VigieConsole*> opening;
  for (std::size_t i = 0; i < count; ++i) {
    ConsoleOptions options = live_options();
    options.heads = heads_ && i > 0;
    Result<VigieConsole*> console = begin_console(std::move(options), i);
    if (!console) return console.fault();
    opening.push_back(*console);
  }
  return step_until(poller(), 20, "the consoles' opening", [&] {
    return std::all_of(opening.begin(), opening.end(),
                       [](const VigieConsole* console) { return console->opened(); });
  });
}

Result<void> VigiePeer::open_publishers(std::size_t count) {
  Spread share = spread_;
  share.units = std::max<std::size_t>(1, spread_.units / count);
  for (std::size_t i = 0; i < count; ++i) {
    publishers_.push_back(
        std::make_unique<VigiePublisher>(poller(), account(), i, i * share.units, share, gateway_));
    if (auto begun = publishers_.back()->begin_publishing(port_, 20); !begun) return begun;
  }
  return step_until(poller(), 20, "the publishers' welcome", [&] {
    return std::all_of(publishers_.begin(), publishers_.end(),
                       [](const auto& publisher) { return publisher->welcomed(); });
  });
}

Result<void> VigiePeer::open_replay() {
  ConsoleOptions options;
  options.open.mode = wire::Mode::Replay;
  options.open.start = wire::StartKind::KnownTime;
  options.open.time_us = 0;
  options.open.speed = 0;
  consoles_.clear();
  Result<VigieConsole*> console = open_console(std::move(options), 0);
  if (!console) return console.fault();
  return {};
}

std::size_t VigiePeer::publish(std::size_t publisher, const Handover& handover) {
  return publishers_[publisher]->publish(handover);
}

void VigiePeer::hang_up() {
  consoles_.clear();
  publishers_.clear();
}

Result<double> VigiePeer::metric(std::string_view name) {
  StatusRequest request(poller());
  if (auto connected = request.connect(port_ + 2, 5); !connected) return connected.fault();
  request.out() += "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  request.flush();
  auto answered = step_until(poller(), 5, "the status port", [&] { return request.complete(); });
  if (!answered) return answered.fault();
  double sum = 0;
  bool found = false;
  const std::string& text = request.text();
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    const std::string_view line =
        std::string_view(text).substr(at + 1, text.find('\n', at + 1) - at - 1);
    if (!line.starts_with(name)) continue;
    const char next = line.size() > name.size() ? line[name.size()] : ' ';
    if (next != ' ' && next != '{') continue;
    sum += std::strtod(line.data() + line.rfind(' '), nullptr);
    found = true;
  }
  if (!found) return Fault{FaultCode::NotFound, fmt::format("no metric {}", name)};
  return sum;
}

std::unique_ptr<Peer> make_vigie(Poller& poller, Account& account, Places places,
                                 const Spread& spread, bool guarded) {
  return std::make_unique<VigiePeer>(poller, account, std::move(places), spread, guarded);
}

}  // namespace vigie::bench
