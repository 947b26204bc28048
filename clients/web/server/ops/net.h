#pragma once
// The server's one thread for sockets and for all that browsers' sessions own: an Asio loop behind
// a plain face, so that no other room has to compile Asio. Other threads hand work to it by post().

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace vigie::web {

class Net {
 public:
  Net();
  /// Ends the loop; what was posted and did not run is dropped.
  ~Net();
  Net(const Net&) = delete;
  Net& operator=(const Net&) = delete;

  /// Runs until stop(), on the calling thread: that is the net thread.
  void run();
  /// From any thread, also from a signal's.
  void stop();
  /// Runs `work` on the net thread, in the order of the posts. Any thread.
  void post(std::function<void()> work);

  /// A moment to come; destroyed or cancelled before, nothing is called. Net thread.
  class Timer {
   public:
    explicit Timer(Net& net);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    /// Calls `work` once after that time; replaces what was set before.
    void after(std::chrono::milliseconds time, std::function<void()> work);
    void cancel();

   private:
    struct Inner;
    std::shared_ptr<Inner> inner_;
  };

  /// For the http room alone.
  boost::asio::io_context& loop();

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace vigie::web
