#pragma once
// The door's book: which connections there are, of which addresses, and whose handshake comes next.
// A connection waits when it comes, is under way once it is let go on, and is in when its handshake
// is done. Addresses take turns, and of the room for those who wait (and for those under way) one
// address has at most as much as is still free: a crowd of one, or of a few, keeps no other out.
// Whose a connection is, it is told with the first that is said on it; one identity has so many.
// What it remembers is bounded by the connections that it allows. Pure: no clock, no socket; one
// thread.

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/ops/token_bucket.h"
#include "schemas/words/limits.h"

namespace vigie::ops {

struct DoorLimits {
  std::size_t connections = 16 * 1024;
  std::size_t connections_per_address = limits::kConnectionsPerAddress;
  std::size_t connections_per_identity = 2048;  // on which something was said
  std::size_t waiting = 4096;
  std::size_t under_way = limits::kHandshakesPendingMax;
  std::size_t handshakes_per_second = limits::kHandshakesPerSecond;
  std::size_t handshakes_per_address = limits::kHandshakesPerSecond;  // a second
  std::int64_t wait_us_max = 10'000'000;
  std::int64_t handshake_us_max = 4'000'000;  // once it is under way
};

/// The same where only so many connections can be had: of those who wait, and of one address, as
/// much less, so that one address still keeps no other out.
DoorLimits scaled_to(DoorLimits limits, std::size_t connections);

/// Which limit a connection was cut off by.
enum class DoorLimit {
  Connections,
  ConnectionsPerAddress,
  ConnectionsPerIdentity,
  Waiting,
  WaitingPerAddress,
  WaitTime,
  HandshakeTime,
};
inline constexpr std::size_t kDoorLimits = 7;
/// As in figures and the log.
std::string_view word_of(DoorLimit limit);

class DoorBook {
 public:
  /// A connection, by whatever number it has while it lives.
  using Id = std::uint64_t;
  struct Turn {
    Id id;
    std::int64_t waited_us;
  };
  struct Late {
    Id id;
    std::string address;
    DoorLimit limit;
  };

  explicit DoorBook(const DoorLimits& limits);

  /// It waits now; or the limit that it is over, and then it is not in the book.
  std::optional<DoorLimit> came(Id id, const std::string& address, std::int64_t now_us);
  /// Its handshake is done. Ids that are not in the book are heard and mean nothing.
  void done(Id id);
  /// Something was said on it by whoever holds the key: it counts as theirs from now on; or the
  /// limit that they are over, and then it is to be cut off, and gone(). Told again, the newest
  /// counts. What is told of one that waits is of an earlier one that had its number.
  std::optional<DoorLimit> heard(Id id, const std::string& key);
  void gone(Id id);
  /// Whose turn it is: they are under way now.
  std::vector<Turn> next(std::int64_t now_us);
  /// Who waited or took too long, each named once: to be cut off, and then gone(). Looks at all of
  /// them no more often than ten times a second.
  std::vector<Late> late(std::int64_t now_us);
  /// Forgets addresses that nobody comes from any more. Call each second or so.
  void tidy(std::int64_t now_us);

  /// Where it came from; empty: it is not in the book.
  std::string_view address_of(Id id) const;
  /// Whose it is; empty: nothing was said on it, or it is not in the book.
  std::string_view key_of(Id id) const;
  const std::set<Id>& under_way() const { return under_way_; }
  std::size_t open() const { return connections_.size(); }
  std::size_t waiting() const { return waiting_; }
  std::size_t addresses() const { return addresses_.size(); }
  std::size_t identities() const { return of_key_.size(); }

 private:
  enum class Stage { Waiting, UnderWay, In, Late };
  struct Address {
    std::size_t open = 0;
    std::size_t under_way = 0;
    std::set<std::pair<std::uint64_t, Id>> waiting;  // in the order in which they came
    bool in_line = false;
    bool had_turn = false;  // its bucket is in use
    TokenBucket bucket;
  };
  using Addresses = std::unordered_map<std::string, Address>;
  using Keys = std::unordered_map<std::string, std::size_t>;
  struct Connection {
    Addresses::pointer address;  // stable: a map of nodes
    Stage stage;
    std::uint64_t place;          // how manieth it was to come
    std::int64_t since_us;        // in this stage
    Keys::pointer key = nullptr;  // stable, too; null: nothing was said yet
  };
  using Connections = std::unordered_map<Id, Connection>;
  std::optional<DoorLimit> why_not(const std::string& address) const;
  void leave_stage(Id id, Connection& connection);
  void leave_key(Connection& connection);
  bool may_go(Address& address, std::int64_t now_us) const;
  Turn let_go(Address& address, std::int64_t now_us);
  bool is_late(const Connection& connection, std::int64_t now_us) const;
  std::int64_t look_us() const;

  const DoorLimits limits_;
  const Pace pace_;
  const Pace address_pace_;
  Connections connections_;
  Addresses addresses_;
  Keys of_key_;                // how many connections
  std::deque<Address*> line_;  // addresses that have, or had, somebody waiting
  std::set<Id> under_way_;
  std::size_t waiting_ = 0;
  std::uint64_t came_ = 0;
  std::int64_t next_look_us_ = INT64_MIN;
  TokenBucket bucket_;
};

}  // namespace vigie::ops
