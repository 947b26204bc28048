#pragma once
// Servers under test, as child processes in folders of their own. A child is killed when its owner
// goes out of scope, and by the kernel when the generator dies, so nothing is left behind on any
// way out. One thread.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "schemas/words/result.h"

namespace vigie::bench {

/// Which cores the server and the generator may use. -1: all of them.
struct Pinning {
  int server_core = -1;
  int generator_core = -1;
  std::string text() const;
};
/// Holds the calling process to a core; -1 releases it.
void pin_self(int core);
/// The server on the machine's last core and the generator on its first.
Pinning server_on_one_core();

/// A new folder, removed with all that is in it at the end.
class TempFolder {
 public:
  static Result<TempFolder> make(const std::filesystem::path& parent);
  TempFolder(TempFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TempFolder& operator=(TempFolder&&) = delete;
  ~TempFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TempFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

class Child {
 public:
  /// Starts argv[0] (looked up in PATH) with stdout and stderr appended to `log`.
  static Result<Child> start(const std::vector<std::string>& argv, const std::filesystem::path& log,
                             int core);
  Child(Child&& other) noexcept : pid_(other.pid_), log_(std::move(other.log_)) { other.pid_ = -1; }
  Child& operator=(Child&&) = delete;
  ~Child() { end(kKillSignal, 0); }

  pid_t pid() const { return pid_; }
  /// Resident memory in bytes, 0 when the process is gone.
  std::uint64_t rss_bytes() const;
  /// Nanoseconds of processor time of its threads with this name; of all when it is empty.
  std::uint64_t cpu_ns(std::string_view thread_name) const;
  /// SIGTERM, and SIGKILL when it has not ended after `seconds`.
  void stop(double seconds) { end(kTermSignal, seconds); }
  void kill() { end(kKillSignal, 0); }

 private:
  static constexpr int kTermSignal = 15;
  static constexpr int kKillSignal = 9;
  Child(pid_t pid, std::filesystem::path log) : pid_(pid), log_(std::move(log)) {}
  void end(int signal, double seconds);
  /// What the server said last, on stderr: it ended without being asked to.
  void tell_last_words(int status) const;
  pid_t pid_ = -1;
  std::filesystem::path log_;
};

/// `count` loopback ports in a row that are free at this moment; the first one.
Result<int> free_ports(int count);
/// Bytes of the regular files below a folder; of those with this extension (".log") when it is
/// given.
std::uint64_t folder_bytes(const std::filesystem::path& folder, std::string_view extension = {});

}  // namespace vigie::bench
