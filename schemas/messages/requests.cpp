#include "schemas/messages/requests.h"

namespace vigie {

std::vector<std::byte> make_rejected(wire::Refusal code, std::string_view reason,
                                     std::uint32_t retry_after_ms) {
  wire::RejectedT rejected;
  rejected.code = code;
  rejected.reason = reason;
  rejected.retry_after_ms = retry_after_ms;
  return packed<wire::Rejected>(rejected);
}

std::vector<std::byte> make_denied(wire::Refusal code, std::string_view reason,
                                   std::uint32_t retry_after_ms) {
  wire::DeniedT denied;
  denied.code = code;
  denied.reason = reason;
  denied.retry_after_ms = retry_after_ms;
  return packed<wire::Denied>(denied);
}

std::vector<std::byte> make_reopen(wire::Refusal code, std::string_view reason) {
  wire::ReopenT reopen;
  reopen.code = code;
  reopen.reason = reason;
  return packed<wire::Reopen>(reopen);
}

std::vector<std::byte> make_rehello(std::string_view reason) {
  wire::RehelloT rehello;
  rehello.reason = reason;
  return packed<wire::Rehello>(rehello);
}

}  // namespace vigie
