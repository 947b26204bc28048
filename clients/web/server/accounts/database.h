#pragma once
// SQLite's calls as Results: the only files that know SQLite are this one's and store.cpp. One
// thread.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "schemas/words/result.h"

namespace vigie::web::people {

/// One run of a prepared statement; reset when it goes. Values are bound, never written into SQL.
class Query {
 public:
  Query(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& bind(std::int64_t value);
  Query& bind(bool value) { return bind(static_cast<std::int64_t>(value ? 1 : 0)); }
  Query& bind(std::string_view text);
  Query& bind(const std::string& text) { return bind(std::string_view(text)); }
  Query& bind(const char* text) { return bind(std::string_view(text)); }
  Query& bind_bytes(std::string_view bytes);
  /// True: a row is there. False: done.
  Result<bool> step();
  Result<void> run();
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  bool flag(int column) const { return number(column) != 0; }
  std::string text(int column) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;  // null: it could not be prepared, and step() says so
  int bound_ = 0;
};

class Database {
 public:
  /// Makes the file (0600) when it is missing. Fails with Invalid (others may read it, or it
  /// belongs to somebody else), Unavailable (in use), Damaged, DiskFull or Io.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> execute(const char* sql);
  /// Prepared once. `sql` must be a literal.
  Query query(const char* sql);
  /// Rows that the newest statement changed.
  int changes() const { return sqlite3_changes(db_); }
  /// Runs `body` in one transaction; rolls back when it fails.
  template <typename Body>
  Result<void> transaction(const Body& body) {
    if (Result<void> begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    Result<void> done = body();
    if (done) done = execute("COMMIT");
    if (!done) static_cast<void>(execute("ROLLBACK"));  // it failed already, and that is told
    return done;
  }

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  sqlite3* db_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace vigie::web::people
