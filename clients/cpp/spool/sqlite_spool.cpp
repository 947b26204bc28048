#include "clients/cpp/spool/sqlite_spool.h"

#include "clients/cpp/spool/database.h"

namespace vigie::client {
namespace {

/// "Vgsp", so that a file of another program is not taken for a spool.
constexpr int kApplicationId = 0x56677370;
constexpr int kLayout = 1;
/// The -wal file is cut back to this after a checkpoint.
constexpr int kWalBytesKept = 4 << 20;

constexpr const char* kTables = R"(
  CREATE TABLE message(number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, payload BLOB NOT NULL);
  CREATE TABLE given_up(first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
  CREATE TABLE spool(id_high INTEGER NOT NULL, id_low INTEGER NOT NULL,
                     last_written INTEGER NOT NULL, reserved_end INTEGER NOT NULL);
)";

}  // namespace

SqliteSpool::SqliteSpool(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SqliteSpool::~SqliteSpool() = default;

Result<std::unique_ptr<SqliteSpool>> SqliteSpool::open(const std::string& path, SpoolSync sync,
                                                       const Random& random, std::uint64_t owner) {
  auto database = Database::open(path);
  if (!database) return database.fault();
  std::unique_ptr<SqliteSpool> spool(new SqliteSpool(std::move(*database)));
  if (Result<void> ready = spool->set_up(sync, random, owner); !ready) {
    return Fault{ready.fault().code, fmt::format("{}: {}", path, ready.fault().sentence)};
  }
  return spool;
}

Result<void> SqliteSpool::set_up(SpoolSync sync, const Random& random, std::uint64_t owner) {
  sync_ = sync;
  // The exclusive lock is taken with the first write and held to the end; it goes with the process.
  Result<void> done = database_->execute(fmt::format(
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA journal_size_limit={};"
      "PRAGMA synchronous=FULL; BEGIN EXCLUSIVE; COMMIT;",
      kWalBytesKept));
  if (!done) return done;
  std::uint64_t layout = 0;
  std::uint64_t application = 0;
  std::uint64_t tables = 0;
  {
    Query query = database_->query("SELECT count(*) FROM sqlite_master");
    if (const Result<bool> row = query.step(); !row) return row.fault();
    tables = query.number(0);
    Query version = database_->query("PRAGMA user_version");
    if (const Result<bool> row = version.step(); !row) return row.fault();
    layout = version.number(0);
    Query program = database_->query("PRAGMA application_id");
    if (const Result<bool> row = program.step(); !row) return row.fault();
    application = program.number(0);
  }
  if (tables == 0) {
    id_ = new_spool_id(random, owner);
    done = database_->transaction([&]() -> Result<void> {
      if (Result<void> made = database_->execute(kTables); !made) return made;
      if (Result<void> made = database_->execute(fmt::format(
              "PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId, kLayout));
          !made) {
        return made;
      }
      return database_->query("INSERT INTO spool VALUES(?, ?, 0, 1)")
          .bind(id_.high())
          .bind(id_.low())
          .run();
    });
    if (!done) return done;
  } else if (application != kApplicationId || layout != kLayout) {
    return Fault{FaultCode::Damaged, "the file is not a spool of this layout"};
  } else if (owner != 0) {
    done = take_over(random, owner);
    if (!done) return done;
  }
  return database_->execute(sync == SpoolSync::PowerCut ? "PRAGMA synchronous=FULL"
                                                        : "PRAGMA synchronous=NORMAL");
}

Result<void> SqliteSpool::take_over(const Random& random, std::uint64_t owner) {
  std::uint64_t waiting = 0;
  {
    Query spool = database_->query(
        "SELECT id_high, (SELECT count(*) FROM message) + (SELECT count(*) FROM given_up)"
        " FROM spool");
    const Result<bool> row = spool.step();
    if (!row) return row.fault();
    if (!*row || spool.number(0) == owner) return {};
    waiting = spool.number(1);
  }
  if (waiting != 0) {
    return Fault{
        FaultCode::Invalid,
        fmt::format("{} messages of another identity wait in this spool: send them as that "
                    "one first, or name another file",
                    waiting)};
  }
  const wire::Spool id = new_spool_id(random, owner);
  return database_->query("UPDATE spool SET id_high=?, id_low=?, last_written=0, reserved_end=1")
      .bind(id.high())
      .bind(id.low())
      .run();
}

Result<SpoolContent> SqliteSpool::load() {
  SpoolContent content;
  {
    Query spool = database_->query("SELECT id_high, id_low, last_written, reserved_end FROM spool");
    const Result<bool> row = spool.step();
    if (!row) return row.fault();
    if (!*row) return Fault{FaultCode::Damaged, "spool: its own record is gone"};
    id_ = wire::Spool(spool.number(0), spool.number(1));
    last_written_ = spool.number(2);
    reserved_end_ = spool.number(3);
  }
  {
    Query given_up = database_->query("SELECT first, last FROM given_up ORDER BY first");
    Result<bool> row = given_up.step();
    for (; row && *row; row = given_up.step()) {
      content.given_up.add(given_up.number(0), given_up.number(1));
    }
    if (!row) return row.fault();
  }
  if (reserved_end_ > last_written_ + 1) {
    // Not ended cleanly: what was reserved beyond the last write will never be sent.
    content.given_up.add(last_written_ + 1, reserved_end_ - 1);
    last_written_ = reserved_end_ - 1;
    const Result<void> written = write({.given_up = &content.given_up});
    if (!written) return written.fault();
  }
  usage_ = {};
  Query rows =
      database_->query("SELECT number, kind, length(payload) FROM message ORDER BY number");
  Result<bool> row = rows.step();
  for (; row && *row; row = rows.step()) {
    const std::uint64_t kind = rows.number(1);
    if (kind >= kMessageKinds) continue;
    content.rows[kind].add(rows.number(0), rows.number(0));
    usage_.messages += 1;
    usage_.bytes += rows.number(2) + kRowBytesExtra;
  }
  if (!row) return row.fault();
  content.next_number = reserved_end_;
  return content;
}

Result<void> SqliteSpool::reserve(std::uint64_t end) {
  if (end <= reserved_end_) return {};
  // Always synced: a number that was sent must not be given out again after a power cut.
  Result<void> done = database_->execute("PRAGMA synchronous=FULL");
  if (done) done = database_->query("UPDATE spool SET reserved_end=?").bind(end).run();
  if (done && sync_ == SpoolSync::Process) {
    done = database_->execute("PRAGMA synchronous=NORMAL");
  }
  if (done) reserved_end_ = end;
  return done;
}

Result<void> SqliteSpool::write_rows(const SpoolChange& change) {
  for (const Row& row : change.rows) {
    Result<void> put = database_->query("INSERT INTO message VALUES(?, ?, ?)")
                           .bind(row.number)
                           .bind(static_cast<std::uint64_t>(row.kind))
                           .bind(row.payload)
                           .run();
    if (!put) return put;
    usage_.messages += 1;
    usage_.bytes += row_bytes(row);
    last_written_ = std::max(last_written_, row.number);
  }
  return {};
}

Result<void> SqliteSpool::remove_rows(const SpoolChange& change) {
  for (const IntervalSet::Interval& range : change.remove) {
    {
      Query sum = database_->query(
          "SELECT count(*), coalesce(sum(length(payload)), 0) FROM message"
          " WHERE number BETWEEN ? AND ?");
      const Result<bool> row = sum.bind(range.first).bind(range.last).step();
      if (!row) return row.fault();
      usage_.messages -= sum.number(0);
      usage_.bytes -= sum.number(1) + sum.number(0) * kRowBytesExtra;
    }
    Result<void> gone = database_->query("DELETE FROM message WHERE number BETWEEN ? AND ?")
                            .bind(range.first)
                            .bind(range.last)
                            .run();
    if (!gone) return gone;
  }
  return {};
}

Result<void> SqliteSpool::write_given_up(const SpoolChange& change) {
  if (change.given_up == nullptr) return {};
  if (Result<void> gone = database_->query("DELETE FROM given_up").run(); !gone) return gone;
  for (const IntervalSet::Interval& range : change.given_up->intervals()) {
    Result<void> put = database_->query("INSERT INTO given_up VALUES(?, ?)")
                           .bind(range.first)
                           .bind(range.last)
                           .run();
    if (!put) return put;
  }
  return {};
}

Result<void> SqliteSpool::write(const SpoolChange& change) {
  const SpoolUsage usage_before = usage_;
  const std::uint64_t written_before = last_written_;
  Result<void> done = database_->transaction([&]() -> Result<void> {
    if (Result<void> put = write_rows(change); !put) return put;
    if (Result<void> gone = remove_rows(change); !gone) return gone;
    if (Result<void> put = write_given_up(change); !put) return put;
    return database_->query("UPDATE spool SET last_written=?").bind(last_written_).run();
  });
  if (!done) {
    usage_ = usage_before;
    last_written_ = written_before;
  }
  return done;
}

Result<void> SqliteSpool::read(MessageKind kind, std::uint64_t first, std::uint64_t last,
                               const std::function<bool(Row&&)>& sink) {
  Query rows = database_->query(
      "SELECT number, kind, payload FROM message WHERE number BETWEEN ? AND ? AND kind = ?"
      " ORDER BY number");
  rows.bind(first).bind(last).bind(static_cast<std::uint64_t>(kind));
  Result<bool> row = rows.step();
  for (; row && *row; row = rows.step()) {
    const auto payload = rows.blob(2);
    if (!sink(Row{rows.number(0), kind, {payload.begin(), payload.end()}})) return {};
  }
  if (!row) return row.fault();
  return {};
}

Result<std::vector<IntervalSet::Interval>> SqliteSpool::oldest(MessageKind kind,
                                                               std::uint64_t messages,
                                                               std::uint64_t bytes) {
  IntervalSet found;
  std::uint64_t found_messages = 0;
  std::uint64_t found_bytes = 0;
  Query rows = database_->query(
      "SELECT number, length(payload) FROM message WHERE kind = ? ORDER BY number");
  rows.bind(static_cast<std::uint64_t>(kind));
  Result<bool> row = rows.step();
  for (; row && *row; row = rows.step()) {
    if (found_messages >= messages && found_bytes >= bytes) break;
    found.add(rows.number(0), rows.number(0));
    found_messages += 1;
    found_bytes += rows.number(1) + kRowBytesExtra;
  }
  if (!row) return row.fault();
  return std::vector<IntervalSet::Interval>(found.intervals().begin(), found.intervals().end());
}

Result<void> SqliteSpool::close_clean() {
  reserved_end_ = last_written_ + 1;
  return database_->query("UPDATE spool SET reserved_end=?").bind(reserved_end_).run();
}

}  // namespace vigie::client
