#pragma once
// Every truncation and every flipped bit of a message: each is refused, or can be read whole
// without a fault (which is for the sanitizers to see).

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "schemas/messages/body.h"

namespace vigie::test {

/// Bytes on the heap with nothing behind them, aligned to 8 as all our allocations are.
class ExactBytes {
 public:
  explicit ExactBytes(Bytes bytes) : size_(bytes.size()), bytes_(new std::byte[size_]) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  Bytes bytes() const { return {bytes_.get(), size_}; }
  std::byte& at(std::size_t place) { return bytes_[place]; }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte[]> bytes_;
};

/// Reads all that there is in a root.
template <typename Root>
void read_root(const Root& root) {
  const std::unique_ptr<typename Root::NativeTableType> native(root.UnPack());
  ASSERT_NE(native, nullptr);
}

inline void read_block(const Block& block) {
  switch (block.header->kind()) {
    case wire::BlockKind::Batch:
      return read_root(block.batch());
    case wire::BlockKind::Settled:
      return read_root(block.settled());
    case wire::BlockKind::Leaves:
      return read_root(block.leaves());
    case wire::BlockKind::Void:
      ASSERT_GE(block.void_range().first() + 1, block.void_range().first() == UINT64_MAX ? 0u : 1u);
      return;
    default:
      return;
  }
}

/// Reads all that there is in a verified body.
inline void read_body(Bytes body) {
  BlockWalk walk(body);
  while (const auto block = walk.next()) read_block(*block);
  for_each_kept(body, [](std::uint64_t, Bytes entry) { ASSERT_TRUE(verify_body(entry).ok()); });
}

/// Calls attempt(bytes) with each truncation of `good`.
template <typename Attempt>
void truncate_everywhere(Bytes good, Attempt attempt) {
  for (std::size_t size = 0; size < good.size(); ++size) {
    attempt(ExactBytes(good.first(size)).bytes());
    if (testing::Test::HasFatalFailure()) return;
  }
}

/// Calls attempt(bytes) with each bit of `good` flipped, one at a time.
template <typename Attempt>
void flip_everywhere(Bytes good, Attempt attempt) {
  ExactBytes spoilt(good);
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      spoilt.at(place) ^= static_cast<std::byte>(1u << bit);
      attempt(spoilt.bytes());
      spoilt.at(place) ^= static_cast<std::byte>(1u << bit);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace vigie::test
