#pragma once
// vigie-hub as a peer. Besides what every peer does, it opens consoles of any kind, and stops and
// starts on the same data.

#include "tests/bench/peers.h"
#include "tests/bench/vigie_console.h"
#include "tests/bench/vigie_publisher.h"

namespace vigie::bench {

class VigiePeer final : public Peer {
 public:
  /// `guarded`: it asks who is there and encrypts, and clients are enrolled; else it is plain.
  VigiePeer(Poller& poller, Account& account, Places places, Spread spread, bool guarded)
      : Peer(poller, account, std::move(places)), spread_(spread), guarded_(guarded) {}

  Result<void> start() override;
  Result<void> open_consoles(std::size_t count) override;
  Result<void> open_publishers(std::size_t count) override;
  void read_heads() override { heads_ = true; }
  Result<void> open_replay() override;
  std::size_t publish(std::size_t publisher, const Handover& handover) override;
  bool acknowledges() const override { return true; }

  /// Begins to open one console with these options; poll its state.
  Result<VigieConsole*> begin_console(ConsoleOptions options, std::size_t index);
  /// Opens one and waits until it is open.
  Result<VigieConsole*> open_console(ConsoleOptions options, std::size_t index);
  /// Ends all connections, as consoles and publishers do that go away.
  void hang_up();
  /// The value of a metric on the hub's status port, summed over its labels; fails when it has
  /// none.
  Result<double> metric(std::string_view name);
  std::filesystem::path data() const { return folder() / "data"; }
  void set_spread(const Spread& spread) { spread_ = spread; }
  void set_hub_options(std::vector<std::string> options) { hub_options_ = std::move(options); }

  /// Options of a console that takes everything from here on and counts it.
  static ConsoleOptions live_options();

 private:
  Result<void> enrol_clients();
  Spread spread_;
  const bool guarded_;
  bool heads_ = false;
  int port_ = 0;
  std::optional<Enrolled> gateway_;
  std::optional<Enrolled> room_;
  std::vector<std::string> hub_options_;
  std::vector<std::unique_ptr<VigieConsole>> consoles_;
  std::vector<std::unique_ptr<VigiePublisher>> publishers_;
};

}  // namespace vigie::bench
