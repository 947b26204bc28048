#pragma once
// From Beast's message to our Request, with what Beast's parser lets pass and we do not. For this
// room's own files alone. Pure.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "clients/web/server/http/rules.h"

namespace vigie::web {

using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;

/// Refuses a body whose length two programs could read in two ways (request smuggling): more than
/// one Content-Length or Transfer-Encoding, both, another coding than chunked, and a coding in
/// HTTP/1.0.
std::optional<Refusal> framing_refusal(const BeastRequest& message);

/// Method, path, query and headers.
std::optional<Refusal> fill_request(const BeastRequest& message, Request& request);

/// GET with Connection: upgrade and Upgrade: websocket.
bool wants_web_socket(const BeastRequest& message);

}  // namespace vigie::web
