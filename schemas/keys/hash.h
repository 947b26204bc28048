#pragma once
// BLAKE2b-256 (RFC 7693): the one hash of the project. Pure.

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

namespace vigie {

using Hash = std::array<unsigned char, 32>;

/// libsodium picks its routines, and opens the source of chance, once; to be called before any
/// other function of it.
void ready_sodium();

/// Of all parts, one after the other. What it kept of them is wiped.
Hash blake2b(std::initializer_list<std::span<const unsigned char>> parts);

inline std::span<const unsigned char> octets(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}
inline std::span<const unsigned char> octets(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

}  // namespace vigie
