#include "clients/web/server/api/grants.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>

#include "clients/web/server/api/grant_body.h"
#include "clients/web/server/api/parameters.h"
#include "schemas/messages/names.h"
#include "vigie/console.h"
#include "vigie/tracker.h"

namespace vigie::web::api {
namespace {

bool is_json(const Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  return type.substr(0, type.find(';')) == "application/json";
}

using Book = std::map<std::string, client::StateItem>;  // by name

/// Whose grants the caller gives. Empty and refused: nobody's.
std::string owner_of_caller(const Call& call) {
  if (!call.viewer.name.empty()) return std::string(owner_of(call.viewer.name));
  call.refuse(
      {.status = 409, .code = "plain_hub", .detail = "this hub asks nobody: it has no grants"});
  return {};
}

/// A program does not give away what an owner sees: a person who signed in does.
bool may_change(const Call& call) {
  if (is_program(call)) {
    call.refuse(
        {.status = 403, .code = "token", .detail = "an API token gives no grants: sign in"});
    return false;
  }
  if (call.viewer.may_send) return true;
  call.refuse(
      {.status = 403, .code = "may_not_send", .detail = "this account may look, and not send"});
  return false;
}

constexpr std::chrono::milliseconds kTurn{100};

/// What a link says that ends the reading.
std::optional<Trouble> refusal_in(const client::Item& item) {
  const auto* link = std::get_if<client::LinkItem>(&item);
  if (link == nullptr || link->code == client::Refusal::None) return {};
  const bool for_good =
      link->state == client::LinkState::Ended || link->code == client::Refusal::Revoked;
  if (!for_good) return {};
  return trouble_of(link->code, link->reason);
}

/// The grants that the identity sees, as they stand now; within the hub's patience in all.
Answered<Book> read_grants(const client::LinkOptions& link, const Patience& patience) {
  client::ConsoleOptions options;
  options.link = link;
  options.once = true;
  options.view.fixes = options.view.events = false;
  auto console = client::Console::open(std::move(options));
  if (!console) return trouble(trouble_of(console.fault()));
  Book book;
  const Trouble away{.status = 503,
                     .code = "hub_away",
                     .detail = "the hub did not answer in time",
                     .retry_after_s = 5};
  const std::int64_t began_us = patience.clock.monotonic_us();
  bool whole = false;  // only a list that came to its end tells what there is
  while (!patience.stopped()) {
    auto next = (*console)->next(kTurn);
    if (!next) return whole ? Answered<Book>(book) : trouble(away);
    if (patience.clock.monotonic_us() - began_us > patience.hub_us) return trouble(away);
    if (!*next) continue;
    if (auto refused = refusal_in(**next)) return trouble(std::move(*refused));
    if (std::holds_alternative<client::SnapshotBegin>(**next)) book.clear();
    whole = whole || std::holds_alternative<client::SnapshotEnd>(**next);
    const auto* item = std::get_if<client::StateItem>(&**next);
    if (item == nullptr || item->state.kind != client::StateKind::Grant) continue;
    if (item->state.deleted) {
      book.erase(item->state.name);
    } else {
      book[item->state.name] = *item;
    }
  }
  return trouble({.status = 401, .code = "signed_out", .detail = "the session ended"});
}

/// Hands the hub the state and waits until it is durable there, or refused.
std::optional<Trouble> deliver(const client::LinkOptions& link, const client::State& state,
                               const Patience& patience) {
  std::mutex mutex;  // the tracker's thread tells what became of it
  client::Delivery told{.outcome = client::Outcome::GivenUp};
  client::TrackerOptions options;
  options.link = link;
  options.on_delivery = [&](const client::Delivery& delivery) {
    const std::lock_guard lock(mutex);
    told = delivery;
  };
  auto tracker = client::Tracker::open(std::move(options));
  if (!tracker) return trouble_of(tracker.fault());
  if (const auto taken = (*tracker)->publish(state); !taken) {
    return Trouble{.status = 400, .code = "bad_body", .detail = taken.fault().sentence};
  }
  const auto settled = (*tracker)->wait_settled(std::chrono::milliseconds(patience.hub_us / 1000));
  if (!settled) {
    return Trouble{.status = 503,
                   .code = "not_settled",
                   .detail = "the hub did not say in time whether it took it: look at the list",
                   .retry_after_s = 5};
  }
  tracker->reset();  // what it had to tell is told
  const std::lock_guard lock(mutex);
  if (told.outcome == client::Outcome::Settled) return {};
  return trouble_of(told.code, told.reason);
}

/// `device_us`: this machine's clock, which the tracker corrects by the hub's.
client::State state_of(std::string name, client::Grant grant, std::int64_t device_us) {
  client::State state;
  state.kind = client::StateKind::Grant;
  state.name = std::move(name);
  state.group = kAccessGroup;
  state.true_time_us = device_us;
  state.grant = std::move(grant);
  return state;
}

bool stands(const Book& book, const std::string& name, std::int64_t now) {
  const auto found = book.find(name);
  if (found == book.end() || found->second.state.grant.ended) return false;
  const std::int64_t ends_us = found->second.state.grant.ends_us;
  return ends_us == 0 || ends_us > now;
}

Response grants_response(const Book& book, const std::string& owner, std::int64_t now) {
  std::string body;
  JsonText json(body);
  json.begin_object();
  json.text("owner", owner);
  json.begin_array("grants");
  for (const auto& [name, item] : book) add_grant(json, item, owner_of(name) == owner, now);
  json.end_array();
  json.end_object();
  return answer("application/json", body + "\n");
}

}  // namespace

void get_grants(Api& api, const Call& call) {
  const Parameters parameters(*call.request, {});
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  const std::string owner = owner_of_caller(call);
  if (owner.empty()) return;
  const auto link = link_of(api, call);
  if (!link) return;
  read_on_desk(api, call, [link, owner, now = now_us(api, call.viewer)](const Patience& patience) {
    const auto book = read_grants(*link, patience);
    return book ? grants_response(*book, owner, now) : response_of(book.error());
  });
}

void post_grant(Api& api, const Call& call) {
  const Parameters parameters(*call.request, {});
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  if (!may_change(call)) return;
  const std::string owner = owner_of_caller(call);
  if (owner.empty()) return;
  if (!is_json(*call.request)) {
    return call.respond(
        problem(415, "not_json", "Content-Type has to be application/json for this"));
  }
  const std::int64_t now = now_us(api, call.viewer);
  auto order = parse_grant_body(call.request->body, now);
  if (!order) return call.refuse(order.error());
  const auto link = link_of(api, call);
  if (!link) return;
  const std::string name = owner + "/" + order->name;
  read_on_desk(api, call, [link, name, grant = order->grant](const Patience& patience) {
    const auto book = read_grants(*link, patience);
    if (!book) return response_of(book.error());
    // A name is never taken up again: what it granted is in the log under it.
    if (book->contains(name)) {
      return problem(409, "taken",
                     fmt::format("there is, or was, a grant '{}': take another name", name));
    }
    if (const auto refused =
            deliver(*link, state_of(name, grant, patience.clock.utc_us()), patience)) {
      return response_of(*refused);
    }
    std::string body;
    JsonText json(body);
    json.begin_object();
    json.text("name", name);
    json.flag("by_itself", grant.has_terms());
    json.end_object();
    Response made = answer("application/json", body + "\n");
    made.status = 201;
    return made;
  });
}

void delete_grant(Api& api, const Call& call) {
  const Parameters parameters(*call.request, {});
  if (parameters.trouble()) return call.refuse(*parameters.trouble());
  if (!may_change(call)) return;
  const std::string owner = owner_of_caller(call);
  if (owner.empty()) return;
  const auto link = link_of(api, call);
  if (!link) return;
  const std::string name = owner + "/" + call.parts[0];
  read_on_desk(api, call, [link, name, now = now_us(api, call.viewer)](const Patience& patience) {
    const auto book = read_grants(*link, patience);
    if (!book) return response_of(book.error());
    if (!stands(*book, name, now)) {
      return problem(404, "not_found",
                     fmt::format("there is no grant '{}' that stands", name.substr(0, 80)));
    }
    const client::StateItem& item = book->at(name);
    client::Grant grant = item.state.grant;
    grant.ended = true;
    // The hub asks for when it was first made.
    if (grant.made_us == 0) grant.made_us = item.stamp.known_time_us;
    if (const auto refused =
            deliver(*link, state_of(name, grant, patience.clock.utc_us()), patience)) {
      return response_of(*refused);
    }
    return Response{.status = 204, .headers = {{"Cache-Control", "no-store"}}};
  });
}

}  // namespace vigie::web::api
