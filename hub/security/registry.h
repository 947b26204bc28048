#pragma once
// Who may say and see what: the fold of the log's identities, invitations and grants, with the
// hub's own administrators, who are named by its configuration. Front thread. Pure: no clock, no
// socket; times are the hub's known times in microseconds.
//
// Keys are public keys as 64 hexadecimal digits. Of one name the newest in the log counts, whatever
// its device's clock said: a revocation can't be outrun by a clock that is wrong.
// Nobody but the device itself, or a new invitation, gives a name another key: what an
// administrator read before a revocation and says after it makes nobody of it again. Of each name
// the last key that was revoked or replaced is remembered, and is taken for no name: one that was
// revoked over a restart, too, since the hub writes into a revocation which key it ends.
// Promise 6: a client receives nothing that it is not entitled to, and publishes for no unit but
// its own.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "hub/security/per_owner.h"
#include "schemas/model/entitlement.h"
#include "schemas/model/picture.h"
#include "schemas/model/source_ranks.h"

namespace vigie::security {

/// A person or device.
struct Identity {
  std::string name = {};  // OWNER/NAME
  std::string key = {};
  wire::Role role = wire::Role::None;
  std::vector<std::string> units = {};  // OWNER/NAME, or OWNER/*
  std::int64_t ends_us = INT64_MAX;
  std::uint8_t rank = 0;      // among the sources of one unit; 0: the first
  std::uint64_t source = 0;   // the high half of its spools' ids
  std::string sign_key = {};  // of its signatures; empty: it has none
  std::string invite = {};    // the key of the invitation that it came by; empty: none
  bool is_administrator() const { return role == wire::Role::Administrator; }
};

/// The right to become an identity, once.
struct Invitation {
  Identity becomes;  // with the invitation's own key
  std::int64_t ends_us = 0;
};

/// A code that opens nothing any more.
struct ClosedInvitation {
  std::string name = {};  // whom it was for
  const char* why = "";   // the code WHY
};

/// Whoever holds a key: one of the two.
struct Holder {
  const Identity* identity = nullptr;
  const Invitation* invitation = nullptr;
  explicit operator bool() const { return identity != nullptr || invitation != nullptr; }
};

/// What a peer is told whose key nobody holds.
inline constexpr const char* kUnknownKey =
    "the hub does not know this key: it was revoked or replaced, has ended, or never was enrolled";

/// Tells a publisher who it is taken for.
void introduce(const Holder& holder, wire::WelcomeT& welcome);

/// Whose numbers its spools hold (spool_owner() in schemas/keys). REQUIRES: somebody.
std::string spool_name(const Holder& holder);

/// One of the hub's own: invites and revokes for every owner and sees no owner's data.
struct HubAdministrator {
  std::string name;  // without the owner, which is kHubOwner
  std::string key;
};

/// A grant by which somebody sees what is another's.
struct ShownBy {
  std::string grant;  // OWNER/NAME
  bool past = false;  // the explicit exception: of the time before it was made, too
};

/// The hub's own key, as it is told to everybody.
struct HubKeyTold {
  std::string key = {};           // the newest
  std::int64_t old_until_us = 0;  // known time; the one before works until then; 0: it does not
};

/// Sight of the states of that name which say who may do what.
AccessRule said_of(std::string_view name);

/// Empty: yes. Else a sentence that says why not, fit to be sent to who asked.
using WhyNot = std::string;

class Registry {
 public:
  static constexpr std::size_t kGrantsAPart = 1024;

  explicit Registry(const std::vector<HubAdministrator>& administrators);
  Registry(Registry&&) = default;

  /// Takes what recovery folded.
  void note_all(const Picture& picture);
  /// Takes a state that was given its place in the log; of other kinds nothing. True when rights
  /// may have changed. REQUIRES: may_publish() allowed it, no other of that name stood in its
  /// batch, and it comes in order of seq.
  bool note(const wire::State& state);

  void tell_hub_key(HubKeyTold told) { hub_key_ = std::move(told); }
  const HubKeyTold& hub_key() const { return hub_key_; }

  /// Another number whenever rights may have changed.
  std::uint64_t version() const { return version_; }
  /// Another number whenever what this identity may see may have changed, but by time.
  std::uint64_t sight_version(const Identity& identity) const;
  /// How many grants were gone through to work out what identities may see; one that names many
  /// units or groups counts as so many. One change costs at most kGrantsAPart, however many there
  /// are and for however many identities.
  std::uint64_t grants_read() const { return grants_read_; }

  /// Nobody: never known, revoked, used or over. Valid until the next note.
  Holder find(std::string_view key, std::int64_t now_us) const;
  /// Whether it may publish fixes and events of a unit, or its card.
  WhyNot may_publish(const Holder& holder, MessageClass message_class, std::string_view unit) const;
  /// Whether it may publish a state of any kind.
  WhyNot may_publish(const Holder& holder, const wire::State& state) const;
  /// What an identity may see at this moment; not what grants show it by terms.
  std::shared_ptr<const Entitlement> entitlement(const Identity& identity,
                                                 std::int64_t now_us) const;
  /// What a grant that has terms shows an identity at this moment, and nothing else. Null: no
  /// such grant stands for it.
  std::shared_ptr<const Entitlement> entitlement_by(std::string_view grant,
                                                    const Identity& identity,
                                                    std::int64_t now_us) const;
  /// Those that stand.
  std::vector<std::string> grants_with_terms(const Identity& identity, std::int64_t now_us) const;
  /// How those stand to each other who publish for one unit. Who is an identity no more comes after
  /// all others, so that nobody waits for what stands of it.
  SourceRanks source_ranks(std::int64_t now_us) const;
  // For the audit (registry_told.cpp):
  /// The identity of that name; null: there is none, or it was revoked.
  const Identity* named(std::string_view name) const;
  /// The hub's own, as its configuration names them.
  std::vector<HubAdministrator> administrators() const;
  /// The grants by which an identity sees what is another's at this moment; where one that has
  /// terms is named, that one alone.
  std::vector<ShownBy> shown_by(const Identity& identity, std::string_view grant,
                                std::int64_t now_us) const;
  /// How many grants, identities or open invitations an owner has at this moment; without the hub's
  /// own.
  std::size_t standing(wire::StateKind kind, std::string_view owner, std::int64_t now_us) const;
  /// True for a state by which there is one more of its kind.
  bool begins(const wire::State& state, std::int64_t now_us) const;
  /// All keys that may connect.
  std::vector<std::string> keys(std::int64_t now_us) const;
  /// Of invitations that are used, over, withdrawn or overtaken: of each name the newest that is
  /// known, and of those that were withdrawn or replaced the newest while the hub runs.
  std::vector<std::string> closed_keys(std::int64_t now_us) const;
  std::optional<ClosedInvitation> closed(std::string_view key, std::int64_t now_us) const;
  /// The next moment after `now_us` at which somebody's key ends by itself; INT64_MAX: never. When
  /// an entitlement ends, it says itself.
  std::int64_t next_end_us(std::int64_t now_us) const;

 private:
  template <typename T>
  struct Kept {
    T value;
    std::uint64_t seq = 0;
    bool deleted = false;
    std::uint64_t version = 0;   // of the registry, when it was said
    std::string ended_key = {};  // the last that it had and has no more; empty: none is known
    std::optional<std::int64_t> counted = {};  // among those that stand, until then
  };
  struct Granted {
    std::string name;
    SetRulePtr rule;       // as of its newest state
    SetRulePtr said;       // sight of itself
    std::size_t part = 0;  // of those whom it is for
    std::string to;
    std::vector<std::byte> content;  // without `ended` and `made_us`, to be compared
    std::uint64_t seq = 0;
    std::int64_t made_us = 0;
    bool ended = false;
  };
  /// What a part of one party's grants shows it, from a moment on until another one.
  struct Shown {
    std::uint64_t version = 0;  // of the part; 0: not worked out yet
    std::int64_t from_us = 0, until_us = INT64_MAX;
    RuleSetPtr standing, ended;                                  // of those without terms
    std::map<std::string_view, unsigned> standing_of, ended_of;  // owners: classes
    std::vector<std::string> with_terms;                         // that stand
  };
  struct Part {
    std::vector<const Granted*> grants;
    std::size_t steps = 0;      // to go through them, at most kGrantsAPart
    std::uint64_t version = 0;  // of the registry, when one of them changed
    mutable Shown shown;
  };
  /// Whom grants are for: an owner, or an identity. A change touches one part alone.
  struct Party {
    std::deque<Part> parts;
    std::uint64_t version = 0;
  };
  template <typename T>
  using ByName = std::map<std::string, Kept<T>, std::less<>>;

  void note_identity(const wire::State& state, std::uint64_t seq);
  void note_invite(const wire::State& state, std::uint64_t seq);
  void note_grant(const wire::State& state, std::uint64_t seq, std::int64_t known_us);
  static bool is_shown_by_terms(const Identity& identity);
  static bool is_for(const Granted& granted, const Identity& identity);
  bool is_open(const Kept<Invitation>& invite, std::int64_t now_us) const;
  bool is_unused(const Kept<Invitation>& invite) const;
  void count_invite(const std::string& name, Kept<Invitation>& kept);
  void end_key(Kept<Identity>& kept);
  bool is_free(std::string_view key, std::string_view name) const;
  WhyNot may_have_key(std::string_view name, std::string_view key) const;
  WhyNot may_stay(std::string_view name, std::string_view key) const;
  WhyNot may_join(const Invitation& invitation, const wire::State& state) const;
  WhyNot may_change_identity(const Identity& who, const wire::State& state) const;
  WhyNot may_grant(const Identity& who, const wire::State& state) const;
  void add_to_party(Granted& granted);
  static std::size_t steps_of(const AccessRule& rule);
  std::array<const Party*, 2> parties_of(const Identity& identity) const;
  const Shown& shown_by_part(const Part& part, std::int64_t now_us) const;
  void add_granted(const Identity& identity, std::int64_t now_us,
                   std::vector<RuleSetPtr>& sets) const;

  std::uint64_t version_ = 1;
  HubKeyTold hub_key_;
  ByName<Identity> identities_;
  ByName<Invitation> invites_;
  std::map<std::string, Granted, std::less<>> grants_;
  std::map<std::string, Party, std::less<>> granted_to_;
  std::uint64_t owners_version_ = 1;  // when an identity or an invitation was said
  mutable std::uint64_t grants_read_ = 0;
  StandingEnds identity_ends_, invite_ends_, grant_ends_;
  boost::unordered_flat_map<std::string, std::string> identity_by_key_;
  boost::unordered_flat_map<std::string, std::string> invite_by_key_;
  boost::unordered_flat_map<std::string, std::string> withdrawn_;  // names of invitations by key
  boost::unordered_flat_set<std::string> ended_keys_;              // of identities
};

}  // namespace vigie::security
