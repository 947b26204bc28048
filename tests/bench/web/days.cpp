#include "tests/bench/web/days.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include "schemas/messages/wire.h"
#include "schemas/words/times.h"
#include "tests/bench/poller.h"
#include "tests/bench/vigie_enrol.h"
#include "tests/bench/zmtp.h"

namespace vigie::bench {
namespace {

constexpr double kPatienceSeconds = 30;
/// Batches on their way: what the hub's clock may be ahead of them is this many steps.
constexpr std::uint64_t kBatchesOut = 4;

/// The time of day of whoever runs with moved_clock.cpp.
class MovedClock {
 public:
  static Result<MovedClock> open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return Fault{FaultCode::NotFound, "no file " + path + " for the clock"};
    void* page = mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page == MAP_FAILED) return Fault{FaultCode::Unavailable, "can't map " + path};
    return MovedClock(static_cast<std::atomic<std::int64_t>*>(page));
  }
  void set(std::int64_t us) { time_->store(us, std::memory_order_relaxed); }

 private:
  explicit MovedClock(std::atomic<std::int64_t>* time) : time_(time) {}
  std::atomic<std::int64_t>* time_;  // stays mapped until the program ends
};

class Fleet final : public ZmtpConnection {
 public:
  Fleet(Poller& poller, const Days& days)
      : ZmtpConnection(poller, "DEALER"), days_(days), spool_(new_spool({})) {}

  Result<void> greet(std::int64_t now_us) {
    if (auto begun = begin(days_.port, kPatienceSeconds); !begun) return begun;
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(spool_);
    hello.client = "vigie-bench-web";
    hello.sent_time_us = now_us;
    send(packed<wire::Hello>(hello));
    return step_until(poller(), kPatienceSeconds, "the hub's welcome", [&] { return welcomed_; });
  }

  Result<void> publish_cards(std::int64_t now_us) {
    wire::BatchT batch = new_batch(now_us);
    for (std::size_t unit = 0; unit < days_.units; ++unit) {
      auto state = std::make_unique<wire::StateT>();
      state->stamp = std::make_unique<wire::Stamp>();
      state->number = ++number_;
      state->kind = wire::StateKind::UnitCard;
      state->name = name(unit);
      state->group = group(unit);
      state->true_time_us = now_us;
      state->clock = wire::Clock::Satellite;
      state->card = std::make_unique<wire::UnitCardT>();
      state->card->call_sign = fmt::format("Convoy {}", unit + 1);
      state->card->unit_kind = "vehicle";
      state->card->symbol = "SFGPEVA----D---";
      batch.states.push_back(std::move(state));
    }
    return publish(batch);
  }

  /// One fix of every unit.
  Result<void> publish_fixes(std::int64_t now_us) {
    wire::BatchT batch = new_batch(now_us);
    for (std::size_t unit = 0; unit < days_.units; ++unit) {
      auto section = std::make_unique<wire::UnitFixesT>();
      section->stamp = std::make_unique<wire::Stamp>();
      section->first_number = ++number_;
      section->unit = name(unit);
      section->group = group(unit);
      section->fixes.push_back(fix_at(unit, now_us));
      batch.fixes.push_back(std::move(section));
    }
    return publish(batch);
  }

  Result<void> publish_event(std::size_t unit, std::int64_t now_us) {
    auto event = std::make_unique<wire::EventT>();
    event->stamp = std::make_unique<wire::Stamp>();
    event->number = ++number_;
    event->unit = name(unit);
    event->group = group(unit);
    event->true_time_us = now_us;
    event->clock = wire::Clock::Satellite;
    event->kind = "halt";
    event->severity = wire::Severity::Notice;
    event->text = "A halt of a few minutes";
    wire::BatchT batch = new_batch(now_us);
    batch.events.push_back(std::move(event));
    return publish(batch);
  }

  Result<void> settle() {
    return step_until(poller(), kPatienceSeconds, "the hub's acknowledgement",
                      [&] { return settled_ == number_; });
  }

 private:
  static std::string name(std::size_t unit) { return fmt::format("fleet/v{:03}", unit); }
  static std::string group(std::size_t unit) { return fmt::format("convoy-{}", unit / 20); }

  /// Circles of 5 km at 8 m/s, side by side.
  static wire::Fix fix_at(std::size_t unit, std::int64_t us) {
    const double number = static_cast<double>(unit);
    const double angle = static_cast<double>(us) / 1e6 * 8 / 5000 + number;
    const double course = std::fmod(angle * 180 / M_PI, 360.0);
    const double north = 15.8 + std::floor(number / 20) * 0.03 + 0.045 * std::cos(angle);
    const double east = 1.5 + std::fmod(number, 20) * 0.03 + 0.047 * std::sin(angle);
    return {us,
            static_cast<std::int32_t>(north * 1e7),
            static_cast<std::int32_t>(east * 1e7),
            220'000,
            8'000,
            static_cast<std::uint32_t>(std::fmod(course + 90, 360.0) * 1e3),
            5'000,
            8'000,
            wire::Clock::Satellite,
            wire::FixType::ThreeD,
            9,
            80,
            wire::FixSource::Satellite,
            0,
            0};
  }

  wire::BatchT new_batch(std::int64_t now_us) const {
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(spool_);
    batch.sent_time_us = now_us;
    return batch;
  }

  /// Waits until the hub takes it.
  Result<void> publish(const wire::BatchT& batch) {
    const std::vector<std::byte> bytes = packed<wire::Batch>(batch);
    const auto free = [&] {
      return sent_bytes_ + bytes.size() <= granted_bytes_ && out_.size() < kBatchesOut;
    };
    if (auto taken = step_until(poller(), kPatienceSeconds, "the hub's credit", free); !taken) {
      return taken;
    }
    sent_bytes_ += bytes.size();
    out_.push_back(number_);
    send(bytes);
    return {};
  }

  void send(const std::vector<std::byte>& bytes) {
    append_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    flush();
  }

  void on_message(std::string_view body) override {
    const AlignedBytes copy(std::as_bytes(std::span(body.data(), body.size())));
    if (const auto* welcome = verified<wire::Welcome>(copy.bytes())) {
      granted_bytes_ = welcome->granted_bytes();
      welcomed_ = true;
    } else if (const auto* rejected = verified<wire::Rejected>(copy.bytes())) {
      poller().fail(fmt::format("rejected: {}", text_of(rejected->reason())));
    } else if (const auto* ack = verified<wire::Ack>(copy.bytes())) {
      on_ack(*ack);
    }
  }

  void on_ack(const wire::Ack& ack) {
    granted_bytes_ = ack.granted_bytes();
    if (ack.refused() != nullptr && ack.refused()->size() != 0) {
      poller().fail(fmt::format("refused: {}", text_of(ack.refused()->Get(0)->reason())));
    }
    if (ack.settled() == nullptr) return;
    for (const wire::NumberRange* range : *ack.settled()) {
      settled_ = std::max(settled_, range->last());
    }
    std::erase_if(out_, [&](std::uint64_t last) { return last <= settled_; });
  }

  const Days& days_;
  wire::Spool spool_;
  bool welcomed_ = false;
  std::uint64_t granted_bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t settled_ = 0;
  std::vector<std::uint64_t> out_;  // the last number of each batch that is not settled
};

}  // namespace

Result<DaysMade> make_days(const Days& days) {
  auto clock = MovedClock::open(days.clock_file);
  if (!clock) return clock.fault();
  Poller poller;
  Fleet fleet(poller, days);
  const std::int64_t step_us = std::int64_t{days.every_s} * kMicrosecondsPerSecond;
  const std::int64_t event_us = std::int64_t{days.event_every_s} * kMicrosecondsPerSecond;
  std::int64_t at_us = days.until_us - std::int64_t{days.hours} * 3600 * kMicrosecondsPerSecond;
  std::int64_t next_event_us = at_us + event_us;
  clock->set(at_us);
  if (auto greeted = fleet.greet(at_us); !greeted) return greeted.fault();
  if (auto told = fleet.publish_cards(at_us); !told) return told.fault();
  DaysMade made;
  for (; at_us <= days.until_us; at_us += step_us) {
    clock->set(at_us);
    if (auto published = fleet.publish_fixes(at_us); !published) return published.fault();
    made.fixes += days.units;
    if (at_us < next_event_us) continue;
    next_event_us += event_us;
    auto said = fleet.publish_event(made.events++ % days.units, at_us);
    if (!said) return said.fault();
  }
  if (auto settled = fleet.settle(); !settled) return settled.fault();
  return made;
}

}  // namespace vigie::bench
