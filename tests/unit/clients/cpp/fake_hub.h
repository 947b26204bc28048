#pragma once
// A hub in miniature, to hold the client's state machines against: it keeps one log, settles,
// feeds, conflates, loses what is not durable. Written from PROTOCOL.md alone; no socket, no
// thread, no clock of its own.

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "schemas/messages/entry_writer.h"
#include "schemas/messages/frame.h"
#include "schemas/messages/requests.h"
#include "schemas/model/ledger.h"
#include "schemas/model/picture.h"
#include "schemas/words/times.h"

namespace vigie::client {

using Message = std::vector<std::byte>;

class FakeHub {
 public:
  explicit FakeHub(const Clock& clock) : clock_(clock) {}

  // --- publish ---
  std::vector<Message> on_publish(int peer, Bytes message);
  /// All taken in so far is durable now; returns acks for those who published it.
  std::vector<std::pair<int, Message>> sync();

  // --- listen ---
  std::vector<Message> on_listen(int peer, Bytes message);
  /// What the session may be sent now. With `behind`, all that is missing as one conflated frame.
  std::vector<Message> feed(int peer, bool behind);
  Message heartbeat(int peer) const;
  bool has_session(int peer) const { return sessions_.contains(peer); }

  /// What is not durable is lost, and no peer is known any more.
  void crash();
  void forget(int peer) {
    publishers_.erase(peer);
    sessions_.erase(peer);
  }

  const Picture& picture() const { return picture_; }
  std::uint64_t head() const { return next_seq_ - 1; }
  std::uint64_t durable() const { return durable_; }
  const std::deque<BodyPtr>& log() const { return log_; }
  const IntervalSet& stored(const wire::Spool& spool) { return stored_[spool.low()]; }
  const std::vector<wire::EventT>& events() const { return events_; }

  std::uint64_t window_bytes = 64 * 1024;
  std::uint32_t batch_bytes_max = 8 * 1024;
  bool refuses(std::uint64_t number) const { return number % 97 == 13 && refuse_some; }
  bool refuse_some = false;
  int opens = 0;
  std::uint64_t twice_in_one_conversation = 0;  // numbers sent again while the connection lived

 private:
  struct Publisher {
    wire::Spool spool;
    std::uint64_t received_bytes = 0;
    std::uint64_t granted_bytes = 0;
    IntervalSet seen;  // numbers in this conversation
    std::vector<wire::NumberRange> to_ack;
    std::vector<wire::RefusedT> refused;
  };
  struct Session {
    std::uint64_t fix = 0;
    std::uint64_t event = 0;
    std::uint64_t granted = 0;
    std::uint64_t sent = 0;
    std::deque<Message> waiting;  // a snapshot's pages
    std::uint64_t snapshot_seq = 0;
  };

  std::vector<Message> on_batch(int peer, Publisher& publisher, const wire::Batch& batch,
                                std::size_t bytes);
  void store(Publisher& publisher, const wire::Batch& batch);
  wire::Stamp stamp();
  void begin_snapshot(Session& session, bool replace);
  static Message frame(wire::FrameHeader header, const std::vector<Bytes>& bodies);
  wire::FrameHeader header(wire::FrameKind kind, std::uint64_t prev, std::uint64_t prev_event,
                           std::uint64_t last) const;
  wire::Token token_of(const Session& session) const {
    return wire::Token(id_, session.event, session.fix);
  }
  std::int64_t now() const { return clock_.utc_us(); }

  const Clock& clock_;
  wire::LogId id_{7, 9};
  std::uint64_t next_seq_ = 1;
  std::uint64_t durable_ = 0;
  std::deque<BodyPtr> log_;
  Picture picture_;
  std::vector<wire::EventT> events_;              // stored, in order; stamps carry their seqs
  std::map<std::uint64_t, IntervalSet> stored_;   // by the spool's low half: what is in the log
  std::map<std::uint64_t, IntervalSet> settled_;  // refused or given up, durable at once
  std::map<int, Publisher> publishers_;
  std::map<int, Session> sessions_;
  std::vector<IntervalSet::Interval> voids_;  // lost in crashes, rising
};

}  // namespace vigie::client
