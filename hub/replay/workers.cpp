#include "hub/replay/workers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "hub/replay/held_back.h"
#include "hub/replay/own_moments.h"
#include "hub/replay/past_picture.h"
#include "hub/replay/player.h"
#include "schemas/model/cut.h"

namespace vigie::replay {
namespace {

constexpr std::size_t kCommandsMax = 16 * 1024;
constexpr std::size_t kReadyMax = 64;  // outputs that wait for the front: then nothing more is made

std::uint64_t session_of(const Command& command) {
  return std::visit([](const auto& c) { return c.session; }, command);
}

/// What of the range is not kept any more, in a sentence; empty when all is. `own_numbers`: without
/// the log's seqs.
std::string what_is_gone(const store::Store& store, std::int64_t from_us, bool own_numbers) {
  const store::Gone gone = store.gone();
  if (from_us > gone.track_known_us) return {};
  if (own_numbers) return "the beginning is not kept any more";
  return fmt::format("fixes before seq {} are not kept any more{}", store.floor(),
                     from_us <= gone.event_known_us
                         ? fmt::format(", nor events before seq {}", store.event_floor())
                         : std::string());
}

}  // namespace

/// One thread's tasks.
class Worker {
 public:
  Worker(const store::Store& store, const Clock& clock, wire::LogId log, Workers::Out out)
      : store_(store), clock_(clock), log_(log), out_(std::move(out)) {}

  bool post(Command&& command) { return commands_.post(std::move(command)); }
  int descriptor() const { return commands_.descriptor(); }

  std::size_t step() {
    std::size_t did = flush();
    for (Command& command : commands_.take_all()) {
      std::visit([this](auto& c) { on(c); }, command);
      ++did;
    }
    for (auto& [session, task] : tasks_) {
      if (ready_.size() >= kReadyMax) break;
      std::vector<Output> made;
      did += task->step(made) ? 1 : 0;
      for (Output& output : made) ready_.push_back(std::move(output));
    }
    return did + flush();
  }

  std::int64_t next_us() const {
    // What the front has no room for is offered again soon.
    std::int64_t next = ready_.empty() ? INT64_MAX : clock_.monotonic_us() + 500;
    for (const auto& [session, task] : tasks_) next = std::min(next, task->next_us());
    return next;
  }

 private:
  std::size_t flush() {
    std::size_t sent = 0;
    while (!ready_.empty() && out_(std::move(ready_.front()))) {
      ready_.pop_front();
      ++sent;
    }
    return sent;
  }

  void on(Start& start) {
    if (start.mode == StartMode::HeldBack) {
      tasks_[start.session] = std::make_unique<HeldBack>(start, store_, clock_, log_);
      return;
    }
    if (start.mode == StartMode::PastPicture) {
      tasks_[start.session] = std::make_unique<PastPicture>(start, store_, clock_, log_);
      return;
    }
    SourceRange range{.from_us = start.from_us,
                      .until_us = start.until_us == 0 ? INT64_MAX : start.until_us,
                      .through = store_.durable_seq(),
                      .open_end = start.until_us == 0};
    const bool known = start.clock == wire::StartKind::KnownTime;
    if (!known) {
      range.from_us = std::max(range.from_us, kTrueTimeUsMin);
      range.until_us = std::min(range.until_us, kTrueTimeUsMax);
    }
    const Terms terms = terms_of(*start.view);
    const std::optional<OwnNames> names = own_names(start, log_);
    std::unique_ptr<Source> source;
    std::uint64_t durable = UINT64_MAX;
    if (terms.any()) {
      range.until_us = std::min(range.until_us, terms.read_until_us(clock_.utc_us()));
      range.from_us = std::min(range.from_us, range.until_us);
      // How far the log is by now is not told.
      durable = 0;
      auto inner = make_known_source(store_, read_for(*start.view), range, start.frame_bytes_max);
      source = make_coarse_source(std::move(inner), start.view, range.until_us,
                                  start.frame_bytes_max, names);
    } else {
      source = known ? make_known_source(store_, start.view, range, start.frame_bytes_max)
                     : make_true_source(store_, start.view, range, start.frame_bytes_max);
    }
    Player::Needs needs{
        .clock = clock_,
        .durable = [this, durable] { return std::min(durable, store_.durable_seq()); },
        .log = names ? names->log() : log_,
        .what_is_gone = [this, from_us = range.from_us,
                         own = terms.own_numbers] { return what_is_gone(store_, from_us, own); },
        .own_numbers = terms.own_numbers};
    tasks_[start.session] =
        std::make_unique<Player>(start, std::move(source), range, std::move(needs));
  }

  void on(Grant& grant) {
    if (Task* task = find(grant.session)) task->grant(grant.granted_bytes);
  }
  void on(Steer& steer) {
    if (Task* task = find(steer.session)) task->steer(steer);
  }
  void on(Stop& stop) { tasks_.erase(stop.session); }

  void on(ReadKept& read) {
    KeptOut kept{
        .session = read.session, .after = read.after, .through = read.through, .bodies = {}};
    EntryWriter out;
    const auto sink = [&](std::uint64_t, Bytes body) {
      const std::int64_t known_us =
          reinterpret_cast<const wire::BodyHeader*>(body.data())->known_time_us();
      cut_body(body, *read.view, out, [] {});
      if (!out.empty() && out.bytes() >= read.frame_bytes_max) {
        kept.bodies.push_back(out.finish(known_us));
      }
    };
    const Result<std::uint64_t> reached =
        store_.read_kept(read.after, read.through, read.bytes_max, sink);
    if (!reached) {
      ready_.emplace_back(FailedOut{.session = read.session,
                                    .code = wire::Refusal::NotReady,
                                    .reason = reached.fault().sentence});
      return;
    }
    kept.through = *reached;
    if (!out.empty()) kept.bodies.push_back(out.finish(clock_.utc_us(), *reached));
    ready_.emplace_back(std::move(kept));
  }

  void on(SeekKnown& seek) {
    const Result<std::uint64_t> seq = store_.seq_at_known(seek.known_time_us);
    if (!seq) {
      ready_.emplace_back(FailedOut{.session = seek.session,
                                    .code = wire::Refusal::NotReady,
                                    .reason = seq.fault().sentence});
      return;
    }
    // After the search: a floor that rose meanwhile is told of, once too often rather than not.
    ready_.emplace_back(SoughtOut{.session = seek.session,
                                  .seq = *seq,
                                  .is_gone = seek.known_time_us <= store_.gone().event_known_us});
  }

  Task* find(std::uint64_t session) {
    const auto found = tasks_.find(session);
    return found == tasks_.end() ? nullptr : found->second.get();
  }

  const store::Store& store_;
  const Clock& clock_;
  const wire::LogId log_;
  const Workers::Out out_;
  ops::Mailbox<Command> commands_{kCommandsMax};
  std::map<std::uint64_t, std::unique_ptr<Task>> tasks_;
  std::deque<Output> ready_;
};

Workers::Workers(std::size_t count, const store::Store& store, const Clock& clock, wire::LogId log,
                 const Out& out) {
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
    workers_.push_back(std::make_unique<Worker>(store, clock, log, out));
  }
}

Workers::~Workers() = default;

bool Workers::post(Command&& command) {
  return workers_[session_of(command) % workers_.size()]->post(std::move(command));
}

std::size_t Workers::step(std::size_t index) {
  return workers_[index]->step();
}
int Workers::descriptor(std::size_t index) const {
  return workers_[index]->descriptor();
}
std::int64_t Workers::next_us(std::size_t index) const {
  return workers_[index]->next_us();
}

}  // namespace vigie::replay
