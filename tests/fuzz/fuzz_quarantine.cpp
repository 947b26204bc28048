// The quarantine's file, from a damaged disk, and what `vigie quarantine show` reads of a message.

#include "hub/security/quarantine_files.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  std::vector<security::QuarantinedPtr> messages;
  const Bytes bytes = fuzz::bytes_of(data, size);
  const std::size_t good = security::read_quarantine_records(bytes, messages);
  fuzz::require(good <= size, "no more is good than there is");
  std::vector<security::QuarantinedPtr> again;
  fuzz::require(security::read_quarantine_records(bytes.first(good), again) == good &&
                    again.size() == messages.size(),
                "what is good stays good when the rest is cut off");
  for (const auto& message : messages) {
    std::vector<security::QuarantinedPtr> read;
    const auto record = security::quarantine_record(*message);
    // A larger one than is ever written is not read again.
    if (record.size() > size) continue;
    fuzz::require(security::read_quarantine_records(record, read) == record.size(),
                  "what was read can be written");
  }
  security::Quarantine quarantine{security::QuarantineOptions()};
  quarantine.restore(messages);
  return 0;
}
