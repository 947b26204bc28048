#include "hub/guard.h"

#include <fmt/format.h>

#include "hub/ops/curve_check.h"
#include "schemas/keys/core_dumps.h"

namespace vigie {
namespace {

/// How a program on this machine reaches the hub; empty where the port is not known yet.
std::string local_address(const ops::HubConfig& config) {
  if (config.port == 0) return {};
  std::string host = config.host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = fmt::format("[{}]", host);
  return fmt::format("{}:{}", host, config.port);
}

ops::DoorLimits door_limits(const ops::HubConfig& config) {
  return {.connections = config.door_connections,
          .connections_per_address = config.door_connections_per_address,
          .connections_per_identity = config.door_connections_per_identity,
          .waiting = config.door_waiting,
          .under_way = config.door_under_way,
          .handshakes_per_second = config.door_handshakes_per_second,
          .handshakes_per_address = config.door_handshakes_per_address};
}

/// Whoever is in stays; that nobody comes in any more is not to be found out by those who wait.
std::function<void(std::string_view)> shut_out(ops::Readiness& readiness, const Log& log,
                                               std::string who) {
  return [&readiness, log, who = std::move(who)](std::string_view why) {
    const std::string sentence =
        fmt::format("{} has failed ({}): nobody new can come in; start the hub again", who, why);
    log.error(sentence);
    readiness.set(who, sentence);
  };
}

}  // namespace

Result<std::unique_ptr<Guard>> Guard::open(ops::SocketContext& context,
                                           const ops::HubConfig& config, const Picture& picture,
                                           const Clock& clock, const Log& log,
                                           ops::Readiness& readiness,
                                           std::function<void(HubKeyNotice&&)> tell) {
  if (const Result<void> kept = keep_out_of_core_dumps(); !kept) return kept.fault();
  std::unique_ptr<Guard> guard(new Guard());
  const std::string folder = ops::keys_folder(config);
  auto keys = security::open_hub_keys(folder, local_address(config), clock.utc_us());
  if (!keys) return keys.fault();
  guard->keys_ = std::move(*keys);
  for (const std::string& file : guard->keys_.made) log.info("made", {{"file", file}});
  guard->registry_ = std::make_unique<security::Registry>(guard->keys_.administrators);
  guard->registry_->note_all(picture);
  const std::int64_t old_until_us = guard->keys_.old ? guard->keys_.old->until_us : 0;
  guard->registry_->tell_hub_key({.key = guard->keys_.keys.key, .old_until_us = old_until_us});
  log.info("the hub's key",
           {{"key", guard->keys_.keys.key},
            {"before_works_until",
             old_until_us == 0 ? std::string("none") : format_time(old_until_us)}});
  guard->gate_ = std::make_unique<security::Gate>(clock, config.door_handshakes_per_identity);
  guard->gate_->allow(guard->registry_->keys(clock.utc_us()));
  auto zap = ops::ZapServer::open(
      context,
      [gate = guard->gate_.get()](const ops::ZapRequest& request) { return gate->decide(request); },
      shut_out(readiness, log, "gate"));
  if (!zap) return zap.fault();
  guard->zap_ = std::move(*zap);
  guard->key_change_ =
      std::make_unique<KeyChange>(folder, guard->keys_, clock, log, std::move(tell));
  guard->door_ = std::make_unique<ops::Door>(context, door_limits(config), clock, log.in("door"),
                                             shut_out(readiness, log, "door"));
  return guard;
}

Guard::~Guard() = default;

ops::CurveServer Guard::curve() const {
  ops::CurveServer curve{.secret = keys_.keys.secret};
  if (keys_.old) curve.old = keys_.old->keys.secret;
  return curve;
}

Result<void> Guard::check(ops::SocketContext& context,
                          const std::vector<std::string>& endpoints) const {
  for (const std::string& endpoint : endpoints) {
    if (!endpoint.starts_with("tcp://")) continue;
    Result<void> refuses = ops::check_refuses(context, endpoint, keys_.keys.key);
    if (refuses && keys_.old) {
      refuses = ops::check_refuses(context, endpoint, keys_.old->keys.key);
    }
    if (!refuses) return refuses;
  }
  return {};
}

void Guard::show(ops::Figures& figures) const {
  key_change_->show(figures);
  figures.ask_set("vigie_gate_", "Connections at the gate", [this] {
    return std::vector<std::pair<std::string, double>>{
        {"let_in_total", static_cast<double>(gate_->let_in())},
        {"turned_away_total", static_cast<double>(gate_->turned_away())},
        {"put_off_total", static_cast<double>(gate_->put_off())}};
  });
  door_->show(figures);
}

}  // namespace vigie
