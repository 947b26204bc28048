#pragma once
// How RocksDB is set up, with the reason beside each choice in options.cpp.

#include <memory>
#include <vector>

#include "hub/store/database.h"

namespace rocksdb {
struct ColumnFamilyDescriptor;
struct DBOptions;
}  // namespace rocksdb

namespace vigie::store {

rocksdb::DBOptions database_options(const StoreOptions& options, Health& health);
std::vector<rocksdb::ColumnFamilyDescriptor> family_options(const StoreOptions& options);

}  // namespace vigie::store
