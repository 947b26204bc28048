#pragma once
// What the endpoints of the API share, and one call of them. Net thread, unless a member says
// otherwise.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/web/server/accounts/gate.h"
#include "clients/web/server/api/desk.h"
#include "clients/web/server/api/past.h"
#include "clients/web/server/http/request.h"
#include "clients/web/server/http/response.h"
#include "clients/web/server/ops/net.h"
#include "schemas/words/times.h"

namespace vigie::web {
struct HttpCounters;
class Watch;
class Watches;
}  // namespace vigie::web

namespace vigie::web::api {

class Density;
class Senders;

struct ApiOptions {
  std::string program = "vigie-web";    // and version, for the status and the hub's
  std::string data_folder = {};         // for the spools of what browsers send
  std::string base_url = {};            // as AccountsOptions::base_url; OGC links begin with it
  std::size_t exports_max = 4;          // tracks that are streamed at once; beyond: 429
  std::size_t exports_per_viewer = 2;   // of one identity
  std::size_t readings_max = 3;         // answers read from the hub's past at once
  std::size_t readings_waiting = 64;    // that wait for that; beyond: 429
  std::size_t readings_per_viewer = 8;  // running and waiting, of one identity
  std::chrono::milliseconds hub_patience{10'000};      // for the hub to say something
  std::chrono::milliseconds reading_patience{20'000};  // for one answer read from the past
};

struct Api {
  ApiOptions options = {};
  Net& net;
  Watches& watches;
  const Clock& clock;
  Desk& exports;
  Desk& readings;
  Senders& senders;
  Density& density;
  std::function<HttpCounters()> http_counters = {};      // of the server, once it stands
  std::shared_ptr<int> alive = std::make_shared<int>();  // what is called later ends with it
};

struct Call {
  std::shared_ptr<const Request> request = {};
  Viewer viewer = {};
  std::vector<std::string> parts = {};  // what stood in the braces of the route
  Respond respond = {};

  void refuse(const Trouble& what) const { respond(response_of(what)); }
};

/// A program, by an API token: what it is given leaves the room, in any form.
bool is_program(const Call& call);

/// The watch of the caller, by that grant (empty: without), once its picture stands; otherwise the
/// call is refused with the reason: there is no such grant for the caller, say. `then` runs on the
/// net thread, later perhaps.
void with_picture(Api& api, const Call& call, const std::string& grant,
                  std::function<void(Watch&)> then);

/// Without a grant.
void with_picture(Api& api, const Call& call, std::function<void(Watch&)> then);

/// How the hub is asked as the caller, by that grant (empty: without). Refused as with_picture(),
/// but that without a grant no picture is waited for.
void with_sight(Api& api, const Call& call, const std::string& grant,
                std::function<void(const Sight&)> then);

/// How the hub is reached as the caller. Empty (and refused) when there are too many identities.
std::optional<client::LinkOptions> link_of(Api& api, const Call& call);

/// Has an answer made by a worker and gives it.
void read_on_desk(Api& api, const Call& call, std::function<Response(const Patience&)> make);

/// The hub's clock, as far as the caller's session knows it, else this machine's.
std::int64_t now_us(Api& api, const Viewer& viewer);

/// With the type, and no-store.
Response answer(std::string_view content_type, std::string body);
Response answer_geojson(std::string body);

}  // namespace vigie::web::api
