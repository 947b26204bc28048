#include "tests/bench/servers/body_store.h"

#include <endian.h>
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdlib>

namespace vigie::bench {
namespace {

constexpr std::size_t kQueuedBytesMax = 32u << 20;

void must(const rocksdb::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "rocksdb: {}\n", status.ToString());
  std::_Exit(1);
}

}  // namespace

BodyStore::BodyStore(const std::string& folder, bool synced)
    : synced_(synced), signal_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  rocksdb::DB* db = nullptr;
  must(rocksdb::DB::Open(options, folder, &db));
  db_.reset(db);
  writer_ = std::thread([this] { write_loop(); });
}

BodyStore::~BodyStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
  must(db_->Close());
  ::close(signal_fd_);
}

void BodyStore::submit(SharedBody body) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queued_bytes_ < kQueuedBytesMax; });
  queued_bytes_ += body->size();
  queue_.push_back(std::move(body));
  lock.unlock();
  changed_.notify_all();
}

std::uint64_t BodyStore::committed() const {
  const std::lock_guard lock(mutex_);
  return committed_;
}

void BodyStore::scan(const std::function<void(std::string_view body)>& sink) const {
  rocksdb::ReadOptions options;
  options.readahead_size = 2u << 20;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
  for (at->SeekToFirst(); at->Valid(); at->Next()) sink(at->value().ToStringView());
  must(at->status());
}

void BodyStore::write_loop() {
  rocksdb::WriteOptions options;
  options.sync = synced_;
  std::uint64_t number = 0;
  for (;;) {
    std::deque<SharedBody> bodies;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      bodies.swap(queue_);
      queued_bytes_ = 0;
    }
    changed_.notify_all();
    rocksdb::WriteBatch batch;
    for (const SharedBody& body : bodies) {
      const std::uint64_t key = htobe64(++number);
      must(batch.Put({reinterpret_cast<const char*>(&key), sizeof key}, *body));
    }
    must(db_->Write(options, &batch));
    {
      const std::lock_guard lock(mutex_);
      committed_ += bodies.size();
    }
    eventfd_write(signal_fd_, 1);
  }
}

}  // namespace vigie::bench
