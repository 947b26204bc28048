#include "clients/web/server/accounts/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vigie::web::people {
namespace {

/// Another process (the command line beside the server) may hold the file for so long.
constexpr int kBusyMs = 5'000;

Fault sqlite_fault(sqlite3* db, int code) {
  const std::string said = db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db);
  const std::string sentence = "accounts.sqlite: " + said;
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return {FaultCode::DiskFull, sentence};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {FaultCode::Unavailable, sentence + ": another program holds it, try again"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {FaultCode::Damaged, sentence};
    case SQLITE_CONSTRAINT:
      return {FaultCode::Invalid, sentence};
    default:
      return {FaultCode::Io, sentence};
  }
}

/// SQLite gives the files beside it (-wal, -shm) the same rights.
Result<void> prepare_file(const std::string& path) {
  const auto failed = [&](const char* what) {
    const FaultCode code = errno == ENOSPC ? FaultCode::DiskFull : FaultCode::Io;
    return Fault{code, fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return failed("can't be opened");
  struct stat about {};
  const int looked = ::fstat(file, &about);
  ::close(file);
  if (looked != 0) return failed("can't be looked at");
  if (about.st_uid != ::geteuid()) {
    return Fault{FaultCode::Invalid,
                 fmt::format("{} belongs to user {}, and this program runs as {}: run it as that "
                             "user",
                             path, about.st_uid, ::geteuid())};
  }
  if ((about.st_mode & 077U) != 0) {
    return Fault{FaultCode::Invalid,
                 fmt::format("{}: others may read or change it (mode {:04o}); do: chmod 600 {}",
                             path, about.st_mode & 07777U, path)};
  }
  return {};
}

}  // namespace

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);  // what was borrowed is not kept
}

Query& Query::bind(std::int64_t value) {
  if (statement_ != nullptr) sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Query& Query::bind(std::string_view text) {
  if (statement_ == nullptr) return *this;
  sqlite3_bind_text64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(), text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Query& Query::bind_bytes(std::string_view bytes) {
  if (statement_ == nullptr) return *this;
  sqlite3_bind_blob64(statement_, ++bound_, bytes.data() == nullptr ? "" : bytes.data(),
                      bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> Query::step() {
  const int code = statement_ == nullptr ? sqlite3_errcode(db_) : sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_fault(db_, code == SQLITE_OK ? SQLITE_ERROR : code);
}

Result<void> Query::run() {
  const Result<bool> stepped = step();
  if (!stepped) return stepped.fault();
  return {};
}

std::string Query::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  if (Result<void> prepared = prepare_file(path); !prepared) return prepared.fault();
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  std::unique_ptr<Database> database(new Database(db));
  if (code != SQLITE_OK) return sqlite_fault(db, code);
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyMs);
  for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                          "PRAGMA foreign_keys=ON", "PRAGMA secure_delete=ON"}) {
    if (Result<void> done = database->execute(sql); !done) return done.fault();
  }
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_fault(db_, code);
  return {};
}

Query Database::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  }
  return {db_, statement};
}

}  // namespace vigie::web::people
