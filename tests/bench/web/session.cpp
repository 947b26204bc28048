#include "tests/bench/web/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/web/protocol/web_generated.h"
#include "schemas/words/times.h"

namespace vigie::bench {

std::int64_t utc_us() {
  return SystemClock().utc_us();
}

namespace {

namespace page = vigie::web::wire;

class VigieSession final : public Session {
 public:
  VigieSession(Poller& poller, Tally& tally, std::vector<std::string> own)
      : Session(poller, tally, "/api/v1/feed", "vigie.1"), own_(std::move(own)) {}
  bool opened() const override { return opened_; }

 private:
  void on_ready() override {
    if (own_.empty()) return send_message(R"({"type":"open","format":"flatbuffers"})", false);
    // An area where nobody is: what is named besides is as if in it.
    send_message(fmt::format(R"({{"type":"open","format":"flatbuffers",)"
                             R"("area":[-180,-89,-179,-88],"outside_ms":10000,"always":["{}"]}})",
                             fmt::join(own_, R"(",")")),
                 false);
  }

  void on_message(std::string_view body, bool binary) override {
    tally().bytes += body.size();
    ++tally().messages;
    if (!binary) {
      if (body.find(R"("type":"opened")") != std::string_view::npos) opened_ = true;
      if (body.find(R"("type":"error")") != std::string_view::npos)
        poller().fail(std::string(body));
      return;
    }
    // In the connection's buffer it may lie at any address; FlatBuffers are read where they fit.
    aligned_.resize((body.size() + 7) / 8);
    std::memcpy(aligned_.data(), body.data(), body.size());
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned_.data());
    if (body.size() < 16 || !page::FrameBufferHasIdentifier(bytes)) {
      poller().fail("a binary message that is no frame");
      return;
    }
    on_frame(*page::GetFrame(bytes), utc_us());
  }

  void on_frame(const page::Frame& frame, std::int64_t now_us) {
    tally().conflated += frame.conflated();
    const bool live = frame.kind() == page::FrameKind::Live;
    if (frame.events() != nullptr) {
      for (const page::Event* event : *frame.events()) {
        take_event(event->seq(), event->time_us(), now_us);
      }
    }
    if (frame.names() != nullptr) learn(*frame.names());
    if (frame.fixes() == nullptr) return;
    constexpr auto kNoNews =
        static_cast<unsigned>(page::FixFlag::Late) | static_cast<unsigned>(page::FixFlag::Snapshot);
    for (const page::PageFix* fix : *frame.fixes()) {
      if (!own_.empty() && !is_own(fix->unit())) continue;
      const bool news = live && (fix->flags() & kNoNews) == 0;
      take_position(fix->unit(), fix->time_us(), now_us, news);
    }
  }

  void learn(const flatbuffers::Vector<flatbuffers::Offset<page::UnitName>>& names) {
    for (const page::UnitName* unit : names) {
      if (std::find(own_.begin(), own_.end(), unit->name()->string_view()) != own_.end()) {
        own_indexes_.push_back(unit->index());
      }
    }
  }
  bool is_own(std::uint32_t unit) const {
    return std::find(own_indexes_.begin(), own_indexes_.end(), unit) != own_indexes_.end();
  }

  bool opened_ = false;
  const std::vector<std::string> own_;
  std::vector<std::uint32_t> own_indexes_;
  std::vector<std::uint64_t> aligned_;
};

void take_payload(std::string_view body, PeerPayload& payload) {
  std::memcpy(&payload, body.data(), std::min(body.size(), sizeof payload));
}

/// MQTT 3.1.1: everything, at most once.
class MqttSession final : public Session {
 public:
  MqttSession(Poller& poller, Tally& tally, std::size_t index)
      : Session(poller, tally, "/mqtt", "mqtt"), name_(fmt::format("bench-{}", index)) {}
  bool opened() const override { return opened_; }

 private:
  void on_ready() override {
    std::string connect("\x00\x04MQTT\x04\x02\x00\x00", 10);
    connect += static_cast<char>(name_.size() >> 8);
    connect += static_cast<char>(name_.size());
    connect += name_;
    const std::string subscribe("\x00\x01\x00\x01#\x00", 6);
    std::string both = "\x10";
    both += static_cast<char>(connect.size());
    both += connect;
    both += '\x82';
    both += static_cast<char>(subscribe.size());
    both += subscribe;
    send_message(both, true);
  }

  void on_message(std::string_view body, bool) override {
    tally().bytes += body.size();
    ++tally().messages;
    waiting_ += body;
    std::size_t at = 0;
    while (const std::size_t taken = take_packet(std::string_view(waiting_).substr(at)))
      at += taken;
    waiting_.erase(0, at);
  }

  std::size_t take_packet(std::string_view bytes) {
    std::size_t size = 0;
    std::size_t head = 1;
    for (unsigned shift = 0;; shift += 7, ++head) {
      if (bytes.size() <= head || shift > 21) return 0;
      const auto byte = static_cast<unsigned char>(bytes[head]);
      size |= static_cast<std::size_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) break;
    }
    ++head;
    if (bytes.size() < head + size) return 0;
    const unsigned kind = static_cast<unsigned char>(bytes[0]) >> 4;
    if (kind == 9) opened_ = true;  // SUBACK
    if (kind == 3 && size >= 2) on_publish(bytes.substr(head, size));
    return head + size;
  }

  void on_publish(std::string_view packet) {
    const std::size_t topic = static_cast<std::size_t>(static_cast<unsigned char>(packet[0])) << 8 |
                              static_cast<unsigned char>(packet[1]);
    if (packet.size() < 2 + topic + sizeof(PeerPayload)) return;
    PeerPayload payload;
    take_payload(packet.substr(2 + topic), payload);
    const std::int64_t now_us = utc_us();
    if (payload.event != 0) return take_event(payload.event, payload.time_us, now_us);
    take_position(payload.unit, payload.time_us, now_us, true);
  }

  std::string name_;
  bool opened_ = false;
  std::string waiting_;
};

/// The NATS protocol: everything.
class NatsSession final : public Session {
 public:
  NatsSession(Poller& poller, Tally& tally) : Session(poller, tally, "/", "") {}
  bool opened() const override { return opened_; }

 private:
  void on_ready() override {
    send_message("CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB > 1\r\nPING\r\n", true);
  }

  void on_message(std::string_view body, bool) override {
    tally().bytes += body.size();
    ++tally().messages;
    waiting_ += body;
    std::size_t at = 0;
    while (const std::size_t taken = take_line(std::string_view(waiting_).substr(at))) at += taken;
    waiting_.erase(0, at);
  }

  std::size_t take_line(std::string_view bytes) {
    const std::size_t end = bytes.find("\r\n");
    if (end == std::string_view::npos) return 0;
    const std::string_view line = bytes.substr(0, end);
    if (line.starts_with("PONG")) opened_ = true;
    if (line.starts_with("PING")) send_message("PONG\r\n", true);
    if (line.starts_with("-ERR")) poller().fail(std::string(line));
    if (!line.starts_with("MSG ")) return end + 2;
    const std::size_t size = std::stoul(std::string(line.substr(line.rfind(' ') + 1)));
    if (bytes.size() < end + 4 + size) return 0;
    on_payload(bytes.substr(end + 2, size));
    return end + 4 + size;
  }

  void on_payload(std::string_view body) {
    if (body.size() < sizeof(PeerPayload)) return;
    PeerPayload payload;
    take_payload(body, payload);
    const std::int64_t now_us = utc_us();
    if (payload.event != 0) return take_event(payload.event, payload.time_us, now_us);
    take_position(payload.unit, payload.time_us, now_us, true);
  }

  bool opened_ = false;
  std::string waiting_;
};

}  // namespace

std::unique_ptr<Session> make_session(Server server, Poller& poller, Tally& tally,
                                      std::size_t index, std::vector<std::string> own) {
  if (server == Server::Mqtt) return std::make_unique<MqttSession>(poller, tally, index);
  if (server == Server::Nats) return std::make_unique<NatsSession>(poller, tally);
  return std::make_unique<VigieSession>(poller, tally, std::move(own));
}

}  // namespace vigie::bench
