#include "tests/bench/web/source.h"

#include <fmt/format.h>

#include "schemas/words/times.h"
#include "tests/bench/clock.h"
#include "tests/bench/vigie_publisher.h"

namespace vigie::bench {
namespace {

/// Events of one unit, each in a batch of its own.
class EventSource final : public ZmtpConnection {
 public:
  explicit EventSource(Poller& poller)
      : ZmtpConnection(poller, "DEALER", {}), spool_(new_spool({})) {}

  Result<void> begin_publishing(int port, double seconds) {
    if (auto begun = begin(port, seconds); !begun) return begun;
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(spool_);
    hello.client = "vigie-bench-web";
    hello.sent_time_us = utc_us();
    send(packed<wire::Hello>(hello));
    return {};
  }
  bool welcomed() const { return welcomed_; }
  bool settled() const { return settled_ == number_; }

  void publish() {
    auto event = std::make_unique<wire::EventT>();
    event->stamp = std::make_unique<wire::Stamp>();
    event->number = ++number_;
    event->unit = unit_name(0);
    event->group = "patrol";
    event->true_time_us = utc_us();
    event->clock = wire::Clock::Satellite;
    event->kind = "halt";
    event->severity = wire::Severity::Notice;
    event->text = fmt::format("event {}", number_);
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(spool_);
    batch.sent_time_us = event->true_time_us;
    batch.events.push_back(std::move(event));
    send(packed<wire::Batch>(batch));
  }

 private:
  void send(const std::vector<std::byte>& bytes) {
    append_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    flush();
  }

  void on_message(std::string_view body) override {
    const AlignedBytes copy(std::as_bytes(std::span(body.data(), body.size())));
    if (verified<wire::Welcome>(copy.bytes()) != nullptr) welcomed_ = true;
    if (const auto* rejected = verified<wire::Rejected>(copy.bytes())) {
      poller().fail(fmt::format("rejected: {}", text_of(rejected->reason())));
    }
    const auto* ack = verified<wire::Ack>(copy.bytes());
    if (ack == nullptr) return;
    if (ack->refused() != nullptr && ack->refused()->size() != 0) {
      poller().fail(fmt::format("refused: {}", text_of(ack->refused()->Get(0)->reason())));
    }
    if (ack->settled() == nullptr) return;
    for (const wire::NumberRange* range : *ack->settled()) {
      settled_ = std::max(settled_, range->last());
    }
  }

  wire::Spool spool_;
  std::uint64_t number_ = 0;
  std::uint64_t settled_ = 0;
  bool welcomed_ = false;
};

class VigieSource final : public Source {
 public:
  VigieSource(Poller& poller, std::size_t units)
      : fixes_(poller, account_, 0, 0, {.units = units, .section_max = 1}), events_(poller) {
    account_.open(1, 0, false);
  }

  Result<void> begin(int port, double seconds) override {
    if (auto begun = fixes_.begin_publishing(port, seconds); !begun) return begun;
    return events_.begin_publishing(port, seconds);
  }
  bool ready() const override { return fixes_.welcomed() && events_.welcomed(); }
  std::size_t publish(std::size_t count) override {
    Handover handover{next_, count, now_ns(), 0};
    handover.count = fixes_.publish(handover);
    account_.handed_over(0, handover);
    next_ += handover.count;
    return handover.count;
  }
  void publish_event() override { events_.publish(); }
  bool settled() const override {
    return account_.acknowledged() == account_.published() && events_.settled();
  }

 private:
  Account account_;
  VigiePublisher fixes_;
  EventSource events_;
  std::uint64_t next_ = 0;
};

/// Publishes to a peer over plain TCP, as a tracker would.
class PeerSource final : public Source, private Connection {
 public:
  PeerSource(Server server, Poller& poller, std::size_t units)
      : Connection(poller), server_(server), units_(units) {}

  Result<void> begin(int port, double seconds) override {
    if (auto connected = connect(port, seconds); !connected) return connected;
    if (server_ == Server::Mqtt) {
      out() += std::string("\x10\x12\x00\x04MQTT\x04\x02\x00\x00\x00\x06source", 20);
    } else {
      out() += "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n";
    }
    flush();
    return {};
  }
  bool ready() const override { return ready_; }
  std::size_t publish(std::size_t count) override {
    if (out().size() > kOutMax) return 0;  // the server reads slower than this is published
    for (std::size_t i = 0; i < count; ++i) {
      append({.time_us = utc_us(), .unit = static_cast<std::uint32_t>(turn_++ % units_)});
    }
    flush();
    return count;
  }
  void publish_event() override {
    append({.time_us = utc_us(), .event = ++event_});
    flush();
  }
  bool settled() const override { return const_cast<PeerSource*>(this)->out().empty(); }

 private:
  static constexpr std::size_t kOutMax = std::size_t{4} * 1024 * 1024;

  void on_bytes() override {
    const std::string_view bytes = unread();
    if (server_ == Server::Mqtt ? bytes.size() >= 4 : bytes.find("PONG") != bytes.npos) {
      ready_ = true;
    }
    if (server_ == Server::Nats && bytes.ends_with("PING\r\n")) {
      out() += "PONG\r\n";
      flush();
    }
    if (ready_) consume(bytes.size());
  }

  void append(const PeerPayload& payload) {
    const std::string_view body(reinterpret_cast<const char*>(&payload), sizeof payload);
    if (server_ == Server::Nats) {
      out() += payload.event != 0 ? fmt::format("PUB event {}\r\n", body.size())
                                  : fmt::format("PUB track.{} {}\r\n", payload.unit, body.size());
      out() += body;
      out() += "\r\n";
      return;
    }
    const std::string topic =
        payload.event != 0 ? std::string("event") : fmt::format("track/{}", payload.unit);
    out() += '\x30';
    out() += static_cast<char>(2 + topic.size() + body.size());
    out() += '\0';
    out() += static_cast<char>(topic.size());
    out() += topic;
    out() += body;
  }

  Server server_;
  std::size_t units_;
  std::uint64_t turn_ = 0;
  std::uint32_t event_ = 0;
  bool ready_ = false;
};

}  // namespace

std::unique_ptr<Source> make_source(Server server, Poller& poller, std::size_t units) {
  if (server == Server::Vigie) return std::make_unique<VigieSource>(poller, units);
  return std::make_unique<PeerSource>(server, poller, units);
}

}  // namespace vigie::bench
