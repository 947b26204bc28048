#include "hub/store/seq_max_property.h"

#include <rocksdb/table_properties.h>

#include <algorithm>

#include "hub/store/track_rows.h"

namespace vigie::store {
namespace {

constexpr const char* kProperty = "vigie.seq_max";

class SeqMaxCollector final : public rocksdb::TablePropertiesCollector {
 public:
  explicit SeqMaxCollector(Family family) : family_(family) {}

  rocksdb::Status AddUserKey(const rocksdb::Slice& key, const rocksdb::Slice& value,
                             rocksdb::EntryType, rocksdb::SequenceNumber, std::uint64_t) override {
    const std::string_view text = key.ToStringView();
    if (family_ == Family::EventTime && text.size() == 16) {
      seq_max_ = std::max(seq_max_, get_u64(text.data() + 8));
    }
    TrackKey parsed;
    if (family_ == Family::Track && parse_track_key(text, parsed)) {
      seq_max_ = std::max(seq_max_, track_row_last_seq(parsed.first_seq, value.ToStringView()));
    }
    return rocksdb::Status::OK();
  }
  rocksdb::Status Finish(rocksdb::UserCollectedProperties* properties) override {
    *properties = GetReadableProperties();
    return rocksdb::Status::OK();
  }
  rocksdb::UserCollectedProperties GetReadableProperties() const override {
    return {{kProperty, std::to_string(seq_max_)}};
  }
  const char* Name() const override { return "VigieSeqMax"; }

 private:
  const Family family_;
  std::uint64_t seq_max_ = 0;
};

class SeqMaxCollectorFactory final : public rocksdb::TablePropertiesCollectorFactory {
 public:
  explicit SeqMaxCollectorFactory(Family family) : family_(family) {}
  rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(Context) override {
    return new SeqMaxCollector(family_);  // RocksDB owns it
  }
  const char* Name() const override { return "VigieSeqMaxFactory"; }

 private:
  const Family family_;
};

}  // namespace

std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> seq_max_collector(Family family) {
  return std::make_shared<SeqMaxCollectorFactory>(family);
}

std::optional<std::uint64_t> seq_max_of(const std::map<std::string, std::string>& properties) {
  const auto found = properties.find(kProperty);
  if (found == properties.end()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : found->second) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

}  // namespace vigie::store
