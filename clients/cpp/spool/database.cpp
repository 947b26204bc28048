#include "clients/cpp/spool/database.h"

namespace vigie::client {

Fault sqlite_fault(sqlite3* db, int code) {
  FaultCode kind = FaultCode::Internal;
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {FaultCode::Unavailable, "the spool is in use by another process"};
    case SQLITE_FULL:
      kind = FaultCode::DiskFull;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      kind = FaultCode::Damaged;
      break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      kind = FaultCode::Io;
      break;
    default:
      break;
  }
  return {kind, fmt::format("spool: {} (SQLite code {})", sqlite3_errmsg(db), code)};
}

Result<bool> Query::step() {
  if (statement_ == nullptr) return sqlite_fault(db_, sqlite3_extended_errcode(db_));
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_fault(db_, sqlite3_extended_errcode(db_));
}

Result<std::unique_ptr<SqliteSpool::Database>> SqliteSpool::Database::open(
    const std::string& path) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (db == nullptr) return Fault{FaultCode::Internal, "SQLite has no memory"};
  std::unique_ptr<Database> database(new Database(db));
  if (code != SQLITE_OK) {
    return Fault{FaultCode::Io, fmt::format("cannot open spool {}: {}", path, sqlite3_errmsg(db))};
  }
  sqlite3_extended_result_codes(db, 1);
  return database;
}

SqliteSpool::Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Result<void> SqliteSpool::Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_fault(db_, sqlite3_extended_errcode(db_));
  return {};
}

Query SqliteSpool::Database::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  }
  return Query(db_, statement);
}

}  // namespace vigie::client
