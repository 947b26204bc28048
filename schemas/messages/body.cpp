#include "schemas/messages/body.h"

#include <fmt/format.h>

#include <cassert>

#include "schemas/messages/entry_writer.h"

namespace vigie {
namespace {

Fault damaged(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

bool payload_verifies(wire::BlockKind kind, Bytes payload) {
  switch (kind) {
    case wire::BlockKind::Batch:
      return verified<wire::Batch>(payload) != nullptr;
    case wire::BlockKind::Settled:
      return verified<wire::Settled>(payload) != nullptr;
    case wire::BlockKind::Leaves:
      return verified<wire::Leaves>(payload) != nullptr;
    case wire::BlockKind::Void:
      return payload.size() == sizeof(wire::SeqRange);
    default:
      return true;
  }
}

}  // namespace

BodyBuilder::BodyBuilder(std::size_t capacity_bytes) : capacity_(capacity_bytes) {
  renew();
}

void BodyBuilder::renew() {
  words_ = std::make_unique_for_overwrite<std::uint64_t[]>(capacity_ / 8 + 1);
  used_ = kStart;
}

std::byte* BodyBuilder::stage(std::size_t payload_bytes) {
  assert(sizeof(wire::BlockHeader) + padded(payload_bytes) <= room());
  static_cast<void>(payload_bytes);
  return reinterpret_cast<std::byte*>(words_.get()) + used_ + sizeof(wire::BlockHeader);
}

void BodyBuilder::commit(wire::BlockKind kind, std::size_t payload_bytes, std::uint32_t count,
                         std::uint64_t first_seq) {
  std::byte* at = reinterpret_cast<std::byte*>(words_.get()) + used_;
  const wire::BlockHeader header(static_cast<std::uint32_t>(payload_bytes), count, first_seq, kind,
                                 0, 0, 0, 0);
  std::memcpy(at, &header, sizeof header);
  std::byte* end = at + sizeof header + payload_bytes;
  std::memset(end, 0, padded(payload_bytes) - payload_bytes);
  used_ += sizeof header + padded(payload_bytes);
}

void BodyBuilder::append(wire::BlockKind kind, Bytes payload, std::uint32_t count,
                         std::uint64_t first_seq) {
  std::memcpy(stage(payload.size()), payload.data(), payload.size());
  commit(kind, payload.size(), count, first_seq);
}

BodyPtr BodyBuilder::close(std::uint64_t first_seq, std::uint64_t last_seq,
                           std::int64_t known_time_us) {
  assert(!empty());
  std::byte* start = reinterpret_cast<std::byte*>(words_.get());
  std::memset(start, 0, sizeof(wire::FrameHeader));
  const auto body_bytes = static_cast<std::uint32_t>(used_ - sizeof(wire::FrameHeader));
  const wire::BodyHeader header(kBodyMagic, body_bytes, first_seq, last_seq, known_time_us);
  std::memcpy(start + sizeof(wire::FrameHeader), &header, sizeof header);
  // A small body must not pin a large buffer for as long as it stands in the ring.
  const std::size_t used = used_;
  std::unique_ptr<std::uint64_t[]> words;
  if (used * 2 < capacity_) {
    words = std::make_unique_for_overwrite<std::uint64_t[]>(padded(used) / 8);
    std::memcpy(words.get(), words_.get(), used);
    used_ = kStart;
  } else {
    words = std::move(words_);
    renew();
  }
  return std::make_shared<Body>(std::move(words), used);
}

std::optional<Block> BlockWalk::next() {
  if (rest_.size() < sizeof(wire::BlockHeader)) return std::nullopt;
  const auto* header = reinterpret_cast<const wire::BlockHeader*>(rest_.data());
  const Block block{header, rest_.subspan(sizeof(wire::BlockHeader), header->bytes())};
  rest_ = rest_.subspan(sizeof(wire::BlockHeader) + padded(header->bytes()));
  return block;
}

Result<void> verify_body(Bytes body) {
  if (body.size() < sizeof(wire::BodyHeader)) {
    return damaged(fmt::format("a body of {} bytes is too short", body.size()));
  }
  const auto* header = reinterpret_cast<const wire::BodyHeader*>(body.data());
  if (header->magic() != kBodyMagic || header->bytes() != body.size()) {
    return damaged(fmt::format("body header: magic {:#x}, {} bytes where there are {}",
                               header->magic(), header->bytes(), body.size()));
  }
  Bytes rest = body.subspan(sizeof(wire::BodyHeader));
  while (!rest.empty()) {
    if (rest.size() < sizeof(wire::BlockHeader)) return damaged("a block header is cut off");
    const auto* block = reinterpret_cast<const wire::BlockHeader*>(rest.data());
    const std::size_t bytes = sizeof(wire::BlockHeader) + padded(block->bytes());
    if (bytes > rest.size()) {
      return damaged(fmt::format("block of {} bytes goes beyond its body", block->bytes()));
    }
    if (!payload_verifies(block->kind(), rest.subspan(sizeof(wire::BlockHeader), block->bytes()))) {
      return damaged(fmt::format("payload of the block at seq {} (kind {}) is malformed",
                                 block->first_seq(), static_cast<int>(block->kind())));
    }
    rest = rest.subspan(bytes);
  }
  return {};
}

void for_each_kept(Bytes body,
                   const std::function<void(std::uint64_t seq, Bytes entry_body)>& sink) {
  const auto known_time_us =
      reinterpret_cast<const wire::BodyHeader*>(body.data())->known_time_us();
  EntryWriter writer;
  BlockWalk walk(body);
  while (const auto block = walk.next()) {
    if (block->header->kind() != wire::BlockKind::Batch) continue;
    const wire::Batch& batch = block->batch();
    for (const wire::Event* event : each(batch.events())) {
      writer.add_event(*event, spool_of(event->spool(), batch.spool()));
      const BodyPtr entry = writer.finish(known_time_us);
      sink(entry->first_seq(), entry->bytes());
    }
    for (const wire::State* state : each(batch.states())) {
      writer.add_state(*state, spool_of(state->spool(), batch.spool()));
      const BodyPtr entry = writer.finish(known_time_us);
      sink(entry->first_seq(), entry->bytes());
    }
  }
}

}  // namespace vigie
