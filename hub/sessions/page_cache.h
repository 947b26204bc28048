#pragma once
// Snapshot pages made a moment ago, for the next session with the same view: when hundreds open
// again at once, the pages are written once. A page may be older than the session: the session then
// goes on from the seq at which the page was written. Front thread; bounded in bytes and age.

#include <map>

#include "hub/ops/link.h"
#include "hub/picture/live_picture.h"

namespace vigie::sessions {

struct CachedPage {
  std::shared_ptr<ops::SharedMessage> message;
  picture::PageCursor next;
  bool more = false;       // there is something after `next`
  std::uint64_t head = 0;  // the log's head when it was written
};

class PageCache {
 public:
  /// Null when there is none that is fresh.
  const CachedPage* find(const picture::PageCursor& cursor, std::size_t bytes_goal, bool first,
                         std::int64_t now_us) {
    if (now_us - started_us_ > kAgeUs) clear();
    const auto found = pages_.find({cursor, bytes_goal, first});
    return found == pages_.end() ? nullptr : &found->second;
  }
  void keep(const picture::PageCursor& cursor, std::size_t bytes_goal, bool first, CachedPage page,
            std::int64_t now_us) {
    if (pages_.empty()) started_us_ = now_us;
    if (bytes_ + page.message->bytes() > kBytesMax) return;
    bytes_ += page.message->bytes();
    pages_.emplace(Key{cursor, bytes_goal, first}, std::move(page));
  }
  void clear() {
    pages_.clear();
    bytes_ = 0;
  }
  bool empty() const { return pages_.empty(); }
  std::int64_t started_us() const { return started_us_; }
  static constexpr std::int64_t kAgeUs = 250'000;

 private:
  static constexpr std::size_t kBytesMax = 16 * 1024 * 1024;
  struct Key {
    picture::PageCursor cursor;
    std::size_t bytes_goal;
    bool first;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, CachedPage> pages_;
  std::size_t bytes_ = 0;
  std::int64_t started_us_ = 0;
};

}  // namespace vigie::sessions
