// Put before a program by LD_PRELOAD: its time of day is what stands in the file that
// VIGIE_BENCH_CLOCK names (microseconds since 1970, 8 bytes of this machine's order), as whoever
// makes a recording of days in minutes moves it. The steady clock stays as it is. For the bench
// alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using GetTime = int (*)(clockid_t, timespec*);

int by_system_call(clockid_t which, timespec* time) {
  return static_cast<int>(syscall(SYS_clock_gettime, which, time));
}

/// Null: no file is named, or it can't be read; then the time is the machine's.
const std::atomic<std::int64_t>* moved_time() {
  const char* path = std::getenv("VIGIE_BENCH_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* page = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (page == MAP_FAILED) return nullptr;
  return static_cast<const std::atomic<std::int64_t>*>(page);
}

GetTime real_clock() {
  void* const found = dlsym(RTLD_NEXT, "clock_gettime");
  return found == nullptr ? &by_system_call : reinterpret_cast<GetTime>(found);
}

}  // namespace

extern "C" int clock_gettime(clockid_t which, timespec* time) noexcept {
  static const GetTime real = real_clock();
  static const std::atomic<std::int64_t>* const moved = moved_time();
  if (which != CLOCK_REALTIME || moved == nullptr) return real(which, time);
  const std::int64_t us = moved->load(std::memory_order_relaxed);
  time->tv_sec = us / 1'000'000;
  time->tv_nsec = (us % 1'000'000) * 1'000;
  return 0;
}
