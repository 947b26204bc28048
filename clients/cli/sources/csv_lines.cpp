#include "clients/cli/sources/csv_lines.h"

namespace vigie::cli {

void CsvSplitter::push(std::span<const std::uint8_t> bytes) {
  static constexpr std::uint8_t kByteOrderMark[] = {0xef, 0xbb, 0xbf};
  for (const std::uint8_t byte : bytes) {
    if (!mark_done_) {
      if (mark_ < 3 && byte == kByteOrderMark[mark_]) {
        if (++mark_ == 3) mark_done_ = true;
        continue;
      }
      mark_done_ = true;
      for (std::size_t i = 0; i < mark_; ++i) take(static_cast<char>(kByteOrderMark[i]));
    }
    take(static_cast<char>(byte));
  }
}

void CsvSplitter::finish() {
  if (bytes_ > 0 || field_started_ || !record_.fields.empty()) end_record();
}

void CsvSplitter::take(char c) {
  if (bytes_ == 0 && !field_started_ && record_.fields.empty()) record_.line = line_;
  if (c == '\n') ++line_;
  ++bytes_;
  if (quoted_) {
    if (c == '"') {
      quoted_ = false;
      quote_seen_ = true;
      return;
    }
    // A quote that is never closed must not swallow the rest of the file.
    if (c == '\n' && bytes_ > kRecordBytesMax)
      end_record();
    else
      append(c);
    return;
  }
  if (c == '"' && (quote_seen_ || !field_started_)) {
    if (quote_seen_) append('"');
    quoted_ = true;
    quote_seen_ = false;
    field_started_ = true;
    return;
  }
  quote_seen_ = false;
  if (c == '\n') {
    end_record();
    return;
  }
  if (c == '\r') return;
  const bool separates = separator_ != 0 ? c == separator_ : c == ',' || c == ';' || c == '\t';
  if (separates) {
    separator_ = c;
    end_field();
    return;
  }
  append(c);
}

void CsvSplitter::append(char c) {
  field_started_ = true;
  if (bytes_ > kRecordBytesMax) {
    record_.too_long = true;
    return;
  }
  field_.push_back(c);
}

void CsvSplitter::end_field() {
  if (record_.fields.size() < kFieldsMax) {
    record_.fields.push_back(std::move(field_));
  } else {
    record_.too_long = true;
  }
  field_.clear();
  field_started_ = false;
  quote_seen_ = false;
}

void CsvSplitter::end_record() {
  const bool blank = record_.fields.empty() && field_.empty() && !field_started_;
  end_field();
  quoted_ = false;
  if (!blank) sink_(record_);
  record_.fields.clear();
  record_.too_long = false;
  bytes_ = 0;
}

}  // namespace vigie::cli
