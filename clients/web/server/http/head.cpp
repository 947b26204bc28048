#include "clients/web/server/http/head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace vigie::web {
namespace {

/// Everything from here and nothing inline. Images may be made in the page (units' symbols, a copy
/// of the map); MapLibre's worker is a file of the page's.
constexpr std::string_view kContentSecurity =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

constexpr std::string_view kPermissions =
    "accelerometer=(), autoplay=(self), camera=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(self), geolocation=(self), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), screen-wake-lock=(self), serial=(), usb=()";

std::string_view reason_of(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";  // clients go by the number
  }
}

bool same_name(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return small(x) == small(y); });
}

bool is_safe(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

/// Framing is the connection's affair.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOurs = {"Content-Length", "Transfer-Encoding",
                                                     "Connection", "Date", "Upgrade"};
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [&](std::string_view ours) { return same_name(ours, name); });
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> fixed_headers(bool secure) {
  std::vector<std::pair<std::string_view, std::string_view>> all = {
      {"Content-Security-Policy", kContentSecurity},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      // Links bear tokens (an invitation): no other site may learn them.
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", kPermissions}};
  if (secure) all.emplace_back("Strict-Transport-Security", "max-age=31536000");
  return all;
}

std::string http_date(std::int64_t utc_us) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = static_cast<std::time_t>(utc_us / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string head_of(const Response& response, const HeadOptions& options) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
  add(head, "Date", http_date(options.utc_us));
  const auto fixed = fixed_headers(options.secure);
  bool cached = false;
  for (const auto& [name, value] : response.headers) {
    const bool taken = is_ours(name) || std::any_of(fixed.begin(), fixed.end(), [&](const auto& f) {
                         return same_name(f.first, name);
                       });
    if (taken || !is_token(name) || !is_safe(value)) continue;
    cached = cached || same_name(name, "Cache-Control");
    add(head, name, value);
  }
  // Pictures of units must not lie in caches unless a handler says so.
  if (!cached) add(head, "Cache-Control", "no-store");
  for (const auto& [name, value] : fixed) add(head, name, value);
  if (options.framing == Framing::Chunked) add(head, "Transfer-Encoding", "chunked");
  if (options.framing == Framing::Length) {
    add(head, "Content-Length", fmt::format("{}", options.length));
  }
  add(head, "Connection", options.keep_alive ? "keep-alive" : "close");
  return head.append("\r\n");
}

}  // namespace vigie::web
