#pragma once
// The quarantine on disk: two files in a folder of its own, so that it outlives the hub's end,
// clean or not. What is written survives a kill; a power cut may take the last of it. When `new` is
// full it takes the place of `old`, so that together they hold what the memory holds, and no more
// than twice that.
//
// A file is records one after the other: 4 bytes of length and 4 of CRC-32C, little-endian, and a
// FlatBuffer, QuarantinedMessage. From the first record that is not whole on a file is cut.
//
// Opened on the main thread; then the keeper's thread (hub/keeper.h) alone.

#include "hub/security/quarantine.h"
#include "schemas/words/result.h"

namespace vigie::security {

/// The message as a record.
std::vector<std::byte> quarantine_record(const wire::QuarantinedMessageT& message);
/// Appends the whole records at the beginning; how many bytes they have.
std::size_t read_quarantine_records(Bytes bytes, std::vector<QuarantinedPtr>& messages);

class QuarantineFiles {
 public:
  /// Makes the folder where it is missing. Fails with Io.
  static Result<std::unique_ptr<QuarantineFiles>> open(const std::string& folder,
                                                       std::size_t file_bytes_max);
  ~QuarantineFiles();
  QuarantineFiles(const QuarantineFiles&) = delete;
  QuarantineFiles& operator=(const QuarantineFiles&) = delete;

  /// What they held at the opening, the oldest first; once.
  std::vector<QuarantinedPtr> take_messages() { return std::move(messages_); }
  /// A sentence for each file of which an end was cut.
  const std::vector<std::string>& cuts() const { return cuts_; }

  /// Fails with Io or DiskFull; what was written before stays whole.
  Result<void> append(const wire::QuarantinedMessageT& message);

 private:
  QuarantineFiles(std::string folder, std::size_t file_bytes_max);
  std::string path(const char* name) const;
  Result<void> read_file(const char* name);
  Result<void> open_new();
  Result<void> begin_another();

  const std::string folder_;
  const std::size_t file_bytes_max_;
  int file_ = -1;
  std::size_t size_ = 0;  // of the new one
  std::vector<QuarantinedPtr> messages_;
  std::vector<std::string> cuts_;
};

}  // namespace vigie::security
