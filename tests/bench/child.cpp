#include "tests/bench/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "tests/bench/clock.h"

namespace vigie::bench {
namespace {

Fault system_fault(std::string_view what) {
  return {FaultCode::Io, fmt::format("{}: {}", what, std::strerror(errno))};
}

bool port_is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return free;
}

[[noreturn]] void become(const std::vector<std::string>& argv, int log_fd, int core, pid_t parent) {
  // The kernel ends the server with the generator, however that one ends.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  pin_self(core);
  dup2(log_fd, STDOUT_FILENO);
  dup2(log_fd, STDERR_FILENO);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  _exit(127);
}

}  // namespace

std::string Pinning::text() const {
  if (server_core < 0) return "unpinned";
  return fmt::format("server cpu {}, generator cpu {}", server_core, generator_core);
}

void pin_self(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const unsigned cores = std::thread::hardware_concurrency();
  for (unsigned i = 0; i < (core < 0 ? 1024u : cores); ++i) {
    if (core < 0 || static_cast<int>(i) == core) CPU_SET(i, &set);
  }
  sched_setaffinity(0, sizeof set, &set);
}

Pinning server_on_one_core() {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return {.server_core = static_cast<int>(cores) - 1, .generator_core = 0};
}

Result<TempFolder> TempFolder::make(const std::filesystem::path& parent) {
  std::string name = (parent / "vigie-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return system_fault("mkdtemp " + name);
  return TempFolder(name);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<Child> Child::start(const std::vector<std::string>& argv, const std::filesystem::path& log,
                           int core) {
  const int log_fd = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  if (log_fd < 0) return system_fault("open " + log.string());
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(argv, log_fd, core, parent);
  ::close(log_fd);
  if (pid < 0) return system_fault("fork");
  return Child(pid, log);
}

std::uint64_t Child::rss_bytes() const {
  std::ifstream statm(fmt::format("/proc/{}/statm", pid_));
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t Child::cpu_ns(std::string_view thread_name) const {
  std::uint64_t sum = 0;
  std::error_code error;
  const std::string tasks = fmt::format("/proc/{}/task", pid_);
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    if (!thread_name.empty() && name != thread_name) continue;
    std::uint64_t ran_ns = 0;
    std::ifstream(task.path() / "schedstat") >> ran_ns;
    sum += ran_ns;
  }
  return sum;
}

void Child::tell_last_words(int status) const {
  constexpr std::size_t kTailBytes = 2000;
  std::ifstream file(log_);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  fmt::print(stderr, "  a server ended by itself (wait status {}), its last words:\n{}\n", status,
             text.substr(text.size() - std::min(text.size(), kTailBytes)));
}

void Child::end(int signal, double seconds) {
  if (pid_ <= 0) return;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = -1;
    return tell_last_words(status);
  }
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  ::kill(pid_, signal);
  if (signal != SIGKILL) {
    pollfd waiting{.fd = process, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(seconds * 1000)) != 1) ::kill(pid_, SIGKILL);
  }
  waitpid(pid_, nullptr, 0);
  ::close(process);
  pid_ = -1;
}

Result<int> free_ports(int count) {
  // Below the range that the kernel gives out for outgoing connections.
  static int next = 20'000 + static_cast<int>(now_ns() / 1000 % 10'000);
  for (int tries = 0; tries < 1000; ++tries) {
    const int first = next;
    next = next + count > 32'000 ? 20'000 : next + count;
    bool all = true;
    for (int i = 0; i < count && all; ++i) all = port_is_free(first + i);
    if (all) return first;
  }
  return Fault{FaultCode::Unavailable, fmt::format("no {} free loopback ports in a row", count)};
}

std::uint64_t folder_bytes(const std::filesystem::path& folder, std::string_view extension) {
  std::uint64_t sum = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (!extension.empty() && entry.path().extension() != extension) continue;
    if (entry.is_regular_file(error)) sum += entry.file_size(error);
  }
  return sum;
}

}  // namespace vigie::bench
