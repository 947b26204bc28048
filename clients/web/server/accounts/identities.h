#pragma once
// The identities that accounts stand for: key files in DATA/identities, made by joining the hub
// with an invitation's code. One thread; joining waits for the hub.

#include <string>

#include "clients/web/server/accounts/book.h"
#include "clients/web/server/accounts/store.h"
#include "schemas/words/result.h"

namespace vigie::web::people {

struct JoinPlan {
  std::string folder = {};   // the data folder
  std::string account = {};  // checked
  std::string code = {};
  std::string hub = {};         // another address than the code's
  std::string program = {};     // and version, for the hub's status
  std::string key_before = {};  // as Store::begin_joining() returned it
};

struct JoinedIdentity {
  std::string name = {};  // OWNER/NAME
  std::string role = {};
  bool taken_up = false;  // an earlier join was cut, and is at its end now
};

/// The public key in the account's key file; empty: there is none. Fails as read_key_file() does.
Result<std::string> identity_key(const std::string& folder, const std::string& account);
/// Joins, or takes up what was cut. Fails as vigie::client::join() does.
Result<JoinedIdentity> join_identity(const JoinPlan& plan);
/// Removes the key file; not there is no failure.
Result<void> drop_identity(const std::string& folder, const std::string& account);

/// Nobody signs in any more, then the key file goes, then the account; cut in between it is called
/// again.
Result<void> remove_account(Store& store, const std::string& folder, const std::string& name);

/// A link that sets the account's password, once; its secret is told here alone.
Result<std::string> make_link(Store& store, const std::string& account, std::int64_t ends_us,
                              bool resets_totp);
/// What the page opens: BASE/join#SECRET. What stands after '#' reaches no server's log.
std::string link_address(const std::string& base_url, const std::string& secret);

/// An API token; its secret is told here alone. `days` is at least 1.
struct TokenPlan {
  std::string account = {};
  std::string label = {};
  std::string remote = {};  // where it was made from
  std::int64_t days = 0;
  bool may_send = false;
};
struct MadeToken {
  std::string secret = {};
  Session session = {};
};
Result<MadeToken> make_api_token(Store& store, const TokenPlan& plan, std::int64_t now_us);
inline constexpr std::int64_t kTokenDaysMax = 3660;

}  // namespace vigie::web::people
