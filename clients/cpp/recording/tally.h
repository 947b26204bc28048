#pragma once
// What the messages of a recording say, in their order: what was asked, which entries there are,
// whether the range was at its end. Writer and reader count by it, so that they count the same.
// Pure.

#include <optional>
#include <vector>

#include "clients/cpp/core/replay_order.h"
#include "vigie/recording.h"

namespace vigie::client::recording {

class Tally {
 public:
  /// The items that a message brings. Fails with Invalid: it is no message of a recording, or not
  /// one that may come here.
  Result<std::vector<Item>> take(Bytes message);
  const RecordingAbout& about() const { return about_; }
  const RecordingCounts& counts() const { return counts_; }

 private:
  enum class Stage { Nothing, Asked, Open };
  Result<void> take_open(const wire::Open& open);
  Result<void> take_opened(const wire::Opened& opened);
  Result<std::vector<Item>> take_frame(Bytes message);
  Result<std::vector<Item>> take_state(const wire::ReplayState& state);
  void count(const Item& item);

  Stage stage_ = Stage::Nothing;
  std::optional<ReplayOrder> order_;
  RecordingAbout about_;
  RecordingCounts counts_;
};

}  // namespace vigie::client::recording
