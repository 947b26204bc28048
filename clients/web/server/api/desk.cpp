#include "clients/web/server/api/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace vigie::web::api {

/// The mutex is the hand-over of jobs from the net thread to the workers, and whose turn it is; all
/// else is the net thread's.
class Desk::Inner : public std::enable_shared_from_this<Desk::Inner> {
 public:
  Inner(Net& net, Gate& gate, DeskOptions options)
      : net_(net), gate_(gate), options_(std::move(options)) {}

  void start() {
    for (std::size_t i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this] { run(); });
    }
  }

  /// What waits is not begun any more.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      waiting_.clear();
    }
    came_.notify_all();
    for (const auto& [number, task] : tasks_) halt(*task->job);
    for (std::thread& thread : threads_) thread.join();
    for (const auto& [number, task] : tasks_) {
      if (task->watched) gate_.unwatch(task->watch);
    }
    tasks_.clear();
  }

  void take(const Viewer& viewer, Respond respond, Work work) {
    const std::string who = viewer.account + '\n' + viewer.name;
    const std::size_t most = options_.threads + options_.waiting_max;
    const auto mine = per_viewer_.find(who);
    const bool mine_full = mine != per_viewer_.end() && mine->second >= options_.per_viewer;
    if (tasks_.size() >= most || mine_full) {
      ++counters_.refused;
      Response full = problem(
          429, "too_many_at_once",
          fmt::format("{} {} run already, at most {}{}: try again when one has ended",
                      mine_full ? mine->second : tasks_.size(), options_.what,
                      mine_full ? options_.per_viewer : most, mine_full ? " of one viewer" : ""));
      full.headers.emplace_back("Retry-After", "5");
      respond(std::move(full));
      return;
    }
    auto task = std::make_shared<Task>();
    task->job = std::make_shared<DeskJob>();
    task->job->respond_ = std::move(respond);
    task->work = std::move(work);
    task->who = who;
    task->number = ++numbers_;
    const bool bound = options_.running_per_viewer != 0 && !viewer.open;
    task->running_max = bound ? options_.running_per_viewer : options_.threads;
    if (!viewer.session.empty()) {
      task->watch = gate_.watch(viewer.session, [job = task->job] { halt(*job); });
      task->watched = true;
    }
    ++per_viewer_[who];
    tasks_.emplace(task->number, task);
    ++counters_.taken;
    {
      const std::lock_guard lock(mutex_);
      // Whoever comes anew stands behind those who have waited since before the newest turn.
      turns_.try_emplace(who, Turn{0, turns_made_ == 0 ? 0 : 2 * turns_made_ - 1});
      waiting_.push_back(std::move(task));
    }
    came_.notify_one();
  }

  DeskCounters counters() const {
    DeskCounters now = counters_;
    now.running = tasks_.size();
    return now;
  }

 private:
  struct Task {
    std::shared_ptr<DeskJob> job;
    Work work;
    std::string who;
    std::size_t running_max = 0;  // of `who`, this one too
    std::uint64_t number = 0;
    std::uint64_t watch = 0;
    bool watched = false;
  };

  /// What one viewer was given of the workers.
  struct Turn {
    std::size_t running = 0;
    std::uint64_t served = 0;  // the newest: twice turns_made_; odd: came after that turn
  };

  /// A producer that waits for room is woken; what it wrote so far is cut, never taken for whole.
  static void halt(DeskJob& job) {
    job.stopped_ = true;
    job.stream_->fail();
  }

  void run() {
    while (true) {
      const std::shared_ptr<Task> task = next();
      if (task == nullptr) return;
      if (task->job->stopped()) {
        task->job->respond(problem(401, "signed_out", "the session ended meanwhile"));
      } else {
        work(*task);
      }
      // What the work holds is let go of here, not on the net thread.
      task->work = nullptr;
      ended(task->who);
      net_.post([self = shared_from_this(), number = task->number] { self->done(number); });
    }
  }

  /// Waits for a task that may run; null: the desk stops.
  std::shared_ptr<Task> next() {
    std::unique_lock lock(mutex_);
    auto found = waiting_.end();
    came_.wait(lock, [&] { return stopping_ || (found = best()) != waiting_.end(); });
    if (stopping_) return nullptr;
    std::shared_ptr<Task> task = std::move(*found);
    waiting_.erase(found);
    Turn& turn = turns_[task->who];
    ++turn.running;
    turn.served = 2 * ++turns_made_;
    return task;
  }

  /// With the mutex held. Of those who may run one more: who has the fewest running, then who was
  /// served least lately, then who came first.
  std::deque<std::shared_ptr<Task>>::iterator best() {
    auto found = waiting_.end();
    Turn least;
    for (auto task = waiting_.begin(); task != waiting_.end(); ++task) {
      const auto known = turns_.find((*task)->who);
      const Turn turn = known == turns_.end() ? Turn{} : known->second;
      if (turn.running >= (*task)->running_max) continue;
      const bool better =
          std::tie(turn.running, turn.served) < std::tie(least.running, least.served);
      if (found != waiting_.end() && !better) continue;
      found = task;
      least = turn;
    }
    return found;
  }

  void ended(const std::string& who) {
    {
      const std::lock_guard lock(mutex_);
      Turn& turn = turns_[who];
      const bool waits = std::any_of(waiting_.begin(), waiting_.end(),
                                     [&](const auto& task) { return task->who == who; });
      if (--turn.running == 0 && !waits) turns_.erase(who);
    }
    // What waits for this one's end may run now: on a thread that sleeps, perhaps.
    came_.notify_one();
  }

  /// One work that fails (for want of memory or threads, say) ends itself and no other.
  void work(Task& task) const {
    try {
      task.work(*task.job);
    } catch (const std::exception& error) {
      if (options_.warn) options_.warn(fmt::format("{} failed: {}", options_.what, error.what()));
      task.job->stream_->fail();
      task.job->respond(problem(500, "internal", "the server failed at this request"));
    }
  }

  void done(std::uint64_t number) {
    const auto found = tasks_.find(number);
    if (found == tasks_.end()) return;
    if (found->second->watched) gate_.unwatch(found->second->watch);
    const auto mine = per_viewer_.find(found->second->who);
    if (mine != per_viewer_.end() && --mine->second == 0) per_viewer_.erase(mine);
    tasks_.erase(found);
  }

  Net& net_;
  Gate& gate_;
  const DeskOptions options_;
  DeskCounters counters_;
  std::uint64_t numbers_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Task>> tasks_;  // running and waiting
  std::map<std::string, std::size_t> per_viewer_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::shared_ptr<Task>> waiting_;
  std::map<std::string, Turn> turns_;  // who has work running or waiting
  std::uint64_t turns_made_ = 0;
  bool stopping_ = false;
};

Desk::Desk(Net& net, Gate& gate, DeskOptions options)
    : inner_(std::make_shared<Inner>(net, gate, std::move(options))) {
  inner_->start();
}

Desk::~Desk() {
  inner_->stop();
}

void Desk::take(const Viewer& viewer, Respond respond, Work work) {
  inner_->take(viewer, std::move(respond), std::move(work));
}

DeskCounters Desk::counters() const {
  return inner_->counters();
}

}  // namespace vigie::web::api
