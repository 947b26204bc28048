#pragma once
// A hub in miniature, as the live room sees one: a log of entries behind a listening socket, with
// sessions that follow it within their credit, pictures once, and replays. The test says what the
// log holds, when the hub is gone, whom it denies. Written from PROTOCOL.md; any thread may call.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "schemas/keys/key_pair.h"
#include "schemas/messages/entry_writer.h"
#include "schemas/messages/frame.h"
#include "schemas/messages/requests.h"
#include "schemas/model/picture.h"
#include "schemas/words/times.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::test {

class ListenHub {
 public:
  using Message = std::vector<std::byte>;

  /// With keys it speaks to those who know its key alone, and takes any of theirs.
  explicit ListenHub(std::optional<KeyPair> keys = {});
  ~ListenHub();
  ListenHub(const ListenHub&) = delete;
  ListenHub& operator=(const ListenHub&) = delete;
  /// For a client.
  std::string address() const { return "ipc://" + folder_.path(); }

  // --- The log. Each returns the seq. ---
  /// `true_us`: when it happened, 0: now, which is later with each entry.
  std::uint64_t move(const std::string& unit, std::int32_t lat_e7 = 0, std::int64_t true_us = 0,
                     const std::string& group = {});
  std::uint64_t say(const std::string& unit, const std::string& text = {},
                    std::int64_t true_us = 0);
  std::uint64_t tell_card(const std::string& unit, const std::string& call_sign);
  /// Everybody may open it from here on, and is shown the log as it is: terms are only told.
  std::uint64_t grant(const std::string& name, wire::GrantT content);
  /// Sessions by it end, and no other is opened.
  std::uint64_t end_grant(const std::string& name, wire::GrantT content);
  /// By the hub's clock; a second more with each.
  std::int64_t known_us(std::uint64_t seq) const { return kBeginUs + micros(seq); }

  // --- What becomes of it. ---
  /// The connections are cut when it returns, and nobody answers until come_back().
  void go_away();
  void come_back();
  /// It speaks, and does not take in what open sessions say.
  void be_deaf(bool on);
  /// The log is another one, and empty; every session begins anew.
  void change_log();
  /// Sessions end, or the newest alone, and opening one is denied; None: no more.
  void deny(wire::Refusal code, const std::string& reason = {}, std::uint32_t retry_ms = 0,
            bool newest_alone = false);
  /// Sessions end, to be opened again.
  void end_sessions();
  /// What is sent to sessions stops; it still answers. For replays alone with `replays`.
  void hold(bool on, bool replays = false);

  // --- What was asked. ---
  struct Asked {
    wire::Mode mode;
    wire::StartKind start;
    std::uint64_t seq;
    std::int64_t time_us;
    double speed;
    bool paused;
    std::string grant;
  };
  struct Controlled {
    wire::ControlKind kind;
    double speed;
  };
  std::vector<Asked> asked() const;
  std::size_t opens(wire::Mode mode) const;
  std::vector<Controlled> controls() const;
  /// That stand now.
  std::size_t sessions(wire::Mode mode) const;
  /// Bytes of frames that sessions were sent.
  std::uint64_t bytes_sent(wire::Mode mode) const;

  static constexpr std::int64_t kBeginUs = 1'772'000'000'000'000;

 private:
  struct Entry {
    std::uint64_t seq;
    std::int64_t known_us;
    std::int64_t true_us;
    bool is_fix;
    BodyPtr body;
  };
  struct Session {
    wire::OpenT open;
    bool wants_fixes = true;
    std::uint64_t at = 0;  // entries up to here were sent
    std::uint64_t granted = 0;
    std::uint64_t sent = 0;
    std::deque<Message> waiting = {};
    std::deque<const Entry*> range = {};  // of a replay
    bool paused = false;
    bool end_told = false;
    std::int64_t beat_us = 0;
    std::uint64_t probe = 0;  // the greatest that was asked
  };
  static std::int64_t micros(std::uint64_t seq) {
    return static_cast<std::int64_t>(seq) * 1'000'000;
  }

  void run();
  std::uint64_t add_state(wire::StateT state);
  bool may_open(const std::string& grant) const;
  void end_by_rights();
  void bind();
  void take_messages();
  void on_message(const std::string& peer, Bytes bytes);
  void on_open(const std::string& peer, const wire::Open& open);
  void on_control(const std::string& peer, Session& session, const wire::Control& control);
  void feed(const std::string& peer, Session& session);
  void beat(const std::string& peer, Session& session);
  void begin_picture(Session& session);
  void begin_replay(Session& session);
  void say_since(Session& session, std::uint64_t seq);
  bool push(const std::string& peer, Session& session, const Message& message);
  void send(const std::string& peer, const Message& message);
  std::uint64_t add(EntryWriter& writer, std::int64_t true_us, bool is_fix);
  wire::FrameHeader header(wire::FrameKind kind, std::uint64_t prev, std::uint64_t last) const;
  static Message frame(wire::FrameHeader header, const std::vector<BodyPtr>& bodies);
  std::uint64_t head() const { return next_seq_ - 1; }

  const TemporaryFolder folder_;
  const SystemClock clock_;
  const std::optional<KeyPair> keys_;
  zmq::context_t context_;
  std::optional<zmq::socket_t> socket_;  // the thread's

  // Between the test and the thread.
  mutable std::mutex mutex_;
  wire::LogId log_id_{7, 9};
  std::uint64_t next_seq_ = 1;
  std::deque<Entry> log_;
  Picture picture_;
  std::map<std::string, Session> sessions_;  // by routing id
  std::vector<std::string> grants_;
  std::vector<Asked> asked_;
  std::vector<Controlled> controls_;
  std::map<wire::Mode, std::uint64_t> bytes_sent_;
  wire::Refusal denied_ = wire::Refusal::None;
  std::string denied_reason_;
  std::uint32_t denied_retry_ms_ = 0;
  bool gone_ = false;
  bool away_ = false;                // the thread has closed the socket, and waits
  std::condition_variable changed_;  // gone_, away_ or stop_
  bool held_ = false;
  bool deaf_ = false;
  bool replays_held_ = false;
  bool ends_sessions_ = false;
  bool newest_alone_ = false;
  std::string newest_;  // whose session it is

  std::atomic<bool> stop_{false};
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace vigie::test
