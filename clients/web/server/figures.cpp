#include "clients/web/server/figures.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace vigie::web {
namespace {

using Figures = std::vector<Figure>;

void count(Figures& all, std::string_view name, std::string_view help, std::uint64_t value,
           std::vector<std::pair<std::string, std::string>> labels = {}) {
  all.push_back({name, help, FigureKind::Counter, static_cast<double>(value), std::move(labels)});
}

void gauge(Figures& all, std::string_view name, std::string_view help, std::uint64_t value,
           std::vector<std::pair<std::string, std::string>> labels = {}) {
  all.push_back({name, help, FigureKind::Gauge, static_cast<double>(value), std::move(labels)});
}

void add_http(Figures& all, const HttpCounters& http) {
  gauge(all, "vigie_web_connections", "Connections now.", http.connections_open);
  count(all, "vigie_web_connections_total", "Connections taken.", http.connections);
  count(all, "vigie_web_requests_total", "Requests whose head was read.", http.requests);
  constexpr std::string_view kRefused = "vigie_web_requests_refused_total";
  constexpr std::string_view kWhy = "Refused before any handler, by reason.";
  count(all, kRefused, kWhy, http.refused_host, {{"reason", "host"}});
  count(all, kRefused, kWhy, http.refused_origin, {{"reason", "origin"}});
  count(all, kRefused, kWhy, http.refused_malformed, {{"reason", "malformed"}});
  count(all, kRefused, kWhy, http.refused_limit, {{"reason", "limit"}});
  count(all, "vigie_web_timed_out_total", "Connections too slow or stalled.", http.timed_out);
  count(all, "vigie_web_handshakes_failed_total", "TLS handshakes that failed.",
        http.handshakes_failed);
  count(all, "vigie_web_certificates_read_total", "Certificates read anew.", http.certificates);
  count(all, "vigie_web_handler_failures_total", "Handlers that threw or never answered.",
        http.failures);
  count(all, "vigie_web_bytes_sent_total", "Bytes of answers and messages.", http.bytes_sent);
  gauge(all, "vigie_web_sockets", "WebSockets now.", http.sockets_open);
  count(all, "vigie_web_sockets_total", "WebSockets opened.", http.sockets);
}

void add_live(Figures& all, const LiveCounters& live) {
  gauge(all, "vigie_web_watches", "Sessions with the hub, one an identity.", live.watches);
  gauge(all, "vigie_web_watches_live", "Of these, whose link to the hub stands.",
        live.watches_live);
  constexpr std::string_view kBrowsers = "vigie_web_browsers";
  constexpr std::string_view kHow = "Browsers now, by how they are served.";
  gauge(all, kBrowsers, kHow, live.browsers_riding, {{"state", "riding"}});
  gauge(all, kBrowsers, kHow, live.browsers_paced, {{"state", "paced"}});
  gauge(all, kBrowsers, kHow, live.browsers_behind, {{"state", "behind"}});
  gauge(all, kBrowsers, kHow, live.browsers_waiting, {{"state", "waiting"}});
  gauge(all, "vigie_web_browser_bytes", "Memory of browsers' sessions.", live.browser_bytes);
  gauge(all, "vigie_web_picture_bytes", "Memory of units, events and rings.", live.picture_bytes);
  gauge(all, "vigie_web_catch_ups", "Hub sessions of browsers far behind.", live.catch_ups);
  gauge(all, "vigie_web_replays", "Replays now.", live.replays);
  count(all, "vigie_web_browsers_total", "Browsers' sessions opened.", live.browsers_opened);
  count(all, "vigie_web_fixes_in_total", "Fixes from the hub.", live.fixes_in);
  count(all, "vigie_web_events_in_total", "Events from the hub.", live.events_in);
  count(all, "vigie_web_frames_encoded_total", "Shared frames made.", live.frames_encoded);
  constexpr std::string_view kFrames = "vigie_web_frames_sent_total";
  constexpr std::string_view kKinds = "Frames sent: shared as they stand, or made for one.";
  count(all, kFrames, kKinds, live.frames_shared, {{"kind", "shared"}});
  count(all, kFrames, kKinds, live.frames_own, {{"kind", "own"}});
  count(all, kFrames, kKinds, live.frames_past, {{"kind", "past"}});
  constexpr std::string_view kConflated = "vigie_web_fixes_conflated_total";
  constexpr std::string_view kWhere = "Fixes left out for a newer one of the unit.";
  count(all, kConflated, kWhere, live.conflated, {{"where", "here"}});
  count(all, kConflated, kWhere, live.conflated_hub, {{"where", "hub"}});
  count(all, "vigie_web_resumed_total", "Browsers that went on from their cursor.", live.resumed);
  count(all, "vigie_web_snapshots_total", "Whole pictures sent.", live.snapshots);
  count(all, "vigie_web_resets_total", "Pictures begun anew: another log, or refused.",
        live.resets);
  count(all, "vigie_web_catch_ups_failed_total", "Catch-up sessions that failed.",
        live.catch_ups_failed);
  count(all, "vigie_web_replays_total", "Replays opened.", live.replays_opened);
  count(all, "vigie_web_replays_refused_total", "Replays refused.", live.replays_refused);
  count(all, "vigie_web_messages_refused_total", "Pages' messages refused.", live.messages_refused);
  constexpr std::string_view kClosed = "vigie_web_browsers_closed_total";
  constexpr std::string_view kReason = "Browsers' sessions closed, by reason.";
  count(all, kClosed, kReason, live.closed_session_ended, {{"reason", "session_ended"}});
  count(all, kClosed, kReason, live.closed_account_limit, {{"reason", "account_limit"}});
  count(all, kClosed, kReason, live.closed_full, {{"reason", "full"}});
  count(all, kClosed, kReason, live.closed_deaf, {{"reason", "deaf"}});
  count(all, kClosed, kReason, live.closed_flooding, {{"reason", "flooding"}});
  count(all, kClosed, kReason, live.closed_catch_up, {{"reason", "catch_up"}});
  count(all, kClosed, kReason, live.closed_protocol, {{"reason", "protocol"}});
  count(all, kClosed, kReason, live.closed_other, {{"reason", "other"}});
}

void add_people(Figures& all, const AccountsCounters& people, const api::ApiCounters& api) {
  gauge(all, "vigie_web_accounts", "Accounts.", people.accounts);
  gauge(all, "vigie_web_sessions", "Sign-ins and API tokens now.", people.sessions);
  constexpr std::string_view kSignIns = "vigie_web_sign_ins_total";
  constexpr std::string_view kHow = "Sign-ins, by outcome.";
  count(all, kSignIns, kHow, people.signed_in, {{"outcome", "in"}});
  count(all, kSignIns, kHow, people.refused_sign_ins, {{"outcome", "refused"}});
  count(all, kSignIns, kHow, people.held_off, {{"outcome", "held_off"}});
  count(all, "vigie_web_csrf_refused_total", "Requests without the CSRF token.",
        people.refused_csrf);
  count(all, "vigie_web_sessions_ended_total", "Signed out, expired or revoked.",
        people.sessions_ended);
  count(all, "vigie_web_accounts_failures_total", "Failures of the file of accounts.",
        people.failures);
  count(all, "vigie_web_api_not_signed_in_total", "API calls of nobody.", api.not_signed_in);
  gauge(all, "vigie_web_exports", "Exports now.", api.exports.running);
  count(all, "vigie_web_exports_total", "Exports begun.", api.exports.taken);
  count(all, "vigie_web_exports_refused_total", "Exports refused by a limit.", api.exports.refused);
  count(all, "vigie_web_readings_total", "Readings of the past.", api.readings.taken);
  count(all, "vigie_web_readings_refused_total", "Readings refused by a limit.",
        api.readings.refused);
  count(all, "vigie_web_events_sent_total", "Events sent to the hub.", api.sent_events);
  count(all, "vigie_web_events_refused_total", "Events refused.", api.refused_events);
}

}  // namespace

std::vector<Figure> figures_of(const HttpCounters& http, const LiveCounters& live,
                               const AccountsCounters& people, const api::ApiCounters& api) {
  Figures all;
  add_http(all, http);
  add_live(all, live);
  add_people(all, people, api);
  return all;
}

}  // namespace vigie::web
