#pragma once
// Which of the hub's keys a connection is tried with. A hub may take another key; it tells the new
// one on every connection, and for a while answers by both. So what it tells is kept in the key
// file, together with the one before until the new one has worked; and a handshake that fails says
// nothing before both were tried often enough: on one port that has two keys each meets the other
// half of the time. One thread; reads and writes the key file.

#include <functional>
#include <string>

#include "schemas/keys/key_file.h"
#include "schemas/messages/wire.h"

namespace vigie::client {

class HubKey {
 public:
  /// `identity_path` empty: nobody asks, and nothing here has an effect. `warn` may be empty.
  HubKey(std::string identity_path, std::function<void(const std::string&)> warn)
      : path_(std::move(identity_path)), warn_(std::move(warn)) {}

  /// The key file as it is now, its `hub_key` being the one to be tried. Fails as
  /// read_key_file() does, and with Invalid where it names no hub.
  Result<KeyFile> read();
  /// A handshake with it succeeded.
  void worked();
  /// A handshake with it ended without a word: what is to be done.
  enum class After {
    Again,  // the same again
    Other,  // read() gives another key
    Over,   // neither fits
  };
  After failed();
  /// Any message of the hub: what tells its key is heeded.
  void hear(std::span<const std::byte> message);

 private:
  void learn(const std::string& key);

  const std::string path_;
  const std::function<void(const std::string&)> warn_;
  std::string in_file_;     // the file's hub_key when it was read last
  std::string tried_;       // by the present connection
  std::string told_;        // the newest, where the file could not be given it; else empty
  std::string told_after_;  // the file's then: where that changes, told_ is no more
  bool tries_newest_ = true;
  bool has_other_ = false;
  bool wants_other_ = false;
  bool warned_ = false;
  unsigned failed_ = 0;  // handshakes in a row
};

}  // namespace vigie::client
