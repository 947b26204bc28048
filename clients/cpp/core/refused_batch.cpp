// What can be read of a message that the hub refused. Pure. The bytes are a stranger's: many
// messages of a batch may share one long text, so that what is read is bounded.

#include <utility>

#include "clients/cpp/core/convert.h"
#include "schemas/messages/check_access.h"
#include "vigie/ask.h"

namespace vigie::client {
namespace {

constexpr std::size_t kReadBytesMax = 4 * limits::kBatchBytesMax;

std::size_t bytes_of(const wire::Event& event) {
  std::size_t bytes = text_of(event.unit()).size() + text_of(event.group()).size() +
                      text_of(event.kind()).size() + text_of(event.text()).size() +
                      size_of(event.references()) * sizeof(wire::MessageName);
  for (const wire::Field* field : each(event.fields())) {
    bytes += sizeof(Field) + text_of(field->key()).size() + text_of(field->value()).size();
  }
  return bytes;
}

std::size_t bytes_of(const wire::State& state) {
  std::size_t bytes =
      text_of(state.name()).size() + text_of(state.group()).size() + access_bytes(state);
  if (state.identity() != nullptr) {
    bytes += text_of(state.identity()->key()).size() + text_of(state.identity()->invite()).size() +
             text_of(state.identity()->sign_key()).size();
  }
  if (state.invite() != nullptr) bytes += text_of(state.invite()->key()).size();
  if (state.grant() != nullptr) bytes += text_of(state.grant()->to()).size();
  const wire::UnitCard* card = state.card();
  if (card == nullptr) return bytes;
  bytes += text_of(card->call_sign()).size() + text_of(card->unit_kind()).size() +
           text_of(card->symbol()).size() + text_of(card->carried_by()).size();
  for (const auto* carried : each(card->carries())) {
    bytes += sizeof(std::string) + text_of(carried).size();
  }
  return bytes;
}

/// Takes what there is room for, and counts the rest.
class Reader {
 public:
  template <typename Message>
  void read(const Message& message, std::vector<decltype(from_wire(message))>& into) {
    if (has_room(bytes_of(message))) into.push_back(from_wire(message));
  }

  void read(const wire::UnitFixes& section) {
    const std::size_t names = text_of(section.unit()).size() + text_of(section.group()).size();
    for (const wire::Fix* fix : *section.fixes()) {
      if (!has_room(names)) continue;
      Fix& read = batch.fixes.emplace_back(from_wire(*fix));
      read.unit = text_of(section.unit());
      read.group = text_of(section.group());
    }
  }

  RefusedBatch batch;

 private:
  bool has_room(std::size_t bytes) {
    if (bytes + sizeof(State) > room_) {
      room_ = 0;
      ++batch.left_out;
      return false;
    }
    room_ -= bytes;
    return true;
  }

  std::size_t room_ = kReadBytesMax;
};

template <typename Root>
bool is_one(Bytes bytes, const char* name, std::string& kind) {
  if (!has_identifier<Root>(bytes)) return false;
  kind = name;
  return true;
}

}  // namespace

std::string message_kind(std::span<const std::byte> bytes) {
  std::string kind;
  // What a hub may be sent.
  static_cast<void>(
      is_one<wire::Hello>(bytes, "Hello", kind) || is_one<wire::Batch>(bytes, "Batch", kind) ||
      is_one<wire::Open>(bytes, "Open", kind) || is_one<wire::Credit>(bytes, "Credit", kind) ||
      is_one<wire::Refill>(bytes, "Refill", kind) ||
      is_one<wire::Control>(bytes, "Control", kind) || is_one<wire::Close>(bytes, "Close", kind) ||
      is_one<wire::Ask>(bytes, "Ask", kind));
  return kind;
}

std::optional<RefusedBatch> read_refused_batch(std::span<const std::byte> bytes) {
  const AlignedBytes copy(bytes);
  const auto* batch = verified<wire::Batch>(copy.bytes());
  if (batch == nullptr) return std::nullopt;
  Reader reader;
  for (const wire::Event* event : each(batch->events())) reader.read(*event, reader.batch.events);
  for (const wire::State* state : each(batch->states())) reader.read(*state, reader.batch.states);
  for (const wire::UnitFixes* section : each(batch->fixes())) reader.read(*section);
  return std::move(reader.batch);
}

}  // namespace vigie::client
