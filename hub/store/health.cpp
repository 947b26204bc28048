#include "hub/store/health.h"

#include <rocksdb/listener.h>

#include <algorithm>

namespace vigie::store {
namespace {

class Listener final : public rocksdb::EventListener {
 public:
  explicit Listener(std::shared_ptr<Health> health) : health_(std::move(health)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    health_->background_errors.fetch_add(1);
    // A compaction that met a damaged block must not stop the writing: nothing was lost by leaving
    // the table as it is, and readers name the damage when they meet it.
    if (reason == rocksdb::BackgroundErrorReason::kCompaction && error->IsCorruption()) {
      health_->damaged_compactions.fetch_add(1);
      *error = rocksdb::Status::OK();
    }
  }
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override {
    health_->flushes.fetch_add(1);
  }
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) override {
    health_->compactions.fetch_add(1);
    health_->compacted_bytes.fetch_add(job.stats.total_input_bytes);
  }
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    if (info.condition.cur != rocksdb::WriteStallCondition::kNormal) health_->stalls.fetch_add(1);
  }

 private:
  const std::shared_ptr<Health> health_;
};

}  // namespace

Health::~Health() {
  for (Node* node = newest_.load(); node != nullptr;) {
    Node* next = node->next;
    delete node;
    node = next;
  }
}

bool Health::known(std::uint64_t first, std::uint64_t last) const {
  for (const Node* node = newest_.load(); node != nullptr; node = node->next) {
    if (node->range.first() <= first && last <= node->range.last()) return true;
  }
  return false;
}

void Health::note_damaged(std::uint64_t first, std::uint64_t last) {
  if (known(first, last)) return;
  Node* node = new Node{wire::SeqRange(first, last), newest_.load()};
  while (!newest_.compare_exchange_weak(node->next, node)) {
  }
}

std::vector<wire::SeqRange> Health::damaged() const {
  std::vector<wire::SeqRange> ranges;
  for (const Node* node = newest_.load(); node != nullptr; node = node->next) {
    ranges.push_back(node->range);
  }
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) {
    return a.first() != b.first() ? a.first() < b.first() : a.last() > b.last();
  });
  // Two readers may have met the same place at once, or one of them only its end.
  const auto inside = [](const auto& outer, const auto& inner) {
    return outer.first() <= inner.first() && inner.last() <= outer.last();
  };
  ranges.erase(std::unique(ranges.begin(), ranges.end(), inside), ranges.end());
  return ranges;
}

std::shared_ptr<rocksdb::EventListener> Health::listener() {
  return std::make_shared<Listener>(shared_from_this());
}

}  // namespace vigie::store
