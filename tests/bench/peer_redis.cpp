// Redis Streams: pipelined XADD, and for each console XREAD BLOCK from the last entry it had.
// Spoken as RESP over TCP.

#include <charconv>

#include "tests/bench/peers.h"

namespace vigie::bench {
namespace {

// Entries an XREAD answers at most: enough for all of a usual window, small enough to stay in
// cache.
constexpr std::string_view kReadCount = "1024";

/// Walks a reply; `failed` when bytes are missing, and then nothing was read for good.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  /// The line's text without its end, at most some tens of bytes long.
  std::string_view line() {
    const std::size_t end = failed_ ? std::string_view::npos : bytes_.find('\n', at_);
    if (end == std::string_view::npos) return fail();
    const std::string_view text = bytes_.substr(at_, end - 1 - at_);
    at_ = end + 1;
    return text;
  }
  /// "$5" and the five bytes behind it.
  std::string_view bulk() {
    const std::string_view head = line();
    const std::size_t length = number(head);
    if (failed_ || at_ + length + 2 > bytes_.size()) return fail();
    const std::string_view text = bytes_.substr(at_, length);
    at_ += length + 2;
    return text;
  }
  /// "*5": how many elements follow.
  std::size_t array() { return number(line()); }
  bool failed() const { return failed_; }
  std::size_t at() const { return at_; }

 private:
  std::string_view fail() {
    failed_ = true;
    return {};
  }
  std::size_t number(std::string_view head) {
    std::size_t value = 0;
    if (head.size() > 1) std::from_chars(head.data() + 1, head.data() + head.size(), value);
    return value;
  }
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

class Console final : public Connection {
 public:
  Console(Poller& poller, Account& account, std::size_t index)
      : Connection(poller), account_(account), index_(index) {}
  void ask() {
    const std::string length = std::to_string(last_.size());
    out() += "*8\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$4\r\n";
    out() += kReadCount;
    out() += "\r\n$5\r\nBLOCK\r\n$1\r\n0\r\n$7\r\nSTREAMS\r\n$1\r\ns\r\n$";
    out() += length + "\r\n" + last_ + "\r\n";
    flush();
  }

 private:
  void on_bytes() override {
    if (left_ == 0 && !unread().empty() && !on_head()) return;
    while (left_ > 0) {
      Cursor cursor(unread());
      cursor.line();  // *2: id and fields
      const std::string_view id = cursor.bulk();
      cursor.line();  // *2: one field's name and value
      cursor.bulk();
      const std::string_view payload = cursor.bulk();
      if (cursor.failed()) return;
      account_.delivered(index_, reinterpret_cast<const std::byte*>(payload.data()),
                         poller().received_ns());
      if (--left_ == 0) last_ = id;
      consume(cursor.at());
    }
    ask();
  }
  bool on_head() {
    if (unread().front() == '-') {
      poller().fail("redis: " + std::string(unread().substr(0, 100)));
      return false;
    }
    Cursor cursor(unread());
    cursor.line();  // *1: streams
    cursor.line();  // *2: name and entries
    cursor.bulk();
    const std::size_t entries = cursor.array();
    if (cursor.failed()) return false;
    left_ = entries;
    consume(cursor.at());
    return true;
  }
  Account& account_;
  std::size_t index_;
  std::string last_ = "0";
  std::size_t left_ = 0;
};

class Publisher final : public Connection {
 public:
  Publisher(Poller& poller, Account& account, std::size_t index)
      : Connection(poller), account_(account), index_(index) {}
  void append(const Handover& handover) {
    for (std::size_t i = 0; i < handover.count; ++i) {
      out() += "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nm\r\n$128\r\n";
      append_message_payload(out(), index_, handover, i);
      out() += "\r\n";
    }
    flush();
  }

 private:
  void on_bytes() override {
    while (!unread().empty()) {
      Cursor cursor(unread());
      if (unread().front() == '-') {
        poller().fail("redis: " + std::string(unread().substr(0, 100)));
        return;
      }
      cursor.bulk();  // the new entry's id
      if (cursor.failed()) break;
      ++total_;
      consume(cursor.at());
    }
    account_.acknowledged(index_, total_, poller().received_ns());
  }
  Account& account_;
  std::size_t index_;
  std::uint64_t total_ = 0;
};

class RedisPeer final : public Peer {
 public:
  RedisPeer(Poller& poller, Account& account, Places places, bool always)
      : Peer(poller, account, std::move(places)), always_(always) {}

  Result<void> start() override {
    Result<int> port = free_ports(1);
    if (!port) return port.fault();
    port_ = *port;
    // Rewriting its log in the middle of a run would only slow it down.
    return run({"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--dir",
                folder().string(), "--save", "", "--appendonly", "yes", "--appendfsync",
                always_ ? "always" : "everysec", "--auto-aof-rewrite-percentage", "0", "--loglevel",
                "warning"});
  }
  Result<void> open_consoles(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      consoles_.push_back(std::make_unique<Console>(poller(), account(), i));
      if (auto connected = consoles_.back()->connect(port_, 5); !connected) return connected;
      // From the beginning: a console that asks late misses nothing.
      consoles_.back()->ask();
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
  bool always_;
  int port_ = 0;
  std::vector<std::unique_ptr<Console>> consoles_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
};

}  // namespace

std::unique_ptr<Peer> make_redis(Poller& poller, Account& account, Places places, bool always) {
  return std::make_unique<RedisPeer>(poller, account, std::move(places), always);
}

}  // namespace vigie::bench
