#pragma once
// The tracker behind its face: what publish() hands over goes by a queue to one background thread,
// which writes it into the spool, drives the core over the link and tells deliveries. All but run()
// and what it calls may be called by any thread.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "clients/cpp/core/tracker_core.h"
#include "clients/cpp/face/link.h"

namespace vigie::client {

/// The machine's clock, shifted to show what the device's does.
class DeviceClock final : public Clock {
 public:
  explicit DeviceClock(std::int64_t ahead_us) : ahead_us_(ahead_us) {}
  std::int64_t utc_us() const override { return clock_.utc_us() + ahead_us_; }
  std::int64_t monotonic_us() const override { return clock_.monotonic_us(); }

 private:
  const SystemClock clock_;
  const std::int64_t ahead_us_;
};

class Tracker::Impl {
 public:
  Impl(TrackerOptions options, std::unique_ptr<Spool> spool)
      : options_(std::move(options)), spool_(std::move(spool)), clock_(options_.clock_ahead_us) {}
  ~Impl();
  Result<void> start(const std::string& endpoint);

  Result<std::uint64_t> hand_over(MessageKind kind, std::vector<std::vector<std::byte>> payloads);
  Result<void> flush(std::chrono::milliseconds timeout);
  Result<void> wait_settled(std::chrono::milliseconds timeout);
  Result<void> wait_welcome(std::chrono::milliseconds timeout);
  Result<void> wait_room(std::chrono::milliseconds timeout);
  TrackerStats stats() const;
  Id128 spool() const { return from_wire(spool_->id()); }

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run();
  void take_over();
  void write_rows();
  void send();
  void share();
  void finish();
  SpoolUsage held() const;

  // Fixed after start().
  const TrackerOptions options_;
  const std::unique_ptr<Spool> spool_;
  const DeviceClock clock_;
  std::unique_ptr<TrackerCore> core_;
  std::unique_ptr<Link> link_;

  // The background thread's.
  std::vector<Row> rows_;              // taken over, not in the spool yet
  std::uint64_t written_through_ = 0;  // numbers; told as spooled_through_ by share()
  std::int64_t spool_again_us_ = 0;
  std::optional<std::vector<std::byte>> unsent_;
  bool sent_all_ = true;
  std::optional<Fault> spool_fault_;

  // Between the threads.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Row> pending_;
  std::uint64_t pending_bytes_ = 0;
  SpoolUsage writing_;  // taken over and not counted in shared_ yet
  std::uint64_t next_number_ = 0;
  std::uint64_t numbers_end_ = 0;
  std::uint64_t numbers_wanted_ = 0;  // by a waiting publish()
  std::uint64_t handed_through_ = 0;  // numbers
  std::uint64_t spooled_through_ = 0;
  TrackerStats shared_;
  std::optional<Fault> fault_;  // the spool can't be written, or the hub closed it
  bool closed_ = false;         // for good
  bool stop_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace vigie::client
