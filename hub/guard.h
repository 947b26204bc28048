#pragma once
// What stands between the hub and the world, unless it is plain: its keys, the door, the ZAP thread
// with the gate, and the registry of who may do what until the front takes it over. Made on the
// main thread before the sockets are bound; outlives them and the front.

#include <memory>

#include "hub/key_change.h"
#include "hub/ops/config.h"
#include "hub/ops/door.h"
#include "hub/ops/figures.h"
#include "hub/ops/readiness.h"
#include "hub/security/gate.h"
#include "hub/security/hub_keys.h"
#include "schemas/programs/log.h"

namespace vigie {

class Guard {
 public:
  /// Reads or makes the keys, and lets in those whose keys the recovered picture holds. `context`,
  /// `config`, `clock` and `readiness` are borrowed. Says in the log which files were made. `tell`
  /// is called on another thread with what becomes of the hub's key. Where nobody can be let in any
  /// more the hub is not ready.
  static Result<std::unique_ptr<Guard>> open(ops::SocketContext& context,
                                             const ops::HubConfig& config, const Picture& picture,
                                             const Clock& clock, const Log& log,
                                             ops::Readiness& readiness,
                                             std::function<void(HubKeyNotice&&)> tell);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  /// As at the start.
  ops::CurveServer curve() const;
  /// Tries each tcp endpoint as a stranger, by each key: the hub does not serve where one gets in.
  Result<void> check(ops::SocketContext& context, const std::vector<std::string>& endpoints) const;
  /// For the front; once.
  std::unique_ptr<security::Registry> take_registry() { return std::move(registry_); }
  security::Gate& gate() { return *gate_; }
  ops::Door& door() const { return *door_; }
  KeyChange& key_change() { return *key_change_; }
  /// Borrows this; figures.forget_asked() before it goes.
  void show(ops::Figures& figures) const;

 private:
  Guard() = default;
  security::HubKeys keys_;
  std::unique_ptr<security::Gate> gate_;
  std::unique_ptr<security::Registry> registry_;
  std::unique_ptr<KeyChange> key_change_;
  std::unique_ptr<ops::ZapServer> zap_;  // after the gate, which its thread asks
  std::unique_ptr<ops::Door> door_;
};

}  // namespace vigie
