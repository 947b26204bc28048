// What a browser may write into the target, the Cookie, Host, Accept-Encoding, If-None-Match and
// Range headers: none of it may crash, and what is let through keeps its promises.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clients/web/server/http/map_files.h"
#include "clients/web/server/http/page_files.h"
#include "clients/web/server/http/request.h"
#include "clients/web/server/http/rules.h"
#include "clients/web/server/http/target.h"

using namespace vigie::web;  // NOLINT: a program's own file

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void try_target(std::string_view text) {
  const auto target = parse_target(text);
  if (!target) return;
  const std::string& path = target->path;
  must(path.front() == '/' && is_utf8(path));
  must(path.find("//") == std::string::npos && path.find('\0') == std::string::npos);
  must((path + "/").find("/../") == std::string::npos);
  must((path + "/").find("/./") == std::string::npos);
  must(path.find('\\') == std::string::npos);
  for (const auto& [name, value] : target->query) must(is_utf8(name) && is_utf8(value));
}

void try_headers(std::string_view text) {
  Request request;
  request.method = "POST";
  request.headers = {{"cookie", std::string(text)},
                     {"host", std::string(text)},
                     {"origin", "http://" + std::string(text)},
                     {"x-forwarded-for", std::string(text)}};
  (void)request.cookie("session");
  HttpOptions options;
  options.proxies = {"127.0.0.1"};
  const Rules rules(options);
  const Ends ends{"127.0.0.1", "127.0.0.1", false};
  (void)rules.place(request, ends);
  (void)rules.judge(request, ends, true);
  (void)takes_coding(text, "br");
  (void)has_tag(text, "\"a\"");
  (void)is_map_name(text);
  ByteRange range;
  constexpr std::uint64_t kSize = 1000;
  if (parse_range(text, kSize, range) == RangeKind::Part) {
    must(range.first <= range.last && range.last < kSize);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_target(text);
  try_headers(text);
  return 0;
}
