// The raw TCP relay of this folder, alone or with RocksDB: limits, not peers.

#include "tests/bench/peers.h"

namespace vigie::bench {
namespace {

class Console final : public Connection {
 public:
  Console(Poller& poller, Account& account, std::size_t index)
      : Connection(poller), account_(account), index_(index) {}

 private:
  void on_bytes() override {
    const std::string_view bytes = unread();
    const std::size_t whole = bytes.size() / kMessageBytes * kMessageBytes;
    for (std::size_t at = 0; at < whole; at += kMessageBytes) {
      account_.delivered(index_, reinterpret_cast<const std::byte*>(bytes.data() + at),
                         poller().received_ns());
    }
    consume(whole);
  }
  Account& account_;
  std::size_t index_;
};

class Publisher final : public Connection {
 public:
  Publisher(Poller& poller, Account& account, std::size_t index)
      : Connection(poller), account_(account), index_(index) {}

 private:
  void on_bytes() override {
    std::uint64_t total = 0;
    while (unread().size() >= sizeof total) {
      std::memcpy(&total, unread().data(), sizeof total);
      consume(sizeof total);
    }
    account_.acknowledged(index_, total, poller().received_ns());
  }
  Account& account_;
  std::size_t index_;
};

class RelayPeer final : public Peer {
 public:
  RelayPeer(Poller& poller, Account& account, Places places, bool stored)
      : Peer(poller, account, std::move(places)), stored_(stored) {}

  Result<void> start() override {
    Result<int> ports = free_ports(2);
    if (!ports) return ports.fault();
    port_ = *ports;
    std::vector<std::string> argv{(places().programs / "vigie-bench-relay").string(),
                                  std::to_string(port_)};
    if (stored_) argv.push_back((folder() / "data").string());
    return run(argv);
  }
  Result<void> open_consoles(std::size_t count) override {
    // A relay takes a connection in before it reads what came after it: nothing is missed.
    for (std::size_t i = 0; i < count; ++i) {
      consoles_.push_back(std::make_unique<Console>(poller(), account(), i));
      if (auto connected = consoles_.back()->connect(port_ + 1, 5); !connected) return connected;
    }
    return {};
  }
  Result<void> open_publishers(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      publishers_.push_back(std::make_unique<Publisher>(poller(), account(), i));
      if (auto connected = publishers_.back()->connect(port_, 5); !connected) return connected;
    }
    return {};
  }
  std::size_t publish(std::size_t publisher, const Handover& handover) override {
    std::string& out = publishers_[publisher]->out();
    for (std::size_t i = 0; i < handover.count; ++i) {
      append_message_payload(out, publisher, handover, i);
    }
    publishers_[publisher]->flush();
    return handover.count;
  }
  bool acknowledges() const override { return stored_; }

 private:
  bool stored_;
  int port_ = 0;
  std::vector<std::unique_ptr<Console>> consoles_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
};

}  // namespace

std::unique_ptr<Peer> make_relay(Poller& poller, Account& account, Places places, bool stored) {
  return std::make_unique<RelayPeer>(poller, account, std::move(places), stored);
}

}  // namespace vigie::bench
