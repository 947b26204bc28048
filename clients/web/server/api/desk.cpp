#include "clients/web/server/api/desk.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace vigie::web::api {

/// The mutex is the hand-over of jobs from the net thread to the workers; all else is the net
/// thread's.
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
    if (!viewer.session.empty()) {
      task->watch = gate_.watch(viewer.session, [job = task->job] { halt(*job); });
      task->watched = true;
    }
    ++per_viewer_[who];
    tasks_.emplace(task->number, task);
    ++counters_.taken;
    {
      const std::lock_guard lock(mutex_);
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
    std::uint64_t number = 0;
    std::uint64_t watch = 0;
    bool watched = false;
  };

  /// A producer that waits for room is woken; what it wrote so far is cut, never taken for whole.
  static void halt(DeskJob& job) {
    job.stopped_ = true;
    job.stream_->fail();
  }

  void run() {
    while (true) {
      std::shared_ptr<Task> task;
      {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        task = std::move(waiting_.front());
        waiting_.pop_front();
      }
      if (task->job->stopped()) {
        task->job->respond(problem(401, "signed_out", "the session ended meanwhile"));
      } else {
        work(*task);
      }
      // What the work holds is let go of here, not on the net thread.
      task->work = nullptr;
      net_.post([self = shared_from_this(), number = task->number] { self->done(number); });
    }
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
