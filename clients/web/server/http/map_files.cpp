#include "clients/web/server/http/map_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "clients/web/server/http/page_files.h"

namespace vigie::web {
namespace {

constexpr std::string_view kPrefix = "/maps";
constexpr std::array<std::string_view, 4> kTiles = {".png", ".jpg", ".jpeg", ".webp"};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 9 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// The kernel itself refuses a way out of the folder: "..", absolute names, links that lead out.
int open_beneath(int folder, const std::string& name, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how));
}

Response not_found(std::string_view path) {
  return problem(404, "not_found", fmt::format("there is no map at '{}'", path));
}

std::vector<std::string> names_in(int folder, const std::string& name) {
  std::vector<std::string> names;
  const int descriptor = open_beneath(folder, name, O_DIRECTORY);
  if (descriptor < 0) return names;
  DIR* all = ::fdopendir(descriptor);
  if (all == nullptr) {
    ::close(descriptor);
    return names;
  }
  constexpr std::size_t kMost = 1000;
  while (const dirent* entry = ::readdir(all)) {
    if (entry->d_name[0] != '.' && names.size() < kMost) names.emplace_back(entry->d_name);
  }
  ::closedir(all);
  std::sort(names.begin(), names.end());
  return names;
}

/// The first entry that is a number, in the folder `name`; empty when there is none.
std::string numbered_in(int folder, const std::string& name) {
  for (const std::string& entry : names_in(folder, name)) {
    if (is_number(entry)) return name + "/" + entry;
  }
  return {};
}

/// How the tiles of a folder DIR/Z/X/Y.png end; nothing when it has none.
std::optional<std::string> tile_end(int folder, const std::string& name) {
  const std::string zoom = numbered_in(folder, name);
  const std::string column = zoom.empty() ? zoom : numbered_in(folder, zoom);
  if (column.empty()) return std::nullopt;
  for (const std::string& tile : names_in(folder, column)) {
    for (const std::string_view end : kTiles) {
      if (ends_with(tile, end)) return std::string(end);
    }
  }
  return std::nullopt;
}

Response list_answer(const nlohmann::json& maps) {
  // Names of files need not be UTF-8.
  return json_response(200, nlohmann::json{{"maps", maps}}.dump(
                                -1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Response list_of(int folder) {
  nlohmann::json maps = nlohmann::json::array();
  for (const std::string& name : names_in(folder, ".")) {
    if (ends_with(name, ".pmtiles")) {
      const File file(open_beneath(folder, name, 0));
      struct stat found {};
      if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
      maps.push_back({{"name", name.substr(0, name.size() - 8)},
                      {"kind", "pmtiles"},
                      {"path", fmt::format("{}/{}", kPrefix, name)},
                      {"bytes", found.st_size}});
    } else if (const auto end = tile_end(folder, name)) {
      const std::string path = fmt::format("{}/{}/{{z}}/{{x}}/{{y}}{}", kPrefix, name, *end);
      maps.push_back({{"name", name}, {"kind", "raster"}, {"path", path}});
    }
  }
  return list_answer(maps);
}

Result<std::string> read_part(int file, std::uint64_t first, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t had = 0;
  while (had < size) {
    const ssize_t got =
        ::pread(file, bytes.data() + had, size - had, static_cast<off_t>(first + had));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Fault{FaultCode::Io, got < 0 ? std::strerror(errno) : "it became shorter"};
    had += static_cast<std::size_t>(got);
  }
  return bytes;
}

Response file_of(int folder, const Request& request, const std::string& name) {
  const File file(open_beneath(folder, name, 0));
  struct stat found {};
  if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return not_found(request.path);
  }
  const auto size = static_cast<std::uint64_t>(found.st_size);
  const std::string tag =
      fmt::format("\"{:x}-{:x}-{:x}\"", found.st_mtim.tv_sec, found.st_mtim.tv_nsec, size);
  Response response;
  response.headers = {{"Cache-Control", "private, max-age=3600"},
                      {"ETag", tag},
                      {"Accept-Ranges", "bytes"},
                      {"Content-Type", std::string(content_type_of(name))}};
  const auto known = request.header("if-none-match");
  if (known && has_tag(*known, tag)) {
    response.status = 304;
    return response;
  }
  const auto if_range = request.header("if-range");
  const bool ranged = !if_range || *if_range == tag;
  ByteRange range{0, size == 0 ? 0 : size - 1};
  const RangeKind kind =
      ranged ? parse_range(request.header("range").value_or(""), size, range) : RangeKind::Whole;
  if (kind == RangeKind::Outside) {
    Response outside = problem(416, "range_outside", fmt::format("the file has {} bytes", size));
    outside.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    return outside;
  }
  if (kind == RangeKind::Whole && size > MapFiles::kPartBytesMax) {
    return problem(
        400, "range_needed",
        fmt::format("the file has {} bytes: ask for it in ranges (Range: bytes=A-B)", size));
  }
  std::size_t wanted = size == 0 ? 0 : static_cast<std::size_t>(range.last - range.first + 1);
  wanted = std::min(wanted, MapFiles::kPartBytesMax);
  auto bytes = read_part(file.get(), range.first, wanted);
  if (!bytes) {
    return problem(500, "map_unreadable",
                   fmt::format("map '{}': {}", request.path, bytes.fault().sentence));
  }
  if (kind == RangeKind::Part) {
    response.status = 206;
    response.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range.first,
                                                               range.first + wanted - 1, size));
  }
  response.body = std::move(*bytes);
  return response;
}

}  // namespace

bool is_map_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return ends_with(name, ".pmtiles") && name.front() != '.';
  std::vector<std::string_view> parts;
  std::string_view rest = name;
  while (true) {
    const std::size_t end = rest.find('/');
    parts.push_back(rest.substr(0, end));
    if (parts.back().empty() || parts.back().front() == '.') return false;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (parts.size() < 4) return false;
  const std::string_view tile = parts.back();
  const auto end = std::find_if(kTiles.begin(), kTiles.end(),
                                [&](std::string_view one) { return ends_with(tile, one); });
  return end != kTiles.end() && is_number(tile.substr(0, tile.size() - end->size())) &&
         is_number(parts[parts.size() - 2]) && is_number(parts[parts.size() - 3]);
}

RangeKind parse_range(std::string_view header, std::uint64_t size, ByteRange& range) {
  constexpr std::string_view kUnit = "bytes=";
  if (header.substr(0, kUnit.size()) != kUnit) return RangeKind::Whole;
  header.remove_prefix(kUnit.size());
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return RangeKind::Whole;
  const auto number = [](std::string_view text, std::uint64_t& out) {
    const auto [stop, error] = std::from_chars(text.begin(), text.end(), out);
    return !text.empty() && error == std::errc() && stop == text.end();
  };
  const std::string_view from = header.substr(0, dash);
  const std::string_view to = header.substr(dash + 1);
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (from.empty()) {
    if (!number(to, last)) return RangeKind::Whole;
    if (last == 0 || size == 0) return RangeKind::Outside;
    range = {size - std::min(last, size), size - 1};
    return RangeKind::Part;
  }
  if (!number(from, first) || (!to.empty() && !number(to, last))) return RangeKind::Whole;
  if (!to.empty() && last < first) return RangeKind::Whole;
  if (first >= size) return RangeKind::Outside;
  range = {first, to.empty() ? size - 1 : std::min(last, size - 1)};
  return RangeKind::Part;
}

/// The thread and what waits for it. The mutex is the hand-over to it.
class MapFiles::Inner {
 public:
  explicit Inner(int folder) : folder_(folder) {
    if (folder_) thread_ = std::thread([this] { run(); });
  }
  ~Inner() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    more_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void take(std::shared_ptr<const Request> request, Respond respond) {
    if (!folder_) {
      const bool list = request->path == kPrefix;
      return respond(list ? list_answer(nlohmann::json::array()) : not_found(request->path));
    }
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < kWaitingMax && !ended_) {
        waiting_.emplace_back(std::move(request), std::move(respond));
        more_.notify_one();
        return;
      }
    }
    respond(problem(503, "maps_busy", "too many map files are being read: try again"));
  }

 private:
  using Job = std::pair<std::shared_ptr<const Request>, Respond>;

  void run() {
    while (true) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        more_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
        if (ended_) return;
        job = std::move(waiting_.front());
        waiting_.pop_front();
      }
      const Request& request = *job.first;
      if (request.path == kPrefix) {
        job.second(list_of(folder_.get()));
      } else {
        job.second(file_of(folder_.get(), request, request.path.substr(kPrefix.size() + 1)));
      }
    }
  }

  const File folder_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<Job> waiting_;
  bool ended_ = false;
  std::thread thread_;
};

MapFiles::MapFiles(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
MapFiles::~MapFiles() = default;

Result<std::unique_ptr<MapFiles>> MapFiles::open(const std::string& folder) {
  int descriptor = -1;
  if (!folder.empty()) {
    descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
      const bool missing = errno == ENOENT || errno == ENOTDIR;
      return Fault{missing ? FaultCode::NotFound : FaultCode::Io,
                   fmt::format("maps folder '{}': {}", folder, std::strerror(errno))};
    }
  }
  return std::unique_ptr<MapFiles>(new MapFiles(std::make_unique<Inner>(descriptor)));
}

bool MapFiles::handles(std::string_view path) {
  return path == kPrefix ||
         (path.substr(0, kPrefix.size()) == kPrefix && path.substr(kPrefix.size(), 1) == "/");
}

void MapFiles::handle(std::shared_ptr<const Request> request, Respond respond) {
  if (request->method != "GET" && request->method != "HEAD") {
    Response refused = problem(405, "method_unknown", "maps are read: GET or HEAD");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return respond(std::move(refused));
  }
  const std::string_view path = request->path;
  if (path != kPrefix && !is_map_name(path.substr(kPrefix.size() + 1))) {
    return respond(not_found(path));
  }
  inner_->take(std::move(request), std::move(respond));
}

}  // namespace vigie::web
