#include "clients/web/server/api/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/web/server/api/density.h"
#include "clients/web/server/api/routes.h"
#include "clients/web/server/api/senders.h"
#include "clients/web/server/live/watches.h"

namespace vigie::web::api {
namespace {

bool is_below(std::string_view path, std::string_view folder) {
  return path == folder ||
         (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

Response not_signed_in(const Fault& fault) {
  Response response = problem(401, "not_signed_in", fault.sentence);
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

/// Whether a comma-separated header has that word.
bool lists(std::string_view header, std::string_view word) {
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    std::string_view one = header.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == word) return true;
    header.remove_prefix(std::min(header.size(), comma + 1));
  }
  return false;
}

/// The answer to a HEAD has no body: nothing is made for it.
Respond without_stream(Respond respond) {
  return [respond = std::move(respond)](Response response) {
    if (response.stream != nullptr) {
      response.stream->abandon();
      response.stream = nullptr;
    }
    respond(std::move(response));
  };
}

using Warn = std::function<void(const std::string&)>;

DeskOptions exports_of(const ApiOptions& options, const Warn& warn) {
  return {.what = "exports",
          .threads = options.exports_max,
          .waiting_max = 0,
          .per_viewer = options.exports_per_viewer,
          .warn = warn};
}

DeskOptions readings_of(const ApiOptions& options, const Warn& warn) {
  return {.what = "readings of the past",
          .threads = options.readings_max,
          .waiting_max = options.readings_waiting,
          .per_viewer = options.readings_per_viewer,
          // One is always left to others.
          .running_per_viewer = std::max<std::size_t>(1, options.readings_max - 1),
          .warn = warn};
}

}  // namespace

/// `api_` is borrowed by what runs on the desks: it is destroyed after them.
class Router::Inner {
 public:
  Inner(RouterParts parts, ApiOptions options, std::unique_ptr<Senders> senders)
      : parts_(std::move(parts)),
        senders_(std::move(senders)),
        api_{.options = std::move(options),
             .net = parts_.net,
             .watches = parts_.watches,
             .clock = parts_.clock,
             .exports = exports_,
             .readings = readings_,
             .senders = *senders_,
             .density = density_,
             .http_counters = parts_.http_counters},
        exports_(parts_.net, parts_.gate, exports_of(api_.options, parts_.warn)),
        readings_(parts_.net, parts_.gate, readings_of(api_.options, parts_.warn)),
        density_(parts_.net, parts_.gate, parts_.clock, {.hub_patience = api_.options.hub_patience},
                 parts_.warn) {}

  void handle(std::shared_ptr<const Request> request, Respond respond) {
    const std::string_view path = request->path;
    if (parts_.is_of_accounts && parts_.is_of_accounts(path)) {
      parts_.accounts(std::move(request), std::move(respond));
    } else if (path == kFeedPath) {
      Response response =
          problem(426, "websocket_only", "this is for WebSockets: PROTOCOL.md describes them");
      response.headers.emplace_back("Upgrade", "websocket");
      respond(std::move(response));
    } else if (is_below(path, "/api") || is_below(path, "/ogc")) {
      call(std::move(request), std::move(respond));
    } else {
      parts_.files(std::move(request), std::move(respond));
    }
  }

  std::variant<Response, std::unique_ptr<WebSocketUser>> accept(const Request& request) {
    if (request.path != kFeedPath) {
      return problem(404, "no_such_path", "there is no WebSocket at this path");
    }
    if (!lists(request.header("sec-websocket-protocol").value_or(""), kFeedProtocol)) {
      return problem(400, "no_such_protocol",
                     "Sec-WebSocket-Protocol has to offer 'vigie.1', which is spoken here");
    }
    const auto viewer = parts_.gate.viewer_of(request);
    if (!viewer) {
      ++counters_.not_signed_in;
      return not_signed_in(viewer.fault());
    }
    return parts_.watches.browser(*viewer);
  }

  ApiCounters counters() const {
    ApiCounters now = counters_;
    now.exports = exports_.counters();
    now.readings = readings_.counters();
    const SendersCounters sent = senders_->counters();
    now.sent_events = sent.sent;
    now.refused_events = sent.refused;
    return now;
  }

 private:
  void call(std::shared_ptr<const Request> request, Respond respond) {
    Found found = find_route(request->method, request->path);
    if (found.route == nullptr) {
      ++counters_.not_found;
      if (found.allow.empty()) {
        return respond(problem(404, "no_such_path", "there is nothing at this path"));
      }
      Response wrong = problem(405, "wrong_method", fmt::format("this path takes {}", found.allow));
      wrong.headers.emplace_back("Allow", found.allow);
      return respond(std::move(wrong));
    }
    Call call;
    if (found.route->signed_in) {
      auto viewer = parts_.gate.viewer_of(*request);
      if (!viewer) {
        ++counters_.not_signed_in;
        return respond(not_signed_in(viewer.fault()));
      }
      call.viewer = std::move(*viewer);
    }
    if (request->method == "HEAD") respond = without_stream(std::move(respond));
    call.request = std::move(request);
    call.parts = std::move(found.parts);
    call.respond = std::move(respond);
    found.route->endpoint(api_, call);
  }

  const RouterParts parts_;
  const std::unique_ptr<Senders> senders_;
  ApiCounters counters_;
  Api api_;
  Desk exports_;
  Desk readings_;
  Density density_;
};

Router::Router(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}

Router::~Router() = default;

Result<std::unique_ptr<Router>> Router::open(RouterParts parts, ApiOptions options) {
  SendersOptions sending;
  sending.folder = options.data_folder + "/spools";
  sending.link.hub = parts.watches.options().hub;
  sending.link.client = options.program;
  sending.warn = parts.warn;
  auto senders = Senders::open(parts.net, parts.clock, std::move(sending));
  if (!senders) return senders.fault();
  auto inner = std::make_unique<Inner>(std::move(parts), std::move(options), std::move(*senders));
  return std::unique_ptr<Router>(new Router(std::move(inner)));
}

void Router::handle(std::shared_ptr<const Request> request, Respond respond) {
  inner_->handle(std::move(request), std::move(respond));
}

std::variant<Response, std::unique_ptr<WebSocketUser>> Router::accept(const Request& request) {
  return inner_->accept(request);
}

ApiCounters Router::counters() const {
  return inner_->counters();
}

}  // namespace vigie::web::api
