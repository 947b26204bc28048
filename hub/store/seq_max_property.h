#pragma once
// Table files of the families sorted by true time carry the highest seq their rows speak of, so
// that retention can drop whole files although their keys do not begin with a seq.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "hub/store/database.h"

namespace rocksdb {
class TablePropertiesCollectorFactory;
}

namespace vigie::store {

/// `family`: Track or EventTime.
std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> seq_max_collector(Family family);
/// The property among a file's collected ones; nothing when it has none.
std::optional<std::uint64_t> seq_max_of(const std::map<std::string, std::string>& properties);

}  // namespace vigie::store
