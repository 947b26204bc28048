#pragma once
// What every session on the listen endpoint has in common, as a state machine: opening, credit,
// heartbeats, silence, coming back. ConsoleCore and ReplayCore say what to open and read the
// frames. No socket, no thread. One thread.
//
//   Down --link_up--> Opening --Opened--> Open --Reopen, silence--> Waiting --time--> Opening
//                        '---Denied---> Waiting, or Over for good

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "clients/cpp/core/chance.h"
#include "clients/cpp/core/convert.h"
#include "schemas/words/times.h"

namespace vigie::client {

struct SessionOptions {
  std::string client = {};
  std::uint32_t window_bytes = 1024 * 1024;
  std::uint32_t frame_bytes_max = 0;
  std::int64_t silence_us = limits::kSilenceUsMax;  // then it opens again
  std::int64_t answer_us = 5'000'000;               // for Opened; doubled each time up to the next
  std::int64_t answer_us_max = 60'000'000;
  std::int64_t reopen_us =
      250'000;  // coming back: at most so long by chance, so that not all do at once
};

class Session {
 public:
  enum class State { Down, Opening, Open, Waiting, Over };
  enum class Heard { Nothing, Opened, Frame, Heartbeat, ReplayState };

  /// `clock` is borrowed. `make_open` fills in what is asked for; protocol, client, frame size and
  /// credit are set here.
  Session(SessionOptions options, const Clock& clock, Random random,
          std::function<void(wire::OpenT&)> make_open);

  void link_up();
  void link_down(std::vector<Item>& items);
  /// The hub turned the connection away; it is made anew after a while (take_reconnect()).
  void turned_away(Refusal code, std::string_view reason, std::vector<Item>& items);
  /// Takes an aligned message; tells what its owner has to look at. Link items go to `items`.
  Heard on_message(Bytes message, std::vector<Item>& items);
  /// Asks the hub to say the number back, and again on a session that is opened before it does.
  /// REQUIRES: greater than those before, for which it stands too.
  void probe(std::uint64_t number) { probe_ = number; }
  /// The greatest that the hub said back, and how long that took.
  std::uint64_t probed() const { return probed_; }
  std::int64_t probe_took_us() const { return probe_took_us_; }
  /// Queues a request to be sent on this session; dropped when it ends.
  void request(std::vector<std::byte> message) { requests_.push_back(std::move(message)); }
  /// The session is of no more use (a broken frame): opens again.
  void reopen(std::string_view reason, std::vector<Item>& items);
  /// Over for good: says Close when a session stands.
  void end(Refusal code, std::string_view reason, std::vector<Item>& items);
  std::optional<std::vector<std::byte>> next_message(std::uint64_t received);
  std::int64_t next_wakeup_us() const;
  void tick(std::vector<Item>& items);
  bool take_reconnect() { return std::exchange(reconnect_, false); }

  /// Frame bytes came and are held until consumed() is told of them.
  void held(std::uint64_t bytes) {
    received_bytes_ += bytes;
    held_bytes_ += bytes;
  }
  void consumed(std::uint64_t bytes) { held_bytes_ -= bytes; }

  State state() const { return state_; }
  const LinkItem& link() const { return link_; }
  const wire::OpenedT& opened() const { return opened_; }
  std::uint64_t opens() const { return opens_; }
  std::int64_t heard_us() const { return heard_us_; }
  /// The hub's clock now; 0 when it was never heard.
  std::int64_t hub_time_us() const;
  void hear_hub_time(std::int64_t hub_time_us);

 private:
  void become(LinkState state, Refusal code, std::string_view reason, std::vector<Item>& items);
  void become_stale(Stale why, std::string_view reason, std::vector<Item>& items);
  void wait(std::int64_t wait_us);
  void on_opened(const wire::Opened& opened);
  void on_probed(std::uint64_t probe);
  void on_denied(const wire::Denied& denied, std::vector<Item>& items);
  std::vector<std::byte> open();
  std::uint64_t grant() const;
  std::int64_t stale_us() const;

  // Fixed after construction.
  const SessionOptions options_;
  const Clock& clock_;
  const Random random_;
  const std::function<void(wire::OpenT&)> make_open_;

  State state_ = State::Down;
  LinkItem link_;
  bool link_is_up_ = false;
  bool open_due_ = false;
  bool close_due_ = false;
  bool reconnect_ = false;
  bool turned_away_ = false;        // Waiting, to connect anew
  unsigned turned_away_count_ = 0;  // in a row
  bool opened_before_ = false;
  unsigned unanswered_ = 0;        // opens in a row that brought no session
  unsigned opens_unanswered_ = 0;  // opens on this connection that may still be answered
  std::int64_t at_us_ = 0;         // Waiting: when to open; Opening: when the Open was sent
  std::int64_t heard_us_ = -1;     // monotonic
  std::int64_t heard_utc_us_ = 0;
  std::int64_t sent_us_ = 0;          // monotonic, of the last message
  std::uint64_t received_bytes_ = 0;  // of frames, since Open
  std::uint64_t held_bytes_ = 0;      // of them (and of earlier sessions') not consumed
  std::uint64_t granted_ = 0;
  std::uint64_t probe_ = 0;
  std::uint64_t probe_sent_ = 0;  // on this session
  std::uint64_t probed_ = 0;
  std::int64_t probe_sent_us_ = 0;
  std::int64_t probe_took_us_ = -1;
  std::int64_t hub_ahead_us_ = 0;  // hub's clock minus our monotonic one
  bool hub_time_known_ = false;
  std::uint64_t opens_ = 0;
  wire::OpenedT opened_;
  std::deque<std::vector<std::byte>> requests_;
};

}  // namespace vigie::client
