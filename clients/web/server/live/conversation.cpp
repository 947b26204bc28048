#include "clients/web/server/live/conversation.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace vigie::web {
namespace {

using Json = nlohmann::ordered_json;

/// What is not valid UTF-8 becomes U+FFFD.
std::string written(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string_view word_of(client::LinkState state) {
  switch (state) {
    case client::LinkState::Connecting:
      return "connecting";
    case client::LinkState::Live:
      return "live";
    case client::LinkState::Stale:
      return "stale";
    default:
      return "refused";
  }
}

/// What of a grant somebody has to know who looks by it.
Json json_of(const GrantTold& grant) {
  const client::Grant& content = grant.content;
  Json json = {{"name", grant.name}};
  Json& terms = json["terms"];
  terms = {{"delay_s", content.delay_s},
           {"round_m", content.round_m},
           {"every_s", content.every_s},
           {"own_numbers", content.own_numbers}};
  terms["ends_us"] = content.ends_us == 0 ? Json() : Json(content.ends_us);
  terms["classes"] = Json::array();
  if (content.fixes) terms["classes"].push_back("track");
  if (content.events) terms["classes"].push_back("event");
  if (content.states) terms["classes"].push_back("state");
  return json;
}

Json json_of(const std::vector<GrantTold>& grants) {
  Json json = Json::array();
  for (const GrantTold& grant : grants) json.push_back(json_of(grant));
  return json;
}

}  // namespace

std::string hello_text(const Viewer& viewer, std::string_view server, std::int64_t server_time_us) {
  Json json = {{"type", "hello"}, {"protocol", 1}};
  json["viewer"] = {{"name", viewer.name},
                    {"account", viewer.account},
                    {"may_send", viewer.may_send},
                    {"administrator", viewer.administrator},
                    {"open", viewer.open}};
  json["server"] = server;
  json["server_time_us"] = server_time_us;
  return written(json);
}

std::string opened_text(const OpenedText& opened) {
  Json json = {{"type", "opened"},
               {"log", opened.log},
               {"overdue_after_ms", opened.overdue_after_ms},
               {"silent_after_ms", opened.silent_after_ms},
               {"resumed", opened.resumed},
               {"hub_time_us", opened.hub_time_us}};
  json["grant"] = opened.grant ? json_of(*opened.grant) : Json();
  json["grants"] = json_of(opened.grants);
  return written(json);
}

std::string grants_text(const std::vector<GrantTold>& grants) {
  Json json = {{"type", "grants"}};
  json["grants"] = json_of(grants);
  return written(json);
}

std::string no_such_grant(std::string_view grant) {
  return fmt::format("grant '{}' is not yours, has ended, or has no terms", grant);
}

std::string link_text(client::LinkState state, std::int64_t since_us, std::int64_t hub_age_us,
                      const Reason& why) {
  Json json = {{"type", "link"}, {"state", word_of(state)}, {"since_us", since_us}};
  json["hub_age_ms"] = hub_age_us < 0 ? -1 : hub_age_us / 1000;
  json["reason"] = why.sentence;
  json["code"] = why.code;
  return written(json);
}

std::string probe_text(std::uint64_t id, std::int64_t waited_us, std::int64_t hub_age_us,
                       std::int64_t hub_time_us) {
  return written({{"type", "probe"},
                  {"id", id},
                  {"waited_ms", waited_us < 0 ? -1 : waited_us / 1000},
                  {"hub_age_ms", hub_age_us < 0 ? -1 : hub_age_us / 1000},
                  {"hub_time_us", hub_time_us}});
}

std::string past_text(const PastText& past) {
  Json json = {{"type", "past"},          {"request", past.request}, {"phase", past.phase},
               {"time_us", past.time_us}, {"code", past.why.code},   {"reason", past.why.sentence}};
  json["damaged"] = Json::array();
  for (const client::SeqRange& range : past.damaged) {
    json["damaged"].push_back(Json::array({range.first, range.last}));
  }
  return written(json);
}

std::string error_text(std::string_view code, std::string_view reason, std::string_view about) {
  return written({{"type", "error"}, {"code", code}, {"reason", reason}, {"about", about}});
}

}  // namespace vigie::web
