#pragma once
// Decides who a request is from. Net thread.

#include <cstdint>
#include <functional>
#include <string>

#include "clients/web/server/accounts/viewer.h"
#include "clients/web/server/http/request.h"
#include "schemas/words/result.h"

namespace vigie::web {

class Gate {
 public:
  virtual ~Gate() = default;
  /// By cookie or `Authorization: Bearer`. Fails with Invalid (the sentence says what to do): 401.
  /// For all but GET and HEAD by cookie the header X-Vigie-CSRF is checked too.
  virtual Result<Viewer> viewer_of(const Request& request) = 0;
  /// Calls `ended` when that session is over (signed out, account removed, expired, its identity
  /// revoked), within a second. Returns a number for unwatch().
  virtual std::uint64_t watch(const std::string& session, std::function<void()> ended) = 0;
  virtual void unwatch(std::uint64_t number) = 0;
};

}  // namespace vigie::web
