#pragma once
// Live bytes from standard input, a TCP server, UDP datagrams or a serial line. What can come back
// (TCP, serial) is opened again by itself, with a delay that grows to half a minute. One thread.

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>

#include "schemas/words/result.h"
#include "schemas/words/times.h"

namespace vigie::cli {

/// Where live bytes come from, as the command line writes it.
struct StreamAddress {
  enum class Kind { StandardInput, Tcp, Udp, Serial } kind = Kind::StandardInput;
  std::string host;  // Tcp: peer; Udp: the local address to listen on
  std::string port;
  std::string path;  // Serial
  int baud = 4800;   // the standard's
};
/// "-", "tcp://HOST:PORT", "udp://HOST:PORT", "/dev/...". Absent for a file's name.
bool is_stream_address(const std::string& text);
Result<StreamAddress> parse_stream_address(const std::string& text, int baud);
/// "HOST:PORT" or "[V6]:PORT"; the host may be empty where `host_needed` is false.
Result<std::pair<std::string, std::string>> parse_host_port(const std::string& text,
                                                            bool host_needed);

class ByteStream {
 public:
  enum class State { Bytes, Quiet, Ended };

  explicit ByteStream(StreamAddress address);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// Waits at most `wait` for bytes. `got` is how many lie in `out`.
  /// Ended: standard input is at its end. Quiet: nothing came, or the other side is away and will
  /// be tried again. Fails only where trying again cannot help (a bad address, no such device
  /// type).
  Result<State> read(std::span<std::uint8_t> out, std::chrono::milliseconds wait, std::size_t& got);
  /// Says once what changed ("connected", "connection lost: ...; trying again"), else empty.
  std::string take_notice();
  bool is_open() const { return descriptor_ >= 0; }

 private:
  Result<void> open();
  Result<void> open_socket();
  Result<void> open_serial();
  void lose(const std::string& why);

  const StreamAddress address_;
  int descriptor_ = -1;
  std::int64_t try_again_at_us_ = 0;  // by the monotonic clock
  std::chrono::milliseconds delay_{250};
  std::minstd_rand chance_;
  SystemClock clock_;
  std::string notice_;
  bool told_lost_ = false;
};

}  // namespace vigie::cli
