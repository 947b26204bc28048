// POST /api/v1/events: an event in the name of the caller's identity.

#include <algorithm>

#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/event_body.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/senders.h"

namespace vigie::web::api {
namespace {

constexpr std::size_t kKeyBytesMax = 128;

/// Printable ASCII, so that it can be compared and logged.
bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= kKeyBytesMax &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_json(const Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  const std::string_view kind = type.substr(0, type.find(';'));
  return kind == "application/json" || kind == "application/json ";
}

}  // namespace

void post_event(Api& api, const Call& call) {
  Parameters parameters(*call.request, {"wait"});
  const bool wait = parameters.flag("wait");
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  if (!call.viewer.may_send) {
    return call.respond(problem(403, "may_not_send", "this account may look, and not send"));
  }
  if (!is_json(*call.request)) {
    return call.respond(
        problem(415, "not_json", "Content-Type has to be application/json for this"));
  }
  const std::string key(call.request->header("idempotency-key").value_or(""));
  if (call.request->header("idempotency-key") && !is_key(key)) {
    return call.respond(problem(400, "bad_idempotency_key",
                                "Idempotency-Key has to be 1-128 visible ASCII characters"));
  }
  auto event = parse_event_body(call.request->body, call.viewer.name);
  if (!event) return call.refuse(event.error());
  event->true_time_us = api.clock.utc_us();
  const auto link = link_of(api, call);
  if (!link) return;
  api.senders.send({.link = *link,
                    .who = call.viewer.name,
                    .account = call.viewer.account,
                    .key = key,
                    .body = call.request->body,
                    .event = std::move(*event),
                    .wait = wait},
                   call.respond);
}

}  // namespace vigie::web::api
