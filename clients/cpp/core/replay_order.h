#pragma once
// The order of a replay: items of its frames, by its clock, each once. What a new session after a
// cut brings again is left aside. Shared by the replay itself and by recordings of it. Pure.

#include <optional>
#include <vector>

#include "clients/cpp/core/convert.h"
#include "schemas/messages/frame.h"

namespace vigie::client {

class ReplayOrder {
 public:
  /// Where an entry lies in the order.
  struct Place {
    std::int64_t time_us = 0;  // by the replay's clock
    std::uint64_t seq = 0;
    auto operator<=>(const Place&) const = default;
  };

  explicit ReplayOrder(ReplayClock clock) : clock_(clock) {}
  /// A session stands: entries up to the last one had are left aside in it.
  void opened() { aside_ = had_; }
  /// What comes from here on was not had.
  void sought();
  /// The entries of a frame that were not had, in order.
  std::vector<Item> take(const Frame& frame);
  /// The furthest one.
  const std::optional<Place>& had() const { return had_; }

 private:
  Place place_of(const Item& item) const;
  const ReplayClock clock_;
  std::optional<Place> had_;
  std::optional<Place> aside_;
};

ReplayItem from_wire(const wire::ReplayState& state);

}  // namespace vigie::client
