#pragma once
// RocksDB's own log, the file LOG in the hub's folder: what it warns of, for people. RocksDB 7.8 as
// Debian builds it ends the process when a line of it follows one that the disk did not take, or a
// file of it that could not be made, which a full disk makes likely. Here such lines are left out,
// without a new file until the next is due, and the hub goes on: whatever matters to it reaches it
// by a status or by its listener (health.h).

#include <memory>
#include <string>

namespace rocksdb {
struct DBOptions;
class Logger;
}  // namespace rocksdb

namespace vigie::store {

/// As RocksDB would make it by `options` (env, sizes, level) for `directory`, which is made where
/// it is missing. Null: there can be no such file.
std::shared_ptr<rocksdb::Logger> make_info_log(const std::string& directory,
                                               const rocksdb::DBOptions& options);

}  // namespace vigie::store
