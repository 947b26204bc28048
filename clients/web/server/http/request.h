#pragma once
// What a browser asked, checked: the path is decoded and has no empty, "." or ".." segment, no
// control character and no NUL; names and values of the query are decoded UTF-8. A plain value.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::web {

struct Request {
  std::string method = {};  // GET, HEAD, POST, PUT, PATCH or DELETE
  std::string path = {};    // begins with '/'
  std::vector<std::pair<std::string, std::string>> query = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // names in lower case
  std::string body = {};    // at most HttpOptions::body_bytes_max
  std::string remote = {};  // the browser's address: the peer's, or what a trusted proxy says
  bool secure = false;      // it came by TLS, here or at the trusted proxy
  /// A proxy that is not trusted passed it on: whose it is, and by which way it came, is not known.
  bool relayed = false;
  std::string host = {};  // HOST or HOST:PORT as the browser wrote it

  /// The first of that name; names in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
  std::optional<std::string_view> parameter(std::string_view name) const;
  std::optional<std::string_view> cookie(std::string_view name) const;
};

}  // namespace vigie::web
