#pragma once
// What is answered: whole, or as a stream of chunks that another thread makes while the browser
// takes them, in constant memory.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::web {

/// Chunks on their way from the thread that makes them to the net thread that sends them. The
/// mutex is the hand-over between the two; the producer is held while `kBytesMax` wait.
class BodyStream {
 public:
  static constexpr std::size_t kBytesMax = 256 * 1024;

  /// Producer: waits for room. False when the browser is gone: stop making.
  bool write(std::string chunk);
  /// Producer: all was written.
  void finish();
  /// Producer: it can't go on; the connection is cut, so that nobody takes what came for the whole.
  void fail();

  enum class State { Chunk, Waiting, Finished, Failed };
  /// Net thread: the next chunk, if one waits. After Waiting, `on_ready` is called once from the
  /// producer's thread when there is something.
  State take(std::string& chunk, std::function<void()> on_ready);
  /// Net thread: `tell` is called once when it fails, from the thread that fails it: what was
  /// taken may be on its way for long yet, where a browser reads slowly.
  void when_failed(std::function<void()> tell);
  /// Net thread: nobody takes any more.
  void abandon();

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<std::string> chunks_;
  std::size_t bytes_ = 0;
  bool finished_ = false;
  bool failed_ = false;
  bool abandoned_ = false;
  std::function<void()> on_ready_;
  std::function<void()> on_failed_;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};  // Content-Type among them
  std::string body = {};
  std::shared_ptr<const std::string> shared = {};  // set: this in place of `body`, not copied
  std::shared_ptr<BodyStream> stream = {};         // set: chunked, in place of both
};

/// Called once, from any thread; later calls do nothing.
using Respond = std::function<void(Response)>;

/// application/json with no-store.
Response json_response(int status, std::string json);
/// RFC 9457, application/problem+json: `{"status", "code", "title", "detail"}`; `code` is stable
/// and in snake_case, `detail` names the field and the value.
Response problem(int status, std::string_view code, std::string_view detail);

}  // namespace vigie::web
