#pragma once
// Sends events as the identities of those who ask: a client Tracker with a durable spool of its
// own for each, opened at the first event, closed after a while without any. What is not settled
// stays in the spool, also over a restart of the server, which opens such spools again.
//
// The trackers belong to one thread of its own; send() and the answers are on the net thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "clients/web/server/http/response.h"
#include "clients/web/server/ops/net.h"
#include "schemas/words/result.h"
#include "schemas/words/times.h"
#include "vigie/tracker.h"

namespace vigie::web::api {

struct SendersOptions {
  std::string folder = {};        // of the spools; made (0700) when it is missing
  client::LinkOptions link = {};  // hub and program, for spools that are taken up at the start
  std::size_t open_max = 128;     // trackers at once; beyond: 503
  std::size_t waiting_max = 256;  // events on their way to a spool; beyond: 503
  std::uint64_t spool_messages_max = 10'000;
  std::uint64_t spool_bytes_max = 64ull << 20;
  std::chrono::milliseconds settled_patience{10'000};  // for wait=true
  std::chrono::milliseconds idle{600'000};             // then a tracker with nothing left is closed
  std::size_t keys_max = 10'000;                       // idempotency keys that are remembered
  std::chrono::milliseconds key_valid{600'000};
  /// What somebody should look after: a spool that can't be taken up. Any thread.
  std::function<void(const std::string&)> warn = {};
};

struct SendersCounters {
  std::uint64_t sent = 0;
  std::uint64_t settled = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;  // never came into a spool
  std::uint64_t not_settled_in_time = 0;
  std::uint64_t repeated = 0;  // by an idempotency key that was known
  std::uint64_t waiting = 0;   // answers, now
};

class Senders {
 public:
  /// Fails with Io when the folder can't be made.
  static Result<std::unique_ptr<Senders>> open(Net& net, const Clock& clock,
                                               SendersOptions options);
  /// What was handed over lies in the spools.
  ~Senders();
  Senders(const Senders&) = delete;
  Senders& operator=(const Senders&) = delete;

  struct Letter {
    client::LinkOptions link = {};  // as whom
    std::string who = {};           // the identity's name; empty on a plain hub
    std::string account = {};       // whose idempotency keys
    std::string key = {};           // empty: none
    std::string body = {};          // as it was sent, to compare with an earlier one of that key
    client::Event event = {};
    bool wait = false;  // answer when it is settled
  };
  /// 202 when it lies in the spool, or 200 when it is settled; else a problem.
  void send(Letter letter, Respond respond);
  SendersCounters counters() const;

 private:
  class Inner;
  explicit Senders(std::shared_ptr<Inner> inner);
  std::shared_ptr<Inner> inner_;
};

}  // namespace vigie::web::api
