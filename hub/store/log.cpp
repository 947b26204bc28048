#include "hub/store/log.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <optional>

#include "hub/store/entries.h"
#include "hub/store/probe.h"

namespace vigie::store {
namespace {

class LogReaderImpl final : public LogReader {
 public:
  LogReaderImpl(const Database& database, Health& health, const std::atomic<std::uint64_t>& floor,
                const Snapshot* snapshot)
      : database_(database), health_(health), floor_(floor), snapshot_(snapshot) {}

  void seek(std::uint64_t seq) override {
    position_ = std::max({seq, floor_.load(), std::uint64_t{1}});
    rest_ = {};
    state_ = State::Placing;
    iterator_ = database_.iterate(Family::Log, snapshot_);
  }

  Result<Bytes> next() override {
    while (true) {
      while (!rest_.empty()) {
        const Bytes body = cut_body(rest_);
        if (body.empty()) {
          rest_ = {};
          return malformed_row();
        }
        if (header_of(body).last_seq() < position_) continue;
        position_ = header_of(body).last_seq() + 1;
        return body;
      }
      if (iterator_ == nullptr) return Bytes();
      if (auto moved = move(); !moved.ok()) return moved.fault();
    }
  }

 private:
  enum class State { Placing, Within };

  /// Takes the next row, or ends the reading.
  Result<void> move() {
    if (state_ == State::Placing) {
      state_ = State::Within;
      iterator_->SeekForPrev(key(position_));
      // Nothing at or before: from the first one after.
      if (!iterator_->Valid() && iterator_->status().ok()) iterator_->Seek(key(position_));
      if (!iterator_->status().ok()) return placed_in_damage();
    } else {
      iterator_->Next();
    }
    if (iterator_->Valid()) {
      take_row();
      return {};
    }
    if (iterator_->status().ok()) {
      iterator_.reset();  // an idle reader holds no old files
      return {};
    }
    return go_behind(position_, iterator_->status().ToString());
  }

  void take_row() { rest_ = value_.assign(iterator_->value().ToStringView()); }
  static rocksdb::Slice key_slice(const Key<8>& key) { return {key.data(), key.size()}; }
  rocksdb::Slice key(std::uint64_t seq) {
    key_ = seq_key(seq);
    return key_slice(key_);
  }

  /// The row that should hold position_ can't be read, or another one that was looked at on the way
  /// to it: finds out which.
  Result<void> placed_in_damage() {
    const std::string cause = iterator_->status().ToString();
    const auto make = [this] { return database_.iterate(Family::Log, snapshot_); };
    std::uint64_t first = floor_.load();
    const auto good = last_readable(make, first, position_, iterator_);
    if (good) {
      Bytes value = value_.assign(iterator_->value().ToStringView());
      first = *good;
      while (!value.empty()) {
        const Bytes body = cut_body(value);
        if (body.empty()) break;
        first = header_of(body).last_seq() + 1;
      }
      if (first > position_) {  // it was readable after all
        take_row();
        return {};
      }
    }
    const auto behind = first_readable(make, first, iterator_);
    if (behind && *behind <= position_) {  // the damage ends before what is wanted
      take_row();
      return {};
    }
    return go_behind(std::max(first, std::uint64_t{1}), cause);
  }

  /// Names what can't be read from `first` on, and stands on the row behind it.
  Result<void> go_behind(std::uint64_t first, const std::string& cause) {
    const auto make = [this] { return database_.iterate(Family::Log, snapshot_); };
    const auto behind = first_readable(make, first, iterator_);
    std::uint64_t last = 0;
    if (behind) {
      last = *behind - 1;
      position_ = std::max(position_, *behind);
      take_row();
    } else {
      last = std::max(first, last_key(database_, Family::Log));
      position_ = last + 1;
      iterator_.reset();
    }
    health_.note_damaged(first, last);
    return Fault{FaultCode::Damaged,
                 fmt::format("the log can't be read from seq {} to {}: {}", first, last, cause)};
  }

  Result<void> report(std::uint64_t first, std::uint64_t last) {
    health_.note_damaged(first, last);
    return Fault{FaultCode::Damaged,
                 fmt::format("the log's row of seq {} to {} is malformed", first, last)};
  }
  Fault malformed_row() {
    const std::uint64_t first = position_;
    iterator_->Next();
    std::uint64_t last = first;
    if (iterator_->Valid()) {
      last = std::max(first, get_u64(iterator_->key().data()) - 1);
      take_row();
    }
    position_ = last + 1;
    return report(first, last).fault();
  }

  const Database& database_;
  Health& health_;
  const std::atomic<std::uint64_t>& floor_;
  const Snapshot* snapshot_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  State state_ = State::Placing;
  std::uint64_t position_ = 1;  // the least seq not yet given
  Key<8> key_{};
  AlignedValue value_;
  Bytes rest_;  // of value_
};

}  // namespace

Bytes AlignedValue::assign(std::string_view value) {
  const std::size_t words = (value.size() + 7) / 8;
  if (words > capacity_) {
    capacity_ = std::max(words, 2 * capacity_);
    words_ = std::make_unique_for_overwrite<std::uint64_t[]>(capacity_);
  }
  if (!value.empty()) std::memcpy(words_.get(), value.data(), value.size());
  return {reinterpret_cast<const std::byte*>(words_.get()), value.size()};
}

std::unique_ptr<LogReader> make_log_reader(const Database& database, Health& health,
                                           const std::atomic<std::uint64_t>& floor,
                                           const Snapshot* snapshot) {
  return std::make_unique<LogReaderImpl>(database, health, floor, snapshot);
}

Result<LogEnd> find_log_end(const Database& database, Health& health) {
  const auto iterator = database.iterate(Family::Log, nullptr);
  iterator->SeekToLast();
  if (iterator->Valid()) {
    LogEnd end;
    AlignedValue aligned;
    Bytes value = aligned.assign(iterator->value().ToStringView());
    while (!value.empty()) {
      const Bytes body = cut_body(value);
      if (body.empty()) break;
      end.last_seq = header_of(body).last_seq();
      end.last_known_time_us = header_of(body).known_time_us();
    }
    return end;
  }
  if (iterator->status().ok()) return LogEnd{};
  if (!iterator->status().IsCorruption()) {
    return fault_of(iterator->status(), "finding the end of the log");
  }
  LogEnd end;
  end.last_seq = last_key(database, Family::Log);
  end.damaged = true;
  health.note_damaged(end.last_seq, end.last_seq);
  return end;
}

}  // namespace vigie::store
