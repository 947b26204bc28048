#pragma once
// A file's bytes in order, gzip'd files decompressed on the way. One thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "schemas/words/result.h"

struct gzFile_s;

namespace vigie::cli {

class FileReader {
 public:
  /// Opens a regular file, plain or gzip'd (told by its first bytes); "-" is standard input.
  static Result<std::unique_ptr<FileReader>> open(const std::string& path);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  /// Reads at most out.size() bytes; 0 at the end. Fails with Io, or Damaged when gzip data is.
  Result<std::size_t> read(std::span<std::uint8_t> out);
  /// All that is left, up to `bytes_max`; beyond: Invalid.
  Result<std::vector<std::uint8_t>> read_all(std::size_t bytes_max);
  /// How much of the file was taken, 0..1; negative when its size is not known.
  double progress() const;

 private:
  FileReader(std::string path, gzFile_s* file, std::int64_t size)
      : path_(std::move(path)), file_(file), size_(size) {}
  std::string path_;
  gzFile_s* file_;
  std::int64_t size_;  // of the file as it lies on the disk; -1: not a regular file
};

}  // namespace vigie::cli
