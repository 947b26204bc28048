#pragma once
// A replay's session as a state machine: messages, controls and time go in, messages and items come
// out. After a cut it opens again where it was and leaves aside what it had. No socket, no thread.
// One thread.

#include <map>

#include "clients/cpp/core/console_core.h"
#include "clients/cpp/core/replay_order.h"
#include "vigie/replay.h"

namespace vigie::client {

class ReplayCore {
 public:
  /// Fails with Invalid, naming the option. `clock` is borrowed for the core's life.
  static Result<std::unique_ptr<ReplayCore>> open(ReplayOptions options, const Clock& clock,
                                                  Random random);

  void link_up() { session_.link_up(); }
  void link_down();
  void turned_away(Refusal code, std::string_view reason);
  void on_message(Bytes message);
  std::optional<std::vector<std::byte>> next_message();
  std::int64_t next_wakeup_us() const { return session_.next_wakeup_us(); }
  void tick();
  bool take_reconnect() { return session_.take_reconnect(); }
  std::vector<Step> take_steps() { return std::exchange(steps_, {}); }
  void consumed(std::uint64_t bytes) { session_.consumed(bytes); }

  /// Asks for a change; `request` comes back in the ReplayItem that answers it. Numbers rise,
  /// from 1.
  void pause(std::uint32_t request);
  void resume(std::uint32_t request);
  void seek(std::uint32_t request, std::int64_t time_us);
  void set_speed(std::uint32_t request, double speed);
  /// Ends the replay: answered, and then over.
  void stop(std::uint32_t request);

  /// Over at once: says Close when it next may send.
  void close();

  bool over() const { return session_.state() == Session::State::Over; }
  ReplayStatus status() const;

 private:
  ReplayCore(ReplayOptions options, const Clock& clock, Random random);
  void ask(wire::OpenT& open) const;
  void on_opened(Step& step);
  void on_frame(Bytes message, Step& step);
  void on_state(const wire::ReplayState& state, std::vector<Item>& items);
  void keep(Bytes message) const;
  void control(std::uint32_t request, wire::ControlKind kind, std::int64_t time_us, double speed);
  void push(Step step);

  const ReplayOptions options_;
  Session session_;

  // Where it stands: to open again.
  std::int64_t from_us_;
  ReplayOrder order_;            // what was had at or after from_us_
  std::vector<std::byte> open_;  // the last Open; kept for a recording alone
  double speed_;
  bool paused_;
  ReplayPhase phase_ = ReplayPhase::Playing;
  struct Unanswered {
    std::uint32_t request = 0;
    std::vector<std::byte> held = {};  // came before Opened: to be sent behind it
    bool in_open = false;              // the last Open asks for it
  };
  std::vector<Unanswered> unanswered_;  // controls
  std::uint32_t seeking_ = 0;  // a seek that is not answered: frames before the answer are old
  std::uint32_t stopping_ = 0;

  std::int64_t time_us_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<Step> steps_;
};

}  // namespace vigie::client
