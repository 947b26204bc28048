#include "clients/web/server/http/response.h"

#include <nlohmann/json.hpp>

namespace vigie::web {
namespace {

/// What RFC 9110 and its kin call a status: the title of a problem.
std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad request";
    case 401:
      return "Sign-in needed";
    case 403:
      return "Not allowed";
    case 404:
      return "Not found";
    case 405:
      return "Method not allowed";
    case 406:
      return "Not acceptable";
    case 408:
      return "Request timed out";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length required";
    case 413:
      return "Content too large";
    case 415:
      return "Unsupported media type";
    case 416:
      return "Range not satisfiable";
    case 421:
      return "Misdirected request";
    case 422:
      return "Unprocessable content";
    case 426:
      return "Upgrade required";
    case 429:
      return "Too many requests";
    case 431:
      return "Request header too large";
    case 501:
      return "Not supported";
    case 502:
      return "Bad gateway";
    case 503:
      return "Unavailable";
    case 504:
      return "Gateway timed out";
    default:
      return status < 500 ? "Request refused" : "Server error";
  }
}

}  // namespace

bool BodyStream::write(std::string chunk) {
  if (chunk.empty()) return true;
  std::function<void()> ready;
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return bytes_ < kBytesMax || abandoned_ || finished_ || failed_; });
    if (abandoned_ || finished_ || failed_) return false;
    bytes_ += chunk.size();
    chunks_.push_back(std::move(chunk));
    ready = std::exchange(on_ready_, nullptr);
  }
  if (ready) ready();
  return true;
}

void BodyStream::finish() {
  std::function<void()> ready;
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    ready = std::exchange(on_ready_, nullptr);
  }
  room_.notify_all();
  if (ready) ready();
}

void BodyStream::fail() {
  std::function<void()> ready;
  std::function<void()> failed;
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    ready = std::exchange(on_ready_, nullptr);
    if (!finished_) failed = std::exchange(on_failed_, nullptr);
  }
  room_.notify_all();
  if (ready) ready();
  if (failed) failed();
}

void BodyStream::when_failed(std::function<void()> tell) {
  {
    const std::lock_guard lock(mutex_);
    if (!failed_ || finished_) {
      on_failed_ = std::move(tell);
      return;
    }
  }
  tell();
}

BodyStream::State BodyStream::take(std::string& chunk, std::function<void()> on_ready) {
  {
    const std::lock_guard lock(mutex_);
    if (failed_ && !finished_) return State::Failed;
    if (chunks_.empty()) {
      if (finished_) return State::Finished;
      on_ready_ = std::move(on_ready);
      return State::Waiting;
    }
    chunk = std::move(chunks_.front());
    chunks_.pop_front();
    bytes_ -= chunk.size();
  }
  room_.notify_all();
  return State::Chunk;
}

void BodyStream::abandon() {
  std::deque<std::string> dropped;
  std::function<void()> unheard;
  std::function<void()> untold;
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    bytes_ = 0;
    dropped.swap(chunks_);
    unheard.swap(on_ready_);
    untold.swap(on_failed_);
  }
  room_.notify_all();
}

Response json_response(int status, std::string json) {
  Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = std::move(json);
  return response;
}

Response problem(int status, std::string_view code, std::string_view detail) {
  const nlohmann::json told = {
      {"status", status}, {"code", code}, {"title", title_of(status)}, {"detail", detail}};
  // The detail quotes what was sent, which need not be UTF-8.
  Response response = json_response(
      status, told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  response.headers.front().second = "application/problem+json";
  return response;
}

}  // namespace vigie::web
