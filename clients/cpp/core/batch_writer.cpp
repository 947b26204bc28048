#include "clients/cpp/core/batch_writer.h"

#include <algorithm>

namespace vigie::client {
namespace {

// Upper bounds of what FlatBuffers adds: tables with their field tables, vectors' lengths, strings'
// lengths and zeros, and padding to 8.
constexpr std::size_t kBatchBytes = 256;
constexpr std::size_t kSectionBytes = 176;
constexpr std::size_t kEntryBytes = 64;

bool same_section(const FixRow& a, const FixRow& b) {
  return a.unit == b.unit && a.group == b.group && a.readings.size() == b.readings.size();
}

template <typename T>
auto list(flatbuffers::FlatBufferBuilder& builder, const std::vector<flatbuffers::Offset<T>>& all) {
  return all.empty() ? flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<T>>>()
                     : builder.CreateVector(all);
}

template <typename Entries>
void sort_by_number(Entries& entries) {
  const auto before = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::is_sorted(entries.begin(), entries.end(), before)) {
    std::sort(entries.begin(), entries.end(), before);
  }
}

using Fixes = std::span<const std::pair<std::uint64_t, FixRow>>;

flatbuffers::Offset<wire::UnitFixes> write_section(flatbuffers::FlatBufferBuilder& builder,
                                                   Fixes fixes) {
  const FixRow& first = fixes.front().second;
  const auto unit = builder.CreateString(first.unit.data(), first.unit.size());
  flatbuffers::Offset<flatbuffers::String> group;
  if (!first.group.empty()) group = builder.CreateString(first.group.data(), first.group.size());
  wire::Fix* structs = nullptr;
  const auto vector = builder.CreateUninitializedVectorOfStructs(fixes.size(), &structs);
  for (const auto& fix : fixes) *structs++ = fix.second.fix;
  flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> readings;
  if (!first.readings.empty()) {
    std::uint8_t* bytes = nullptr;
    readings = builder.CreateUninitializedVector(fixes.size() * first.readings.size(), &bytes);
    for (const auto& fix : fixes) {
      bytes = std::copy(fix.second.readings.begin(), fix.second.readings.end(), bytes);
    }
  }
  const wire::Stamp zero;
  return wire::CreateUnitFixes(builder, &zero, fixes.front().first, unit, group, vector, readings,
                               static_cast<std::uint16_t>(first.readings.size()));
}

}  // namespace

BatchWriter::BatchWriter(wire::Spool spool, std::size_t bytes_max)
    : spool_(spool), bytes_max_(bytes_max), bytes_(kBatchBytes) {}

bool BatchWriter::take(std::size_t bytes) {
  if (bytes_ + bytes > bytes_max_ && !empty()) return false;
  if (rows_ >= limits::kBatchEntriesMax) return false;
  bytes_ += bytes;
  ++rows_;
  return true;
}

bool BatchWriter::add_fix(const Row& row) {
  const auto fix = decode_fix(row);
  damaged_ = !fix.has_value();
  if (damaged_) return false;
  std::size_t bytes = sizeof(wire::Fix) + padded(fix->readings.size());
  // Rows may come backwards; finish() sorts them.
  const bool follows =
      !fixes_.empty() &&
      (fixes_.back().first + 1 == row.number || fixes_.back().first == row.number + 1) &&
      same_section(fixes_.back().second, *fix);
  if (!follows) bytes += kSectionBytes + fix->unit.size() + fix->group.size();
  if (!take(bytes)) return false;
  fixes_.emplace_back(row.number, *fix);
  return true;
}

bool BatchWriter::add(const Row& row) {
  if (row.kind == MessageKind::Fix) return add_fix(row);
  const std::size_t bytes = padded(row.payload.size()) + kEntryBytes;
  if (row.kind == MessageKind::Event) {
    auto event = decode_event(row);
    damaged_ = event == nullptr;
    if (damaged_ || !take(bytes)) return false;
    event->number = row.number;
    events_.emplace_back(row.number, std::move(event));
    return true;
  }
  auto state = decode_state(row);
  damaged_ = state == nullptr;
  if (damaged_ || !take(bytes)) return false;
  state->number = row.number;
  states_.emplace_back(row.number, std::move(state));
  return true;
}

bool BatchWriter::add_given_up(IntervalSet::Interval range) {
  if (given_up_.size() >= limits::kGivenUpRangesMax ||
      bytes_ + sizeof(wire::NumberRange) > bytes_max_) {
    return false;
  }
  bytes_ += sizeof(wire::NumberRange);
  given_up_.emplace_back(range.first, range.last);
  return true;
}

std::vector<std::pair<MessageKind, IntervalSet::Interval>> BatchWriter::numbers() const {
  std::vector<std::pair<MessageKind, IntervalSet::Interval>> all;
  const auto collect = [&all](MessageKind kind, const auto& entries) {
    IntervalSet set;
    for (const auto& entry : entries) set.add(entry.first, entry.first);
    for (const IntervalSet::Interval& range : set.intervals()) all.emplace_back(kind, range);
  };
  collect(MessageKind::Event, events_);
  collect(MessageKind::State, states_);
  collect(MessageKind::Fix, fixes_);
  return all;
}

std::vector<std::byte> BatchWriter::finish(std::int64_t sent_time_us) {
  flatbuffers::FlatBufferBuilder builder(bytes_ + kBatchBytes);
  sort_by_number(events_);
  sort_by_number(states_);
  sort_by_number(fixes_);
  std::vector<flatbuffers::Offset<wire::Event>> events;
  for (const auto& event : events_) {
    events.push_back(wire::Event::Pack(builder, event.second.get()));
  }
  std::vector<flatbuffers::Offset<wire::State>> states;
  for (const auto& state : states_) {
    states.push_back(wire::State::Pack(builder, state.second.get()));
  }
  std::vector<flatbuffers::Offset<wire::UnitFixes>> sections;
  for (std::size_t begin = 0; begin < fixes_.size();) {
    std::size_t end = begin + 1;
    while (end < fixes_.size() && fixes_[end].first == fixes_[end - 1].first + 1 &&
           same_section(fixes_[begin].second, fixes_[end].second)) {
      ++end;
    }
    sections.push_back(write_section(builder, Fixes(fixes_).subspan(begin, end - begin)));
    begin = end;
  }
  flatbuffers::Offset<flatbuffers::Vector<const wire::NumberRange*>> given_up;
  if (!given_up_.empty()) given_up = builder.CreateVectorOfStructs(given_up_);
  const auto event_list = list(builder, events);
  const auto state_list = list(builder, states);
  const auto section_list = list(builder, sections);
  const Bytes bytes =
      finished(builder, wire::CreateBatch(builder, &spool_, sent_time_us, event_list, state_list,
                                          section_list, given_up));
  return {bytes.begin(), bytes.end()};
}

}  // namespace vigie::client
