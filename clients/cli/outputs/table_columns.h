#pragma once
// The columns of the table: which of them fit, how wide they are, what stands in them. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/outputs/table.h"
#include "vigie/console.h"

namespace vigie::cli {

/// Escape sequences (ECMA-48 select graphic rendition): the 16 colours every terminal has.
namespace style {
inline constexpr std::string_view kPlain = "\x1b[0m";
inline constexpr std::string_view kStrong = "\x1b[1m";
inline constexpr std::string_view kFaint = "\x1b[2m";
inline constexpr std::string_view kHeads = "\x1b[2;4m";
inline constexpr std::string_view kGood = "\x1b[32m";
inline constexpr std::string_view kWarning = "\x1b[33m";
inline constexpr std::string_view kAlarm = "\x1b[1;31m";
inline constexpr std::string_view kTitle = "\x1b[1;37;44m";
inline constexpr std::string_view kTitleWarning = "\x1b[1;30;43m";
inline constexpr std::string_view kTitleAlarm = "\x1b[1;37;41m";
}  // namespace style

/// By the hub's thresholds, or the replay's clock; Unknown while they are not known.
client::Freshness freshness_of(const BoardUnit& unit, const TableStatus& status);

class TableColumns {
 public:
  /// Chooses what fits into `width` columns, the most needed first.
  TableColumns(const Board& board, std::size_t width);
  std::string heads() const;
  std::string row(const std::string& name, const BoardUnit& unit, const TableStatus& status,
                  bool color) const;

 private:
  enum class Kind {
    Unit,
    State,
    Age,
    Position,
    Speed,
    Course,
    Late,
    Conflated,
    Fixes,
    CallSign,
    Group,
    Altitude
  };
  struct Column {
    Kind kind;
    std::string_view head;
    std::size_t width;
    bool to_the_right;
  };
  std::string cell(const Column& column, const std::string& name, const BoardUnit& unit,
                   const TableStatus& status) const;
  static std::string_view cell_style(Kind kind, const BoardUnit& unit, const TableStatus& status);

  std::vector<Column> columns_;  // as they stand from left to right
  int decimals_ = 4;
};

}  // namespace vigie::cli
