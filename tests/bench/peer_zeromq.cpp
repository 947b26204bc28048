// Plain ZeroMQ: a forwarder that stores nothing (XSUB to XPUB, a message each), and one that joins
// what waits and stores it in RocksDB (ROUTER to PUB). Both servers are small programs of this
// folder.

#include <algorithm>

#include "tests/bench/clock.h"
#include "tests/bench/peers.h"
#include "tests/bench/zmtp.h"

namespace vigie::bench {
namespace {

constexpr std::uint32_t kProbeMagic = 0x626f7270;
constexpr std::size_t kFrameMessages = 65'536 / kMessageBytes;  // handed over in one frame at most

/// Receives frames of one or more messages.
class Console final : public ZmtpConnection {
 public:
  Console(Poller& poller, Account& account, std::size_t index, std::string_view socket_type)
      : ZmtpConnection(poller, socket_type), account_(account), index_(index) {}
  bool probed() const { return probed_; }

 private:
  void on_message(std::string_view body) override {
    const auto* bytes = reinterpret_cast<const std::byte*>(body.data());
    for (std::size_t at = 0; at + kMessageBytes <= body.size(); at += kMessageBytes) {
      Mark mark;
      std::memcpy(&mark, bytes + at, sizeof mark);
      if (mark.magic == kProbeMagic) {
        probed_ = true;
      } else {
        account_.delivered(index_, bytes + at, poller().received_ns());
      }
    }
  }
  Account& account_;
  std::size_t index_;
  bool probed_ = false;
};

class Publisher final : public ZmtpConnection {
 public:
  Publisher(Poller& poller, Account& account, std::size_t index, std::string_view socket_type)
      : ZmtpConnection(poller, socket_type), account_(account), index_(index) {}

 private:
  void on_message(std::string_view body) override {
    std::uint64_t total = 0;
    if (body.size() != sizeof total || index_ == SIZE_MAX) return;  // a subscription, or a probe's
    std::memcpy(&total, body.data(), sizeof total);
    account_.acknowledged(index_, total, poller().received_ns());
  }
  Account& account_;
  std::size_t index_;
};

/// The parts that both have: subscribers on the second port, and a probe that tells when all of
/// them are subscribed.
class ZeroMqPeer : public Peer {
 public:
  ZeroMqPeer(Poller& poller, Account& account, Places places, std::string_view publisher_type)
      : Peer(poller, account, std::move(places)), publisher_type_(publisher_type) {}

  Result<void> open_consoles(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      consoles_.push_back(std::make_unique<Console>(poller(), account(), i, "SUB"));
      if (auto begun = consoles_.back()->begin(port_ + 1, 5); !begun) return begun;
      consoles_.back()->append_message("\x01");
      consoles_.back()->flush();
    }
    return probe();
  }

  Result<void> open_publishers(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      publishers_.push_back(std::make_unique<Publisher>(poller(), account(), i, publisher_type_));
      if (auto begun = publishers_.back()->begin(port_, 5); !begun) return begun;
    }
    return step_until(poller(), 5, "the publishers' greetings", [&] {
      return std::all_of(publishers_.begin(), publishers_.end(),
                         [](const auto& publisher) { return publisher->ready(); });
    });
  }

 protected:
  Result<void> run_program(std::vector<std::string> argv) {
    Result<int> ports = free_ports(2);
    if (!ports) return ports.fault();
    port_ = *ports;
    argv.insert(argv.begin() + 1, std::to_string(port_));
    argv[0] = (places().programs / argv[0]).string();
    if (auto ran = run(argv); !ran) return ran;
    probe_ = std::make_unique<Publisher>(poller(), account(), SIZE_MAX, publisher_type_);
    return probe_->begin(port_, 5);
  }
  Result<void> probe() {
    std::string message(kMessageBytes, '\0');
    const Mark mark{0, 0, kProbeMagic, 0};
    std::memcpy(message.data(), &mark, sizeof mark);
    std::int64_t next = 0;
    return step_until(poller(), 10, "the consoles' subscriptions", [&] {
      if (probe_->ready() && now_ns() > next) {
        probe_->append_message(message);
        probe_->flush();
        next = now_ns() + 10'000'000;
      }
      return std::all_of(consoles_.begin(), consoles_.end(),
                         [](const auto& console) { return console->probed(); });
    });
  }
  void hang_up() {
    consoles_.clear();
    publishers_.clear();
    probe_.reset();
  }
  Publisher& publisher(std::size_t i) { return *publishers_[i]; }
  std::vector<std::unique_ptr<Console>> consoles_;

 private:
  std::string publisher_type_;
  int port_ = 0;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::unique_ptr<Publisher> probe_;
};

class ForwarderPeer final : public ZeroMqPeer {
 public:
  ForwarderPeer(Poller& poller, Account& account, Places places)
      : ZeroMqPeer(poller, account, std::move(places), "PUB") {}
  Result<void> start() override { return run_program({"vigie-bench-forwarder"}); }
  std::size_t publish(std::size_t publisher, const Handover& handover) override {
    Publisher& connection = this->publisher(publisher);
    for (std::size_t i = 0; i < handover.count; ++i) {
      connection.append_head(kMessageBytes);
      append_message_payload(connection.out(), publisher, handover, i);
    }
    connection.flush();
    return handover.count;
  }
  bool acknowledges() const override { return false; }
};

class JoinedPeer final : public ZeroMqPeer {
 public:
  JoinedPeer(Poller& poller, Account& account, Places places, bool synced)
      : ZeroMqPeer(poller, account, std::move(places), "DEALER"), synced_(synced) {}
  Result<void> start() override {
    return run_program({"vigie-bench-joiner", (folder() / "data").string(),
                        synced_ ? "sync=always" : "sync=never"});
  }
  Result<void> open_replay() override {
    hang_up();
    server()->stop(20);
    Result<int> ports = free_ports(1);
    if (!ports) return ports.fault();
    if (auto ran = run({(places().programs / "vigie-bench-joiner").string(), std::to_string(*ports),
                        (folder() / "data").string(), "replay"});
        !ran) {
      return ran;
    }
    consoles_.push_back(std::make_unique<Console>(poller(), account(), 0, "PULL"));
    return consoles_.back()->begin(*ports, 10);
  }
  std::size_t publish(std::size_t publisher, const Handover& handover) override {
    Publisher& connection = this->publisher(publisher);
    for (std::size_t i = 0; i < handover.count; ++i) {
      if (i % kFrameMessages == 0) {
        connection.append_head(std::min(kFrameMessages, handover.count - i) * kMessageBytes);
      }
      append_message_payload(connection.out(), publisher, handover, i);
    }
    connection.flush();
    return handover.count;
  }
  bool acknowledges() const override { return true; }

 private:
  bool synced_;
};

}  // namespace

std::unique_ptr<Peer> make_forwarder(Poller& poller, Account& account, Places places) {
  return std::make_unique<ForwarderPeer>(poller, account, std::move(places));
}

std::unique_ptr<Peer> make_joined(Poller& poller, Account& account, Places places, bool synced) {
  return std::make_unique<JoinedPeer>(poller, account, std::move(places), synced);
}

}  // namespace vigie::bench
