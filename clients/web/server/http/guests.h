#pragma once
// What all connections of a server share: its options, rules and counters, who is here and from
// which address. For this room's own files alone. Net thread.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "clients/web/server/http/rules.h"
#include "clients/web/server/http/server.h"
#include "clients/web/server/ops/net.h"
#include "schemas/words/times.h"

namespace vigie::web {

/// A connection, as its server sees it.
class Guest {
 public:
  virtual ~Guest() = default;
  /// Ends as soon as what is under way is done.
  virtual void drain() = 0;
  /// Ends now; tells its user.
  virtual void cut() = 0;
};

class Guests {
 public:
  /// Of large answers that are being sent, all together: what browsers take slowly stays in memory.
  static constexpr std::size_t kAnswerBytesMax = 128 * 1024 * 1024;

  Guests(Net& loop, const HttpOptions& http_options, HttpHandler& http_handler)
      : net(loop), options(http_options), rules(http_options), handler(&http_handler) {}

  Net& net;
  const HttpOptions options;
  const Rules rules;
  HttpHandler* handler;  // null once the server is gone
  HttpCounters counters;
  SystemClock clock;
  std::size_t answer_bytes = 0;  // of large answers that are being sent
  bool draining = false;
  std::function<void()> on_empty;  // while draining: the last has left

  void enter(std::shared_ptr<Guest> guest) { here_.emplace(guest.get(), std::move(guest)); }
  /// The guest may be destroyed by it, when its caller does not hold it.
  void leave(const Guest* guest);
  bool empty() const { return here_.empty(); }
  void drain_all();
  void cut_all();

  /// Of IPv6 the /64 counts, which one machine has to itself.
  bool has_room(const std::string& address) const;
  void warn(std::string_view sentence) const {
    if (options.warn) options.warn(sentence);
  }

 private:
  friend class Place;
  std::unordered_map<const Guest*, std::shared_ptr<Guest>> here_;
  std::map<std::string, std::size_t> by_address_;
  std::size_t open_ = 0;
};

/// A connection's place among those that may be open; an upgrade takes it along.
class Place {
 public:
  /// `address`: as it was given to Guests::has_room().
  Place(std::shared_ptr<Guests> guests, const std::string& address);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::shared_ptr<Guests> guests_;
  std::string address_;
};

}  // namespace vigie::web
