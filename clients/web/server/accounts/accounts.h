#pragma once
// People: accounts, their sessions and API tokens, and the endpoints about them. Owns the file
// accounts.sqlite and the key files of DATA/identities. All calls are on the net thread, which
// never waits for them: passwords are hashed on one thread, the file is read and written on
// another, the hub is asked (for invitations) on a third; each has a bounded queue.
// Promise: what was answered is on the disk; secrets are kept as hashes and told once.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/web/server/accounts/gate.h"
#include "clients/web/server/http/request.h"
#include "clients/web/server/http/response.h"
#include "clients/web/server/ops/net.h"
#include "schemas/words/result.h"
#include "schemas/words/times.h"

namespace vigie::web {

struct AccountsOptions {
  std::string folder = {};  // the data folder; made (0700) when it is missing
  /// Nobody signs in: everybody is one Viewer with `open`. For a demonstration on loopback alone;
  /// whoever reads the options must refuse another listening address.
  bool open = false;
  std::string identity = {};  // open: the key file that everybody looks through; empty: a plain hub
  std::string base_url = {};  // "https://room.example": links begin with it; empty: as was asked
  std::string hub = {};       // HOST:PORT for joins, where it is not the code's; empty: the code's
  std::string program = "vigie-web";         // program and version, for the hub's status
  std::chrono::seconds idle{12 * 3600};      // a session that asks nothing and watches nothing ends
  std::chrono::seconds absolute{7 * 86400};  // and every session after this
  std::chrono::seconds link_valid{24 * 3600};
  std::size_t passwords_waiting_max = 16;  // hashes that wait or run; beyond: 429
  std::size_t changes_waiting_max = 256;   // of the file; beyond: 503
  /// One line without secrets for each sign-in, failure, link, token and change. Any thread.
  std::function<void(const std::string& line)> audit = {};
};

/// Since the start.
struct AccountsCounters {
  std::uint64_t signed_in = 0;
  std::uint64_t refused_sign_ins = 0;  // wrong name, password or code
  std::uint64_t held_off = 0;          // told to wait: lock-out or a full queue
  std::uint64_t refused_csrf = 0;
  std::uint64_t links_used = 0;
  std::uint64_t links_refused = 0;
  std::uint64_t sessions_ended = 0;  // signed out, expired, revoked
  std::uint64_t failures = 0;        // of the file: what was asked did not happen
  std::uint64_t accounts = 0;        // now
  std::uint64_t sessions = 0;        // now, API tokens too
};

class Accounts {
 public:
  /// Fails with Invalid (an option or the file: named), Unavailable, Damaged, DiskFull or Io.
  static Result<std::unique_ptr<Accounts>> open(Net& net, AccountsOptions options,
                                                const Clock& clock);
  /// Answers nothing any more; waits for what is being written. Net thread, or after Net::run().
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  Gate& gate();
  /// Whether a path is one of ours: /api/v1/session, /account, /accounts, /tokens and below.
  static bool handles(std::string_view path);
  /// Each endpoint's method and path; '*' stands for one segment.
  static std::vector<std::pair<std::string, std::string>> endpoints();
  /// Answers it, also wrong methods and unknown paths below ours; later mostly.
  void handle(std::shared_ptr<const Request> request, Respond respond);
  /// The hub refuses that key file's identity as revoked: the sessions and tokens of its account
  /// end, and nobody signs in to it until it has another identity.
  void identity_refused(const std::string& identity_path);
  AccountsCounters counters() const;

 private:
  class Inner;
  explicit Accounts(std::shared_ptr<Inner> inner);
  std::shared_ptr<Inner> inner_;
};

}  // namespace vigie::web
