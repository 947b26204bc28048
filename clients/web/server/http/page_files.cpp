#include "clients/web/server/http/page_files.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace vigie::web {
namespace {

namespace fs = std::filesystem;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// The next part of a list parted by `mark`, taken off its front.
std::string_view next_part(std::string_view& list, char mark) {
  const std::size_t end = list.find(mark);
  const std::string_view part = trimmed(list.substr(0, end));
  list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  return part;
}

/// Same bytes, same tag, also after a restart and on another machine.
std::string tag_of(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string tag = "\"";
  for (std::size_t i = 0; i < 12; ++i) tag += fmt::format("{:02x}", digest[i]);
  return tag + "\"";
}

/// "/assets/main-ABCD1234.js": the name changes with the content.
bool bears_hash(std::string_view path) {
  if (path.substr(0, 8) != "/assets/") return false;
  const std::size_t dash = path.rfind('-');
  const std::size_t dot = path.find('.', dash == std::string_view::npos ? 0 : dash);
  if (dash == std::string_view::npos || dot == std::string_view::npos) return false;
  const std::string_view hash = path.substr(dash + 1, dot - dash - 1);
  return hash.size() >= 8 && std::all_of(hash.begin(), hash.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

}  // namespace

std::string_view content_type_of(std::string_view name) {
  struct Type {
    std::string_view end;
    std::string_view type;
  };
  constexpr std::array<Type, 22> kTypes = {{{".html", "text/html; charset=utf-8"},
                                            {".js", "text/javascript; charset=utf-8"},
                                            {".mjs", "text/javascript; charset=utf-8"},
                                            {".css", "text/css; charset=utf-8"},
                                            {".json", "application/json"},
                                            {".geojson", "application/geo+json"},
                                            {".map", "application/json"},
                                            {".webmanifest", "application/manifest+json"},
                                            {".svg", "image/svg+xml"},
                                            {".png", "image/png"},
                                            {".jpg", "image/jpeg"},
                                            {".jpeg", "image/jpeg"},
                                            {".webp", "image/webp"},
                                            {".ico", "image/x-icon"},
                                            {".woff2", "font/woff2"},
                                            {".wasm", "application/wasm"},
                                            {".txt", "text/plain; charset=utf-8"},
                                            {".mp3", "audio/mpeg"},
                                            {".ogg", "audio/ogg"},
                                            {".wav", "audio/wav"},
                                            {".pbf", "application/x-protobuf"},
                                            {".pmtiles", "application/vnd.pmtiles"}}};
  for (const Type& known : kTypes) {
    if (ends_with(name, known.end)) return known.type;
  }
  return "application/octet-stream";
}

bool takes_coding(std::string_view accept_encoding, std::string_view coding) {
  std::optional<bool> any;
  while (!accept_encoding.empty()) {
    std::string_view entry = next_part(accept_encoding, ',');
    const std::string_view name = next_part(entry, ';');
    bool taken = true;
    while (!entry.empty()) {
      const std::string_view weight = next_part(entry, ';');
      if (weight.substr(0, 2) != "q=" && weight.substr(0, 2) != "Q=") continue;
      taken = weight.substr(2).find_first_not_of("0.") != std::string_view::npos;
    }
    if (name == coding) return taken;
    if (name == "*") any = taken;
  }
  return any.value_or(false);
}

bool has_tag(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    std::string_view entry = next_part(if_none_match, ',');
    if (entry == "*") return true;
    if (entry.substr(0, 2) == "W/") entry.remove_prefix(2);
    if (entry == tag) return true;
  }
  return false;
}

Result<void> PageFiles::take(const std::string& path, const std::string& name) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return Fault{FaultCode::Io, fmt::format("page file '{}' cannot be read", path)};
  }
  bytes_ += bytes.size();
  if (bytes_ > kBytesMax) {
    return Fault{FaultCode::Invalid,
                 fmt::format("page: more than {} MiB of files, at '{}'", kBytesMax >> 20, path)};
  }
  Form form;
  form.tag = tag_of(bytes);
  form.bytes = std::make_shared<const std::string>(std::move(bytes));
  if (ends_with(name, ".br")) {
    files_[name.substr(0, name.size() - 3)].brotli = std::move(form);
  } else if (ends_with(name, ".gz")) {
    files_[name.substr(0, name.size() - 3)].gzip = std::move(form);
  } else {
    files_[name].plain = std::move(form);
  }
  return {};
}

Result<PageFiles> PageFiles::open(const std::string& folder) {
  PageFiles page;
  std::error_code error;
  // Links are not followed: what is served lies in the folder.
  fs::recursive_directory_iterator all(folder, error);
  for (; !error && all != fs::recursive_directory_iterator(); all.increment(error)) {
    if (all->is_symlink() || !all->is_regular_file()) continue;
    const std::string name = "/" + fs::relative(all->path(), folder, error).generic_string();
    if (error) break;
    const Result<void> taken = page.take(all->path().string(), name);
    if (!taken) return taken.fault();
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return Fault{FaultCode::Io,
                 fmt::format("page folder '{}' cannot be read: {}", folder, error.message())};
  }
  // A compressed form without its file is no file.
  for (auto at = page.files_.begin(); at != page.files_.end();) {
    at->second.type = content_type_of(at->first);
    at->second.immutable = bears_hash(at->first);
    at = at->second.plain.bytes ? std::next(at) : page.files_.erase(at);
  }
  if (page.files_.find("/index.html") == page.files_.end()) {
    return Fault{FaultCode::NotFound,
                 fmt::format("page folder '{}' has no index.html: it is built by `node build.mjs "
                             "--out DIR` in clients/web/page, and named by the option `page`",
                             folder)};
  }
  return page;
}

Response PageFiles::answer(const File& file, const Request& request) {
  const std::string_view takes = request.header("accept-encoding").value_or("");
  const bool brotli = file.brotli.bytes && takes_coding(takes, "br");
  const bool gzip = !brotli && file.gzip.bytes && takes_coding(takes, "gzip");
  const Form& form = brotli ? file.brotli : gzip ? file.gzip : file.plain;
  Response response;
  response.headers = {
      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"ETag", form.tag}};
  if (file.brotli.bytes || file.gzip.bytes) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
  const auto known = request.header("if-none-match");
  if (known && has_tag(*known, form.tag)) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("Content-Type", file.type);
  if (brotli || gzip) response.headers.emplace_back("Content-Encoding", brotli ? "br" : "gzip");
  response.shared = form.bytes;
  return response;
}

std::optional<Response> PageFiles::file(const Request& request) const {
  const auto found = files_.find(request.path == "/" ? "/index.html" : request.path);
  if (found == files_.end()) return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    Response refused = problem(405, "method_unknown", "files are read: GET or HEAD");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  return answer(found->second, request);
}

Response PageFiles::page(const Request& request) const {
  if (auto found = file(request)) return std::move(*found);
  const std::size_t slash = request.path.rfind('/');
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads || request.path.find('.', slash) != std::string::npos) {
    return problem(404, "not_found", "there is nothing at '" + request.path + "'");
  }
  return answer(files_.find("/index.html")->second, request);
}

}  // namespace vigie::web
