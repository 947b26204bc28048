#pragma once
// CurveZMQ (RFC 26 of rfc.zeromq.org), the client's side: what its commands hold, and how messages
// are sealed and opened. Knows no socket and no frame: zmtp.h carries what it makes. One thread.
//
//   HELLO --> ; WELCOME <-- ; INITIATE --> ; READY <-- ; then MESSAGE in both directions
//
// A command that does not prove to come from the server, or that came before, is refused.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/keys/key_pair.h"

namespace vigie::bench {

/// Who speaks, and with which server.
struct CurveKeys {
  KeyPair own = {};
  std::string server = {};  // its public key, 64 hexadecimal digits
};

/// What each direction of one connection is sealed with: a shared key, and nonces that only rise.
class CurveBox {
 public:
  using Key = std::array<unsigned char, 32>;
  /// `ours` and `theirs`: 'C' for what the client seals, 'S' for what the server does.
  CurveBox(const Key& shared, char ours, char theirs)
      : shared_(shared), ours_(ours), theirs_(theirs) {}
  ~CurveBox();
  CurveBox(const CurveBox&) = default;
  CurveBox& operator=(const CurveBox&) = default;

  /// Bytes of a sealed message beyond its own.
  static constexpr std::size_t kExtraBytes = 33;
  /// Appends a MESSAGE; `flags` is 1 for "more follows", 2 for a command.
  void seal(std::string& to, std::uint64_t nonce, unsigned char flags, std::string_view body) const;

  struct Opened {
    unsigned char flags;
    std::string_view body;  // until the next call
  };
  /// Empty when it is not what the other side sealed, or came before.
  std::optional<Opened> open(std::string_view message);

  /// A sealed message of which the reader takes single places, unproved: for a console that counts,
  /// whose reading is not what is measured. Borrows the message and the box.
  class Peeked {
   public:
    Peeked(const CurveBox& box, std::string_view message);
    /// Bytes of the body.
    std::size_t size() const { return sealed_.size() - 1; }
    unsigned char flags() const;
    /// Copies the body's bytes at..at+bytes-1. REQUIRES: they are within it.
    void copy(void* to, std::size_t at, std::size_t bytes) const;

   private:
    void decipher(unsigned char* to, std::size_t at, std::size_t bytes) const;
    const CurveBox& box_;
    std::string_view sealed_;  // the flags' byte and the body
    std::array<unsigned char, 24> nonce_;
  };
  /// Empty when it is too short for a message, or came before. It lives until the next call.
  std::optional<Peeked> peek(std::string_view message);
  /// Messages up to this nonce came before.
  void set_came(std::uint64_t nonce) { came_ = nonce; }

 private:
  /// True when it is long enough and new; then what came before is up to it.
  bool comes_next(std::string_view message) const;
  Key shared_;
  char ours_;
  char theirs_;
  std::uint64_t came_ = 0;
  std::vector<unsigned char> opened_;
};

class CurveClient {
 public:
  /// Invalid when the server's key is none.
  static Result<CurveClient> make(const CurveKeys& keys);
  /// Secrets are wiped.
  ~CurveClient();
  CurveClient(const CurveClient&) = default;
  CurveClient& operator=(const CurveClient&) = default;

  std::string hello();
  /// INITIATE, with what this side tells about itself. Damaged when the WELCOME is not the
  /// server's.
  Result<std::string> initiate(std::string_view welcome, std::string_view metadata);
  /// Damaged when it is not the server's; else messages follow.
  Result<void> take_ready(std::string_view ready);
  bool is_ready() const { return ready_; }

  /// Appends a MESSAGE. REQUIRES: is_ready().
  void seal(std::string& to, unsigned char flags, std::string_view body) {
    box_->seal(to, nonce_++, flags, body);
  }
  /// REQUIRES: is_ready().
  std::optional<CurveBox::Opened> open(std::string_view message) { return box_->open(message); }
  std::optional<CurveBox::Peeked> peek(std::string_view message) { return box_->peek(message); }

 private:
  using Key = CurveBox::Key;
  CurveClient() = default;
  std::string vouch(const Key& server_short) const;
  Secret<32> own_secret_;
  Key own_{};
  Key server_{};
  Key short_{};  // of this connection alone
  Key short_secret_{};
  Key shared_{};
  std::uint64_t nonce_ = 1;
  bool ready_ = false;
  std::optional<CurveBox> box_;
};

}  // namespace vigie::bench
