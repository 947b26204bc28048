#pragma once
// A publisher of Vigie's protocol (schemas/messages/PROTOCOL.md): a fix of 48 bytes with 80 bytes
// of readings is one message of 128.

#include "schemas/messages/wire.h"
#include "tests/bench/peer.h"
#include "tests/bench/vigie_enrol.h"

namespace vigie::bench {

inline constexpr std::size_t kReadingsBytes = kMessageBytes - sizeof(wire::Fix);
/// What a batch costs beside its messages, at most, when it holds one section; and a section more.
inline constexpr std::size_t kBatchOverheadBytes = 384;
inline constexpr std::size_t kSectionOverheadBytes = 160;

/// The name of unit `number`: "BENCH/u" and eight digits.
inline constexpr std::size_t kUnitDigits = 8;
std::string unit_name(std::size_t number);

class VigiePublisher final : public ZmtpConnection {
 public:
  /// Publishes for units first_unit..first_unit+spread.units-1. `who`: at a hub that asks.
  VigiePublisher(Poller& poller, Account& account, std::size_t index, std::size_t first_unit,
                 Spread spread, const std::optional<Enrolled>& who = {});
  /// Connects and says hello; welcomed() when the hub answered.
  Result<void> begin_publishing(int port, double seconds);
  bool welcomed() const { return welcomed_; }
  /// Sends what the hub grants; returns how many.
  std::size_t publish(const Handover& handover);

 private:
  void on_message(std::string_view body) override;
  void on_ack(const wire::Ack& ack);
  void say_hello();
  std::size_t next_unit();
  std::size_t send_batch(const Handover& handover, std::size_t from);
  flatbuffers::Offset<wire::UnitFixes> section(const Handover& handover, std::size_t from,
                                               std::size_t count);

  Account& account_;
  std::size_t index_;
  std::size_t first_unit_;
  Spread spread_;
  wire::Spool spool_;
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<wire::UnitFixes>> sections_;
  bool greeted_ = false;
  bool welcomed_ = false;
  std::uint64_t granted_bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t settled_ = 0;  // numbers 1..settled_
  std::uint64_t turn_ = 0;
  std::int64_t last_true_time_us_ = 0;
};

}  // namespace vigie::bench
