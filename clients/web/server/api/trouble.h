#pragma once
// What went wrong with a request, as it is answered: a status, a stable code and a sentence that
// names the field and the value. A plain value.

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "clients/web/server/http/response.h"
#include "schemas/words/result.h"
#include "vigie/values.h"

namespace vigie::web::api {

struct Trouble {
  int status = 500;
  std::string code = {};
  std::string detail = {};
  int retry_after_s = 0;  // 0: not said
};

template <typename T>
using Answered = tl::expected<T, Trouble>;

inline tl::unexpected<Trouble> trouble(Trouble what) {
  return tl::unexpected<Trouble>(std::move(what));
}
/// 400: a parameter or a field of the body.
inline tl::unexpected<Trouble> bad_parameter(std::string detail) {
  return trouble({.status = 400, .code = "bad_parameter", .detail = std::move(detail)});
}

Response response_of(const Trouble& trouble);
/// Of the client library, when it can't begin.
Trouble trouble_of(const Fault& fault);
/// Why the hub refuses to tell something.
Trouble trouble_of(client::Refusal code, const std::string& reason);

}  // namespace vigie::web::api
