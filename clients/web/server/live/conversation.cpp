#include "clients/web/server/live/conversation.h"

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
  return written({{"type", "opened"},
                  {"log", opened.log},
                  {"overdue_after_ms", opened.overdue_after_ms},
                  {"silent_after_ms", opened.silent_after_ms},
                  {"resumed", opened.resumed},
                  {"hub_time_us", opened.hub_time_us}});
}

std::string link_text(client::LinkState state, std::int64_t since_us, std::int64_t hub_age_us,
                      client::Refusal code, std::string_view reason) {
  Json json = {{"type", "link"}, {"state", word_of(state)}, {"since_us", since_us}};
  json["hub_age_ms"] = hub_age_us < 0 ? -1 : hub_age_us / 1000;
  json["reason"] = reason;
  json["code"] = code == client::Refusal::None ? std::string() : client::refusal_name(code);
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
  Json json = {{"type", "past"},
               {"request", past.request},
               {"phase", past.phase},
               {"time_us", past.time_us},
               {"reason", past.reason}};
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
