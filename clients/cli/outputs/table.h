#pragma once
// Draws the board as a table for people: which units there are, where, how old that is, what is
// late, what was left out, and what happened last. Pure: board and status in, lines out.

#include <cstdint>
#include <string>
#include <vector>

#include "clients/cli/outputs/board.h"

namespace vigie::cli {

/// What stands above the table.
struct TableStatus {
  std::string title;  // "watch 127.0.0.1:7700", "replay by true time, 10 x"
  client::LinkState link = client::LinkState::Connecting;
  std::string reason;                  // of Refused
  std::int64_t link_age_us = -1;       // since the hub was last heard; -1: never
  std::int64_t now_us = 0;             // the hub's clock, or the replay's; 0: not known yet
  std::uint32_t overdue_after_ms = 0;  // 0: the hub has not said
  std::uint32_t silent_after_ms = 0;
  std::uint64_t seq = 0;
  std::uint64_t behind = 0;   // entries of the log that are not here yet
  bool is_over = false;       // nothing more will come
  std::string word = "LIVE";  // while it comes: nobody may take the past for the present
  std::string end_word = "COMPLETE";
  std::string warning;  // what somebody should look after; empty: nothing
  std::string failure;  // why not all of it came; empty: all of it did
};

struct TableSize {
  std::size_t columns = 80;
  std::size_t rows = 24;  // 0: as many as are needed (not a terminal's screen)
  std::size_t first_unit = 0;
  bool color = true;
  bool has_replay_keys = false;
};

/// Exactly `rows` lines of at most `columns` columns each.
std::vector<std::string> render_table(const Board& board, const TableStatus& status,
                                      const TableSize& size);
/// How many units fit on the screen.
std::size_t units_on_screen(const TableSize& size);

}  // namespace vigie::cli
