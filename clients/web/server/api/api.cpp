#include "clients/web/server/api/api.h"

#include <fmt/format.h>

#include "clients/web/server/live/conversation.h"
#include "clients/web/server/live/watches.h"

namespace vigie::web::api {
namespace {

constexpr std::chrono::milliseconds kPicturePatience{5'000};

Trouble too_many_identities() {
  return {.status = 503,
          .code = "too_many_identities",
          .detail =
              "this server looks through too many identities, or by too many grants of yours, "
              "already; try again later",
          .retry_after_s = 30};
}

Trouble no_picture(const client::LinkItem& link) {
  if (link.state == client::LinkState::Refused || link.state == client::LinkState::Ended) {
    return trouble_of(link.code, link.reason);
  }
  return {.status = 503,
          .code = "hub_away",
          .detail = "there is no picture yet: the hub does not answer",
          .retry_after_s = 5};
}

/// `grant` empty: without terms. The watch may be gone when it is told of: it is not opened again.
void await_picture(Api& api, const Call& call, Watch* watch, const std::string& grant,
                   std::function<void(Watch&)> then) {
  if (watch == nullptr) {
    call.refuse(too_many_identities());
    return;
  }
  watch->when_complete(kPicturePatience, [&api, alive = std::weak_ptr<int>(api.alive), call, grant,
                                          then = std::move(then)](bool complete) {
    if (alive.expired()) return;
    Watch* const found = api.watches.find(call.viewer, grant);
    if (found == nullptr) {
      call.refuse(no_picture({}));
    } else if (!complete || !found->complete()) {
      call.refuse(no_picture(found->link()));
    } else {
      then(*found);
    }
  });
}

/// One of those that the caller's own session names: nothing is opened for another name.
void with_grant(Api& api, const Call& call, const std::string& grant,
                std::function<void(const GrantTold&)> then) {
  with_picture(api, call, [call, grant, then = std::move(then)](Watch& own) {
    for (const GrantTold& one : own.grants()) {
      if (one.name == grant) return then(one);
    }
    call.refuse({.status = 404, .code = "no_such_grant", .detail = no_such_grant(grant)});
  });
}

}  // namespace

void with_picture(Api& api, const Call& call, const std::string& grant,
                  std::function<void(Watch&)> then) {
  if (grant.empty()) {
    with_picture(api, call, std::move(then));
    return;
  }
  with_grant(api, call, grant, [&api, call, then = std::move(then)](const GrantTold& told) {
    await_picture(api, call, api.watches.watch_of(call.viewer, told), told.name, then);
  });
}

void with_picture(Api& api, const Call& call, std::function<void(Watch&)> then) {
  await_picture(api, call, api.watches.watch_of(call.viewer), {}, std::move(then));
}

void with_sight(Api& api, const Call& call, const std::string& grant,
                std::function<void(const Sight&)> then) {
  if (grant.empty()) {
    if (const auto link = link_of(api, call)) then({.link = *link});
    return;
  }
  with_grant(api, call, grant, [&api, call, then = std::move(then)](const GrantTold& told) {
    const auto link = link_of(api, call);
    if (!link) return;
    then({.link = *link, .grant = told.name, .held_back_us = held_back_us(told.content)});
  });
}

std::optional<client::LinkOptions> link_of(Api& api, const Call& call) {
  Watch* const watch = api.watches.watch_of(call.viewer);
  if (watch != nullptr) return watch->link_options();
  call.refuse(too_many_identities());
  return {};
}

void read_on_desk(Api& api, const Call& call, std::function<Response(const Patience&)> make) {
  const std::int64_t hub_us = api.options.hub_patience.count() * 1000;
  const std::int64_t all_us = api.options.reading_patience.count() * 1000;
  api.readings.take(
      call.viewer, call.respond,
      [&clock = api.clock, hub_us, all_us, make = std::move(make)](const DeskJob& job) {
        job.respond(make({.clock = clock, .hub_us = hub_us, .all_us = all_us, .stopped = [&job] {
                            return job.stopped();
                          }}));
      });
}

bool is_program(const Call& call) {
  return call.request->header("authorization").has_value();
}

std::int64_t now_us(Api& api, const Viewer& viewer) {
  const Watch* const watch = api.watches.watch_of(viewer);
  const std::int64_t hub_us = watch == nullptr ? 0 : watch->status().hub_time_us;
  return hub_us != 0 ? hub_us : api.clock.utc_us();
}

Response answer(std::string_view content_type, std::string body) {
  Response response;
  response.headers = {{"Content-Type", std::string(content_type)}, {"Cache-Control", "no-store"}};
  response.body = std::move(body);
  return response;
}

Response answer_geojson(std::string body) {
  return answer("application/geo+json", std::move(body));
}

}  // namespace vigie::web::api
