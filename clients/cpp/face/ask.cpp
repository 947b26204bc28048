#include "vigie/ask.h"

#include <algorithm>
#include <limits>

#include "clients/cpp/core/convert.h"
#include "clients/cpp/face/question.h"

namespace vigie::client {
namespace {

QuarantinedMessage from_wire(wire::QuarantinedMessageT&& message) {
  const auto* first = reinterpret_cast<const std::byte*>(message.bytes.data());
  return {.id = message.id,
          .known_time_us = message.known_time_us,
          .endpoint = std::move(message.endpoint),
          .name = std::move(message.name),
          .key = std::move(message.key),
          .code = client::from_wire(message.code),
          .reason = std::move(message.reason),
          .size = message.size,
          .bytes = {first, first + message.bytes.size()}};
}

}  // namespace

Result<Quarantine> ask_quarantine(const AskOptions& options, std::uint64_t before,
                                  std::uint32_t most) {
  wire::AskT ask;
  ask.what = wire::AskKind::Quarantine;
  ask.before = before;
  ask.most = most;
  Result<wire::ToldT> told = ask_hub(options, std::move(ask), AskAgain::Yes);
  if (!told) return told.fault();
  Quarantine quarantine{.more = told->more, .dropped = told->dropped};
  for (auto& message : told->quarantined) {
    quarantine.messages.push_back(from_wire(std::move(*message)));
  }
  return quarantine;
}

Result<HubKeyChange> change_hub_key(const AskOptions& options, std::chrono::seconds overlap) {
  wire::AskT ask;
  ask.what = wire::AskKind::RotateHubKey;
  ask.overlap_s = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(overlap.count(), 0, std::numeric_limits<std::uint32_t>::max()));
  Result<wire::ToldT> told = ask_hub(options, std::move(ask), AskAgain::No);
  if (!told) return told.fault();
  return HubKeyChange{.key = told->hub_key, .until_us = told->until_us};
}

Result<QuarantinedMessage> ask_quarantined(const AskOptions& options, std::uint64_t id) {
  wire::AskT ask;
  ask.what = wire::AskKind::Quarantined;
  ask.id = id;
  Result<wire::ToldT> told = ask_hub(options, std::move(ask), AskAgain::Yes);
  if (!told) return told.fault();
  if (told->quarantined.size() != 1) {
    return Fault{FaultCode::Invalid, "the hub's answer holds no message"};
  }
  return from_wire(std::move(*told->quarantined.front()));
}

}  // namespace vigie::client
