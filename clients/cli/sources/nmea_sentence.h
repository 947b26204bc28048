#pragma once
// NMEA 0183 sentences out of a stream of bytes in which anything may stand between them: noise,
// other protocols' binary packets, sentences cut short. Pure; keeps at most one sentence.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "clients/cli/sources/reading.h"

namespace vigie::cli {

/// One sentence whose checksum held. Borrows from the splitter: valid until it takes more bytes.
struct NmeaSentence {
  static constexpr std::size_t kFieldsMax = 64;
  std::string_view type;  // three letters behind the talker: "RMC"; empty when proprietary
  std::array<std::string_view, kFieldsMax> fields;  // behind the address
  std::size_t field_count = 0;
  /// The field, without blanks; empty when the sentence is shorter. The first is 0.
  std::string_view field(std::size_t index) const;
};

/// Splits a sentence's text (from behind the '$' up to the '*') into address and fields.
NmeaSentence parse_nmea(std::string_view text);

class NmeaSplitter {
 public:
  /// The standard's limit is 82; receivers write longer ones. Longer still is taken for noise.
  static constexpr std::size_t kSentenceBytesMax = 256;

  /// Takes one byte. True when it ended a sentence that is whole: `sentence()` then is valid until
  /// the next push. Sentences with a wrong checksum, or without one from a device that sends them,
  /// are counted in `skips`.
  bool push(std::uint8_t byte, Skips& skips);
  const NmeaSentence& sentence() const { return sentence_; }
  /// Lines ended so far, for messages.
  std::uint64_t line() const { return line_; }

 private:
  bool end_sentence(Skips& skips);
  std::string place() const;

  std::string text_;  // behind the '$'
  bool inside_ = false;
  bool seen_checksum_ = false;
  std::uint64_t line_ = 1;
  NmeaSentence sentence_;
};

}  // namespace vigie::cli
