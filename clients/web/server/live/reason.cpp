#include "clients/web/server/live/reason.h"

#include "vigie/stale.h"

namespace vigie::web {

Reason link_reason(client::LinkState state, client::Refusal code, const std::string& sentence) {
  if (code != client::Refusal::None) return {client::refusal_name(code), sentence};
  if (state == client::LinkState::Connecting || state == client::LinkState::Live) return {};
  // Refused without a refusal: the hub was not even asked.
  if (state != client::LinkState::Stale) return Reason{"hub_unopened", sentence};
  switch (client::why_stale(sentence)) {
    case client::Stale::Cut:
      return Reason{"hub_cut", sentence};
    case client::Stale::Silent:
      return Reason{"hub_silent", sentence};
    default:
      return Reason{"hub_anew", sentence};
  }
}

Reason replay_reason(client::Refusal code, const std::string& sentence) {
  if (code != client::Refusal::None) return {client::refusal_name(code), sentence};
  return Reason{"replay_ended", sentence.empty() ? "the hub ended the replay" : sentence};
}

Reason replay_notice(const client::ReplayItem& item) {
  if (item.code != client::Refusal::None) return {client::refusal_name(item.code), item.reason};
  if (item.reason.empty() && item.damaged.empty()) return {};
  return Reason{"parts_missing", item.reason};
}

Reason reason_of(const Fault& fault) {
  return Reason{"hub_unopened", fault.sentence};
}

}  // namespace vigie::web
