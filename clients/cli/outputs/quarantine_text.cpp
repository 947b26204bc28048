#include "clients/cli/outputs/quarantine_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cli/outputs/json_line.h"
#include "clients/cli/outputs/ndjson.h"
#include "clients/cli/outputs/text.h"
#include "schemas/messages/refusals.h"
#include "schemas/words/times.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kWhoWidth = 20;
constexpr std::size_t kCodeWidth = 16;
constexpr std::size_t kDumpBytesMax = 512;
constexpr std::size_t kDumpColumns = 16;

std::string row(std::string_view id, std::string_view time, std::string_view who,
                std::string_view endpoint, std::string_view code, std::string_view size,
                std::string_view reason) {
  return fmt::format("{} {} {} {} {} {}  {}\n", right(id, 17), left(time, 20), left(who, kWhoWidth),
                     left(endpoint, 8), left(code, kCodeWidth), right(size, 6), reason);
}

std::string who_of(const client::QuarantinedMessage& message) {
  if (!message.name.empty()) return harmless(message.name);
  return message.key.empty() ? "-" : harmless(message.key);
}

std::string_view meaning_of(client::Refusal code) {
  const RefusalWord* word = find_refusal(static_cast<wire::Refusal>(code));
  return word == nullptr ? "a code that this program does not know" : word->text;
}

/// As `xxd` has it.
std::string dump(const std::vector<std::byte>& bytes) {
  std::string text;
  const std::size_t size = std::min(bytes.size(), kDumpBytesMax);
  for (std::size_t at = 0; at < size; at += kDumpColumns) {
    std::string digits, letters;
    for (std::size_t i = at; i < std::min(at + kDumpColumns, size); ++i) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      digits += fmt::format("{:02x}{}", byte, i % 2 == 1 ? " " : "");
      letters += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    }
    text += fmt::format("{:06x}: {} {}\n", at, left(digits, 40), letters);
  }
  if (bytes.size() > size) text += fmt::format("... {} more: --raw FILE\n", bytes.size() - size);
  return text;
}

std::string content_of(const client::QuarantinedMessage& message) {
  const auto batch = client::read_refused_batch(message.bytes);
  if (!batch) return {};
  std::string text = "\n";
  // Each line is one message, and what stands in it is harmless.
  const auto add = [&text](const auto& list) {
    for (const auto& one : list) {
      std::string line = ndjson_line(one);
      line.pop_back();
      text += harmless(line) + "\n";
    }
  };
  add(batch->events);
  add(batch->states);
  add(batch->fixes);
  if (batch->left_out != 0) text += fmt::format("... and {} more\n", batch->left_out);
  return text;
}

}  // namespace

std::string quarantine_head() {
  return row("ID", "TIME", "WHO", "ENDPOINT", "CODE", "BYTES", "REASON");
}

std::string quarantined_line(const client::QuarantinedMessage& message) {
  return row(fmt::format("{}", message.id), format_time(message.known_time_us).substr(0, 19) + "Z",
             who_of(message), harmless(message.endpoint), client::refusal_name(message.code),
             fmt::format("{}", message.size), harmless(message.reason));
}

std::string quarantined_text(const client::QuarantinedMessage& message) {
  std::string text;
  const auto line = [&text](const char* name, std::string_view value) {
    text += fmt::format("{} {}\n", left(name, 10), harmless(value));
  };
  line("id", fmt::format("{}", message.id));
  line("time", format_time(message.known_time_us));
  line("who", message.name.empty() ? "nobody known" : message.name);
  if (!message.key.empty()) line("key", message.key);
  line("endpoint", message.endpoint);
  line("code", fmt::format("{} {}: {}", static_cast<int>(message.code),
                           client::refusal_name(message.code), meaning_of(message.code)));
  line("reason", message.reason);
  if (message.bytes.size() == message.size) {
    line("bytes", fmt::format("{}", message.size));
  } else if (message.bytes.empty()) {
    line("bytes", fmt::format("{}, shown to its owner's administrators alone", message.size));
  } else {
    line("bytes",
         fmt::format("{}, of which the first {} are kept", message.size, message.bytes.size()));
  }
  if (message.bytes.empty()) return text;
  const std::string kind = client::message_kind(message.bytes);
  line("is", kind.empty() ? "no message of the protocol" : "by its identifier a " + kind);
  return text + content_of(message) + "\n" + dump(message.bytes);
}

std::string quarantined_json(const client::QuarantinedMessage& message) {
  JsonLine line;
  line.number("id", message.id);
  line.time("known_time", message.known_time_us);
  line.text("endpoint", message.endpoint);
  if (!message.name.empty()) line.text("name", message.name);
  if (!message.key.empty()) line.text("key", message.key);
  line.text("code", client::refusal_name(message.code));
  line.text("reason", message.reason);
  line.number("size", message.size);
  if (message.bytes.empty()) return line.finish();
  const std::string kind = client::message_kind(message.bytes);
  if (!kind.empty()) line.text("kind", kind);
  std::string digits;
  digits.reserve(2 * message.bytes.size());
  for (const std::byte byte : message.bytes) {
    fmt::format_to(std::back_inserter(digits), "{:02x}", static_cast<unsigned>(byte));
  }
  line.text("bytes", digits);
  return line.finish();
}

}  // namespace vigie::cli
