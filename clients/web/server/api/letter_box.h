#pragma once
// Which event is answered how: what waits to be stored or settled, what became of it, and which
// idempotency key stands for which event. Without threads, sockets and disk; net thread.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/web/server/api/senders.h"
#include "clients/web/server/api/spool_yard.h"

namespace vigie::web::api {

class LetterBox {
 public:
  LetterBox(const SendersOptions& options, const Clock& clock) : options_(options), clock_(clock) {}

  struct Message {
    std::string account;
    std::string key;
    std::string body;          // its hash, to compare with
    std::int64_t made_us = 0;  // monotonic
    std::string spool;         // its file; empty: not stored yet
    std::uint64_t number = 0;
    std::string name;  // SPOOL:NUMBER
    std::weak_ptr<client::Tracker> tracker;
    std::optional<client::Delivery> outcome;
    struct Waiting {
      Respond respond;
      bool for_settled = false;
      std::int64_t until_us = 0;
    };
    std::vector<Waiting> waiting;
  };

  /// Null when nothing is to be stored: its key is known, and it is answered by that event.
  std::shared_ptr<Message> take(const Senders::Letter& letter, Respond respond);
  void stored(const std::shared_ptr<Message>& message, const SpoolYard::Stored& stored);
  /// It never came into a spool; its key is forgotten, so that it may be sent again.
  void failed(const std::shared_ptr<Message>& message, const Fault& fault);
  void delivered(const std::string& spool, const client::Delivery& delivery);
  /// Answers those whose patience is over, forgets keys that are too old.
  void expire();
  SendersCounters counters() const;

 private:
  using Key = std::pair<std::string, std::string>;  // account, key
  static constexpr std::size_t kRecentMax = 256;    // deliveries that may be before their message

  void add_waiting(Message& message, Respond respond, bool for_settled);
  void answer_settled(Message& message);
  void answer(Message& message, const Response& response);
  Response late(const Message& message) const;
  void forget_old_keys();

  const SendersOptions& options_;
  const Clock& clock_;
  SendersCounters counters_;
  std::map<Key, std::shared_ptr<Message>> keys_;
  std::deque<std::weak_ptr<Message>> by_age_;   // those of keys_, oldest first
  std::vector<std::shared_ptr<Message>> open_;  // not settled, and somebody waits
  std::deque<std::pair<std::string, client::Delivery>> recent_;
};

}  // namespace vigie::web::api
