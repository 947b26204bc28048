#pragma once
// A small world for the store's tests: makes bodies as the hub would (with stamps of its own),
// hands them to a store on one thread, and keeps its own account of what went in.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>

#include "hub/store/store.h"
#include "schemas/messages/entry_writer.h"
#include "tests/unit/support/temporary_folder.h"

namespace vigie::store::test {

/// A clock that only moves when told.
class FakeClock final : public Clock {
 public:
  std::int64_t utc_us() const override { return utc_us_; }
  std::int64_t monotonic_us() const override { return monotonic_us_; }
  void advance(std::int64_t us) {
    utc_us_ += us;
    monotonic_us_ += us;
  }
  /// Only the wall clock: it was set, or is wrong.
  void leap(std::int64_t us) { utc_us_ += us; }

 private:
  std::int64_t utc_us_ = 1'790'000'000'000'000;
  std::int64_t monotonic_us_ = 1'000'000;
};

using vigie::test::TemporaryFolder;

/// Damages one byte of a file.
inline void flip(const std::string& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(file.get() ^ 0x40);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(byte);
}

/// The seed of a random test: VIGIE_SEED, or one drawn; printed when the test fails.
inline std::uint64_t test_seed() {
  const char* given = std::getenv("VIGIE_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

inline const wire::BodyHeader& header(Bytes body) {
  return *reinterpret_cast<const wire::BodyHeader*>(body.data());
}

struct FixIn {
  std::uint64_t seq;
  std::string unit;
  std::int64_t corrected_us;
};
struct KeptIn {
  std::uint64_t seq;
  std::int64_t corrected_us;
  bool state;
};
struct BodyIn {
  std::uint64_t first;
  std::uint64_t last;
  std::int64_t known_us;
};

/// Makes bodies in order, and remembers what is in them.
class Source {
 public:
  explicit Source(std::uint64_t seed, std::uint64_t next_seq = 1)
      : random_(seed), next_seq_(next_seq) {}

  std::uint64_t next_seq() const { return next_seq_; }
  void go_on_at(std::uint64_t seq) { next_seq_ = seq; }
  std::mt19937_64& random() { return random_; }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  /// One body: `fixes` fixes of `units` units, some late, some of wrong clocks, and `kept` events
  /// and states before them.
  BodyPtr body(std::int64_t known_us, std::size_t fix_count, std::size_t units,
               std::size_t kept_count = 0) {
    EntryWriter writer;
    const std::uint64_t first = next_seq_;
    // In the log's order: events, states, fixes.
    const std::size_t states = kept_count == 0 ? 0 : below(kept_count + 1) / 2;
    for (std::size_t i = 0; i < kept_count; ++i) {
      add_kept(writer, known_us, units, i + states >= kept_count);
    }
    for (std::size_t done = 0; done < fix_count;) {
      const std::size_t count = std::min<std::size_t>(fix_count - done, 1 + below(4));
      add_fixes(writer, known_us, "red/u" + std::to_string(below(units)), count);
      done += count;
    }
    bodies.push_back({first, next_seq_ - 1, known_us});
    return writer.finish(known_us);
  }

  std::vector<FixIn> fixes;
  std::vector<KeptIn> kept;
  std::vector<BodyIn> bodies;

 private:
  /// Most times are close to the known time, some late by up to half a day, some ahead.
  std::int64_t true_time(std::int64_t known_us) {
    const std::uint64_t kind = below(20);
    if (kind == 0) return known_us - static_cast<std::int64_t>(below(43'200'000'000));
    if (kind == 1) return known_us + static_cast<std::int64_t>(below(3'600'000'000));
    return known_us - static_cast<std::int64_t>(below(2'000'000));
  }
  wire::Spool spool() const { return {7, 7}; }

  void add_fixes(EntryWriter& writer, std::int64_t known_us, const std::string& unit,
                 std::size_t count) {
    const std::int64_t offset_us = below(10) == 0 ? 5'000'000'000 : 0;
    std::vector<wire::Fix> list;
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t true_us = true_time(known_us) - offset_us;
      const auto spread = static_cast<std::int32_t>(below(1'000'000));
      list.emplace_back(true_us, 159'000'000 + spread, 15'000'000 + spread, kUnknownAltitude, 0, 0,
                        0, 0, wire::Clock::Device, wire::FixType::ThreeD, 8, 90,
                        wire::FixSource::Satellite, 0, 0);
      fixes.push_back({next_seq_ + i, unit, true_us + offset_us});
    }
    std::uint32_t& counted = counts_[unit];
    writer.add_fixes({.unit = unit,
                      .group = "patrol",
                      .stamp = wire::Stamp(next_seq_, known_us, offset_us, counted + 1, 0),
                      .spool = spool(),
                      .first_number = next_number_,
                      .fixes = list,
                      .readings = {},
                      .readings_bytes = 0});
    counted += static_cast<std::uint32_t>(count);
    next_number_ += count;
    next_seq_ += count;
  }
  void add_kept(EntryWriter& writer, std::int64_t known_us, std::size_t units, bool state) {
    const std::int64_t true_us = true_time(known_us);
    const std::string unit = "red/u" + std::to_string(below(units));
    auto stamp = std::make_unique<wire::Stamp>(next_seq_, known_us, 0, 0, 0);
    flatbuffers::FlatBufferBuilder builder;
    if (state) {
      wire::StateT native;
      native.stamp = std::move(stamp);
      native.number = next_number_;
      native.kind = wire::StateKind::UnitCard;
      native.name = unit;
      native.true_time_us = true_us;
      native.card = std::make_unique<wire::UnitCardT>();
      native.card->call_sign = "call " + std::to_string(next_seq_);
      builder.Finish(wire::State::Pack(builder, &native));
      writer.add_state(*flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer()), spool());
    } else {
      wire::EventT native;
      native.stamp = std::move(stamp);
      native.number = next_number_;
      native.unit = unit;
      native.true_time_us = true_us;
      native.kind = "text";
      native.text = "halt " + std::to_string(next_seq_);
      builder.Finish(wire::Event::Pack(builder, &native));
      writer.add_event(*flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()), spool());
    }
    kept.push_back({next_seq_, true_us, state});
    ++next_number_;
    ++next_seq_;
  }

  std::mt19937_64 random_;
  std::uint64_t next_seq_;
  std::uint64_t next_number_ = 1;
  std::map<std::string, std::uint32_t> counts_;
};

/// What the store told.
struct Told {
  std::uint64_t durable = 0;
  int disk_full = 0;
  int space_again = 0;
  int broken = 0;
  std::string sentence;
  StoreNotices notices() {
    return {.durable = [this](Durable d) { durable = d.seq; },
            .disk_full = [this](DiskFull f) { ++disk_full, sentence = f.sentence; },
            .space_again = [this](SpaceAgain) { ++space_again; },
            .broken = [this](Broken b) { ++broken, sentence = b.sentence; }};
  }
};

inline std::unique_ptr<Store> open_store(StoreOptions options, Told& told) {
  auto store = Store::open(std::move(options), told.notices());
  EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.fault().sentence);
  return store.ok() ? std::move(*store) : nullptr;
}

inline void write_all(Store& store) {
  while (store.write_step(0) != 0) {
  }
}
/// Until there is nothing left to build; `steps` ends it early.
inline std::size_t build_all(Store& store, std::size_t steps = SIZE_MAX) {
  std::size_t done = 0;
  while (done < steps && store.build_step() != 0) ++done;
  return done;
}

/// Every body from `from` on, as (first, last); damage by its sentence.
struct ReadLog {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> bodies;
  std::vector<std::string> faults;
};
inline ReadLog read_log(const Store& store, std::uint64_t from = 1) {
  ReadLog read;
  const auto reader = store.log_reader();
  reader->seek(from);
  while (read.faults.size() < 100) {
    const auto body = reader->next();
    if (!body.ok()) {
      read.faults.push_back(body.fault().sentence);
      continue;
    }
    if (body->empty()) break;
    EXPECT_TRUE(verify_body(*body).ok());
    read.bodies.emplace_back(header(*body).first_seq(), header(*body).last_seq());
  }
  return read;
}

}  // namespace vigie::store::test
