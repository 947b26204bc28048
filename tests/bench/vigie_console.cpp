#include "tests/bench/vigie_console.h"

#include <fmt/format.h>

#include <charconv>

#include "tests/bench/vigie_publisher.h"

namespace vigie::bench {
namespace {

Bytes bytes_of(std::string_view body) {
  return std::as_bytes(std::span(body.data(), body.size()));
}

template <typename Header>
Header header_at(const char* at) {
  Header header;
  std::memcpy(static_cast<void*>(&header), at, sizeof header);
  return header;
}

/// What CurveBox::Peeked is for a sealed one.
struct Plain {
  std::string_view bytes;
  std::size_t size() const { return bytes.size(); }
  void copy(void* to, std::size_t at, std::size_t count) const {
    std::memcpy(to, bytes.data() + at, count);
  }
};

template <typename Header, typename Bytes>
Header header_in(const Bytes& bytes, std::size_t at) {
  Header header;
  bytes.copy(&header, at, sizeof header);
  return header;
}

bool flagged(const wire::FrameHeader& header, wire::FrameFlag flag) {
  return (header.flags() & static_cast<std::uint8_t>(flag)) != 0;
}

}  // namespace

VigieConsole::VigieConsole(Poller& poller, Account& account, std::size_t index,
                           ConsoleOptions options)
    : ZmtpConnection(poller, "DEALER", keys_of(options.who)),
      account_(account),
      index_(index),
      options_(std::move(options)),
      granted_bytes_(options_.window_bytes) {}

Result<void> VigieConsole::begin_listening(int port, double seconds) {
  if (auto begun = begin(port, seconds, options_.receive_buffer); !begun) return begun;
  options_.open.protocol = kProtocolVersion;
  options_.open.client = "vigie-bench";
  options_.open.granted_bytes = granted_bytes_;
  send(packed<wire::Open>(options_.open));
  return {};
}

void VigieConsole::send(const std::vector<std::byte>& bytes) {
  append_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  flush();
}

void VigieConsole::say_alive() {
  wire::CreditT credit;
  credit.granted_bytes = granted_bytes_;
  credit.received = position_;
  send(packed<wire::Credit>(credit));
}

void VigieConsole::stop_reading() {
  options_.reads = false;
  set_reading(false);
}

void VigieConsole::grant() {
  if (used_bytes_ + options_.window_bytes < granted_bytes_ + options_.window_bytes / 4) return;
  granted_bytes_ = used_bytes_ + options_.window_bytes;
  say_alive();
}

void VigieConsole::on_message(std::string_view body) {
  std::uint32_t magic = 0;
  if (body.size() >= 8) std::memcpy(&magic, body.data() + 4, sizeof magic);
  if (magic == kFrameMagic && body.size() >= sizeof(wire::FrameHeader)) {
    on_frame(body);
  } else {
    on_request(body);
  }
}

void VigieConsole::on_request(std::string_view body) {
  const AlignedBytes copy(bytes_of(body));
  if (has_identifier<wire::Heartbeat>(copy.bytes())) {
    say_alive();
  } else if (const auto* opened = verified<wire::Opened>(copy.bytes())) {
    opened_ = true;
    if (opened->position() != nullptr) position_ = opened->position()->fix();
    if (!opened->replaces() && options_.open.mode == wire::Mode::Live) live_ = true;
    if (!options_.reads) set_reading(false);
  } else if (const auto* state = verified<wire::ReplayState>(copy.bytes())) {
    ended_ = ended_ || state->phase() == wire::ReplayPhase::Ended;
    if (state->phase() == wire::ReplayPhase::Failed) {
      poller().fail(fmt::format("replay failed: {}", text_of(state->reason())));
    }
  } else if (const auto* denied = verified<wire::Denied>(copy.bytes())) {
    poller().fail(fmt::format("denied: {} {}", wire::EnumNameRefusal(denied->code()),
                              text_of(denied->reason())));
  } else if (const auto* reopen = verified<wire::Reopen>(copy.bytes())) {
    ended_ = true;
    if (options_.open.mode == wire::Mode::Live) {
      poller().fail(fmt::format("the hub ended a session: {}", text_of(reopen->reason())));
    }
  }
}

void VigieConsole::begin_frame(const wire::FrameHeader& header, std::size_t bytes) {
  ++frames_;
  frame_bytes_ += bytes;
  if (header.kind() == wire::FrameKind::Conflated) {
    ++conflated_frames_;
    if (options_.counts) account_.spoil(fmt::format("console {} was conflated", index_));
  }
  if (header.kind() == wire::FrameKind::Live && header.prev() > position_) {
    account_.spoil(fmt::format("hole at console {}", index_));
  }
  before_ = position_;
}

void VigieConsole::end_frame(const wire::FrameHeader& header, std::size_t bytes) {
  if (header.kind() != wire::FrameKind::Snapshot || flagged(header, wire::FrameFlag::LastPage)) {
    position_ = std::max<std::uint64_t>(position_, header.last());
  }
  if (header.kind() == wire::FrameKind::Live) fed_ = true;
  if (header.kind() == wire::FrameKind::Snapshot && flagged(header, wire::FrameFlag::LastPage)) {
    live_ = true;
  }
  used_bytes_ += bytes;
  grant();
}

void VigieConsole::on_frame(std::string_view bytes) {
  if (options_.heads) return on_heads(Plain{bytes});
  const auto header = header_at<wire::FrameHeader>(bytes.data());
  begin_frame(header, bytes.size());
  const bool live = header.kind() == wire::FrameKind::Live;
  std::size_t at = sizeof(wire::FrameHeader);
  while (at + sizeof(wire::BodyHeader) <= bytes.size()) {
    const auto body = header_at<wire::BodyHeader>(bytes.data() + at);
    const std::size_t end = std::min<std::size_t>(at + body.bytes(), bytes.size());
    std::size_t block_at = at + sizeof(wire::BodyHeader);
    while (block_at + sizeof(wire::BlockHeader) <= end) {
      const auto block = header_at<wire::BlockHeader>(bytes.data() + block_at);
      block_at += sizeof(wire::BlockHeader);
      on_block(block, reinterpret_cast<const std::uint8_t*>(bytes.data() + block_at), live);
      block_at += padded(block.bytes());
    }
    at = end;
  }
  end_frame(header, bytes.size());
}

/// The frames of this generator hold fixes alone, and a live one holds each once: a block's count
/// is that of its messages.
template <typename Bytes>
void VigieConsole::on_heads(const Bytes& bytes) {
  const auto header = header_in<wire::FrameHeader>(bytes, 0);
  begin_frame(header, bytes.size());
  std::size_t at = sizeof(wire::FrameHeader);
  while (at + sizeof(wire::BodyHeader) <= bytes.size()) {
    const auto body = header_in<wire::BodyHeader>(bytes, at);
    const std::size_t end = std::min<std::size_t>(at + body.bytes(), bytes.size());
    std::size_t block_at = at + sizeof(wire::BodyHeader);
    while (block_at + sizeof(wire::BlockHeader) <= end) {
      const auto block = header_in<wire::BlockHeader>(bytes, block_at);
      block_at += sizeof(wire::BlockHeader) + padded(block.bytes());
      if (block.kind() != wire::BlockKind::Batch) continue;
      if (block.first_seq() <= before_) {
        return account_.spoil(fmt::format("console {} got fixes twice", index_));
      }
      account_.delivered_unread(index_, block.count());
    }
    at = std::max(end, at + sizeof(wire::BodyHeader));
  }
  end_frame(header, bytes.size());
}

void VigieConsole::on_block(const wire::BlockHeader& header, const std::uint8_t* payload,
                            bool live) {
  if (header.kind() != wire::BlockKind::Batch) return;
  entries_ += header.count();
  if (!options_.counts) return;
  // The payload lies where the kernel put it, not aligned: the processors this runs on read it so.
  const auto* batch = flatbuffers::GetRoot<wire::Batch>(payload);
  if (batch->fixes() == nullptr) return;
  for (const wire::UnitFixes* section : *batch->fixes()) on_section(*section, live);
}

void VigieConsole::on_section(const wire::UnitFixes& section, bool live) {
  const std::size_t count = section.fixes()->size();
  const wire::Stamp& stamp = *section.stamp();
  const std::size_t skipped =
      live && stamp.first_seq() <= before_ ? std::min(count, before_ - stamp.first_seq() + 1) : 0;
  if (live) {
    std::size_t unit = 0;
    const char* end = section.unit()->c_str() + section.unit()->size();
    std::from_chars(end - kUnitDigits, end, unit);
    if (unit >= counts_.size()) counts_.resize(unit + 1);
    const auto first = stamp.first_count();
    if (skipped == 0 && counts_[unit] != 0 && counts_[unit] != first + 1) {
      account_.spoil(fmt::format("console {}: running count of unit {} jumps", index_, unit));
    }
    counts_[unit] = first + static_cast<std::uint32_t>(count) + 1;
  }
  const auto* readings = section.readings();
  if (readings == nullptr || section.readings_bytes() != kReadingsBytes) {
    return account_.spoil(fmt::format("console {} got fixes without their readings", index_));
  }
  const auto* at = reinterpret_cast<const std::byte*>(readings->data());
  for (std::size_t i = skipped; i < count; ++i) {
    account_.delivered(index_, at + i * kReadingsBytes, poller().received_ns());
  }
}

}  // namespace vigie::bench
