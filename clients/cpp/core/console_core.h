#pragma once
// A console's session as a state machine: messages and time go in, messages and items come out.
// Opens, follows positions, asks for holes, resumes by token, folds what comes into a picture. No
// socket, no thread. One thread.

#include "clients/cpp/core/session.h"
#include "clients/cpp/core/shown.h"
#include "vigie/console.h"

namespace vigie::client {

/// Items that came of one message, and what becomes true when the user has taken them.
struct Step {
  std::vector<Item> items;
  std::uint64_t bytes = 0;  // of the frame: give them to consumed() then
  /// The place to resume from behind these items; null: as it was.
  std::optional<wire::Token> position;
  std::uint64_t durable = 0;
};

/// The token that a user keeps: a place, and the names of events beyond what is durable there.
class TokenKeeper {
 public:
  /// The user takes an item of a step.
  void takes(const Item& item, const Step& step);
  /// The user has taken all of a step's items.
  void finished(const Step& step);
  /// Empty before there is a place.
  std::vector<std::byte> bytes() const;
  void restore(const wire::Token& token, ShownEvents events);

 private:
  void advance_event(std::uint64_t seq, const Step& step);
  std::optional<wire::Token> token_;
  ShownEvents events_;
};

/// A token as TokenKeeper writes it, or the hub's 32 bytes alone. Fails with Invalid.
Result<std::pair<wire::Token, ShownEvents>> parse_kept_token(Bytes bytes);

class ConsoleCore {
 public:
  /// Fails with Invalid, naming the option. `clock` is borrowed for the core's life.
  static Result<std::unique_ptr<ConsoleCore>> open(ConsoleOptions options, const Clock& clock,
                                                   Random random);

  void link_up() { session_.link_up(); }
  void link_down();
  void turned_away(Refusal code, std::string_view reason);
  void on_message(Bytes message);
  /// The next message for the link; ask again until empty.
  std::optional<std::vector<std::byte>> next_message() {
    return session_.next_message(position_.fix);
  }
  std::int64_t next_wakeup_us() const;
  void tick();
  /// True once when the link should be made anew.
  bool take_reconnect() { return session_.take_reconnect(); }

  /// What there is for the user since the last call, in order.
  std::vector<Step> take_steps() { return std::exchange(steps_, {}); }
  /// The user has taken a step: its bytes are granted again.
  void probe(std::uint64_t number) { session_.probe(number); }
  void consumed(std::uint64_t bytes) { session_.consumed(bytes); }
  /// Says Close when it next may send.
  void close();

  const Picture& picture() const { return shown_.picture(); }
  bool over() const { return session_.state() == Session::State::Over; }
  ConsoleStatus status() const;

 private:
  ConsoleCore(ConsoleOptions options, const Clock& clock, Random random);
  void ask(wire::OpenT& open) const;
  void on_opened(std::vector<Item>& items);
  void on_frame(Bytes message, Step& step);
  void on_page(const Frame& page, Step& step);
  void on_feed(const Frame& frame, Step& step);
  void on_heartbeat(const wire::Heartbeat& beat, Step& step);
  void hole(std::vector<Item>& items);
  wire::Token place() const;
  void push(Step step);

  const ConsoleOptions options_;
  const Clock& clock_;
  Session session_;
  Shown shown_;

  wire::LogId log_;
  Position position_;                  // of this session
  std::optional<wire::Token> resume_;  // to open again with
  bool awaits_snapshot_ = false;       // the session begins with one that is not complete
  bool in_snapshot_ = false;
  std::int64_t refill_us_ = kNever;  // a hole was asked for at this time, and is not filled
  std::uint64_t durable_ = 0;
  std::uint64_t floor_ = 0;
  std::uint64_t head_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t holes_ = 0;
  std::uint64_t lost_last_ = 0;  // of the last range told as lost
  std::vector<Step> steps_;
};

}  // namespace vigie::client
