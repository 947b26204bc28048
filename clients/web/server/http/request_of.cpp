#include "clients/web/server/http/request_of.h"

#include <algorithm>
#include <boost/beast/websocket/rfc6455.hpp>
#include <string>
#include <string_view>

#include "clients/web/server/http/target.h"

namespace vigie::web {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

Refusal malformed(int status, std::string_view code, std::string_view detail) {
  return {Offence::Malformed, problem(status, code, detail)};
}

}  // namespace

std::optional<Refusal> framing_refusal(const BeastRequest& message) {
  const std::size_t lengths = message.count(http::field::content_length);
  const std::size_t codings = message.count(http::field::transfer_encoding);
  if (lengths + codings > 1) {
    return malformed(400, "framing_ambiguous",
                     "more than one Content-Length or Transfer-Encoding header");
  }
  if (lengths == 1) {
    const std::string_view text = view(message[http::field::content_length]);
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return malformed(400, "framing_ambiguous", "Content-Length is not one number");
  }
  if (codings == 1) {
    if (message.version() < 11) {
      return malformed(400, "framing_ambiguous", "Transfer-Encoding in HTTP/1.0");
    }
    if (!beast::iequals(message[http::field::transfer_encoding], "chunked")) {
      return malformed(501, "coding_unknown", "Transfer-Encoding knows chunked alone");
    }
  }
  return std::nullopt;
}

std::optional<Refusal> fill_request(const BeastRequest& message, Request& request) {
  request.method = std::string(view(message.method_string()));
  Result<Target> target = parse_target(view(message.target()));
  if (!target) return malformed(400, "target_malformed", target.fault().sentence);
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  for (const auto& field : message) {
    std::string name(view(field.name_string()));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    request.headers.emplace_back(std::move(name), std::string(view(field.value())));
  }
  return std::nullopt;
}

bool wants_web_socket(const BeastRequest& message) {
  return message.version() == 11 && message.method() == http::verb::get &&
         beast::websocket::is_upgrade(message);
}

}  // namespace vigie::web
