// Measures the store alone: messages a second with sync in bodies of 1, 10, 100 and 1000 fixes,
// bytes a message on disk with all indexes, start-up, and pictures of the past.
//
//   store_bench DIRECTORY [MILLIONS [UNITS]]     (defaults 10 and 1000)
//
// A message is a fix of 48 bytes and 80 bytes of readings. All of it is random, so that compression
// gains nothing and the bytes are those "before compression".

#include <fmt/core.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "hub/store/store.h"

namespace {

/// Between two looks at a figure that nobody tells.
void pause_ms(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

using namespace vigie;

constexpr std::size_t kReadings = 80;
constexpr std::size_t kFixesASection = 100;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Makes bodies as the hub does: a publisher's batch copied as it lies, and stamped.
class Feeder {
 public:
  Feeder(std::size_t fixes, std::size_t units) : fixes_(fixes), units_(units), random_(1) {
    flatbuffers::FlatBufferBuilder builder;
    std::vector<flatbuffers::Offset<wire::UnitFixes>> sections;
    for (std::size_t done = 0; done < fixes; done += kFixesASection) {
      const std::size_t count = std::min(fixes - done, kFixesASection);
      std::vector<wire::Fix> list(count);
      std::vector<std::uint8_t> readings(count * kReadings);
      for (auto& byte : readings) byte = static_cast<std::uint8_t>(random_());
      const wire::Stamp stamp;
      const auto unit = builder.CreateString("red/u0000000");
      const auto group = builder.CreateString("patrol");
      const auto fix_list = builder.CreateVectorOfStructs(list);
      const auto reading_list = builder.CreateVector(readings);
      sections.push_back(wire::CreateUnitFixes(builder, &stamp, 1, unit, group, fix_list,
                                               reading_list, kReadings));
    }
    const auto section_list = builder.CreateVector(sections);
    const wire::Spool spool(1, 2);
    const Bytes bytes =
        finished(builder, wire::CreateBatch(builder, &spool, 1, 0, 0, section_list));
    batch_.assign(bytes.begin(), bytes.end());
  }

  BodyPtr body(std::uint64_t first_seq, std::int64_t known_us) {
    std::byte* at = body_.stage(batch_.size());
    std::memcpy(at, batch_.data(), batch_.size());
    wire::Batch* batch = flatbuffers::GetMutableRoot<wire::Batch>(at);
    std::uint64_t seq = first_seq;
    for (flatbuffers::uoffset_t s = 0; s < batch->fixes()->size(); ++s) {
      auto* section = batch->mutable_fixes()->GetMutableObject(s);
      *section->mutable_stamp() = wire::Stamp(seq, known_us, 0, ++counted_, 0);
      section->mutate_first_number(seq);
      name(section);
      for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
        auto* fix = const_cast<wire::Fix*>(section->fixes()->Get(i));
        const auto word = static_cast<std::uint32_t>(random_());
        *fix = wire::Fix(known_us - static_cast<std::int64_t>(random_() % 1'000'000),
                         static_cast<std::int32_t>(word % 900'000'000),
                         static_cast<std::int32_t>(word % 1'800'000'000),
                         static_cast<std::int32_t>(word), word, word % 360'000, word * 3, word * 5,
                         wire::Clock::Satellite, wire::FixType::ThreeD, 8,
                         static_cast<std::uint8_t>(word % 100), wire::FixSource::Satellite, 0, 0);
        ++seq;
      }
      auto* readings = section->mutable_readings()->Data();
      for (std::size_t i = 0; i + 8 <= section->readings()->size(); i += 8) {
        const std::uint64_t word = random_();
        std::memcpy(readings + i, &word, 8);
      }
    }
    body_.commit(wire::BlockKind::Batch, batch_.size(), static_cast<std::uint32_t>(fixes_),
                 first_seq);
    return body_.close(first_seq, seq - 1, known_us);
  }

 private:
  void name(wire::UnitFixes* section) {
    const std::string digits = fmt::format("{:07}", unit_++ % units_);
    auto* text = const_cast<char*>(section->unit()->c_str());
    std::memcpy(text + 5, digits.data(), digits.size());
  }
  const std::size_t fixes_;
  const std::size_t units_;
  std::mt19937_64 random_;
  std::vector<std::byte> batch_;
  BodyBuilder body_;
  std::size_t unit_ = 0;
  std::uint32_t counted_ = 0;
};

struct Running {
  std::unique_ptr<store::Store> store;
  std::atomic<bool> stop{false};
  std::thread writer;
  std::thread builder;

  explicit Running(const std::string& directory, const Clock& clock, bool threads = true) {
    store::StoreOptions options;
    options.directory = directory;
    options.clock = &clock;
    auto opened = store::Store::open(options, {});
    if (!opened.ok()) {
      fmt::print("{}\n", opened.fault().sentence);
      std::exit(1);
    }
    store = std::move(*opened);
    if (!threads) return;
    writer = std::thread([this] {
      ::setpriority(PRIO_PROCESS, 0, 5);
      while (true) {
        const bool last = stop.load();
        if (store->write_step(100'000) == 0 && last) break;
      }
    });
    builder = std::thread([this] {
      ::setpriority(PRIO_PROCESS, 0, 15);
      while (!stop.load()) {
        if (store->build_step() == 0) pause_ms(5);
      }
    });
  }
  void end(std::uint64_t next_seq) {
    stop.store(true);
    store->stop();
    writer.join();
    builder.join();
    if (next_seq != 0 && !store->close_clean(next_seq).ok()) fmt::print("not closed cleanly\n");
  }
};

double figure(const store::Store& store, std::string_view wanted) {
  for (const auto& [name, value] : store.figures()) {
    if (name == wanted) return value;
  }
  return 0;
}

/// Hands over `messages` in bodies of `fixes`; returns the next seq.
std::uint64_t feed(Running& running, std::uint64_t next, std::uint64_t messages, std::size_t fixes,
                   std::size_t units, const Clock& clock) {
  Feeder feeder(fixes, units);
  for (std::uint64_t done = 0; done < messages; done += fixes) {
    while (running.store->queued_bytes() > limits::kStoreQueueBytesMax) std::this_thread::yield();
    if (running.store->reserved_end(next + fixes) <= next + fixes) std::abort();
    running.store->submit(feeder.body(next, clock.utc_us()));
    next += fixes;
  }
  while (running.store->durable_seq() < next - 1) std::this_thread::yield();
  return next;
}

void measure_speed(const std::string& directory, std::size_t units, const Clock& clock) {
  for (const std::size_t fixes : {1, 10, 100, 1000}) {
    std::filesystem::remove_all(directory);
    Running running(directory, clock);
    const std::uint64_t messages = fixes == 1 ? 500'000 : fixes == 10 ? 1'500'000 : 3'000'000;
    const double start = seconds();
    const std::uint64_t next = feed(running, 1, messages, fixes, units, clock);
    const double took = seconds() - start;
    const double commits = figure(*running.store, "commits_total");
    const double body_bytes = figure(*running.store, "body_bytes_total");
    fmt::print("bodies of {:4}: {:9.0f} messages/s durable, {:6.0f} a commit, {:5.1f} bytes each\n",
               fixes, static_cast<double>(messages) / took, static_cast<double>(messages) / commits,
               body_bytes / static_cast<double>(messages));
    running.end(next);
  }
}

void measure_size_and_start(const std::string& directory, std::uint64_t messages, std::size_t units,
                            const Clock& clock) {
  std::filesystem::remove_all(directory);
  std::uint64_t next = 1;
  {
    Running running(directory, clock);
    const double start = seconds();
    next = feed(running, next, messages, 1000, units, clock);
    fmt::print("{} million in bodies of 1000: {:.0f} messages/s\n", messages / 1'000'000,
               static_cast<double>(messages) / (seconds() - start));
    while (figure(*running.store, "built_lag_entries") > 2'000'000 ||
           static_cast<double>(next) - figure(*running.store, "checkpoint_seq") >
               std::max<double>(1'100'000, 17.0 * static_cast<double>(units))) {
      pause_ms(20);
    }
    fmt::print("indexes and checkpoints caught up after {:.1f} s\n", seconds() - start);
    const double bytes =
        figure(*running.store, "table_bytes") + figure(*running.store, "memtable_bytes");
    const auto each = [&](double of) { return of / static_cast<double>(messages); };
    fmt::print(
        "bytes a message of 128: {:.1f} (log {:.1f} track {:.2f} checkpoints {:.2f} in files)\n",
        each(bytes), each(figure(*running.store, "table_bytes_log")),
        each(figure(*running.store, "table_bytes_track")),
        each(figure(*running.store, "table_bytes_checkpoint")));
    fmt::print("compactions rewrote {:.1f} bytes a message, stalls {}\n",
               each(figure(*running.store, "compacted_bytes_total")),
               figure(*running.store, "stalls_total"));
    running.end(0);  // as if killed: no clean end
  }
  const double start = seconds();
  Running running(directory, clock, false);
  const double opened = seconds();
  Picture picture;
  Ledger ledger;
  if (!running.store->recover(picture, ledger).ok()) std::abort();
  const double ready = seconds();
  fmt::print("start on {} messages: open {:.2f} s + fold {:.2f} s = {:.2f} s, {} units\n", next - 1,
             opened - start, ready - opened, ready - start, picture.units().size());
  std::mt19937_64 random(9);
  double worst = 0;
  double sum = 0;
  for (int i = 0; i < 20; ++i) {
    const double before = seconds();
    Picture past;
    if (!running.store->picture_at(1 + random() % (next - 1), past).ok()) std::abort();
    worst = std::max(worst, seconds() - before);
    sum += seconds() - before;
  }
  fmt::print("picture of a past moment: {:.0f} ms on average, {:.0f} ms at most\n", sum / 20 * 1e3,
             worst * 1e3);
  const double before = seconds();
  const auto reader = running.store->log_reader();
  reader->seek(1);
  std::uint64_t bodies = 0;
  for (auto body = reader->next(); body.ok() && !body->empty(); body = reader->next()) ++bodies;
  fmt::print("reading the log: {:.1f} million messages/s\n",
             static_cast<double>(next) / (seconds() - before) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print("usage: store_bench DIRECTORY [MILLIONS [UNITS]]\n");
    return 2;
  }
  const std::string directory = std::string(argv[1]) + "/store-bench";
  const std::uint64_t millions = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10;
  const std::size_t units = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1000;
  const SystemClock clock;
  measure_speed(directory, units, clock);
  measure_size_and_start(directory, millions * 1'000'000, units, clock);
  std::filesystem::remove_all(directory);
  return 0;
}
