#pragma once
// The page's built files, read into memory at the start: nothing that a browser asks opens a file.
// FILE.br and FILE.gz beside FILE are its compressed forms. Immutable once open; any thread.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clients/web/server/http/request.h"
#include "clients/web/server/http/response.h"
#include "schemas/words/result.h"

namespace vigie::web {

class PageFiles {
 public:
  /// All files of a build together.
  static constexpr std::size_t kBytesMax = 256 * 1024 * 1024;

  /// Fails with NotFound when the folder has no index.html (it says how the page is built), with
  /// Io when a file cannot be read, with Invalid when they are larger than kBytesMax together.
  static Result<PageFiles> open(const std::string& folder);

  /// The file of that path ("/" is index.html), in the best form that the browser takes; 304 when
  /// it has it; nothing when there is no such file. For GET and HEAD.
  std::optional<Response> file(const Request& request) const;
  /// file(), and index.html for a path that names no file: the page finds its own way there. A path
  /// whose last part has a '.' means a file: 404.
  Response page(const Request& request) const;

  std::size_t count() const { return files_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Form {
    std::shared_ptr<const std::string> bytes = {};  // null: there is none
    std::string tag = {};
  };
  struct File {
    Form plain = {};
    Form brotli = {};
    Form gzip = {};
    std::string type = {};
    bool immutable = false;
  };

  Result<void> take(const std::string& path, const std::string& name);
  static Response answer(const File& file, const Request& request);

  std::map<std::string, File, std::less<>> files_;
  std::size_t bytes_ = 0;
};

/// By the name's end; application/octet-stream for what is not known.
std::string_view content_type_of(std::string_view name);

/// Whether Accept-Encoding takes that coding: named, or by '*', and not with q=0.
bool takes_coding(std::string_view accept_encoding, std::string_view coding);

/// Whether If-None-Match names that tag, or any.
bool has_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace vigie::web
