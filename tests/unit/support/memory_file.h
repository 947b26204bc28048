#pragma once
// A file in memory that can be opened by its name, for what reads files.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>

namespace vigie::test {

class MemoryFile {
 public:
  MemoryFile() : number_(::memfd_create("vigie-test", MFD_CLOEXEC)) {
    if (number_ < 0) std::abort();
  }
  ~MemoryFile() { ::close(number_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// It holds just these from here on.
  void set(std::span<const std::byte> bytes) const {
    const bool done =
        ::ftruncate(number_, 0) == 0 &&
        ::pwrite(number_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
    if (!done) std::abort();
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

 private:
  int number_;
};

}  // namespace vigie::test
