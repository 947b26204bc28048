#pragma once
// One flat JSON object as a line, keys in the order in which they are added. Numbers are written
// from integers, so that no digit is lost. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::cli {

/// `text` as a JSON string with its quotes. Bytes that are not valid UTF-8 become U+FFFD; control
/// characters are escaped.
void append_json_text(std::string& out, std::string_view text);
/// 287450 with 3 decimals as 287.45: trailing zeros are left out, down to `decimals_min`.
void append_scaled(std::string& out, std::int64_t value, int decimals, int decimals_min = 0);

class JsonLine {
 public:
  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, std::uint64_t value);
  /// value / 10^decimals.
  void scaled(std::string_view key, std::int64_t value, int decimals, int decimals_min = 0);
  void flag(std::string_view key, bool value);
  /// RFC 3339 with six decimals in UTC.
  void time(std::string_view key, std::int64_t us_since_1970);
  /// JSON made by the caller.
  void raw(std::string_view key, std::string_view json);
  /// The object with a line feed behind it.
  std::string finish();

 private:
  void key(std::string_view name);
  std::string out_ = "{";
};

}  // namespace vigie::cli
