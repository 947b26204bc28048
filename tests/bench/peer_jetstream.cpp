// NATS JetStream with file storage: publishing pipelined with asynchronous acknowledgements, a push
// consumer without acknowledgements for each console (the fastest kind). Spoken as NATS' text
// protocol over TCP.

#include <fmt/format.h>

#include <charconv>

#include "tests/bench/peers.h"

namespace vigie::bench {
namespace {

constexpr std::string_view kConnect =
    "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c++\",\"version\":\"1\","
    "\"protocol\":1,\"echo\":true,\"headers\":true,\"no_responders\":true}\r\n";

class NatsConnection : public Connection {
 public:
  explicit NatsConnection(Poller& poller) : Connection(poller) {}
  Result<void> begin(int port) {
    if (auto connected = connect(port, 10); !connected) return connected;
    out() += kConnect;
    flush();
    return {};
  }
  void append_publish(std::string_view subject, std::string_view reply, std::string_view payload) {
    fmt::format_to(std::back_inserter(out()), "PUB {} {} {}\r\n{}\r\n", subject, reply,
                   payload.size(), payload);
  }
  void append_subscribe(std::string_view subject, int id) {
    fmt::format_to(std::back_inserter(out()), "SUB {} {}\r\n", subject, id);
  }

 protected:
  virtual void on_message(std::string_view payload) = 0;

 private:
  void on_bytes() final {
    while (!unread().empty()) {
      const std::string_view bytes = unread();
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) return;
      const std::string_view line = bytes.substr(0, end == 0 ? 0 : end - 1);
      if (line.starts_with("MSG ")) {
        std::size_t length = 0;
        const std::size_t space = line.rfind(' ');
        std::from_chars(line.data() + space + 1, line.data() + line.size(), length);
        if (bytes.size() < end + 1 + length + 2) return;
        on_message(bytes.substr(end + 1, length));
        consume(end + 1 + length + 2);
        continue;
      }
      if (line == "PING") {
        out() += "PONG\r\n";
        flush();
      } else if (line.starts_with("-ERR") || line.starts_with("HMSG")) {
        poller().fail("nats: " + std::string(line));
        return;
      }
      consume(end + 1);
    }
  }
};

/// Asks JetStream's own subjects, one request at a time.
class Control final : public NatsConnection {
 public:
  using NatsConnection::NatsConnection;
  Result<void> ask(const std::string& subject, const std::string& json) {
    answered_ = false;
    append_publish(subject, "control.answer", json);
    flush();
    return step_until(poller(), 10, subject, [&] { return answered_; });
  }

 private:
  void on_message(std::string_view payload) override {
    answered_ = true;
    if (payload.find("\"error\"") == std::string_view::npos) return;
    poller().fail("nats: " + std::string(payload.substr(0, 200)));
  }
  bool answered_ = false;
};

class Console final : public NatsConnection {
 public:
  Console(Poller& poller, Account& account, std::size_t index)
      : NatsConnection(poller), account_(account), index_(index) {}

 private:
  void on_message(std::string_view payload) override {
    account_.delivered(index_, reinterpret_cast<const std::byte*>(payload.data()),
                       poller().received_ns());
  }
  Account& account_;
  std::size_t index_;
};

class Publisher final : public NatsConnection {
 public:
  Publisher(Poller& poller, Account& account, std::size_t index)
      : NatsConnection(poller),
        account_(account),
        index_(index),
        head_(fmt::format("PUB m ack.{}.1 128\r\n", index)) {}
  void append(const Handover& handover) {
    for (std::size_t i = 0; i < handover.count; ++i) {
      out() += head_;
      append_message_payload(out(), index_, handover, i);
      out() += "\r\n";
    }
    flush();
  }

 private:
  void on_message(std::string_view payload) override {
    if (payload.find("\"error\"") != std::string_view::npos) {
      poller().fail("nats: " + std::string(payload.substr(0, 200)));
    }
    account_.acknowledged(index_, ++total_, poller().received_ns());
  }
  Account& account_;
  std::size_t index_;
  std::string head_;
  std::uint64_t total_ = 0;
};

class JetStreamPeer final : public Peer {
 public:
  using Peer::Peer;

  Result<void> start() override {
    Result<int> port = free_ports(1);
    if (!port) return port.fault();
    port_ = *port;
    if (auto ran = run({"nats-server", "-a", "127.0.0.1", "-p", std::to_string(port_), "-js", "-sd",
                        (folder() / "jetstream").string()});
        !ran) {
      return ran;
    }
    control_ = std::make_unique<Control>(poller());
    if (auto begun = control_->begin(port_); !begun) return begun;
    control_->append_subscribe("control.answer", 1);
    return control_->ask("$JS.API.STREAM.CREATE.BENCH",
                         R"({"name":"BENCH","subjects":["m"],"storage":"file",)"
                         R"("retention":"limits","discard":"old","num_replicas":1})");
  }
  Result<void> open_consoles(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      consoles_.push_back(std::make_unique<Console>(poller(), account(), i));
      if (auto begun = consoles_.back()->begin(port_); !begun) return begun;
      const std::string subject = fmt::format("d{}.{}", generation_, i);
      consoles_.back()->append_subscribe(subject, 1);
      consoles_.back()->flush();
      if (auto made = make_consumer(subject); !made) return made;
    }
    ++generation_;
    return {};
  }
  Result<void> open_publishers(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      publishers_.push_back(std::make_unique<Publisher>(poller(), account(), i));
      if (auto begun = publishers_.back()->begin(port_); !begun) return begun;
      publishers_.back()->append_subscribe(fmt::format("ack.{}.*", i), 1);
      publishers_.back()->flush();
    }
    return {};
  }
  Result<void> open_replay() override {
    consoles_.clear();
    return open_consoles(1);
  }
  std::size_t publish(std::size_t publisher, const Handover& handover) override {
    publishers_[publisher]->append(handover);
    return handover.count;
  }
  bool acknowledges() const override { return true; }

 private:
  Result<void> make_consumer(const std::string& subject) {
    // The subscription travels on another connection than the request, and a consumer without a
    // subscriber waits for one: everything is delivered from the beginning.
    return control_->ask(
        "$JS.API.CONSUMER.CREATE.BENCH",
        fmt::format(R"({{"stream_name":"BENCH","config":{{"deliver_subject":"{}",)"
                    R"("deliver_policy":"all","ack_policy":"none","replay_policy":"instant",)"
                    R"("mem_storage":true,"num_replicas":1}}}})",
                    subject));
  }
  int port_ = 0;
  int generation_ = 0;
  std::unique_ptr<Control> control_;
  std::vector<std::unique_ptr<Console>> consoles_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
};

}  // namespace

std::unique_ptr<Peer> make_jetstream(Poller& poller, Account& account, Places places) {
  return std::make_unique<JetStreamPeer>(poller, account, std::move(places));
}

}  // namespace vigie::bench
