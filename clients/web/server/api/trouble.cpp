#include "clients/web/server/api/trouble.h"

#include <fmt/format.h>

namespace vigie::web::api {

Response response_of(const Trouble& trouble) {
  Response response = problem(trouble.status, trouble.code, trouble.detail);
  if (trouble.retry_after_s > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(trouble.retry_after_s));
  }
  return response;
}

Trouble trouble_of(const Fault& fault) {
  switch (fault.code) {
    case FaultCode::Invalid:
      return {.status = 400, .code = "bad_parameter", .detail = fault.sentence};
    case FaultCode::NotFound:
      return {.status = 404, .code = "not_found", .detail = fault.sentence};
    case FaultCode::Unavailable:
      return {.status = 503, .code = "unavailable", .detail = fault.sentence, .retry_after_s = 5};
    case FaultCode::DiskFull:
      return {.status = 503, .code = "disk_full", .detail = fault.sentence, .retry_after_s = 60};
    default:
      return {.status = 500, .code = "failed", .detail = fault.sentence};
  }
}

Trouble trouble_of(client::Refusal code, const std::string& reason) {
  const std::string name = client::refusal_name(code);
  const std::string detail = reason.empty() ? "the hub refused: " + name : reason;
  switch (code) {
    case client::Refusal::NotEntitled:
    case client::Refusal::Revoked:
    case client::Refusal::AccessChanged:
      return {.status = 403, .code = name, .detail = detail};
    case client::Refusal::NotFound:
      return {.status = 404, .code = name, .detail = detail};
    case client::Refusal::TooManySessions:
    case client::Refusal::NotReady:
    case client::Refusal::TooFast:
    case client::Refusal::DiskFull:
      return {.status = 503, .code = name, .detail = detail, .retry_after_s = 5};
    case client::Refusal::None:
      return {.status = 503, .code = "hub_away", .detail = detail, .retry_after_s = 5};
    default:
      return {.status = 422, .code = name, .detail = detail};
  }
}

}  // namespace vigie::web::api
