#pragma once
// Somebody who is shown what grants with terms show, one after the other, and looks at each thing
// that comes: nothing in it is finer or earlier than the terms say, nor is more of a step shown
// than one fix. One thread.

#include "schemas/model/terms.h"
#include "tests/crash/simulation/office.h"

namespace vigie::simulation {

class Guest {
 public:
  /// Of "alpha" or "bravo"; all are borrowed.
  Guest(World& world, Hub& hub, Office& office, std::string owner)
      : world_(world), hub_(hub), office_(office), owner_(std::move(owner)) {}
  /// By chance it takes another grant.
  void step(bool calm);
  /// How much it was shown.
  std::uint64_t shown() const { return shown_; }
  /// Not empty once it was shown what it may not be.
  const std::string& wrong() const { return wrong_; }

 private:
  void look(const client::Item& item);
  void look_at(const client::FixItem& item);
  void look_at(const client::EventItem& item);
  void look_at(const client::StateItem& item);
  void look_at_entry(bool of_class, const std::string& unit, const std::string& group,
                     const client::Stamp& stamp);
  void look_at_position(std::int32_t lat_e7, std::int32_t lon_e7);
  /// `known_us`: of what stands in the step's or the moment's stead.
  void look_at_time(std::int64_t known_us);
  void fail(const std::string& what);

  World& world_;
  Hub& hub_;
  Office& office_;
  const std::string owner_;
  std::unique_ptr<Console> console_;
  const Office::Granted* by_ = nullptr;
  Terms terms_;
  // By grant, unit and step: the seq and true time of the one fix that stands for it.
  using Step = std::tuple<std::string, std::string, std::int64_t>;
  std::map<Step, std::pair<std::uint64_t, std::int64_t>> steps_;
  std::uint64_t shown_ = 0;
  std::string wrong_;
};

}  // namespace vigie::simulation
