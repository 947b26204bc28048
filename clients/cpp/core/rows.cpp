#include "clients/cpp/core/rows.h"

#include <fmt/format.h>

#include "schemas/messages/checks.h"
#include "schemas/messages/names.h"

namespace vigie::client {
namespace {

constexpr std::size_t kFixHead = 4;

Fault invalid(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

/// Packs a table as the root of a buffer of its own, with the wire's check on the way.
template <typename Table, typename Check>
Result<std::vector<std::byte>> pack(const typename Table::NativeTableType& native,
                                    const Check& check) {
  flatbuffers::FlatBufferBuilder builder(512);
  builder.Finish(Table::Pack(builder, &native));
  const Table& table = *flatbuffers::GetRoot<Table>(builder.GetBufferPointer());
  std::string reason;
  if (check(table, &reason) != wire::Refusal::None) return invalid(std::move(reason));
  const auto* first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return std::vector<std::byte>(first, first + builder.GetSize());
}

template <typename Table>
std::unique_ptr<typename Table::NativeTableType> unpack(const Row& row) {
  const AlignedBytes aligned(row.payload);
  const auto* data = reinterpret_cast<const std::uint8_t*>(aligned.bytes().data());
  flatbuffers::Verifier verifier(data, row.payload.size(), limits::kVerifierDepthMax,
                                 limits::kVerifierTablesMax);
  if (row.payload.size() < 8 || !verifier.VerifyBuffer<Table>(nullptr)) return nullptr;
  auto native = std::make_unique<typename Table::NativeTableType>();
  flatbuffers::GetRoot<Table>(data)->UnPackTo(native.get());
  return native;
}

}  // namespace

Result<std::vector<std::byte>> encode(const Fix& fix) {
  if (!is_unit_name(fix.unit)) return invalid(fmt::format("unit '{}' is not OWNER/NAME", fix.unit));
  if (!fix.group.empty() && !is_segment(fix.group)) {
    return invalid(fmt::format("group '{}' is not a name", fix.group));
  }
  if (fix.readings.size() > limits::kReadingsBytesMax) {
    return invalid(fmt::format("readings has {} bytes, at most {} are taken", fix.readings.size(),
                               limits::kReadingsBytesMax));
  }
  const wire::Fix native = to_wire(fix);
  std::string reason;
  if (check_fix(native, &reason) != wire::Refusal::None) return invalid(std::move(reason));
  std::vector<std::byte> payload(kFixHead + fix.unit.size() + fix.group.size() + sizeof native +
                                 fix.readings.size());
  std::byte* at = payload.data();
  const auto put = [&at](const void* data, std::size_t bytes) {
    if (bytes != 0) std::memcpy(at, data, bytes);
    at += bytes;
  };
  const auto unit_bytes = static_cast<std::uint8_t>(fix.unit.size());
  const auto group_bytes = static_cast<std::uint8_t>(fix.group.size());
  const auto readings_bytes = static_cast<std::uint16_t>(fix.readings.size());
  put(&unit_bytes, 1);
  put(&group_bytes, 1);
  put(&readings_bytes, 2);
  put(fix.unit.data(), fix.unit.size());
  put(fix.group.data(), fix.group.size());
  put(&native, sizeof native);
  put(fix.readings.data(), fix.readings.size());
  return payload;
}

Result<std::vector<std::byte>> encode(const Event& event) {
  return pack<wire::Event>(to_wire(event), check_event);
}

Result<std::vector<std::byte>> encode(const State& state) {
  const Grant& grant = state.grant;
  // On the wire none stands for all: who asked for nothing would show everything.
  const bool shows_none = !grant.fixes && !grant.events && !grant.states;
  if (state.kind == StateKind::Grant && !state.deleted && shows_none) {
    return invalid(fmt::format("grant '{}' shows neither fixes nor events nor states", state.name));
  }
  return pack<wire::State>(to_wire(state), check_state);
}

std::optional<FixRow> decode_fix(const Row& row) {
  if (row.payload.size() < kFixHead) return std::nullopt;
  const auto* data = reinterpret_cast<const std::uint8_t*>(row.payload.data());
  const std::size_t unit_bytes = data[0];
  const std::size_t group_bytes = data[1];
  std::uint16_t readings_bytes = 0;
  std::memcpy(&readings_bytes, data + 2, sizeof readings_bytes);
  if (row.payload.size() !=
      kFixHead + unit_bytes + group_bytes + sizeof(wire::Fix) + readings_bytes) {
    return std::nullopt;
  }
  FixRow fix;
  const auto* text = reinterpret_cast<const char*>(data + kFixHead);
  fix.unit = {text, unit_bytes};
  fix.group = {text + unit_bytes, group_bytes};
  std::memcpy(&fix.fix, data + kFixHead + unit_bytes + group_bytes, sizeof fix.fix);
  fix.readings = {data + (row.payload.size() - readings_bytes), readings_bytes};
  return fix;
}

std::unique_ptr<wire::EventT> decode_event(const Row& row) {
  return unpack<wire::Event>(row);
}

std::unique_ptr<wire::StateT> decode_state(const Row& row) {
  return unpack<wire::State>(row);
}

}  // namespace vigie::client
