#include "tests/bench/vigie_publisher.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/words/times.h"

namespace vigie::bench {
namespace {

Bytes bytes_of(std::string_view body) {
  return std::as_bytes(std::span(body.data(), body.size()));
}

/// A place within 5 km of In Delimane that differs from message to message.
wire::Fix fix_at(std::int64_t true_time_us, std::uint64_t number) {
  const std::uint64_t bits = number * 0x9e3779b97f4a7c15u;
  const auto noise = [bits](int shift, std::uint64_t below) {
    return static_cast<std::uint32_t>((bits >> shift) % below);
  };
  return {true_time_us,
          static_cast<std::int32_t>(158'600'000 + noise(1, 800'000)),
          static_cast<std::int32_t>(14'600'000 + noise(11, 800'000)),
          static_cast<std::int32_t>(200'000 + noise(21, 50'000)),
          noise(31, 20'000),
          noise(23, 360'000),
          1'000 + noise(40, 9'000),
          2'000 + noise(43, 9'000),
          wire::Clock::Satellite,
          wire::FixType::ThreeD,
          9,
          80,
          wire::FixSource::Satellite,
          0,
          0};
}

}  // namespace

std::string unit_name(std::size_t number) {
  return fmt::format("BENCH/u{:08}", number);
}

VigiePublisher::VigiePublisher(Poller& poller, Account& account, std::size_t index,
                               std::size_t first_unit, Spread spread,
                               const std::optional<Enrolled>& who)
    : ZmtpConnection(poller, "DEALER", keys_of(who)),
      account_(account),
      index_(index),
      first_unit_(first_unit),
      spread_(spread),
      spool_(new_spool(who)),
      builder_(limits::kBatchBytesMax + 4096) {}

Result<void> VigiePublisher::begin_publishing(int port, double seconds) {
  if (auto begun = begin(port, seconds); !begun) return begun;
  say_hello();
  return {};
}

void VigiePublisher::say_hello() {
  wire::HelloT hello;
  hello.protocol = kProtocolVersion;
  hello.spool = std::make_unique<wire::Spool>(spool_);
  hello.client = "vigie-bench";
  hello.sent_time_us = SystemClock().utc_us();
  const std::vector<std::byte> bytes = packed<wire::Hello>(hello);
  append_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  flush();
}

void VigiePublisher::on_message(std::string_view body) {
  const AlignedBytes copy(bytes_of(body));
  if (has_identifier<wire::Ack>(copy.bytes())) {
    on_ack(*flatbuffers::GetRoot<wire::Ack>(copy.bytes().data()));
  } else if (const auto* welcome = verified<wire::Welcome>(copy.bytes())) {
    granted_bytes_ = welcome->granted_bytes();
    sent_bytes_ = 0;
    welcomed_ = true;
  } else if (const auto* rejected = verified<wire::Rejected>(copy.bytes())) {
    poller().fail(fmt::format("rejected: {} {}", wire::EnumNameRefusal(rejected->code()),
                              text_of(rejected->reason())));
  } else if (has_identifier<wire::Rehello>(copy.bytes())) {
    poller().fail("the hub forgot a publisher in the middle of a run");
  }
}

void VigiePublisher::on_ack(const wire::Ack& ack) {
  granted_bytes_ = ack.granted_bytes();
  if (size_of(ack.refused()) > 0) account_.spoil("a message was refused");
  if (ack.settled() != nullptr) {
    for (const wire::NumberRange* range : *ack.settled()) {
      if (range->first() > settled_ + 1) account_.spoil("numbers were settled with a hole");
      settled_ = std::max(settled_, range->last());
    }
  }
  account_.acknowledged(index_, settled_, poller().received_ns());
}

std::size_t VigiePublisher::next_unit() {
  const std::uint64_t turn = turn_++;
  if (!spread_.scattered) return first_unit_ + turn % spread_.units;
  return first_unit_ + (turn * 0x9e3779b97f4a7c15u >> 20) % spread_.units;
}

flatbuffers::Offset<wire::UnitFixes> VigiePublisher::section(const Handover& handover,
                                                             std::size_t from, std::size_t count) {
  std::uint8_t* readings = nullptr;
  const auto readings_at =
      builder_.CreateUninitializedVector<std::uint8_t>(count * kReadingsBytes, &readings);
  for (std::size_t i = 0; i < count; ++i) {
    write_payload(reinterpret_cast<std::byte*>(readings + i * kReadingsBytes), kReadingsBytes,
                  static_cast<std::uint32_t>(index_), handover, from + i);
  }
  wire::Fix* fixes = nullptr;
  const auto fixes_at = builder_.CreateUninitializedVectorOfStructs<wire::Fix>(count, &fixes);
  const std::uint64_t first_number = handover.first + from + 1;
  for (std::size_t i = 0; i < count; ++i) fixes[i] = fix_at(++last_true_time_us_, first_number + i);
  const auto unit = builder_.CreateString(unit_name(next_unit()));
  const auto group = builder_.CreateString("patrol");
  const wire::Stamp stamp;
  wire::UnitFixesBuilder made(builder_);
  made.add_stamp(&stamp);
  made.add_first_number(first_number);
  made.add_unit(unit);
  made.add_group(group);
  made.add_fixes(fixes_at);
  made.add_readings(readings_at);
  made.add_readings_bytes(kReadingsBytes);
  return made.Finish();
}

std::size_t VigiePublisher::send_batch(const Handover& handover, std::size_t from) {
  const std::uint64_t left = granted_bytes_ > sent_bytes_ ? granted_bytes_ - sent_bytes_ : 0;
  const std::size_t room = std::min<std::size_t>(left, limits::kBatchBytesMax);
  const std::int64_t utc_us = SystemClock().utc_us();
  last_true_time_us_ = std::max(last_true_time_us_, utc_us);
  builder_.Clear();
  sections_.clear();
  std::size_t taken = 0;
  std::size_t used = kBatchOverheadBytes;
  while (from + taken < handover.count && used + kMessageBytes <= room) {
    std::size_t count = std::min((room - used) / kMessageBytes, handover.count - from - taken);
    if (spread_.section_max > 0) count = std::min(count, spread_.section_max);
    sections_.push_back(section(handover, from + taken, count));
    taken += count;
    used += count * kMessageBytes + kSectionOverheadBytes;
  }
  if (taken == 0) return 0;
  const auto fixes = builder_.CreateVector(sections_);
  wire::BatchBuilder batch(builder_);
  batch.add_spool(&spool_);
  batch.add_sent_time_us(utc_us);
  batch.add_fixes(fixes);
  const Bytes bytes = finished<wire::Batch>(builder_, batch.Finish());
  append_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  sent_bytes_ += bytes.size();
  return taken;
}

std::size_t VigiePublisher::publish(const Handover& handover) {
  std::size_t sent = 0;
  while (sent < handover.count) {
    const std::size_t taken = send_batch(handover, sent);
    if (taken == 0) break;
    sent += taken;
  }
  flush();
  return sent;
}

}  // namespace vigie::bench
