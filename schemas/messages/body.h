#pragma once
// Bodies: entries that stand together, in the log and on the wire (layout: frame.fbs).
//
// A Body owns one buffer that holds, one after the other,
//     [FrameHeader][BodyHeader][block]*
// so that the store writes the part from the BodyHeader on, and a view that takes everything sends
// the whole, the same memory without a copy. A Body is built by one thread; once closed it is
// immutable but for the FrameHeader, which the feed writes once before it shares it. Shared by
// reference among threads afterwards.

#include <cstring>
#include <functional>
#include <memory>
#include <optional>

#include "schemas/messages/wire.h"
#include "schemas/words/result.h"

namespace vigie {

inline constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + 7) & ~std::size_t{7};
}

class Body {
 public:
  Body(std::unique_ptr<std::uint64_t[]> words, std::size_t bytes)
      : words_(std::move(words)), bytes_(bytes) {}
  /// BodyHeader and blocks: what the log keeps.
  Bytes bytes() const {
    return {data() + sizeof(wire::FrameHeader), bytes_ - sizeof(wire::FrameHeader)};
  }
  /// FrameHeader, BodyHeader and blocks: what a view that takes everything is sent.
  Bytes frame_bytes() const { return {data(), bytes_}; }
  const wire::BodyHeader& header() const {
    return *reinterpret_cast<const wire::BodyHeader*>(data() + sizeof(wire::FrameHeader));
  }
  wire::FrameHeader& frame_header() { return *reinterpret_cast<wire::FrameHeader*>(words_.get()); }
  std::uint64_t first_seq() const { return header().first_seq(); }
  std::uint64_t last_seq() const { return header().last_seq(); }
  std::int64_t known_time_us() const { return header().known_time_us(); }

 private:
  const std::byte* data() const { return reinterpret_cast<const std::byte*>(words_.get()); }
  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t bytes_;
};
using BodyPtr = std::shared_ptr<Body>;

/// Builds one body after the other, in place. One thread.
class BodyBuilder {
 public:
  explicit BodyBuilder(std::size_t capacity_bytes = limits::kBodyBytesMax);

  /// Bytes that blocks (headers included) may still take.
  std::size_t room() const { return capacity_ - used_; }
  bool empty() const { return used_ == kStart; }
  std::size_t bytes() const { return used_; }
  /// Where a payload of `payload_bytes` may be written, aligned to 8. It becomes part of the body
  /// with commit(); without, it is as if it had never been. REQUIRES: sizeof(BlockHeader) +
  /// padded(payload_bytes) <= room().
  std::byte* stage(std::size_t payload_bytes);
  void commit(wire::BlockKind kind, std::size_t payload_bytes, std::uint32_t count,
              std::uint64_t first_seq);
  /// stage(), copy and commit().
  void append(wire::BlockKind kind, Bytes payload, std::uint32_t count, std::uint64_t first_seq);
  /// Ends the body. REQUIRES: not empty(). The FrameHeader is all zero.
  BodyPtr close(std::uint64_t first_seq, std::uint64_t last_seq, std::int64_t known_time_us);

 private:
  static constexpr std::size_t kStart = sizeof(wire::FrameHeader) + sizeof(wire::BodyHeader);
  void renew();
  std::size_t capacity_;
  std::size_t used_ = kStart;
  std::unique_ptr<std::uint64_t[]> words_;
};

/// One block of a body or frame, borrowed from its bytes. The payload is verified.
struct Block {
  const wire::BlockHeader* header = nullptr;
  Bytes payload;
  /// REQUIRES: the kind matches.
  const wire::Batch& batch() const { return *flatbuffers::GetRoot<wire::Batch>(payload.data()); }
  const wire::Settled& settled() const {
    return *flatbuffers::GetRoot<wire::Settled>(payload.data());
  }
  const wire::Leaves& leaves() const { return *flatbuffers::GetRoot<wire::Leaves>(payload.data()); }
  const wire::SeqRange& void_range() const {
    return *reinterpret_cast<const wire::SeqRange*>(payload.data());
  }
};

/// Walks the blocks of a body that this process built or that was verified before: nothing is
/// checked again.
class BlockWalk {
 public:
  /// `body`: from the BodyHeader on, aligned to 8.
  explicit BlockWalk(Bytes body) : rest_(body.subspan(sizeof(wire::BodyHeader))) {}
  std::optional<Block> next();

 private:
  Bytes rest_;
};

/// Verifies headers, lengths and every payload of a body from outside or from disk. Kinds it does
/// not know are let pass, with their payload unverified, for the reader to skip. `body` must be
/// aligned to 8.
Result<void> verify_body(Bytes body);

/// Events and states of a body that a cursor must not miss, each as a body of its own with one
/// Batch block of one entry. Calls sink(seq, bytes) in order of seq; bytes are valid during the
/// call.
void for_each_kept(Bytes body,
                   const std::function<void(std::uint64_t seq, Bytes entry_body)>& sink);

}  // namespace vigie
