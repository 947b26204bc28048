#pragma once
// The user's own maps, below /maps: NAME.pmtiles in ranges, and raster tiles DIR/Z/X/Y.png (also
// .jpg, .jpeg, .webp). Read from the disk on a thread of its own, so that a slow disk holds nobody
// else; never outside of the folder, links included.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clients/web/server/http/request.h"
#include "clients/web/server/http/response.h"
#include "schemas/words/result.h"

namespace vigie::web {

class MapFiles {
 public:
  /// The largest part of a file in one answer; a longer range is answered with its beginning.
  static constexpr std::size_t kPartBytesMax = 8 * 1024 * 1024;
  static constexpr std::size_t kWaitingMax = 512;

  /// Empty: no maps; the list is empty, and every file 404. Fails with NotFound when the folder is
  /// not there, Io when it cannot be read.
  static Result<std::unique_ptr<MapFiles>> open(const std::string& folder);
  /// Waits for its thread.
  ~MapFiles();
  MapFiles(const MapFiles&) = delete;
  MapFiles& operator=(const MapFiles&) = delete;

  /// "/maps" and below.
  static bool handles(std::string_view path);
  /// Answers from its thread. "/maps" alone: which maps there are, as
  /// {"maps": [{"name", "kind": "pmtiles" or "raster", "path", "bytes"}]}, a raster map's path with
  /// {z}, {x} and {y}. Any thread.
  void handle(std::shared_ptr<const Request> request, Respond respond);

 private:
  class Inner;
  explicit MapFiles(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

/// What a Range header asks of a file of `size` bytes.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // included
};
enum class RangeKind { Whole, Part, Outside };

/// Whole when there is none, or one that is not "bytes=A-B", "bytes=A-" or "bytes=-N".
RangeKind parse_range(std::string_view header, std::uint64_t size, ByteRange& range);

/// Whether a path below /maps may be looked for: "NAME.pmtiles" or "DIR/.../Z/X/Y.png".
bool is_map_name(std::string_view name);

}  // namespace vigie::web
