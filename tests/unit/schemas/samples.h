#pragma once
// Well-formed messages for tests to send, or to spoil in one place.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schemas/messages/body.h"
#include "schemas/messages/wire.h"

namespace vigie::test {

inline constexpr std::int64_t kNoonUs = 1'772'366'400'000'000;  // 2026-03-01T12:00:00Z
inline const wire::Spool kSpool{0x1111, 0x2222};

inline wire::Fix make_fix(std::int64_t true_time_us = kNoonUs, std::int32_t lat_e7 = 159'000'000,
                          std::int32_t lon_e7 = 15'000'000,
                          wire::Clock clock = wire::Clock::Satellite) {
  return {true_time_us,
          lat_e7,
          lon_e7,
          kUnknownAltitude,
          kUnknownU32,
          kUnknownU32,
          kUnknownU32,
          kUnknownU32,
          clock,
          wire::FixType::ThreeD,
          9,
          80,
          wire::FixSource::Satellite,
          0,
          0};
}

inline std::unique_ptr<wire::UnitFixesT> make_fixes(const std::string& unit, std::uint64_t number,
                                                    std::vector<wire::Fix> fixes) {
  auto section = std::make_unique<wire::UnitFixesT>();
  section->stamp = std::make_unique<wire::Stamp>();
  section->first_number = number;
  section->unit = unit;
  section->fixes = std::move(fixes);
  return section;
}

inline std::unique_ptr<wire::EventT> make_event(const std::string& unit, std::uint64_t number) {
  auto event = std::make_unique<wire::EventT>();
  event->stamp = std::make_unique<wire::Stamp>();
  event->number = number;
  event->unit = unit;
  event->true_time_us = kNoonUs;
  event->kind = "halt";
  event->severity = wire::Severity::Notice;
  event->text = "water at the well";
  event->position = std::make_unique<wire::Position>(159'000'000, 15'000'000);
  event->references.emplace_back(kSpool, 7);
  event->fields.push_back(std::make_unique<wire::FieldT>());
  event->fields.back()->key = "litres";
  event->fields.back()->value = "400";
  return event;
}

inline std::unique_ptr<wire::StateT> make_state(const std::string& unit, std::uint64_t number) {
  auto state = std::make_unique<wire::StateT>();
  state->stamp = std::make_unique<wire::Stamp>();
  state->number = number;
  state->kind = wire::StateKind::UnitCard;
  state->name = unit;
  state->true_time_us = kNoonUs;
  state->card = std::make_unique<wire::UnitCardT>();
  state->card->call_sign = "Blue 1";
  state->card->unit_kind = "vehicle";
  state->card->symbol = "SFGPUCI----";
  state->card->carried_by = "blue/truck";
  state->card->carries = {"blue/section1", "blue/section2"};
  return state;
}

/// One event, one state, two units' fixes; numbers 1..6.
inline wire::BatchT make_batch() {
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(kSpool);
  batch.sent_time_us = kNoonUs;
  batch.events.push_back(make_event("blue/v1", 1));
  batch.states.push_back(make_state("blue/v1", 2));
  batch.fixes.push_back(make_fixes("blue/v1", 3, {make_fix(), make_fix(kNoonUs + 1'000'000)}));
  batch.fixes.push_back(make_fixes("green/v2", 5, {make_fix(), make_fix(kNoonUs + 2'000'000)}));
  batch.fixes.back()->group = "patrol";
  batch.fixes.back()->readings = {1, 2, 3, 4, 5, 6};
  batch.fixes.back()->readings_bytes = 3;
  batch.given_up.emplace_back(10, 12);
  return batch;
}

/// Stamps the entries of a batch as the hub does, from `seq` on in the order events, states, fixes;
/// returns the next seq.
inline std::uint64_t stamp(wire::BatchT& batch, std::uint64_t seq, std::int64_t known_time_us,
                           std::int64_t clock_offset_us = 0) {
  const auto put = [&](std::unique_ptr<wire::Stamp>& at, std::uint64_t entries) {
    at = std::make_unique<wire::Stamp>(seq, known_time_us, clock_offset_us, 0, 0);
    seq += entries;
  };
  for (auto& event : batch.events) put(event->stamp, 1);
  for (auto& state : batch.states) put(state->stamp, 1);
  for (auto& section : batch.fixes) put(section->stamp, section->fixes.size());
  return seq;
}

inline std::size_t entries_of(const wire::BatchT& batch) {
  std::size_t entries = batch.events.size() + batch.states.size();
  for (const auto& section : batch.fixes) entries += section->fixes.size();
  return entries;
}

/// A body of one stamped batch whose entries have seqs first_seq and on.
inline BodyPtr make_body(const wire::BatchT& batch, std::uint64_t first_seq,
                         std::int64_t known_time_us) {
  const std::vector<std::byte> payload = packed<wire::Batch>(batch);
  const std::size_t entries = entries_of(batch);
  BodyBuilder builder;
  builder.append(wire::BlockKind::Batch, payload, static_cast<std::uint32_t>(entries), first_seq);
  return builder.close(first_seq, first_seq + entries - 1, known_time_us);
}

/// The bytes that a closed body owns, writable: the hub marks bodies that are still its own.
inline std::span<std::byte> writable(const BodyPtr& body) {
  return {const_cast<std::byte*>(body->bytes().data()), body->bytes().size()};
}

}  // namespace vigie::test
