#include "vigie/enrol.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "schemas/keys/invite_code.h"
#include "schemas/keys/key_file.h"
#include "schemas/keys/sign.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"
#include "vigie/tracker.h"

namespace vigie::client {
namespace {

/// A short conversation with the hub as whoever the key file is.
class Talk {
 public:
  Talk(std::string identity_path, std::string hub, std::string client,
       std::chrono::milliseconds timeout)
      : timeout_(timeout) {
    TrackerOptions options;
    options.link.hub = std::move(hub);
    options.link.identity = std::move(identity_path);
    options.link.client = std::move(client);
    options.on_delivery = [this](const Delivery& delivery) {
      const std::lock_guard lock(mutex_);
      if (delivery.outcome == Outcome::Refused) refused_ = delivery.reason;
    };
    auto opened = Tracker::open(std::move(options));
    if (opened) {
      tracker_ = std::move(*opened);
    } else {
      fault_ = opened.fault();
    }
  }

  /// Who the hub takes us for.
  Result<TakenFor> welcome() {
    if (!tracker_) return fault_;
    if (Result<void> done = tracker_->wait_welcome(timeout_); !done) return done.fault();
    const auto taken = tracker_->stats().taken_for;
    if (taken != nullptr) return *taken;
    return Fault{FaultCode::Invalid, "this hub asks nobody who is there (plain): nobody enrols"};
  }

  Result<void> say(const State& state) {
    const auto number = tracker_->publish(state);
    if (!number) return number.fault();
    if (Result<void> done = tracker_->wait_settled(timeout_); !done) return done;
    const std::lock_guard lock(mutex_);
    if (refused_.empty()) return {};
    return Fault{FaultCode::Invalid, refused_};
  }

 private:
  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;  // deliveries are told on the tracker's thread
  std::string refused_;
  Fault fault_;
  std::unique_ptr<Tracker> tracker_;  // last: its thread uses the above
};

State state_of(const std::string& name, Identity identity) {
  State state;
  state.kind = StateKind::Identity;
  state.name = name;
  state.group = kAccessGroup;
  state.true_time_us = SystemClock().utc_us();
  state.identity = std::move(identity);
  return state;
}

/// Whether the hub knows the file's key already: what an earlier attempt did not see the end of.
/// The hub may have taken another key since: where it is not heard by the file's, `hub_key` is
/// tried.
Result<TakenFor> known_already(const std::string& path, const std::string& hub_key,
                               const std::string& hub, const std::string& client,
                               std::chrono::milliseconds timeout) {
  const Result<KeyFile> begun = read_key_file(path);
  if (!begun) return begun.fault();
  const auto ask = [&] { return Talk(path, hub, client, timeout).welcome(); };
  const auto know_hub_by = [&](const std::string& key, const std::string& before) {
    return change_key_file(path, [&](KeyFile& file) {
      file.hub_key = key;
      file.hub_key_old = before;
      return true;
    });
  };
  Result<TakenFor> taken = ask();
  const bool unheard = !taken && taken.fault().code == FaultCode::Unavailable;
  if (!unheard || begun->hub_key == hub_key) return taken;
  if (Result<void> changed = know_hub_by(hub_key, ""); !changed) return changed.fault();
  taken = ask();
  if (taken || taken.fault().code != FaultCode::Unavailable) return taken;
  Result<void> back = know_hub_by(begun->hub_key, begun->hub_key_old);
  return back ? taken : back.fault();
}

Joined joined_as(const TakenFor& taken, const std::string& hub) {
  Joined joined{.name = taken.name, .hub = hub};
  if (taken.identity) {
    joined.role = taken.identity->role;
    joined.units = taken.identity->units;
    joined.ends_us = taken.identity->ends_us;
    joined.rank = taken.identity->rank;
  }
  return joined;
}

/// What is told to somebody whose invitation does not open.
Fault not_invited(const Fault& fault) {
  if (fault.code != FaultCode::Invalid) return fault;
  return {FaultCode::Invalid,
          fmt::format("{}. An invitation opens once: this one was used, withdrawn or is over; ask "
                      "for another one",
                      fault.sentence)};
}

/// With the invitation's key: registers the new key under its name.
Result<void> register_key(const JoinOptions& options, const InviteCode& code,
                          const std::string& hub, const std::string& joining) {
  const std::string invited = options.identity_path + ".invite";
  KeyFile file{.hub = hub, .hub_key = code.hub_key, .keys = invite_key_pair(code.secret)};
  file.name = "invite/" + file.keys.key;
  if (Result<void> written = write_key_file(invited, file); !written) return written;
  Talk talk(invited, hub, options.client, options.timeout);
  const Result<TakenFor> taken = talk.welcome();
  ::unlink(invited.c_str());
  if (!taken) return not_invited(taken.fault());
  if (!taken->invite) {
    return Fault{FaultCode::Invalid,
                 fmt::format("the code is of '{}' and invites nobody", taken->name)};
  }
  KeyFile own{.name = taken->name,
              .role = role_name(taken->invite->role),
              .units = taken->invite->units,
              .hub = hub,
              .hub_key = code.hub_key,
              .keys = make_key_pair()};
  // Before it is said: once the hub knows the key, this machine must have it.
  if (Result<void> written = write_key_file(joining, own); !written) return written;
  return talk.say(state_of(taken->name, {.key = own.keys.key,
                                         .role = taken->invite->role,
                                         .units = taken->invite->units,
                                         .ends_us = taken->invite->identity_ends_us,
                                         .invite = file.keys.key,
                                         .rank = taken->invite->rank,
                                         .sign_key = sign_key_pair(own.keys.secret).key}));
}

}  // namespace

Result<Joined> join(const JoinOptions& options) {
  const Result<InviteCode> code = parse_invite_code(options.code);
  if (!code) return code.fault();
  const std::string hub = options.hub.empty() ? code->hub : options.hub;
  if (!options.replace && std::filesystem::exists(options.identity_path)) {
    return Fault{FaultCode::Invalid,
                 fmt::format("{} is there already: this device is somebody. Name another file, or "
                             "replace it",
                             options.identity_path)};
  }
  const std::string joining = options.identity_path + ".joining";
  const auto known = [&] {
    return known_already(joining, code->hub_key, hub, options.client, options.timeout);
  };
  Result<TakenFor> taken = known();
  if (!taken && taken.fault().code == FaultCode::Unavailable) return taken.fault();
  const bool taken_up = taken.ok();
  if (!taken) {
    Result<void> done = register_key(options, *code, hub, joining);
    if (!done) return done.fault();
    taken = known();
    if (!taken) return taken.fault();
  }
  Result<void> placed = replace_key_file(joining, options.identity_path);
  if (!placed) return placed.fault();
  Joined joined = joined_as(*taken, hub);
  joined.taken_up = taken_up;
  return joined;
}

Result<void> rotate(const RotateOptions& options) {
  const std::string rotating = options.identity_path + ".rotating";
  const Result<KeyFile> file = read_key_file(options.identity_path);
  if (!file) return file.fault();
  const std::string hub = options.hub.empty() ? file->hub : options.hub;
  const auto known = [&] {
    return known_already(rotating, file->hub_key, hub, options.client, options.timeout);
  };
  const auto begun = known();
  if (!begun && begun.fault().code == FaultCode::Unavailable) return begun.fault();
  if (!begun) {
    Talk talk(options.identity_path, hub, options.client, options.timeout);
    const Result<TakenFor> taken = talk.welcome();
    if (!taken) return taken.fault();
    if (!taken->identity) return Fault{FaultCode::Invalid, "this key is an invitation's: join"};
    KeyFile fresh = *file;
    fresh.keys = make_key_pair();
    if (Result<void> written = write_key_file(rotating, fresh); !written) return written;
    Identity identity = *taken->identity;
    identity.key = fresh.keys.key;
    identity.sign_key = sign_key_pair(fresh.keys.secret).key;
    if (Result<void> said = talk.say(state_of(taken->name, identity)); !said) return said;
    const auto taken_over = known();
    if (!taken_over) return taken_over.fault();
  }
  return replace_key_file(rotating, options.identity_path);
}

}  // namespace vigie::client
