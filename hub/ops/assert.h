#pragma once
// VIGIE_ASSERT(condition, values...): checks what only a programmer's mistake can break, in release
// builds too, and prints the condition, the place and the values before it aborts. Never for what
// arrives from outside: that gets a Fault. Any thread.
//
//   VIGIE_ASSERT(seq > last_seq, seq, last_seq);

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace vigie::ops {

/// Writes one line to standard error and aborts. `names` is the text of the values' expressions.
[[noreturn]] void assert_failed(std::string_view place, std::string_view condition,
                                std::string_view names, std::initializer_list<std::string> values);

template <typename T>
std::string describe_value(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else {
    static_assert(std::is_pointer_v<T>, "give numbers, enumerators, text or pointers");
    return value == nullptr ? "null" : "not null";
  }
}

template <typename... Values>
[[noreturn, gnu::cold, gnu::noinline]] void assert_failed_with(std::string_view place,
                                                               std::string_view condition,
                                                               std::string_view names,
                                                               const Values&... values) {
  assert_failed(place, condition, names, {describe_value(values)...});
}

}  // namespace vigie::ops

#define VIGIE_TEXT_OF(x) #x
#define VIGIE_TEXT(x) VIGIE_TEXT_OF(x)
#define VIGIE_ASSERT(condition, ...)                                                     \
  (static_cast<bool>(condition)                                                          \
       ? static_cast<void>(0)                                                            \
       : ::vigie::ops::assert_failed_with(__FILE__ ":" VIGIE_TEXT(__LINE__), #condition, \
                                          #__VA_ARGS__ __VA_OPT__(, ) __VA_ARGS__))
