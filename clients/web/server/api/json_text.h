#pragma once
// JSON written piece by piece, in the order in which it is asked for, so that a large answer never
// stands in memory as a tree. Numbers are written from integers: no digit is lost. Pure.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::web::api {

/// `text` as a JSON string with its quotes. Bytes that are not valid UTF-8 become U+FFFD; control
/// characters (C0, DEL, C1) are escaped.
void append_json_text(std::string& out, std::string_view text);
/// 287450 with 3 decimals as 287.45: trailing zeros are left out, down to `decimals_min`.
void append_scaled(std::string& out, std::int64_t value, int decimals, int decimals_min = 0);
/// Degrees with all seven decimals that a position has.
void append_degrees(std::string& out, std::int64_t e7);

/// Appends to a text that its owner may take away at any moment between two values. Keys are our
/// own words and are written as they are.
class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  void begin_object(std::string_view key = {}) { begin(key, '{'); }
  void begin_array(std::string_view key = {}) { begin(key, '['); }
  void end_object() { end('}'); }
  void end_array() { end(']'); }

  void text(std::string_view key, std::string_view value);
  template <std::integral Number>
  void number(std::string_view key, Number value) {
    raw(key, std::to_string(value));
  }
  /// value / 10^decimals.
  void scaled(std::string_view key, std::int64_t value, int decimals, int decimals_min = 0);
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void null(std::string_view key) { raw(key, "null"); }
  /// RFC 3339 with six decimals in UTC.
  void time(std::string_view key, std::int64_t us_since_1970);
  /// JSON made by the caller.
  void raw(std::string_view key, std::string_view json);

  /// In an array.
  void element(std::string_view value) { text({}, value); }

 private:
  void lead(std::string_view key);
  void begin(std::string_view key, char bracket);
  void end(char bracket);

  std::string& out_;
  bool follows_ = false;  // a value stands before the next one
};

}  // namespace vigie::web::api
