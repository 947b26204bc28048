#pragma once
// accounts.sqlite: what is kept of people, durable when a call returns. Each call is one
// transaction. One thread each; several stores, also of several processes, may have the same file
// open. All fail with Unavailable, DiskFull, Damaged or Io besides what they say.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/web/server/accounts/book.h"
#include "schemas/words/result.h"

namespace vigie::web::people {

class Database;

/// What is changed of an account; what is empty stays.
struct AccountChange {
  std::optional<std::string> display_name = {};
  std::optional<bool> administrator = {};
  std::optional<bool> read_only = {};
  std::optional<bool> disabled = {};
  std::optional<std::string> language = {};
  std::optional<std::string> theme = {};
};

/// What ended with a password.
struct Ended {
  std::int64_t browsers = 0;
  std::int64_t tokens = 0;
};

/// What a sign-in rests on: if it is another one by now, there is no sign-in.
struct SignInProof {
  std::string password = {};                   // the account's hash that was matched
  std::optional<std::int64_t> totp_step = {};  // the code's, where one was asked for
};

class Store {
 public:
  /// Browsers of one account; signing in on one more ends the one that was not seen for longest.
  static constexpr std::int64_t kBrowsersMax = 64;
  static constexpr std::int64_t kTokensMax = 32;
  static constexpr std::int64_t kAccountsMax = 10'000;

  /// Makes the folder (0700) and the file. Fails with Invalid where others may read the file, or a
  /// newer program made it.
  static Result<std::unique_ptr<Store>> open(const std::string& folder);
  ~Store();

  Result<Book> read();
  /// Another value after a change by another store than this one.
  Result<std::int64_t> version();

  /// The account's name (or one that is to be) joins the hub with this code, and its key file holds
  /// the public key `key_before` (empty: none). Remembered until add() or set_identity(), so that
  /// what was cut is taken up: returns what `key_before` was when it was begun with the same code.
  Result<std::string> begin_joining(const std::string& name, const std::string& code_digest,
                                    const std::string& key_before);
  /// Fails with Invalid when the name is taken or there are too many.
  Result<void> add(const Account& account);
  Result<void> change(const std::string& name, const AccountChange& change);
  /// Another identity: what the hub refused is forgotten.
  Result<void> set_identity(const std::string& name, const std::string& identity,
                            const std::string& role);
  /// Its sessions, tokens and links end.
  Result<void> refuse_identity(const std::string& name);
  /// And all that hangs on it. Fails with NotFound.
  Result<void> remove(const std::string& name);

  /// In place of earlier ones of the account.
  Result<void> add_link(const Link& link);
  /// Sets the password and ends the account's sessions; where there was a password before, it is a
  /// reset, and its API tokens end too. Fails with NotFound: used, over, or its
  /// account is disabled. `totp_step`: of the code that was asked for; Invalid when it was used.
  Result<void> use_link(const std::string& digest, const std::string& password,
                        std::optional<std::int64_t> totp_step, std::int64_t now_us);

  /// Fails with Invalid when the proof does not hold any more.
  Result<void> sign_in(const Session& session, const SignInProof& proof);
  /// Ends all browsers but `keep_session`, and API tokens unless they are to stay. Fails with
  /// Invalid when `before` is not the hash any more.
  Result<Ended> set_password(const std::string& name, const std::string& before,
                             const std::string& after, const std::string& keep_session,
                             bool keep_tokens);
  /// An empty secret: no codes.
  Result<void> set_totp(const std::string& name, const std::string& secret, std::int64_t step);
  /// Fails with Invalid when there are too many.
  Result<void> add_token(const Session& session);
  /// Fails with NotFound when the account has none of that id and kind.
  Result<void> end_session(const std::string& account, const std::string& id, SessionKind kind);
  /// How many ended.
  Result<std::int64_t> end_browsers(const std::string& account);
  Result<std::int64_t> end_tokens(const std::string& account);
  /// When sessions were used, by id; those that were over by then are dropped.
  Result<void> seen(const std::vector<std::pair<std::string, std::int64_t>>& times,
                    std::int64_t now_us, std::int64_t idle_us);

  /// Where the server is reached, for links made from the command line; empty: not known.
  Result<std::string> base_url();
  Result<void> set_base_url(const std::string& url);

 private:
  explicit Store(std::unique_ptr<Database> database);
  Result<void> set_up();
  Result<void> read_accounts(Book& book);
  Result<void> read_sessions(Book& book);
  /// All of that kind but one id; how many.
  Result<std::int64_t> end_kind(const std::string& account, SessionKind kind,
                                const std::string& but = {});
  Result<void> insert_session(const Session& session);
  /// NotFound with the name where no row was changed.
  Result<void> changed(const std::string& name);

  const std::unique_ptr<Database> database_;
};

}  // namespace vigie::web::people
