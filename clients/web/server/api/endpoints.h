#pragma once
// The endpoints of /api/v1, one function each. Net thread; each answers once, later perhaps.

#include "clients/web/server/api/api.h"

namespace vigie::web::api {

void get_status(Api& api, const Call& call);
void get_trackers(Api& api, const Call& call);
void get_me(Api& api, const Call& call);
void get_openapi(Api& api, const Call& call);
void get_units(Api& api, const Call& call);
void get_unit(Api& api, const Call& call);
void get_unit_track(Api& api, const Call& call);
void get_tracks(Api& api, const Call& call);
void get_events(Api& api, const Call& call);
void post_event(Api& api, const Call& call);
void get_timeline(Api& api, const Call& call);
void get_density(Api& api, const Call& call);

}  // namespace vigie::web::api
