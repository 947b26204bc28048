#pragma once
// Why the server closes a WebSocket: each kind with the number of its close frame and the code that
// a page reads (PROTOCOL.md, "Closing"). The one list of them. Plain values.

#include <cstdint>
#include <string_view>

namespace vigie::web {

struct CloseKind {
  std::uint16_t number = 0;
  std::string_view code = {};  // a to z, 0 to 9 and '_'
};

namespace closing {

inline constexpr CloseKind kNoText{1003, "protocol"};  // bytes where a text is due
inline constexpr CloseKind kSignedOut{1008, "signed_out"};
inline constexpr CloseKind kAccountFull{1008, "account_full"};
inline constexpr CloseKind kFlooding{1008, "flooding"};  // more than a page has to say or to ask
inline constexpr CloseKind kInternal{1011, "internal"};
inline constexpr CloseKind kRestarting{1012, "restarting"};
inline constexpr CloseKind kServerFull{1013, "server_full"};
inline constexpr CloseKind kGrantsFull{1013, "grants_full"};
inline constexpr CloseKind kPageSlow{1013, "page_slow"};
inline constexpr CloseKind kEventsMissed{1013, "events_missed"};  // and not to be had now
inline constexpr CloseKind kBroken{4000, "protocol"};             // the sentence names the field

}  // namespace closing

}  // namespace vigie::web
