#include "clients/cli/sources/file_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>

namespace vigie::cli {

Result<std::unique_ptr<FileReader>> FileReader::open(const std::string& path) {
  const int descriptor = path == "-" ? ::dup(0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return Fault{FaultCode::NotFound, fmt::format("{}: {}", path, std::strerror(errno))};
  }
  struct stat info {};
  if (::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) {
    ::close(descriptor);
    return Fault{FaultCode::Io, fmt::format("{}: is a folder", path)};
  }
  gzFile_s* file = gzdopen(descriptor, "rb");
  if (file == nullptr) {
    ::close(descriptor);
    return Fault{FaultCode::Internal, fmt::format("{}: zlib cannot read it", path)};
  }
  const std::int64_t size = S_ISREG(info.st_mode) ? std::int64_t{info.st_size} : -1;
  return std::unique_ptr<FileReader>(new FileReader(path, file, size));
}

FileReader::~FileReader() {
  gzclose_r(file_);
}

Result<std::size_t> FileReader::read(std::span<std::uint8_t> out) {
  const int got = gzread(file_, out.data(), static_cast<unsigned>(out.size()));
  int code = Z_OK;
  const char* text = gzerror(file_, &code);
  // Z_BUF_ERROR at the end: the gzip data stops short of its trailer.
  if (got < 0 || (got == 0 && code == Z_BUF_ERROR)) {
    if (code == Z_ERRNO) {
      return Fault{FaultCode::Io, fmt::format("{}: {}", path_, std::strerror(errno))};
    }
    return Fault{FaultCode::Damaged, fmt::format("{}: damaged gzip data: {}", path_, text)};
  }
  return static_cast<std::size_t>(got);
}

Result<std::vector<std::uint8_t>> FileReader::read_all(std::size_t bytes_max) {
  std::vector<std::uint8_t> all;
  std::vector<std::uint8_t> piece(256 * 1024);
  while (true) {
    const auto got = read(piece);
    if (!got) return got.fault();
    if (*got == 0) return all;
    if (all.size() + *got > bytes_max) {
      return Fault{FaultCode::Invalid,
                   fmt::format("{}: larger than {} MB", path_, bytes_max / (1024 * 1024))};
    }
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got));
  }
}

double FileReader::progress() const {
  if (size_ <= 0) return -1;
  return static_cast<double>(gzoffset(file_)) / static_cast<double>(size_);
}

}  // namespace vigie::cli
