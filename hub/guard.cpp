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
          .waiting = config.door_waiting,
          .under_way = config.door_under_way,
          .handshakes_per_second = config.door_handshakes_per_second,
          .handshakes_per_address = config.door_handshakes_per_address};
}

}  // namespace

Result<std::unique_ptr<Guard>> Guard::open(ops::SocketContext& context,
                                           const ops::HubConfig& config, const Picture& picture,
                                           const Clock& clock, const ops::Log& log) {
  if (const Result<void> kept = keep_out_of_core_dumps(); !kept) return kept.fault();
  std::unique_ptr<Guard> guard(new Guard());
  auto keys = security::open_hub_keys(ops::keys_folder(config), local_address(config));
  if (!keys) return keys.fault();
  guard->keys_ = std::move(*keys);
  for (const std::string& file : guard->keys_.made) log.info("made", {{"file", file}});
  guard->registry_ = std::make_unique<security::Registry>(guard->keys_.administrators);
  guard->registry_->note_all(picture);
  guard->gate_ = std::make_unique<security::Gate>(clock, config.door_handshakes_per_identity);
  guard->gate_->allow(guard->registry_->keys(clock.utc_us()));
  auto zap =
      ops::ZapServer::open(context, [gate = guard->gate_.get()](const ops::ZapRequest& request) {
        return gate->decide(request);
      });
  if (!zap) return zap.fault();
  guard->zap_ = std::move(*zap);
  guard->door_ = std::make_unique<ops::Door>(context, door_limits(config), clock, log.in("door"));
  return guard;
}

Guard::~Guard() = default;

Result<void> Guard::check(ops::SocketContext& context,
                          const std::vector<std::string>& endpoints) const {
  for (const std::string& endpoint : endpoints) {
    if (!endpoint.starts_with("tcp://")) continue;
    Result<void> refuses = ops::check_refuses(context, endpoint, keys_.keys.key);
    if (!refuses) return refuses;
  }
  return {};
}

void Guard::show(ops::Figures& figures) const {
  figures.ask_set("vigie_gate_", "Connections at the gate", [this] {
    return std::vector<std::pair<std::string, double>>{
        {"let_in_total", static_cast<double>(gate_->let_in())},
        {"turned_away_total", static_cast<double>(gate_->turned_away())},
        {"put_off_total", static_cast<double>(gate_->put_off())}};
  });
  door_->show(figures);
}

}  // namespace vigie
