#include "clients/cli/sources/nmea_sentence.h"

#include <fmt/format.h>

#include "clients/cli/sources/decimal.h"

namespace vigie::cli {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// True for an address such as "GPRMC": noise that happens to start with '$' is not counted.
bool looks_like_sentence(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || comma < 3 || comma > 8) return false;
  for (const char c : text.substr(0, comma)) {
    if (!is_letter_or_digit(c)) return false;
  }
  return true;
}

}  // namespace

std::string_view NmeaSentence::field(std::size_t index) const {
  return index < field_count ? fields[index] : std::string_view();
}

NmeaSentence parse_nmea(std::string_view text) {
  NmeaSentence sentence;
  const std::size_t comma = text.find(',');
  const std::string_view address = text.substr(0, comma);
  if (address.size() == 5 && address[0] != 'P') sentence.type = address.substr(2);
  if (comma == std::string_view::npos) return sentence;
  std::string_view rest = text.substr(comma + 1);
  while (sentence.field_count < NmeaSentence::kFieldsMax) {
    const std::size_t end = rest.find(',');
    sentence.fields[sentence.field_count++] = trimmed(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return sentence;
}

bool NmeaSplitter::push(std::uint8_t byte, Skips& skips) {
  const char c = static_cast<char>(byte);
  if (c == '\n') ++line_;
  if (c == '$' || c == '!') {
    // A new start ends whatever came before it: that was cut short.
    text_.clear();
    inside_ = true;
    return false;
  }
  if (!inside_) return false;
  const std::size_t star = text_.find('*');
  if (star != std::string::npos && text_.size() == star + 2 && hex_digit(c) >= 0) {
    text_.push_back(c);
    inside_ = false;
    return end_sentence(skips);
  }
  if (c == '\r' || c == '\n') {
    inside_ = false;
    return end_sentence(skips);
  }
  if (byte < 0x20 || byte > 0x7e || text_.size() >= kSentenceBytesMax) {
    inside_ = false;
    return false;
  }
  text_.push_back(c);
  return false;
}

bool NmeaSplitter::end_sentence(Skips& skips) {
  if (!looks_like_sentence(text_)) return false;
  const std::size_t star = text_.find('*');
  if (star == std::string::npos) {
    // Devices of the first versions of the standard send none at all.
    if (seen_checksum_) {
      skips.add("sentences without a checksum", place());
      return false;
    }
    sentence_ = parse_nmea(text_);
    return true;
  }
  int sum = 0;
  for (const char c : std::string_view(text_).substr(0, star)) sum ^= static_cast<unsigned char>(c);
  const int high = star + 1 < text_.size() ? hex_digit(text_[star + 1]) : -1;
  const int low = star + 2 < text_.size() ? hex_digit(text_[star + 2]) : -1;
  if (high < 0 || low < 0 || high * 16 + low != sum) {
    skips.add("sentences with a wrong checksum", place());
    return false;
  }
  seen_checksum_ = true;
  sentence_ = parse_nmea(std::string_view(text_).substr(0, star));
  return true;
}

std::string NmeaSplitter::place() const {
  return fmt::format("line {}: ${}", line_, text_);
}

}  // namespace vigie::cli
