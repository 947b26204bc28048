#pragma once
// One browser's session: the conversation of PROTOCOL.md. Owns its cursor, its replay and its
// catch-up session; borrows the picture of its watch. One message is on its way at a time, and what
// is sent next is decided when the one before was taken, so that a slow browser has no queue. Net
// thread.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/web/server/accounts/gate.h"
#include "clients/web/server/accounts/viewer.h"
#include "clients/web/server/http/web_socket.h"
#include "clients/web/server/live/catch_up.h"
#include "clients/web/server/live/cursor.h"
#include "clients/web/server/live/limits.h"
#include "clients/web/server/live/past_view.h"
#include "clients/web/server/live/watch.h"

namespace vigie::web {

class BrowserView final : public WebSocketUser, private WatchUser {
 public:
  /// All are borrowed, and outlive the session.
  struct Surroundings {
    Net& net;
    Yard& yard;
    Gate& gate;
    const Clock& clock;
    const LiveOptions& options;
    LiveTally& tally;
    LiveCounters& counters;
    std::set<BrowserView*>& all;  // it is in there while its socket is open
    std::function<Watch*(const Viewer&)> watch_of;
    std::function<Watch*(const Viewer&, const GrantTold&)> watch_by_grant;
  };
  BrowserView(Viewer viewer, Surroundings around);
  ~BrowserView() override;
  BrowserView(const BrowserView&) = delete;
  BrowserView& operator=(const BrowserView&) = delete;

  void on_open(WebSocket& socket) override;
  void on_text(std::string_view text) override;
  void on_sent() override;
  void on_closed() override;

  enum class Standing { Waiting, Riding, Paced, Behind };
  Standing standing() const;
  /// About what it takes in memory, the message on its way not counted.
  std::size_t bytes() const;

 private:
  void on_frames() override;
  void on_link() override;
  void on_reset() override;
  void on_tick() override;
  void on_grants() override;

  // The conversation.
  bool let_in();
  void on_message(const OpenMessage& message);
  void on_message(const InterestMessage& message);
  void on_message(const ProbeMessage& message);
  void on_message(const PastMessage& message);
  void on_message(const ControlMessage& message);
  void refuse(std::string_view code, std::string_view reason, std::string_view about);
  void say(std::string text);
  void begin_view();
  void take_open(const OpenMessage& message);
  void look_by_grant(const OpenMessage& message);
  void close(const CloseKind& kind, std::string_view sentence, std::uint64_t& counter);
  void leave();

  // What is sent next: browser_sending.cpp.
  void pump();
  bool send_one();
  bool send_live();
  bool send_past();
  void send(std::shared_ptr<const std::string> bytes, bool binary);
  void wake_for_pace();
  void look_at_catch_up();
  void start_catch_up(std::uint64_t from_seq);
  void take_catch_up();
  void catch_up_failed(const std::string& why);
  void end_catch_up();

  const Viewer viewer_;
  const Surroundings around_;
  WebSocket* socket_ = nullptr;
  Watch* watch_ = nullptr;          // its identity's, until a grant is opened
  std::optional<GrantTold> grant_;  // that it shows; empty: what is shown without terms
  std::vector<GrantTold> grants_told_;
  bool asks_grants_ = false;  // an `open` waits for what the identity may open
  std::uint64_t gate_watch_ = 0;
  bool counted_ = false;  // in the tally
  bool closing_ = false;
  bool pumping_ = false;
  std::int64_t opened_us_ = 0;
  std::int64_t sent_us_ = 0;  // when the last message was given to the socket
  int messages_ = 0;          // from the page, in this second
  std::size_t probes_ = 0;    // that wait for the hub

  std::deque<std::string> texts_;
  bool link_due_ = false;
  bool blank_due_ = false;  // nothing of the picture may be shown any more
  std::optional<OpenMessage> open_;
  bool viewing_ = false;  // the cursor stands in the watch's picture
  std::unique_ptr<Cursor> cursor_;
  std::unique_ptr<PastView> past_;
  bool past_first_ = false;  // live and past take turns
  Net::Timer pace_timer_;
  std::int64_t pace_at_us_ = Cursor::kNever;

  std::shared_ptr<CatchUp> catch_up_;
  StopFlag catch_up_stop_;
  bool catch_up_ready_ = false;
  std::shared_ptr<int> alive_;  // what threads post ends with it
};

}  // namespace vigie::web
