#pragma once
// A file that stands in its place whole or not at all: written beside it as a draft, synced,
// renamed. One thread.

#include <span>
#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace vigie {

class NewFile {
 public:
  /// Begins the draft, in place of one that is there; it gets the access rights `mode`. Fails with
  /// DiskFull or Io; sentences name the file.
  static Result<NewFile> begin(const std::string& path, const std::string& draft, unsigned mode);
  ~NewFile();
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;

  Result<void> write(std::span<const std::byte> bytes);
  Result<void> write(std::string_view text) { return write(std::as_bytes(std::span(text))); }
  /// Ends it: durable under its own name, with that name. A file that was there is replaced.
  Result<void> put_in_place();
  /// Ends it without a trace. One that goes otherwise leaves its draft.
  void discard();
  const std::string& draft() const { return draft_; }

 private:
  NewFile(std::string path, std::string draft, int number)
      : path_(std::move(path)), draft_(std::move(draft)), number_(number) {}
  std::string path_;
  std::string draft_;
  int number_;  // the descriptor; -1: ended
};

}  // namespace vigie
