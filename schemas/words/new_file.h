#pragma once
// A file that stands in its place whole or not at all: written beside it as a draft, synced,
// renamed. One thread.

#include <span>
#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace vigie {

/// What was made, renamed or removed in it stays so over a loss of power. Fails with DiskFull or
/// Io.
Result<void> sync_folder(const std::string& folder);

/// What becomes of a file, or a draft, that is there already.
enum class Existing { Replaced, Kept };

class NewFile {
 public:
  /// Begins the draft; it gets the access rights `mode`. Fails with DiskFull or Io, and with
  /// Invalid where a file or a draft that is kept is there; sentences name the file.
  static Result<NewFile> begin(const std::string& path, const std::string& draft, unsigned mode,
                               Existing existing = Existing::Replaced);
  ~NewFile();
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;

  Result<void> write(std::span<const std::byte> bytes);
  Result<void> write(std::string_view text) { return write(std::as_bytes(std::span(text))); }
  /// Ends it: durable under its own name, with that name. Fails with Invalid where a file
  /// that is kept came there meanwhile; the draft stays then.
  Result<void> put_in_place();
  /// Ends it without a trace. One that goes otherwise leaves its draft.
  void discard();
  const std::string& draft() const { return draft_; }

 private:
  NewFile(std::string path, std::string draft, int number, Existing existing)
      : path_(std::move(path)), draft_(std::move(draft)), number_(number), existing_(existing) {}
  std::string path_;
  std::string draft_;
  int number_;  // the descriptor; -1: ended
  Existing existing_;
};

}  // namespace vigie
