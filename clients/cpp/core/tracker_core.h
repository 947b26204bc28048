#pragma once
// The publisher's conversation as a state machine: what the link and the user give goes in,
// messages to send, deliveries and the next wake-up come out. No socket, no thread; clock, chance
// and spool come from outside. One thread.
//
//   Down --link_up--> Greeting --Welcome--> Ready --Rejected--> Waiting --time--> Greeting
//                        ^---------- Rehello, silence ------------'
//
// Nothing that is settled is sent again; what is not is sent again after a new Welcome, never while
// a conversation lives.

#include <deque>
#include <memory>
#include <vector>

#include "clients/cpp/core/batch_writer.h"
#include "clients/cpp/core/chance.h"
#include "clients/cpp/core/outbox.h"
#include "clients/cpp/core/spool.h"
#include "schemas/words/times.h"
#include "vigie/tracker.h"

namespace vigie::client {

struct TrackerCoreOptions {
  std::string client = {};
  std::uint64_t spool_bytes_max = 256ull << 20;
  std::uint64_t spool_messages_max = 4'000'000;
  WhenFull when_full = WhenFull::GiveUpOldest;
  SendOrder order = SendOrder::NewestFirst;
  /// Fixes that have waited for longer are the past, and newer ones go first.
  std::int64_t past_after_us = 5'000'000;
  /// Hello again when nothing is heard for so long while an answer is due; doubled up to the
  /// second.
  std::int64_t silence_us = 5'000'000;
  std::int64_t silence_us_max = 60'000'000;
};

class TrackerCore {
 public:
  /// Takes in what the spool holds. `spool` and `clock` are borrowed for the core's life.
  static Result<std::unique_ptr<TrackerCore>> open(TrackerCoreOptions options, Spool& spool,
                                                   const Clock& clock, Random random);

  // --- the user's side ---
  /// Numbers for `count` messages: first..first+count-1, durably reserved. They must be appended in
  /// their order.
  Result<std::uint64_t> take_numbers(std::uint64_t count);
  /// Writes rows (numbers rising, from take_numbers()) into the spool, giving up old ones when it
  /// is over its bound. With WhenFull::Refuse nothing is given up: ask has_room() before. Takes the
  /// rows over when it succeeds, and else leaves them.
  Result<void> append(std::vector<Row>& rows);
  /// take_numbers() and append() for one message; Unavailable when the spool is full and refuses.
  Result<std::uint64_t> publish(MessageKind kind, std::vector<std::byte> payload);
  bool has_room(std::uint64_t messages, std::uint64_t bytes) const;
  /// What became settled, in order, since the last call.
  std::vector<Delivery> take_deliveries();
  /// Removes settled rows from the spool now. Call before the end.
  Result<void> tidy();

  // --- the link's side ---
  void link_up();
  void link_down();
  /// The hub turned the connection away; it is made anew after a while (take_reconnect()).
  void turned_away(Refusal code, std::string_view reason);
  void on_message(Bytes message);
  /// The next message for the link, when there is one and it may be sent now. Ask again until
  /// empty, then wait.
  std::optional<std::vector<std::byte>> next_message();
  /// Monotonic time at which tick() wants to be called; kNever for none.
  std::int64_t next_wakeup_us() const;
  void tick();
  /// True once when the link should be made anew: it seems up and answers nothing.
  bool take_reconnect();

  TrackerStats stats() const;
  bool all_settled() const { return unsettled_ == 0; }
  /// Set when the core can't go on: the spool fails, or the hub has closed it.
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  enum class State { Down, Greeting, Ready, Waiting };
  struct Recent {
    Row row;
    std::int64_t since_us;  // monotonic
  };

  TrackerCore(TrackerCoreOptions options, Spool& spool, const Clock& clock, Random random);
  void on_welcome(const wire::Welcome& welcome);
  void on_ack(const wire::Ack& ack);
  void on_rejected(const wire::Rejected& rejected);
  void reject_single(const wire::Rejected& rejected);
  void settle(std::uint64_t first, std::uint64_t last, Outcome outcome, Refusal code,
              std::string_view reason);
  void hub_settled(std::uint64_t first, std::uint64_t last);
  void say_hello_in(std::int64_t wait_us);
  std::vector<std::byte> hello();
  std::optional<std::vector<std::byte>> batch();
  using Ranges = std::vector<IntervalSet::Interval>;
  /// `told`: the ranges of given-up numbers that went in.
  void fill(BatchWriter& writer, std::deque<Row>& held, Ranges& told);
  void fill(BatchWriter& writer, MessageKind kind, std::deque<Row>& held);
  void fill_in_order(BatchWriter& writer, std::deque<Row>& held, Ranges& told);
  /// Lowest first, as many as a batch takes.
  Ranges untold_given_up() const;
  std::vector<const Row*> rows_of(MessageKind kind, IntervalSet::Interval range,
                                  std::deque<Row>& held);
  void give_up(IntervalSet::Interval range);
  void note_removal(std::uint64_t count);
  void note_past();
  bool awaits_answer() const;
  void note_awaiting();
  Result<void> make_room();
  void fail(Fault fault);
  const Row* recent(std::uint64_t number) const;

  // Fixed after construction.
  const TrackerCoreOptions options_;
  Spool& spool_;
  const Clock& clock_;
  const Random random_;

  // What there is to publish.
  Outbox outbox_;
  IntervalSet given_up_;       // not settled at the hub yet
  IntervalSet given_up_told_;  // in this conversation
  bool given_up_changed_ = false;
  std::vector<IntervalSet::Interval> to_remove_;
  std::uint64_t to_remove_count_ = 0;
  std::int64_t remove_at_us_ = kNever;
  std::deque<Recent>
      recent_;  // newest rows, so that a live fix is not read back; numbers rising without a hole
  std::uint64_t recent_bytes_ = 0;
  std::uint64_t next_number_ = 1;
  std::uint64_t reserved_end_ = 1;
  std::uint64_t unsettled_ = 0;
  std::int64_t oldest_waiting_us_ =
      kNever;  // since when the oldest waiting fix waits; INT64_MIN: from an earlier run

  // The conversation.
  State state_ = State::Down;
  bool link_is_up_ = false;
  bool hello_due_ = false;
  unsigned unanswered_ = 0;            // hellos in a row
  std::int64_t hello_at_us_ = 0;       // Waiting: when to say hello
  std::int64_t heard_us_ = -1;         // monotonic; -1: never
  std::int64_t awaiting_us_ = kNever;  // since when an answer is due
  std::uint64_t sent_bytes_ = 0;       // batches since the last hello
  std::uint64_t granted_bytes_ = 0;
  std::uint64_t batch_bytes_max_ = limits::kBatchBytesMax;
  bool alone_ = false;  // one message a batch and on the way: one of `suspects_` is not taken
  IntervalSet suspects_;
  // How many numbers are to be sent lowest first: the hub has no room for more holes.
  std::uint64_t in_order_ = 0;
  bool reconnect_ = false;
  bool turned_away_ = false;        // Waiting, to connect anew
  unsigned turned_away_count_ = 0;  // in a row

  std::vector<Delivery> deliveries_;
  TrackerStats stats_;
  std::optional<Fault> fault_;
};

}  // namespace vigie::client
