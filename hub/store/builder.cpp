#include "hub/store/builder.h"

#include "hub/store/entries.h"
#include "hub/store/unread.h"

namespace vigie::store {
namespace {

// What one step reads: some milliseconds of work.
constexpr std::size_t kStepBytes = 512 * 1024;
constexpr std::int64_t kRetentionUs = 10'000'000;
// After a failure (a full disk, most likely) the builder waits before it tries again.
constexpr std::int64_t kRetryUs = 1'000'000;
constexpr std::int64_t kCalmUs = 12ll * 3600 * kMicrosecondsPerSecond;

}  // namespace

Builder::Builder(const Sources& sources, const Writer& writer, const StoreOptions& options,
                 LiveFloors& floors, const Recovery& recovery)
    : sources_(sources),
      writer_(writer),
      options_(options),
      indexes_(sources.database),
      retention_(sources, floors, options, recovery.last_trust) {}

std::size_t Builder::step() {
  if (writer_.broken()) return 0;
  const std::int64_t now_us = options_.clock->monotonic_us();
  if (now_us < next_try_us_) return 0;
  if (writer_.full() && (!started_ || now_us < next_retention_us_)) return 0;
  // On a full disk nothing is built, but what may go goes.
  const auto done = writer_.full() ? retain() : try_step();
  if (done.ok()) return *done;
  failures_.fetch_add(1);
  next_try_us_ = now_us + kRetryUs;
  return 0;
}

Result<std::size_t> Builder::try_step() {
  if (!started_) return start();
  if (checkpoint_ != nullptr) {
    const auto pages = checkpoint_->write_some();
    if (!pages.ok()) return pages.fault();
    return checkpoint_->done() ? end_checkpoint() : pages;
  }
  if (indexes_.writing()) {
    const auto rows = indexes_.write_some();
    if (!rows.ok()) return rows.fault();
    built_through_.store(indexes_.built_through());
    return rows;
  }
  if (options_.clock->monotonic_us() >= next_retention_us_) return retain();
  const bool calm = indexes_.next_seq() > writer_.durable_seq() && folded_ >= writer_.durable_seq();
  if (indexes_.stretch_is_full() || (calm && indexes_.holds_from_before(calm_before_us()))) {
    indexes_.begin_writing();
    return 1;
  }
  const bool old = calm && folded_ > checkpointed_ && checkpointed_at_us_ < calm_before_us();
  if (checkpoint_is_due() || (old && fold_is_whole_)) {
    ledger_.close_silent(retention_.now_us() - options_.spool_silent_us);
    checkpoint_ = std::make_unique<CheckpointWriter>(sources_.database, picture_, ledger_);
    return 1;
  }
  return read_some();
}

Result<std::size_t> Builder::start() {
  if (auto loaded = indexes_.load(); !loaded.ok()) return loaded.fault();
  built_through_.store(indexes_.built_through());
  picture_.clear();
  ledger_ = Ledger();
  const auto from = fold_checkpoint(sources_, writer_.durable_seq(), picture_, &ledger_);
  if (!from.ok()) return from.fault();
  folded_ = checkpointed_ = *from;
  checkpointed_at_us_ = picture_.last_known_time_us();
  // What a crash left unfinished behind it would never be taken, nor found again.
  if (auto dropped = drop_unfinished(sources_.database, folded_); !dropped.ok()) {
    return dropped.fault();
  }
  reader_ = make_log_reader(sources_.database, sources_.health, sources_.floor);
  note_checkpoints();
  started_ = true;
  return std::size_t{1};
}

void Builder::take(Bytes body) {
  indexes_.feed(body);
  const wire::BodyHeader& header = header_of(body);
  if (header.last_seq() <= folded_) return;
  if (checkpointed_at_us_ == 0) checkpointed_at_us_ = header.known_time_us();
  picture_.fold(body);
  ledger_.fold(body);
  folded_ = header.last_seq();
}

Result<std::size_t> Builder::read_some() {
  if (!reading_) {
    const std::uint64_t next = std::min(indexes_.next_seq(), folded_ + 1);
    if (next > writer_.durable_seq()) return std::size_t{0};
    reader_->seek(next);
    reading_ = true;
  }
  std::size_t bytes = 0;
  while (bytes < kStepBytes && !indexes_.stretch_is_full() && !checkpoint_is_due()) {
    const auto body = reader_->next();
    if (!body.ok()) {
      if (body.fault().code != FaultCode::Damaged) return body.fault();
      // Indexes go on behind it. A fold that lacks something must not become a checkpoint, unless
      // the operator said so.
      if (!options_.accept_damage) fold_is_whole_ = false;
      const auto noted = write_unread(sources_.database, sources_.health.damaged());
      if (!noted.ok()) return noted.fault();
      bytes += kStepBytes / 8;
      continue;
    }
    if (body->empty()) {
      reading_ = false;
      break;
    }
    bytes += body->size();
    take(*body);
  }
  return bytes;
}

/// Retention ends at what is built and at a checkpoint: of what is older than this both are made,
/// however little came, or in a calm hub the old would stay. Not while there is log to read: all of
/// that may be old.
std::int64_t Builder::calm_before_us() {
  return retention_.now_us() - kCalmUs;
}

bool Builder::checkpoint_is_due() const {
  if (!fold_is_whole_ || folded_ <= checkpointed_) return false;
  const std::uint64_t entries = folded_ - checkpointed_;
  const std::uint64_t units = picture_.units().size();
  if (entries >= checkpoint_spacing(options_.checkpoint_entries, units)) return true;
  const std::int64_t age_us = picture_.last_known_time_us() - checkpointed_at_us_;
  return age_us >= options_.checkpoint_interval_us && entries >= units;
}

Result<std::size_t> Builder::end_checkpoint() {
  const Checkpoint written = checkpoint_->checkpoint();
  checkpoint_bytes_.fetch_add(checkpoint_->bytes());
  checkpoint_.reset();
  checkpointed_ = written.seq;
  checkpointed_at_us_ = written.known_time_us;
  note_checkpoints();
  return std::size_t{written.pages};
}

void Builder::note_checkpoints() {
  last_checkpoint_.store(checkpointed_);
  const auto list = list_checkpoints(sources_.database);
  if (list.ok()) checkpoint_count_.store(list->size());
}

Result<std::size_t> Builder::retain() {
  next_retention_us_ = options_.clock->monotonic_us() + kRetentionUs;
  const auto dropped = retention_.run(indexes_.built_through(), writer_.durable_seq());
  if (!dropped.ok()) return dropped.fault();
  files_dropped_.fetch_add(*dropped);
  if (!writer_.full()) {
    if (auto noted = retention_.note_time(); !noted.ok()) return noted.fault();
  }
  if (*dropped != 0) note_checkpoints();
  return std::size_t{1};
}

}  // namespace vigie::store
