#include "hub/store/writer.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

namespace vigie::store {
namespace {

// One commit takes at most so much, so that acknowledgements do not wait for a long one.
constexpr std::size_t kCommitBytesMax = 4 << 20;
// Bodies that wait together are joined into one row up to this size: RocksDB costs by the key, and
// a damaged block should take little with it.
constexpr std::size_t kRowBytesGoal = 32 * 1024;
// After a commit, under load. A rest of 1 ms costs acknowledgements, none costs the front thread's
// latency (PERFORMANCE, finding 5).
constexpr std::int64_t kRestUs = 500;
// With so much waiting a rest gains nothing.
constexpr std::size_t kNoRestBytes = 512 * 1024;
constexpr std::int64_t kRetryUs = 100'000;
constexpr std::int64_t kLookUs = 100'000;
constexpr std::uint64_t kLookBytes = 4 << 20;

void nap(std::int64_t us) {
  const timespec length{us / 1'000'000, (us % 1'000'000) * 1000};
  ::nanosleep(&length, nullptr);
}

}  // namespace

struct Writer::Pending {
  rocksdb::WriteBatch batch;
  std::size_t bodies = 0;
  std::size_t bytes = 0;
  std::uint64_t last_seq = 0;
  std::uint64_t reserved_end = 0;
  // The row being joined; the slices borrow from `held`.
  std::vector<rocksdb::Slice> row;
  std::vector<BodyPtr> held;
  std::size_t row_bytes = 0;
  std::uint64_t row_seq = 0;

  bool empty() const { return bodies == 0 && reserved_end == 0; }
  void clear() {
    batch.Clear();
    bodies = bytes = 0;
    last_seq = reserved_end = 0;
  }
  void end_row(const Database& database) {
    if (row.empty()) return;
    const Key<8> key = seq_key(row_seq);
    const rocksdb::Slice key_slice(key.data(), key.size());
    batch.Put(database.family(Family::Log), rocksdb::SliceParts(&key_slice, 1),
              rocksdb::SliceParts(row.data(), static_cast<int>(row.size())));
    row.clear();
    held.clear();
    row_bytes = 0;
  }
  void add(const Database& database, BodyPtr body) {
    const Bytes all = body->bytes();
    if (row_bytes + all.size() > kRowBytesGoal) end_row(database);
    if (row.empty()) row_seq = body->first_seq();
    row.push_back({reinterpret_cast<const char*>(all.data()), all.size()});
    row_bytes += all.size();
    for_each_kept(all, [&](std::uint64_t seq, Bytes entry) {
      const Key<8> key = seq_key(seq);
      batch.Put(database.family(Family::Keep), view(key), view(entry));
    });
    ++bodies;
    bytes += all.size();
    last_seq = std::max(last_seq, body->last_seq());
    held.push_back(std::move(body));
  }
};

Writer::Writer(const Database& database, const StoreOptions& options, StoreNotices notices,
               SeqBlocks& blocks, std::uint64_t durable_seq)
    : database_(database),
      options_(options),
      notices_(std::move(notices)),
      blocks_(blocks),
      pending_(std::make_unique<Pending>()),
      durable_seq_(durable_seq) {}

Writer::~Writer() = default;

void Writer::submit(BodyPtr body) {
  queued_bytes_.fetch_add(body->bytes().size());
  queue_.push(std::move(body));
}

void Writer::stop() {
  stopping_.store(true);
  queue_.wake();
}

std::size_t Writer::step(std::int64_t wait_us) {
  if (stopping_.load()) wait_us = 0;
  if (broken()) {
    queue_.wait(wait_us);
    return 0;
  }
  if (pending_->empty() && wait_us > 0) {
    if (queue_.empty() && !blocks_.wanted()) {
      queue_.wait(full() ? std::min(wait_us, kRetryUs) : wait_us);
    }
    rest(wait_us);
  }
  if (pending_->empty()) gather();
  const std::int64_t now_us = options_.clock->monotonic_us();
  if (full() && now_us < next_try_us_) {
    // What is queued stays there; waiting for bodies would end at once.
    if (wait_us > 0) nap(std::min(wait_us, next_try_us_ - now_us));
    return 0;
  }
  if (pending_->empty() && !full()) return 0;
  if (!space_left()) return 0;
  const std::size_t bodies = pending_->bodies;
  if (!try_commit()) return 0;
  if (full()) {
    state_.store(State::Writing);
    blocks_.set_failing(false);
    if (notices_.space_again) notices_.space_again({});
  }
  return bodies;
}

void Writer::rest(std::int64_t wait_us) {
  if (full() || queued_bytes_.load() >= kNoRestBytes) return;
  const std::int64_t since_us = options_.clock->monotonic_us() - last_commit_us_;
  if (since_us < kRestUs) nap(std::min(wait_us, kRestUs - std::max<std::int64_t>(since_us, 0)));
}

void Writer::gather() {
  Pending& pending = *pending_;
  pending.clear();
  database_.begin(pending.batch);
  // What is kept apart counts too: events and states stand in the batch twice.
  while (std::max(pending.bytes, pending.batch.GetDataSize()) < kCommitBytesMax) {
    BodyPtr body = queue_.pop();
    if (body == nullptr) break;
    pending.add(database_, std::move(body));
  }
  pending.end_row(database_);
  pending.reserved_end = blocks_.add_to(pending.batch);
}

bool Writer::space_left() {
  const std::int64_t now_us = options_.clock->monotonic_us();
  if (!full() && now_us < next_look_us_ && bytes_until_look_ >= pending_->bytes) {
    bytes_until_look_ -= pending_->bytes;
    return true;
  }
  next_look_us_ = now_us + kLookUs;
  bytes_until_look_ = kLookBytes;
  const std::uint64_t free_bytes = database_.free_bytes();
  // Once full, some more than the least must be free, or the state would flicker.
  const std::uint64_t needed = options_.free_bytes_min + (full() ? options_.free_bytes_min / 8 : 0);
  if (free_bytes >= needed) return true;
  enter_full(
      fmt::format("{} has {} bytes free, and {} are kept in reserve: nothing new is taken "
                  "until there is space",
                  options_.directory, free_bytes, options_.free_bytes_min));
  return false;
}

bool Writer::try_commit() {
  // After a write that found no space RocksDB refuses all others until it has resumed.
  if (full()) {
    const rocksdb::Status resumed = database_.db().Resume();
    if (!resumed.ok()) {
      next_try_us_ = options_.clock->monotonic_us() + kRetryUs;
      return false;
    }
  }
  if (pending_->empty()) return true;
  const std::int64_t start_us = options_.clock->monotonic_us();
  const rocksdb::Status status = database_.commit(pending_->batch);
  if (status.IsNoSpace()) {
    enter_full(fmt::format("writing to {} found no space ({}): nothing new is taken until there is",
                           options_.directory, status.ToString()));
    return false;
  }
  if (!status.ok()) {
    enter_broken(fmt::format("writing to {} failed ({}): what reached the disk is unknown",
                             options_.directory, status.ToString()));
    return false;
  }
  last_commit_us_ = options_.clock->monotonic_us();
  committed(static_cast<double>(last_commit_us_ - start_us) / 1e6);
  return true;
}

void Writer::committed(double seconds) {
  Pending& pending = *pending_;
  if (pending.reserved_end != 0) blocks_.done(pending.reserved_end);
  commits_.fetch_add(1);
  if (pending.bodies != 0) {
    bodies_.fetch_add(pending.bodies);
    bytes_.fetch_add(pending.bytes);
    durable_seq_.store(pending.last_seq);
    queued_bytes_.fetch_sub(pending.bytes);
    if (notices_.durable) notices_.durable({pending.last_seq});
    if (observer_) observer_(seconds, pending.bodies, pending.bytes);
  }
  pending.clear();
}

void Writer::enter_full(std::string sentence) {
  next_try_us_ = options_.clock->monotonic_us() + kRetryUs;
  if (full()) return;
  state_.store(State::Full);
  blocks_.set_failing(true);
  if (notices_.disk_full) notices_.disk_full({std::move(sentence)});
}

void Writer::enter_broken(std::string sentence) {
  state_.store(State::Broken);
  blocks_.set_failing(true);
  if (notices_.broken) notices_.broken({std::move(sentence)});
}

}  // namespace vigie::store
