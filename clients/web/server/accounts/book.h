#pragma once
// All that is kept of people, as it stood on the disk at one moment. A plain value; the net thread
// reads a copy that nobody changes. Times are microseconds since 1970, UTC.

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

namespace vigie::web::people {

struct Account {
  std::string name = {};          // check_account_name()
  std::string display_name = {};  // as others read it; empty: the name
  bool administrator = false;     // of accounts
  bool read_only = false;         // sends nothing, whatever the identity may
  bool disabled = false;          // nobody signs in, nothing of it is valid
  bool refused = false;           // the hub refused its identity as revoked
  std::string identity = {};      // OWNER/NAME; empty: a plain hub
  std::string role = {};          // of the identity
  std::string password = {};      // libsodium's text of an argon2id hash; empty: none yet
  std::string totp = {};          // the secret's bytes; empty: not asked for
  std::int64_t totp_step = 0;     // the newest that was used: none is taken twice
  std::string language = {};      // "en", "fr"; empty: the browser's
  std::string theme = {};         // "day", "night"; empty: the browser's
  std::int64_t made_us = 0;
  std::int64_t signed_in_us = 0;  // the newest; 0: never
};

enum class SessionKind : std::uint8_t { Browser = 0, Token = 1 };

/// A sign-in or an API token.
struct Session {
  std::string id = {};      // tells it from others, opens nothing
  std::string digest = {};  // digest_of() what opens it
  std::string account = {};
  SessionKind kind = SessionKind::Browser;
  bool may_send = false;    // of a token
  std::string label = {};   // of a token; of a browser what it calls itself
  std::string remote = {};  // the address that it was made from
  std::int64_t made_us = 0;
  std::int64_t seen_us = 0;  // newest use, as far as it was written
  std::int64_t ends_us = 0;
};

/// The right to set an account's password, once.
struct Link {
  std::string digest = {};
  std::string account = {};
  std::int64_t ends_us = 0;
  bool resets_totp = false;  // for somebody who lost the device
};

struct Book {
  std::map<std::string, Account, std::less<>> accounts = {};
  std::unordered_map<std::string, Session> sessions = {};  // by digest
  std::unordered_map<std::string, Link> links = {};        // by digest

  const Account* account(const std::string& name) const {
    const auto found = accounts.find(name);
    return found == accounts.end() ? nullptr : &found->second;
  }
  const Session* session(const std::string& digest) const {
    const auto found = sessions.find(digest);
    return found == sessions.end() ? nullptr : &found->second;
  }
};

/// Whether the account's identity may send events and texts as itself.
inline bool may_send(const Account& account) {
  if (account.read_only) return false;
  return account.identity.empty() || account.role == "console" || account.role == "administrator";
}

}  // namespace vigie::web::people
