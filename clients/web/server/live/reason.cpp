#include "clients/web/server/live/reason.h"

namespace vigie::web {
namespace {

Reason stale_reason(const client::LinkItem& link) {
  switch (link.stale) {
    case client::Stale::Cut:
      return Reason{"hub_cut", link.reason};
    case client::Stale::Silent:
      return Reason{"hub_silent", link.reason};
    default:
      return Reason{"hub_anew", link.reason};
  }
}

}  // namespace

Reason link_reason(const client::LinkItem& link) {
  if (link.code != client::Refusal::None) return {client::refusal_name(link.code), link.reason};
  switch (link.state) {
    case client::LinkState::Connecting:
    case client::LinkState::Live:
      return {};
    case client::LinkState::Stale:
      return stale_reason(link);
    default:  // the hub was not even asked
      return Reason{"hub_unopened", link.reason};
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
