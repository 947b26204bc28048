#include "clients/web/server/api/spool_yard.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <vector>

#include "clients/web/server/api/words.h"
#include "schemas/keys/hash.h"

namespace vigie::web::api {
namespace {

namespace files = std::filesystem;
constexpr std::chrono::milliseconds kFlushPatience{5'000};

/// Names may hold what a file's name may not.
std::string file_of(const client::LinkOptions& link, const std::string& who) {
  const Hash hash = blake2b({octets(link.identity), octets("\n"), octets(who)});
  std::string name;
  for (std::size_t i = 0; i < 16; ++i) name += fmt::format("{:02x}", hash[i]);
  return name;
}

/// The key file that a spool's events go by, beside the spool.
Result<void> note_identity(const files::path& path, const std::string& identity) {
  std::error_code failed;
  if (files::exists(path, failed)) return {};
  std::ofstream out(path);
  out << identity << '\n';
  out.close();
  if (out) return {};
  return Fault{FaultCode::Io, fmt::format("{} can't be written", path.string())};
}

}  // namespace

void SpoolYard::take_up() {
  std::error_code failed;
  std::vector<files::path> notes;
  for (const files::directory_entry& entry : files::directory_iterator(options_.folder, failed)) {
    if (entry.path().extension() == ".identity") notes.push_back(entry.path());
  }
  if (failed) warn(fmt::format("{}: {}", options_.folder, failed.message()));
  for (const files::path& note : notes) {
    client::LinkOptions link = options_.link;
    std::ifstream in(note);
    std::getline(in, link.identity);
    const auto kept = open(link, note.stem().string());
    if (!kept) {
      warn(fmt::format("the spool {} is not taken up: {}", note.stem().string(),
                       kept.fault().sentence));
    } else if ((*kept)->tracker->stats().waiting == 0) {
      kept_.erase(note.stem().string());
    }
  }
}

bool SpoolYard::make_room() {
  if (kept_.size() < options_.open_max) return true;
  auto oldest = kept_.end();
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->second.tracker->stats().waiting > 0) continue;
    if (oldest == kept_.end() || it->second.used_us < oldest->second.used_us) oldest = it;
  }
  if (oldest == kept_.end()) return false;
  kept_.erase(oldest);
  return true;
}

Result<SpoolYard::Kept*> SpoolYard::open(const client::LinkOptions& link, const std::string& file) {
  const auto found = kept_.find(file);
  if (found != kept_.end()) return &found->second;
  if (!make_room()) {
    return Fault{FaultCode::Unavailable,
                 fmt::format("{} identities have events that are not settled", kept_.size())};
  }
  const files::path path = files::path(options_.folder) / (file + ".spool");
  if (auto noted = note_identity(files::path(path).replace_extension(".identity"), link.identity);
      !noted) {
    return noted.fault();
  }
  // The tracker tells deliveries before it tells its spool's id: they carry the file's name.
  auto tracker = client::Tracker::open(
      {.link = link,
       .spool_path = path.string(),
       .sync = client::SpoolSync::PowerCut,
       .spool_bytes_max = options_.spool_bytes_max,
       .spool_messages_max = options_.spool_messages_max,
       .when_full = client::WhenFull::Refuse,
       .on_delivery = [told = on_delivery_, file](const client::Delivery& delivery) {
         told(file, delivery);
       }});
  if (!tracker) return tracker.fault();
  Kept& kept = kept_[file];
  kept.tracker = std::move(*tracker);
  kept.used_us = clock_.monotonic_us();
  return &kept;
}

Result<SpoolYard::Stored> SpoolYard::store(const client::LinkOptions& link, const std::string& who,
                                           const client::Event& event) {
  const std::string file = file_of(link, who);
  auto kept = open(link, file);
  if (!kept) return kept.fault();
  if (!(*kept)->tracker->stats().fault.empty()) kept = open_anew(link, file);
  if (!kept) return kept.fault();
  client::Tracker& tracker = *(*kept)->tracker;
  (*kept)->used_us = clock_.monotonic_us();
  const auto number = tracker.publish(event);
  if (!number) return number.fault();
  if (const auto flushed = tracker.flush(kFlushPatience); !flushed) return flushed.fault();
  return Stored{.spool = file,
                .number = *number,
                .name = message_name({tracker.spool(), *number}),
                .tracker = (*kept)->tracker};
}

/// A spool that the hub closed for its silence is of no use any more; it is put aside.
Result<SpoolYard::Kept*> SpoolYard::open_anew(const client::LinkOptions& link,
                                              const std::string& file) {
  const client::TrackerStats stats = kept_[file].tracker->stats();
  kept_.erase(file);
  if (stats.last_rejection != client::Refusal::SpoolClosed) {
    // A disk that failed, say. The next event opens it again.
    return Fault{FaultCode::Unavailable, stats.fault};
  }
  warn(fmt::format("the spool {} is put aside: {}", file, stats.fault));
  const files::path path = files::path(options_.folder) / (file + ".spool");
  std::error_code failed;
  files::rename(path, files::path(path).replace_extension(".closed"), failed);
  if (failed) return Fault{FaultCode::Io, fmt::format("{}: {}", path.string(), failed.message())};
  return open(link, file);
}

void SpoolYard::tidy() {
  const std::int64_t idle_us = std::chrono::microseconds(options_.idle).count();
  const std::int64_t now_us = clock_.monotonic_us();
  std::erase_if(kept_, [&](const auto& entry) {
    const Kept& kept = entry.second;
    return now_us - kept.used_us > idle_us && kept.tracker->stats().waiting == 0;
  });
}

}  // namespace vigie::web::api
