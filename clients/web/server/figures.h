#pragma once
// The server's counters as figures of /metrics. Pure.

#include <vector>

#include "clients/web/server/accounts/accounts.h"
#include "clients/web/server/api/router.h"
#include "clients/web/server/http/server.h"
#include "clients/web/server/live/counters.h"
#include "clients/web/server/ops/metrics.h"

namespace vigie::web {

std::vector<Figure> figures_of(const HttpCounters& http, const LiveCounters& live,
                               const AccountsCounters& people, const api::ApiCounters& api);

}  // namespace vigie::web
