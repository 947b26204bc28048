#pragma once
// The server's certificate and key as OpenSSL holds them, and whether their files have changed.
// For this room's own files alone.

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "schemas/words/result.h"

namespace vigie::web {

/// TLS 1.2 and later, HTTP/1.1 by ALPN. Fails with Invalid, naming the file: not PEM, a key behind
/// a pass phrase, a key that does not fit the certificate, or one that others than its owner and
/// its group may read or change (and what to do about it); with Io when a file cannot be read.
Result<std::shared_ptr<boost::asio::ssl::context>> open_tls(const std::string& certificate,
                                                            const std::string& key);

/// Changes when either file was replaced or written; 0 while one is missing.
std::uint64_t files_mark(const std::string& certificate, const std::string& key);

}  // namespace vigie::web
