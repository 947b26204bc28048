#pragma once
// A console of Vigie's protocol that counts: it reads every frame to its last fix, but verifies
// nothing, as the peers' consoles do not. What must not happen on the way (a hole, a conflated
// frame, a running count that jumps) spoils the account.

#include <functional>

#include "schemas/messages/body.h"
#include "tests/bench/peer.h"
#include "tests/bench/vigie_enrol.h"

namespace vigie::bench {

/// How a console opens.
struct ConsoleOptions {
  wire::OpenT open;  // protocol, client, frame_bytes_max and granted_bytes are set by the console
  std::uint64_t window_bytes = limits::kCreditBytesDefault;
  bool counts = true;                // its fixes are the account's messages
  bool heads = false;                // it counts fixes by their blocks' heads, and reads no further
  bool reads = true;                 // false: it never reads, but goes on saying that it lives
  int receive_buffer = 0;            // bytes of the kernel's receive buffer; 0: the kernel decides
  std::optional<Enrolled> who = {};  // at a hub that asks
};

class VigieConsole final : public ZmtpConnection {
 public:
  VigieConsole(Poller& poller, Account& account, std::size_t index, ConsoleOptions options);
  Result<void> begin_listening(int port, double seconds);

  bool opened() const { return opened_; }
  /// The snapshot's last page came, and the feed follows.
  bool live() const { return live_; }
  /// The replay or the single snapshot came to its end.
  bool ended() const { return ended_; }
  /// A live frame came after the snapshot.
  bool fed() const { return fed_; }
  std::uint64_t frames() const { return frames_; }
  /// Entries of all kinds received.
  std::uint64_t entries() const { return entries_; }
  std::uint64_t frame_bytes() const { return frame_bytes_; }
  std::uint64_t conflated_frames() const { return conflated_frames_; }
  /// For a console that never reads: says that it lives, granting nothing.
  void say_alive();
  /// Begins to never read, from here on.
  void stop_reading();

 private:
  void on_message(std::string_view body) override;
  void on_peeked(const CurveBox::Peeked& body) override { on_heads(body); }
  bool peeks() const override { return options_.heads; }
  void on_frame(std::string_view bytes);
  template <typename Bytes>
  void on_heads(const Bytes& bytes);
  void begin_frame(const wire::FrameHeader& header, std::size_t bytes);
  void end_frame(const wire::FrameHeader& header, std::size_t bytes);
  void on_request(std::string_view body);
  void on_block(const wire::BlockHeader& header, const std::uint8_t* payload, bool live);
  void on_section(const wire::UnitFixes& section, bool live);
  void grant();
  void send(const std::vector<std::byte>& bytes);

  Account& account_;
  std::size_t index_;
  ConsoleOptions options_;
  std::uint64_t granted_bytes_;
  std::uint64_t used_bytes_ = 0;  // of the credit, by frames received
  std::uint64_t position_ = 0;    // fixes had up to here
  std::uint64_t before_ = 0;      // the same, before the frame that is being read
  std::uint64_t frames_ = 0;
  std::uint64_t frame_bytes_ = 0;
  std::uint64_t conflated_frames_ = 0;
  std::uint64_t entries_ = 0;
  bool opened_ = false;
  bool live_ = false;
  bool fed_ = false;
  bool ended_ = false;
  std::vector<std::uint32_t> counts_;  // by unit number: running count of the next fix, + 1; 0: any
};

}  // namespace vigie::bench
