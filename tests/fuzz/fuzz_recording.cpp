// A recording from whoever can write one: read as it is; and with its hashes made right, so that
// what lies behind them is reached.

#include "clients/cpp/recording/format.h"
#include "tests/fuzz/target.h"
#include "tests/unit/support/memory_file.h"

namespace {

using namespace vigie;
using namespace vigie::client;

RecordingState read_all(Bytes bytes) {
  static const test::MemoryFile kFile;
  kFile.set(bytes);
  auto reader = RecordingReader::open(kFile.path());
  if (!reader) return RecordingState::Changed;
  std::uint64_t entries = 0;
  while (true) {
    const auto next = (*reader)->next();
    fuzz::require(next.ok(), "memory can be read");
    if (!*next) break;
    if (!std::holds_alternative<ReplayItem>(**next)) ++entries;
  }
  const RecordingReport report = (*reader)->report();
  fuzz::require(report.state != RecordingState::Reading, "it has an end");
  fuzz::require(report.counts.entries == entries, "what is counted is given");
  fuzz::require(report.seal.has_value() == (report.state == RecordingState::Sealed),
                "who sealed it is known");
  return report.state;
}

/// The records of the input, whatever their hashes were.
std::vector<std::byte> chained(Bytes rest) {
  std::vector<std::byte> file = recording::header_bytes();
  recording::Chain chain;
  rest = rest.subspan(std::min(rest.size(), recording::kHeaderBytes));
  while (rest.size() >= recording::kRecordHeadBytes) {
    const auto head = rest.first<recording::kRecordHeadBytes>();
    rest = rest.subspan(recording::kRecordHeadBytes);
    const std::size_t bytes = recording::parse_head(head).bytes;
    if (bytes > rest.size()) break;
    const Bytes content = rest.first(bytes);
    const auto hash = std::as_bytes(std::span(chain.add(head, content)));
    file.insert(file.end(), head.begin(), head.end());
    file.insert(file.end(), content.begin(), content.end());
    file.insert(file.end(), hash.begin(), hash.end());
    rest = rest.subspan(bytes);
    rest = rest.subspan(std::min(rest.size(), recording::kHashBytes));
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = fuzz::bytes_of(data, size);
  read_all(bytes);
  read_all(chained(bytes));
  return 0;
}
