#pragma once
// The trackers of Senders and their spools in one folder. One thread: all that waits for the disk
// or for a tracker's end is done here.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "clients/web/server/api/senders.h"

namespace vigie::web::api {

class SpoolYard {
 public:
  /// Told on a tracker's thread.
  using OnDelivery = std::function<void(const std::string& spool, const client::Delivery&)>;

  SpoolYard(const SendersOptions& options, const Clock& clock, OnDelivery on_delivery)
      : options_(options), clock_(clock), on_delivery_(std::move(on_delivery)) {}

  /// Opens what an earlier run left with something in it.
  void take_up();

  struct Stored {
    std::string spool = {};  // the file's name without its ending, as deliveries tell it
    std::uint64_t number = 0;
    std::string name = {};  // SPOOL:NUMBER, the message's name for ever
    std::weak_ptr<client::Tracker> tracker = {};
  };
  /// Puts the event into the spool of that identity, synced. Fails with Invalid (the event),
  /// Unavailable (full, or too many), DiskFull, Damaged or Io.
  Result<Stored> store(const client::LinkOptions& link, const std::string& who,
                       const client::Event& event);
  /// Closes what was not used for long and has nothing left.
  void tidy();

 private:
  struct Kept {
    std::shared_ptr<client::Tracker> tracker;
    std::int64_t used_us = 0;
  };
  Result<Kept*> open(const client::LinkOptions& link, const std::string& file);
  Result<Kept*> open_anew(const client::LinkOptions& link, const std::string& file);
  bool make_room();
  void warn(const std::string& what) const {
    if (options_.warn) options_.warn(what);
  }

  const SendersOptions& options_;
  const Clock& clock_;
  const OnDelivery on_delivery_;
  std::map<std::string, Kept> kept_;  // by the spool's file name without its ending
};

}  // namespace vigie::web::api
