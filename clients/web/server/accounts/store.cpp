#include "clients/web/server/accounts/store.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "clients/web/server/accounts/database.h"
#include "clients/web/server/accounts/words.h"

namespace vigie::web::people {
namespace {

constexpr std::int64_t kSchema = 1;

constexpr const char* kTables = R"(
CREATE TABLE accounts(
  name TEXT PRIMARY KEY, display_name TEXT NOT NULL, administrator INTEGER NOT NULL,
  read_only INTEGER NOT NULL, disabled INTEGER NOT NULL, refused INTEGER NOT NULL,
  identity TEXT NOT NULL, role TEXT NOT NULL, password TEXT NOT NULL, totp BLOB NOT NULL,
  totp_step INTEGER NOT NULL, language TEXT NOT NULL, theme TEXT NOT NULL,
  made_us INTEGER NOT NULL, signed_in_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sessions(
  digest TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES accounts(name) ON DELETE CASCADE,
  kind INTEGER NOT NULL, may_send INTEGER NOT NULL, label TEXT NOT NULL, remote TEXT NOT NULL,
  made_us INTEGER NOT NULL, seen_us INTEGER NOT NULL, ends_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions(account);
CREATE TABLE links(
  digest TEXT PRIMARY KEY, account TEXT NOT NULL UNIQUE REFERENCES accounts(name) ON DELETE CASCADE,
  ends_us INTEGER NOT NULL, resets_totp INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE joining(
  name TEXT PRIMARY KEY, code_digest TEXT NOT NULL, key_before TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version=1;
)";

Fault invalid(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

}  // namespace

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (!error) ::chmod(folder.c_str(), 0700);
  }
  if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", folder, error.message())};
  struct stat about {};
  // Files of another user (root, say) would shut out the server.
  if (::stat(folder.c_str(), &about) == 0 && about.st_uid != ::geteuid()) {
    return invalid(
        fmt::format("{} belongs to user {}, and this program runs as {}: run it as that "
                    "user",
                    folder, about.st_uid, ::geteuid()));
  }
  auto database = Database::open(folder + "/accounts.sqlite");
  if (!database) return database.fault();
  std::unique_ptr<Store> store(new Store(std::move(*database)));
  if (Result<void> done = store->set_up(); !done) return done.fault();
  return store;
}

Result<void> Store::set_up() {
  return database_->transaction([&]() -> Result<void> {
    Query version = database_->query("PRAGMA user_version");
    const Result<bool> row = version.step();
    if (!row) return row.fault();
    if (version.number(0) == kSchema) return {};
    if (version.number(0) != 0) {
      return invalid(
          fmt::format("accounts.sqlite has version {}, and this program knows {}: a "
                      "newer vigie-web made it",
                      version.number(0), kSchema));
    }
    return database_->execute(kTables);
  });
}

Result<std::int64_t> Store::version() {
  Query query = database_->query("PRAGMA data_version");
  const Result<bool> row = query.step();
  if (!row) return row.fault();
  return query.number(0);
}

Result<Book> Store::read() {
  Book book;
  // One transaction: accounts and sessions of the same moment.
  if (Result<void> begun = database_->execute("BEGIN"); !begun) return begun.fault();
  Result<void> done = read_accounts(book);
  if (done) done = read_sessions(book);
  const Result<void> ended = database_->execute("COMMIT");
  if (!done) return done.fault();
  if (!ended) return ended.fault();
  return book;
}

Result<void> Store::read_accounts(Book& book) {
  Query query = database_->query(
      "SELECT name, display_name, administrator, read_only, disabled, refused, identity, role, "
      "password, totp, totp_step, language, theme, made_us, signed_in_us FROM accounts");
  Result<bool> row = query.step();
  for (; row && *row; row = query.step()) {
    Account account{.name = query.text(0),
                    .display_name = query.text(1),
                    .administrator = query.flag(2),
                    .read_only = query.flag(3),
                    .disabled = query.flag(4),
                    .refused = query.flag(5),
                    .identity = query.text(6),
                    .role = query.text(7),
                    .password = query.text(8),
                    .totp = query.text(9),
                    .totp_step = query.number(10),
                    .language = query.text(11),
                    .theme = query.text(12),
                    .made_us = query.number(13),
                    .signed_in_us = query.number(14)};
    std::string name = account.name;
    book.accounts.emplace(std::move(name), std::move(account));
  }
  if (!row) return row.fault();
  return {};
}

Result<void> Store::read_sessions(Book& book) {
  Query query = database_->query(
      "SELECT id, digest, account, kind, may_send, label, remote, made_us, seen_us, ends_us "
      "FROM sessions");
  Result<bool> row = query.step();
  for (; row && *row; row = query.step()) {
    Session session{.id = query.text(0),
                    .digest = query.text(1),
                    .account = query.text(2),
                    .kind = query.number(3) == 0 ? SessionKind::Browser : SessionKind::Token,
                    .may_send = query.flag(4),
                    .label = query.text(5),
                    .remote = query.text(6),
                    .made_us = query.number(7),
                    .seen_us = query.number(8),
                    .ends_us = query.number(9)};
    std::string digest = session.digest;
    book.sessions.emplace(std::move(digest), std::move(session));
  }
  if (!row) return row.fault();
  Query links = database_->query("SELECT digest, account, ends_us, resets_totp FROM links");
  for (row = links.step(); row && *row; row = links.step()) {
    book.links.emplace(links.text(0), Link{.digest = links.text(0),
                                           .account = links.text(1),
                                           .ends_us = links.number(2),
                                           .resets_totp = links.flag(3)});
  }
  if (!row) return row.fault();
  return {};
}

Result<void> Store::changed(const std::string& name) {
  if (database_->changes() > 0) return {};
  return Fault{FaultCode::NotFound, fmt::format("there is no account '{}'", name)};
}

Result<std::string> Store::begin_joining(const std::string& name, const std::string& code_digest,
                                         const std::string& key_before) {
  std::string key = key_before;
  Result<void> done = database_->transaction([&]() -> Result<void> {
    {
      Query before =
          database_->query("SELECT key_before FROM joining WHERE name=? AND code_digest=?");
      const Result<bool> begun = before.bind(name).bind(code_digest).step();
      if (!begun) return begun.fault();
      if (*begun) {
        key = before.text(0);
        return {};
      }
    }
    return database_->query("INSERT OR REPLACE INTO joining VALUES(?,?,?)")
        .bind(name)
        .bind(code_digest)
        .bind(key_before)
        .run();
  });
  if (!done) return done.fault();
  return key;
}

Result<void> Store::add(const Account& account) {
  if (Result<void> good = check_account_name(account.name); !good) return good;
  return database_->transaction([&]() -> Result<void> {
    Query count = database_->query("SELECT count(*), count(*) FILTER (WHERE name=?) FROM accounts");
    const Result<bool> counted = count.bind(account.name).step();
    if (!counted) return counted.fault();
    if (count.number(1) > 0) {
      return invalid(fmt::format("there is an account '{}' already", account.name));
    }
    if (count.number(0) >= kAccountsMax) {
      return invalid(fmt::format("there are {} accounts, no more are taken", kAccountsMax));
    }
    Result<void> added =
        database_->query("INSERT INTO accounts VALUES(?,?,?,?,?,0,?,?,'',x'',0,?,?,?,0)")
            .bind(account.name)
            .bind(account.display_name)
            .bind(account.administrator)
            .bind(account.read_only)
            .bind(account.disabled)
            .bind(account.identity)
            .bind(account.role)
            .bind(account.language)
            .bind(account.theme)
            .bind(account.made_us)
            .run();
    if (!added) return added;
    return database_->query("DELETE FROM joining WHERE name=?").bind(account.name).run();
  });
}

Result<void> Store::change(const std::string& name, const AccountChange& change) {
  return database_->transaction([&]() -> Result<void> {
    const auto set = [&](const char* sql, const auto& value) -> Result<void> {
      if (!value) return {};
      if (Result<void> done = database_->query(sql).bind(*value).bind(name).run(); !done)
        return done;
      return changed(name);
    };
    Result<void> done = set("UPDATE accounts SET display_name=? WHERE name=?", change.display_name);
    if (done) done = set("UPDATE accounts SET administrator=? WHERE name=?", change.administrator);
    if (done) done = set("UPDATE accounts SET read_only=? WHERE name=?", change.read_only);
    if (done) done = set("UPDATE accounts SET disabled=? WHERE name=?", change.disabled);
    if (done) done = set("UPDATE accounts SET language=? WHERE name=?", change.language);
    if (done) done = set("UPDATE accounts SET theme=? WHERE name=?", change.theme);
    if (!done || !change.disabled.value_or(false)) return done;
    // Enabled again, nothing from before is valid.
    done = database_->query("DELETE FROM sessions WHERE account=?").bind(name).run();
    if (!done) return done;
    return database_->query("DELETE FROM links WHERE account=?").bind(name).run();
  });
}

Result<void> Store::set_identity(const std::string& name, const std::string& identity,
                                 const std::string& role) {
  return database_->transaction([&]() -> Result<void> {
    Result<void> done =
        database_->query("UPDATE accounts SET identity=?, role=?, refused=0 WHERE name=?")
            .bind(identity)
            .bind(role)
            .bind(name)
            .run();
    if (done) done = changed(name);
    if (!done) return done;
    // What is open shows by the old identity.
    done = database_->query("DELETE FROM sessions WHERE account=?").bind(name).run();
    if (!done) return done;
    return database_->query("DELETE FROM joining WHERE name=?").bind(name).run();
  });
}

Result<void> Store::refuse_identity(const std::string& name) {
  return database_->transaction([&]() -> Result<void> {
    Result<void> done =
        database_->query("UPDATE accounts SET refused=1 WHERE name=?").bind(name).run();
    if (done) done = changed(name);
    if (!done) return done;
    done = database_->query("DELETE FROM sessions WHERE account=?").bind(name).run();
    if (!done) return done;
    return database_->query("DELETE FROM links WHERE account=?").bind(name).run();
  });
}

Result<void> Store::remove(const std::string& name) {
  return database_->transaction([&]() -> Result<void> {
    // What hangs on it goes by ON DELETE CASCADE.
    Result<void> done = database_->query("DELETE FROM accounts WHERE name=?").bind(name).run();
    if (!done) return done;
    return changed(name);
  });
}

Result<std::string> Store::base_url() {
  Query query = database_->query("SELECT value FROM facts WHERE name='base_url'");
  const Result<bool> row = query.step();
  if (!row) return row.fault();
  return *row ? query.text(0) : std::string();
}

Result<void> Store::set_base_url(const std::string& url) {
  Result<std::string> before = base_url();
  if (!before) return before.fault();
  if (*before == url) return {};
  return database_->query("INSERT OR REPLACE INTO facts VALUES('base_url',?)").bind(url).run();
}

}  // namespace vigie::web::people
