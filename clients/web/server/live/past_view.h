#pragma once
// The past as one browser sees it: at most one replay at a time. A new request replaces the one
// before: its thread is told to stop, and the next begins when it has ended, so that a browser that
// is dragged along the timeline costs one thread, and the newest request alone is played. What an
// old one brought is not sent any more. Net thread.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "clients/web/server/live/counters.h"
#include "clients/web/server/live/frame_writer.h"
#include "clients/web/server/live/limits.h"
#include "clients/web/server/live/past_player.h"
#include "clients/web/server/live/yard.h"
#include "clients/web/server/ops/net.h"

namespace vigie::web {

class PastView {
 public:
  struct Surroundings {
    Net& net;
    Yard& yard;
    const Clock& clock;
    const LiveOptions& options;
    LiveTally& tally;
    LiveCounters& counters;
  };
  /// One of the two is set.
  struct Message {
    std::string text = {};
    std::shared_ptr<const std::string> frame = {};
  };

  /// `ready` is called when next() may have something. The rest is borrowed.
  PastView(Surroundings around, std::string account, std::function<void()> ready);
  ~PastView();
  PastView(const PastView&) = delete;
  PastView& operator=(const PastView&) = delete;

  /// Begins a replay of what `grant` shows, or, where it is empty, of all that is shown without
  /// terms, in place of the one before. Returns why not, if it can't.
  Reason ask(const PastMessage& message, const client::LinkOptions& link, const std::string& grant);
  /// Returns why not, if it can't.
  Reason control(const ControlMessage& message);
  void stop();
  /// The next message; empty when there is none now.
  std::optional<Message> next();
  std::size_t bytes() const;

 private:
  struct Name {
    std::uint32_t index;  // on this connection
    std::string group;
  };
  struct Playing;
  /// Returns why it can't be played, if so.
  Reason start(const PastMessage& message);
  void on_ended(std::uint64_t number);
  void take_names(FrameWriter& out);
  Message next_frame();
  bool batch_is_sent() const;

  const Surroundings around_;
  const std::string account_;
  const std::function<void()> ready_;
  client::LinkOptions link_;
  std::string grant_;
  std::shared_ptr<PastPlayer> player_;  // null: no replay
  StopFlag stop_;                       // of the thread that runs; null: none does
  std::uint64_t number_ = 0;            // of the thread that runs
  std::optional<PastMessage> asked_;    // the newest request; empty: no replay
  bool waits_ = false;                  // asked_ begins when the thread before has ended
  std::uint32_t request_max_ = 0;
  std::string refused_ = {};  // a text to be sent: what waited can't be played

  std::optional<PastBatch> batch_;  // being sent, up to:
  std::size_t name_at_ = 0;
  std::size_t said_at_ = 0;
  std::size_t fix_at_ = 0;
  std::size_t leave_at_ = 0;
  std::size_t told_at_ = 0;
  bool frames_done_ = false;
  bool first_page_ = false;
  std::map<std::string, Name> names_;     // of all replays of this connection
  std::vector<std::uint32_t> numbering_;  // the replay's indices to this connection's
  std::shared_ptr<int> alive_;            // what threads post ends with it
};

/// Units of replays have indices of their own on a connection, from here on.
inline constexpr std::uint32_t kPastUnits = 0x80000000;

}  // namespace vigie::web
