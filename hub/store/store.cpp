#include "hub/store/store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <random>

#include "hub/store/builder.h"
#include "hub/store/figures.h"
#include "hub/store/unread.h"

namespace vigie::store {
namespace {

/// Everything that open() finds out before the rooms of the store are put together.
struct Opened {
  Recovery recovery;
  Floors floors;
};

wire::LogId random_log_id() {
  std::random_device device;
  const auto word = [&device] { return static_cast<std::uint64_t>(device()) << 32 | device(); };
  return {word(), word()};
}

/// The log's name and format, made when the directory is new.
Result<wire::LogId> identify(const Database& database, const StoreOptions& options,
                             rocksdb::WriteBatch& batch) {
  const auto format = database.meta(meta::kFormatKey);
  if (!format.ok()) return format.fault();
  const auto id = database.meta(meta::kLogId);
  if (!id.ok()) return id.fault();
  if (format->empty() && id->empty()) {
    const bool given = options.new_log.high() != 0 || options.new_log.low() != 0;
    const wire::LogId made = given ? options.new_log : random_log_id();
    std::string value(view(seq_key(made.high())));
    value.append(view(seq_key(made.low())));
    auto* family = database.family(Family::Meta);
    batch.Put(family, meta::kLogId, value);
    batch.Put(family, meta::kFormatKey, view(seq_key(kFormat)));
    return made;
  }
  if (format->size() != 8 || get_u64(format->data()) != kFormat || id->size() != 16) {
    return Fault{
        FaultCode::Invalid,
        fmt::format("{} holds a log of format {}, and this program reads format {}",
                    options.directory, format->size() == 8 ? get_u64(format->data()) : 0, kFormat)};
  }
  return wire::LogId(get_u64(id->data()), get_u64(id->data() + 8));
}

Result<Opened> start(const Database& database, const StoreOptions& options, Health& health,
                     SeqBlocks& blocks) {
  Opened opened;
  rocksdb::WriteBatch batch;
  database.begin(batch);
  const auto id = identify(database, options, batch);
  if (!id.ok()) return id.fault();
  const auto clean = database.meta(meta::kClean);
  if (!clean.ok()) return clean.fault();
  const auto reserved = database.meta(meta::kReservedEnd);
  if (!reserved.ok()) return reserved.fault();
  const auto floors = read_floors(database);
  if (!floors.ok()) return floors.fault();
  const auto trust = read_trust(database);
  if (!trust.ok()) return trust.fault();
  const auto unread = read_unread(database);
  if (!unread.ok()) return unread.fault();
  for (const wire::SeqRange& range : *unread) {
    if (range.last() >= floors->event) health.note_damaged(range.first(), range.last());
  }
  const auto end = find_log_end(database, health);
  if (!end.ok()) return end.fault();
  Recovery& recovery = opened.recovery;
  recovery.log = *id;
  recovery.last_seq = end->last_seq;
  recovery.last_known_time_us = end->last_known_time_us;
  recovery.last_trust = *trust;
  if (trust->time_us == 0) recovery.last_trust.time_us = end->last_known_time_us;
  if (clean->size() == 8) {
    recovery.next_seq = std::max(get_u64(clean->data()), end->last_seq + 1);
  } else if (reserved->size() == 8) {
    recovery.next_seq = std::max(get_u64(reserved->data()), end->last_seq + 1);
    recovery.after_crash = recovery.next_seq > end->last_seq + 1;
  }
  opened.floors = *floors;
  // Before anything is given out, and with the clean end gone, in one.
  const std::uint64_t reserved_end = recovery.next_seq + limits::kSeqBlock;
  auto* family = database.family(Family::Meta);
  batch.Put(family, meta::kReservedEnd, view(seq_key(reserved_end)));
  batch.Delete(family, meta::kClean);
  const rocksdb::Status status = database.commit(batch);
  if (!status.ok()) return fault_of(status, "reserving the first seqs");
  blocks.start(reserved_end);
  return opened;
}

class StoreImpl final : public Store {
 public:
  StoreImpl(StoreOptions options, StoreNotices notices, std::shared_ptr<Health> health,
            std::unique_ptr<Database> database)
      : options_(std::move(options)),
        notices_(std::move(notices)),
        health_(std::move(health)),
        database_(std::move(database)),
        sources_{*database_, *health_, floors_.track, floors_.event},
        blocks_(*database_) {}

  Result<void> begin() {
    const auto opened = start(*database_, options_, *health_, blocks_);
    if (!opened.ok()) return opened.fault();
    recovery_ = opened->recovery;
    floors_.set(opened->floors);
    writer_ = std::make_unique<Writer>(*database_, options_, std::move(notices_), blocks_,
                                       recovery_.last_seq);
    builder_ = std::make_unique<Builder>(sources_, *writer_, options_, floors_, recovery_);
    return {};
  }

  const Recovery& recovery() const override { return recovery_; }
  Result<void> recover(Picture& picture, Ledger& ledger) override {
    return fold_through(sources_, UINT64_MAX, options_.accept_damage, picture, &ledger);
  }

  void submit(BodyPtr body) override { writer_->submit(std::move(body)); }
  std::size_t queued_bytes() const override { return writer_->queued_bytes(); }
  std::uint64_t reserved_end(std::uint64_t next_seq) override {
    return blocks_.reserved_end(next_seq);
  }

  std::size_t write_step(std::int64_t wait_us) override { return writer_->step(wait_us); }
  std::size_t build_step() override { return builder_->step(); }
  void stop() override { writer_->stop(); }
  Result<void> close_clean(std::uint64_t next_seq) override {
    if (writer_->broken() || writer_->queued_bytes() != 0) {
      return Fault{FaultCode::Unavailable,
                   fmt::format("{} bytes could not be made durable: the next start has a void "
                               "range",
                               writer_->queued_bytes())};
    }
    rocksdb::WriteBatch batch;
    database_->begin(batch);
    batch.Put(database_->family(Family::Meta), meta::kClean, view(seq_key(next_seq)));
    const rocksdb::Status status = database_->commit(batch);
    if (!status.ok()) return fault_of(status, "noting a clean end");
    return {};
  }

  std::unique_ptr<LogReader> log_reader() const override {
    return make_log_reader(*database_, *health_, floors_.track);
  }
  std::uint64_t durable_seq() const override { return writer_->durable_seq(); }
  std::uint64_t floor() const override { return floors_.track.load(); }
  std::uint64_t event_floor() const override { return floors_.event.load(); }
  Gone gone() const override { return floors_.get().gone; }
  Result<std::uint64_t> read_kept(
      std::uint64_t after, std::uint64_t through, std::size_t bytes_max,
      const std::function<void(std::uint64_t, Bytes)>& sink) const override {
    through = std::min(through, durable_seq());
    if (after >= through) return after;
    std::size_t bytes = 0;
    std::uint64_t got = through;
    auto scanned =
        scan_kept(sources_, nullptr, after + 1, through, [&](std::uint64_t seq, Bytes body) {
          sink(seq, body);
          bytes += body.size();
          if (bytes < bytes_max) return true;
          got = seq;
          return false;
        });
    if (!scanned.ok()) return scanned.fault();
    return got;
  }
  Result<std::uint64_t> seq_at_known(std::int64_t known_time_us) const override {
    return store::seq_at_known(sources_, known_time_us);
  }
  Result<void> read_track_refs(std::string_view unit, const TimeRange& range,
                               const std::function<bool(SeqTime)>& sink) const override {
    return track_refs(sources_, unit, range, sink);
  }
  Result<void> read_event_refs(const TimeRange& range,
                               const std::function<bool(SeqTime)>& sink) const override {
    return event_refs(sources_, range, sink);
  }
  Result<void> picture_at(std::uint64_t seq, Picture& picture) const override {
    return fold_through(sources_, seq, options_.accept_damage, picture, nullptr);
  }
  std::vector<wire::SeqRange> damaged() const override { return health_->damaged(); }
  std::vector<std::pair<std::string, double>> figures() const override {
    return store::figures(sources_, *writer_, *builder_);
  }
  void on_commit(std::function<void(double, std::size_t, std::size_t)> observer) override {
    writer_->on_commit(std::move(observer));
  }

 private:
  const StoreOptions options_;
  StoreNotices notices_;  // until the writer has them
  const std::shared_ptr<Health> health_;
  const std::unique_ptr<Database> database_;
  LiveFloors floors_;
  const Sources sources_;
  Recovery recovery_;
  SeqBlocks blocks_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Builder> builder_;
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, StoreNotices notices) {
  if (options.clock == nullptr || options.directory.empty()) {
    return Fault{FaultCode::Invalid, "a store needs a directory and a clock"};
  }
  auto health = std::make_shared<Health>();
  auto database = Database::open(options, *health);
  if (!database.ok()) return database.fault();
  auto store = std::make_unique<StoreImpl>(std::move(options), std::move(notices),
                                           std::move(health), std::move(*database));
  if (auto begun = store->begin(); !begun.ok()) return begun.fault();
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace vigie::store
