#pragma once
// Whether the hub can serve: ready when no reason stands against it. Each room sets and clears its
// own reasons ("starting", "disk full", "stopping"); /readyz answers with them. Any thread.

#include <map>
#include <mutex>
#include <string>

namespace vigie::ops {

class Readiness {
 public:
  /// Starts with the reason `starting`, so that a hub is not ready before it says so.
  Readiness() { set("starting", "the hub is starting"); }

  /// `name` identifies the reason; `sentence` says it to a person. Setting it again replaces the
  /// sentence.
  void set(const std::string& name, const std::string& sentence) {
    const std::lock_guard lock(mutex_);
    reasons_[name] = sentence;
  }

  void clear(const std::string& name) {
    const std::lock_guard lock(mutex_);
    reasons_.erase(name);
  }

  /// Empty when ready; else one line a reason, "name: sentence".
  std::string against() const {
    const std::lock_guard lock(mutex_);
    std::string lines;
    for (const auto& [name, sentence] : reasons_)
      lines.append(name).append(": ").append(sentence).append("\n");
    return lines;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> reasons_;
};

}  // namespace vigie::ops
