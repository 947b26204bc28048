#pragma once
// Those who decide who may do what: the hub's administrator, who enrols, revokes and enrols anew
// with another key, and each owner's own, who grants and ends grants; all by chance. One thread.

#include "tests/crash/simulation/clients.h"

namespace vigie::simulation {

class Office {
 public:
  Office(World& world, Hub& hub);
  /// Of "alpha" or "bravo".
  const Person& room(const std::string& owner) const { return find(owner + "/room"); }
  const Person& tracker(int index) const;
  /// Of the same; it is shown what grants with terms show.
  const Person& guest(const std::string& owner) const { return find(owner + Hub::kGuest); }
  struct Granted {
    std::string name;
    client::Grant grant;
    Name said;
    bool ended = false;
  };
  /// One of the grants with terms to that owner or its guest that are in the log and not ended;
  /// none when there is none. By chance.
  const Granted* any_with_terms(const std::string& to_owner);
  /// Calm: whoever is revoked is enrolled again, and nothing else happens.
  void step(bool calm);
  /// Everybody is enrolled, and all that was said is durable.
  bool at_rest() const;
  /// Not empty once the hub refused what it must take.
  const std::string& wrong() const { return wrong_; }

 private:
  struct Enrolled {
    Person person;
    bool revoked = true;
    std::optional<Name> said = {};  // the last about it
  };
  /// An administrator of an owner.
  struct Chief {
    Chief(World& world, Hub& hub, const Person& who)
        : owner(owner_of(who.name)), says(world, hub, who) {}
    std::string owner;
    Publisher says;
    std::deque<Granted> grants;  // their places stay
  };
  const Person& find(const std::string& name) const;
  void act();
  void enrol(Enrolled& one);
  void revoke(Enrolled& one);
  void grant(Chief& chief);
  void add_terms(client::Grant& grant, const std::string& to_owner);
  void end_grant(Chief& chief);
  bool heard(const Enrolled& one) const;
  std::string any_unit(const std::string& owner);
  static Result<std::vector<std::byte>> state_of(const Publisher& by, const std::string& name,
                                                 client::State content);

  World& world_;
  Hub& hub_;
  const Person administrator_;
  std::deque<Enrolled> people_;  // their places stay
  Publisher enrols_;
  std::deque<Chief> chiefs_;
  std::string wrong_;
};

}  // namespace vigie::simulation
