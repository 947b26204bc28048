#pragma once
// Records of a CSV file (RFC 4180: quotes, doubled quotes, line breaks in quotes; also a byte order
// mark, CR LF, and ';' or tab between fields where the heading has them). Pure; keeps one record.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::cli {

struct CsvRecord {
  std::uint64_t line = 0;           // on which it starts, from 1
  std::vector<std::string> fields;  // without their quotes
  bool too_long = false;            // more than kRecordBytesMax: fields hold the beginning
};

class CsvSplitter {
 public:
  static constexpr std::size_t kRecordBytesMax = 16 * 1024;
  static constexpr std::size_t kFieldsMax = 256;
  using Sink = std::function<void(const CsvRecord&)>;

  explicit CsvSplitter(Sink sink) : sink_(std::move(sink)) {}
  /// Takes bytes in pieces of any size; calls the sink for each record that is complete.
  void push(std::span<const std::uint8_t> bytes);
  /// Ends the last record where the file does not end in a line break.
  void finish();

 private:
  void take(char c);
  void append(char c);
  void end_field();
  void end_record();

  Sink sink_;
  CsvRecord record_;
  std::string field_;
  std::size_t bytes_ = 0;
  std::uint64_t line_ = 1;
  char separator_ = 0;       // 0: not known before the first record's first separator
  bool quoted_ = false;      // inside quotes
  bool quote_seen_ = false;  // a quote inside quotes: the end, or the first of a doubled one
  bool field_started_ = false;
  std::size_t mark_ = 0;  // bytes of the byte order mark matched so far
  bool mark_done_ = false;
};

}  // namespace vigie::cli
