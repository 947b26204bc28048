#pragma once
// Follows a stream of items (a console's, a replay's) to its end, as NDJSON or as a table. The
// command's thread.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/commands/surroundings.h"
#include "clients/cli/outputs/table.h"
#include "clients/cli/outputs/terminal.h"
#include "vigie/view.h"

namespace vigie::cli {

/// What a library's thread warns of while a table stands on the terminal. Any thread.
class Warnings {
 public:
  void take(const std::string& text);
  /// Empty when there was none.
  std::string newest() const;
  /// Says all of them, once.
  void tell();

 private:
  mutable std::mutex mutex_;
  std::string newest_;
  std::vector<std::string> untold_;
};

/// The link's warnings from now on, instead of their being said at once.
std::shared_ptr<Warnings> queue_warnings(client::LinkOptions& link);

struct Follow {
  /// The next item; empty when none came in time; Closed after the last one.
  std::function<Result<std::optional<client::Item>>(std::chrono::milliseconds)> next;
  /// What is written of an item; nothing where it is empty. Not set: NDJSON.
  std::function<std::string(const client::Item&)> line;
  /// What stands above the table, now.
  std::function<TableStatus(const Board&)> status;
  /// A key the table does not know itself (pause, seek, speed); may be empty.
  std::function<void(Key)> on_key;
  std::shared_ptr<Warnings> warnings;  // shown above the table, said after it; may be empty
  bool is_finite = false;              // it has an end: a signal before that leaves it unfinished
  bool is_paced = false;               // fixes are left out because that was asked for
  bool ends_with_replay = false;       // ReplayItem Ended is the end
  bool keep_table = false;             // the last picture stays to be looked at until a key
  /// How long the hub may be unheard before anything came; 0: for ever.
  std::chrono::milliseconds timeout{0};
};

/// Lines to standard output (of `line` where it is set), notices to standard error (as lines too,
/// with `notices`). Ends after `count` lines where that is not 0.
ExitCode follow_ndjson(const Follow& follow, bool notices, std::uint64_t count, StopSignals& stop);
/// On the terminal's own screen until 'q'.
ExitCode follow_table(const Follow& follow, StopSignals& stop);
/// Gives each item to `sink`, until the end.
ExitCode follow_to_end(const Follow& follow, const std::function<void(const client::Item&)>& sink,
                       StopSignals& stop);
/// Waits for the end and prints the table once, as text.
ExitCode print_table_once(const Follow& follow, StopSignals& stop);

}  // namespace vigie::cli
