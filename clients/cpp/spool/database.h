#pragma once
// SQLite's calls as Results: the only file beside sqlite_spool.cpp that knows SQLite. One thread.

#include <fmt/format.h>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "clients/cpp/spool/sqlite_spool.h"

namespace vigie::client {

/// One run of a prepared statement; reset when it goes.
class Query {
 public:
  Query(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() {
    if (statement_ != nullptr) sqlite3_reset(statement_);
  }
  Query& bind(std::uint64_t value) {
    // SQLite's integers are signed; the bits are kept.
    sqlite3_bind_int64(statement_, ++bound_, static_cast<std::int64_t>(value));
    return *this;
  }
  /// Borrowed until the query goes.
  Query& bind(std::span<const std::byte> blob) {
    sqlite3_bind_blob64(statement_, ++bound_, blob.data(), blob.size(), SQLITE_STATIC);
    return *this;
  }
  /// True: a row is there. False: done.
  Result<bool> step();
  Result<void> run() {
    const Result<bool> stepped = step();
    if (!stepped) return stepped.fault();
    return {};
  }
  std::uint64_t number(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
  }
  std::span<const std::byte> blob(int column) const {
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

Fault sqlite_fault(sqlite3* db, int code);

class SqliteSpool::Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> execute(const std::string& sql);
  /// The statement is prepared once. `sql` must be a literal.
  Query query(const char* sql);
  /// Runs `body` in one transaction; rolls back when it fails.
  template <typename Body>
  Result<void> transaction(const Body& body) {
    if (Result<void> begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    Result<void> done = body();
    if (done) done = execute("COMMIT");
    if (!done) static_cast<void>(execute("ROLLBACK"));
    return done;
  }

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  sqlite3* db_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace vigie::client
