#pragma once
// The generated messages, and how a FlatBuffer of ours is verified and built. Pure.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "access_generated.h"
#include "batch_generated.h"
#include "common_generated.h"
#include "frame_generated.h"
#include "publish_generated.h"
#include "schemas/words/limits.h"
#include "session_generated.h"

namespace vigie {

using Bytes = std::span<const std::byte>;

/// The file identifier of each root: bytes 4..7 of the message. A frame has FrameHeader::magic
/// there.
template <typename Root>
struct Identifier;
template <>
struct Identifier<wire::Batch> {
  static constexpr const char* value = "VGBT";
};
template <>
struct Identifier<wire::Settled> {
  static constexpr const char* value = "VGST";
};
template <>
struct Identifier<wire::Leaves> {
  static constexpr const char* value = "VGLV";
};
template <>
struct Identifier<wire::Hello> {
  static constexpr const char* value = "VGHE";
};
template <>
struct Identifier<wire::Welcome> {
  static constexpr const char* value = "VGWE";
};
template <>
struct Identifier<wire::Ack> {
  static constexpr const char* value = "VGAK";
};
template <>
struct Identifier<wire::Rehello> {
  static constexpr const char* value = "VGRH";
};
template <>
struct Identifier<wire::Rejected> {
  static constexpr const char* value = "VGRJ";
};
template <>
struct Identifier<wire::Open> {
  static constexpr const char* value = "VGOP";
};
template <>
struct Identifier<wire::Opened> {
  static constexpr const char* value = "VGOD";
};
template <>
struct Identifier<wire::Credit> {
  static constexpr const char* value = "VGCR";
};
template <>
struct Identifier<wire::Refill> {
  static constexpr const char* value = "VGRE";
};
template <>
struct Identifier<wire::Control> {
  static constexpr const char* value = "VGCT";
};
template <>
struct Identifier<wire::Close> {
  static constexpr const char* value = "VGCL";
};
template <>
struct Identifier<wire::Reopen> {
  static constexpr const char* value = "VGRO";
};
template <>
struct Identifier<wire::Denied> {
  static constexpr const char* value = "VGDN";
};
template <>
struct Identifier<wire::Heartbeat> {
  static constexpr const char* value = "VGHB";
};
template <>
struct Identifier<wire::ReplayState> {
  static constexpr const char* value = "VGRS";
};
template <>
struct Identifier<wire::Ask> {
  static constexpr const char* value = "VGAQ";
};
template <>
struct Identifier<wire::Told> {
  static constexpr const char* value = "VGTD";
};

inline constexpr std::uint16_t kProtocolVersion = 1;
inline constexpr std::uint32_t kFrameMagic = 0x52464756;  // "VGFR" at bytes 4..7
inline constexpr std::uint32_t kBodyMagic = 0x31424756;   // "VGB1" at bytes 0..3

// FlatBuffers 2.0.8 verifies that a vector of structs lies in the buffer, but not that its elements
// are aligned; read where they lie, they must be. One overload for each root that holds such
// vectors.
template <typename T>
bool elements_aligned(const flatbuffers::Vector<const T*>* vector) {
  return vector == nullptr || vector->size() == 0 ||
         reinterpret_cast<std::uintptr_t>(vector->data()) % alignof(T) == 0;
}
template <typename Root>
bool vectors_aligned(const Root&) {
  return true;
}
template <>
bool vectors_aligned(const wire::Batch& batch);
template <>
inline bool vectors_aligned(const wire::Settled& settled) {
  return elements_aligned(settled.ranges());
}
template <>
inline bool vectors_aligned(const wire::Welcome& welcome) {
  return elements_aligned(welcome.settled());
}
template <>
inline bool vectors_aligned(const wire::Ack& ack) {
  return elements_aligned(ack.settled());
}
template <>
inline bool vectors_aligned(const wire::ReplayState& state) {
  return elements_aligned(state.damaged());
}

/// The root of `bytes` when it verifies as a Root with its identifier, else null.
/// `bytes` must be aligned to 8 (use AlignedBytes for what came from outside) and outlive the
/// result.
template <typename Root>
const Root* verified(Bytes bytes) {
  if (bytes.size() < 12) return nullptr;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                 limits::kVerifierDepthMax, limits::kVerifierTablesMax);
  if (!verifier.VerifyBuffer<Root>(Identifier<Root>::value)) return nullptr;
  const Root* root = flatbuffers::GetRoot<Root>(bytes.data());
  return vectors_aligned(*root) ? root : nullptr;
}

/// True when bytes 4..7 are the Root's identifier.
template <typename Root>
bool has_identifier(Bytes bytes) {
  return bytes.size() >= 12 &&
         flatbuffers::BufferHasIdentifier(bytes.data(), Identifier<Root>::value);
}

/// A copy of bytes from outside, aligned to 8.
class AlignedBytes {
 public:
  explicit AlignedBytes(Bytes bytes) : words_((bytes.size() + 7) / 8), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(words_.data(), bytes.data(), bytes.size());
  }
  Bytes bytes() const { return {reinterpret_cast<const std::byte*>(words_.data()), size_}; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

/// Finishes `builder` with the Root's identifier and returns its bytes, valid until the builder
/// changes.
template <typename Root>
Bytes finished(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<Root> root) {
  builder.Finish(root, Identifier<Root>::value);
  return {reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()};
}

/// Packs a root of the object API (wire::HelloT and so on) into bytes of its own.
template <typename Root>
std::vector<std::byte> packed(const typename Root::NativeTableType& native) {
  flatbuffers::FlatBufferBuilder builder(512);
  const Bytes bytes = finished<Root>(builder, Root::Pack(builder, &native));
  return {bytes.begin(), bytes.end()};
}

inline std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

/// A vector's elements as a range; an absent vector is empty.
template <typename T>
struct VectorRange {
  const flatbuffers::Vector<T>* vector;
  auto begin() const {
    return vector == nullptr ? typename flatbuffers::Vector<T>::const_iterator(nullptr, 0)
                             : vector->begin();
  }
  auto end() const {
    return vector == nullptr ? typename flatbuffers::Vector<T>::const_iterator(nullptr, 0)
                             : vector->end();
  }
};
template <typename T>
VectorRange<T> each(const flatbuffers::Vector<T>* vector) {
  return {vector};
}
template <typename T>
std::size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

template <>
inline bool vectors_aligned(const wire::Batch& batch) {
  for (const wire::UnitFixes* section : each(batch.fixes())) {
    if (!elements_aligned(section->fixes())) return false;
  }
  for (const wire::Event* event : each(batch.events())) {
    if (!elements_aligned(event->references())) return false;
  }
  return elements_aligned(batch.given_up());
}

// "Unknown" of a fix's fields.
inline constexpr std::int32_t kUnknownAltitude = INT32_MIN;
inline constexpr std::uint32_t kUnknownU32 = UINT32_MAX;
inline constexpr std::uint8_t kUnknownU8 = UINT8_MAX;

}  // namespace vigie
