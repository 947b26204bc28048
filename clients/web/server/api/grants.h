#pragma once
// The endpoints of /api/v1/grants: what owners show to each other. Net thread; each answers once,
// later. The hub decides who may give one (an administrator of the owner) and audits it.

#include "clients/web/server/api/api.h"

namespace vigie::web::api {

void get_grants(Api& api, const Call& call);
void post_grant(Api& api, const Call& call);
void delete_grant(Api& api, const Call& call);

}  // namespace vigie::web::api
