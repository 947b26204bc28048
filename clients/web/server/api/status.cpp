// GET /api/v1/status, /api/v1/me and /api/v1/openapi.json. What the server does for others is told
// to administrators of accounts alone, and where nobody signs in: numbers tell of people, too.

#include "clients/web/server/api/documents.h"
#include "clients/web/server/api/endpoints.h"
#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/parameters.h"
#include "clients/web/server/api/senders.h"
#include "clients/web/server/api/words.h"
#include "clients/web/server/http/server.h"
#include "clients/web/server/live/reason.h"
#include "clients/web/server/live/watches.h"

namespace vigie::web::api {
namespace {

void add_hub(JsonText& json, const Watch& watch, std::int64_t now_us) {
  const client::ConsoleStatus status = watch.status();
  json.begin_object("hub");
  json.text("link", link_state_name(watch.link().state));
  json.time("since", watch.link().since_us);
  if (const Reason why = link_reason(watch.link())) {
    json.text("code", why.code);
    if (!why.sentence.empty()) json.text("reason", why.sentence);
  }
  if (status.link_age_us >= 0) json.scaled("heard_ago_s", status.link_age_us / 1000, 3);
  if (watch.probed().asked) {
    json.begin_object("probe");
    json.flag("heard", watch.probed().heard);
    json.scaled("waited_s", watch.probed().waited_us / 1000, 3);
    json.scaled("ago_s", (now_us - watch.probed().at_us) / 1000, 3);
    json.end_object();
  }
  if (status.hub_time_us != 0) json.time("time", status.hub_time_us);
  json.number("overdue_after_ms", status.overdue_after_ms);
  json.number("silent_after_ms", status.silent_after_ms);
  json.flag("complete", watch.complete());
  json.text("log", watch.log());
  json.number("seq", status.seq);
  json.number("event_seq", status.event_seq);
  json.number("durable", status.durable);
  json.number("behind", status.behind);
  json.number("fixes", status.fixes);
  json.number("events", status.events);
  json.number("conflated", status.conflated);
  json.number("opens", status.opens);
  json.begin_array("grants");
  for (const GrantTold& grant : watch.grants()) json.element(grant.name);
  json.end_array();
  json.end_object();
}

void add_browsers(JsonText& json, const LiveCounters& live) {
  json.begin_object("browsers");
  json.number("open", live.browsers);
  json.number("riding", live.browsers_riding);
  json.number("paced", live.browsers_paced);
  json.number("behind", live.browsers_behind);
  json.number("waiting", live.browsers_waiting);
  json.number("opened", live.browsers_opened);
  json.number("replays", live.replays);
  json.number("conflated", live.conflated);
  json.number("bytes", live.browser_bytes);
  json.end_object();
}

void add_desk(JsonText& json, std::string_view key, const DeskCounters& desk) {
  json.begin_object(key);
  json.number("running", desk.running);
  json.number("taken", desk.taken);
  json.number("refused", desk.refused);
  json.end_object();
}

/// Counted for everybody who is served.
void add_totals(JsonText& json, const Api& api) {
  if (api.http_counters) {
    const HttpCounters http = api.http_counters();
    json.begin_object("http");
    json.number("connections_open", http.connections_open);
    json.number("connections", http.connections);
    json.number("requests", http.requests);
    json.number("sockets_open", http.sockets_open);
    json.number("refused", http.refused_host + http.refused_origin + http.refused_malformed +
                               http.refused_limit);
    json.number("timed_out", http.timed_out);
    json.number("bytes_sent", http.bytes_sent);
    json.end_object();
  }
  add_desk(json, "exports", api.exports.counters());
  add_desk(json, "readings", api.readings.counters());
  const SendersCounters sent = api.senders.counters();
  json.begin_object("sent_events");
  json.number("stored", sent.sent);
  json.number("settled", sent.settled);
  json.number("refused", sent.refused);
  json.number("failed", sent.failed);
  json.number("not_settled_in_time", sent.not_settled_in_time);
  json.number("repeated", sent.repeated);
  json.end_object();
}

bool sees_totals(const Viewer& viewer) {
  return viewer.administrator || viewer.open;
}

void add_server(JsonText& json, const Api& api, const Viewer& viewer) {
  json.begin_object("server");
  json.text("program", api.options.program);
  json.time("time", api.clock.utc_us());
  if (sees_totals(viewer)) add_totals(json, api);
  json.end_object();
}

}  // namespace

void get_status(Api& api, const Call& call) {
  const Parameters parameters(*call.request, {});
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  const Watch* const watch = api.watches.watch_of(call.viewer);
  std::string body;
  JsonText json(body);
  json.begin_object();
  if (watch != nullptr) add_hub(json, *watch, api.clock.monotonic_us());
  add_server(json, api, call.viewer);
  if (sees_totals(call.viewer)) add_browsers(json, api.watches.counters());
  json.end_object();
  call.respond(answer("application/json", body + "\n"));
}

void get_me(Api&, const Call& call) {
  const Parameters parameters(*call.request, {});
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.text("account", call.viewer.account);
  json.text("name", call.viewer.name);
  json.flag("may_send", call.viewer.may_send);
  json.flag("administrator", call.viewer.administrator);
  json.flag("open", call.viewer.open);
  json.end_object();
  call.respond(answer("application/json", body + "\n"));
}

void get_openapi(Api&, const Call& call) {
  const Parameters parameters(*call.request, {});
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  Response response;
  response.headers = {{"Content-Type", "application/vnd.oai.openapi+json;version=3.1"},
                      {"Cache-Control", "max-age=3600"}};
  response.body = std::string(openapi_document());
  call.respond(std::move(response));
}

}  // namespace vigie::web::api
