#pragma once
// A TOML table of which every key must be known: what is asked for is taken, what is left over at
// finish() is refused with its name and line. The first fault is kept. One thread.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/cli/scenario/toml.h"
#include "schemas/words/result.h"

namespace vigie::cli {

/// Where faults of all tables of a file are gathered: the first one counts.
class TomlFaults {
 public:
  explicit TomlFaults(std::string path) : path_(std::move(path)) {}
  void add(std::size_t line, const std::string& sentence);
  const std::optional<Fault>& first() const { return first_; }

 private:
  std::string path_;
  std::optional<Fault> first_;
};

class CheckedTable {
 public:
  /// `table` and `faults` outlive this. `what`: "unit 3", for messages.
  CheckedTable(const toml::table& table, std::string what, TomlFaults& faults);

  bool has(std::string_view key) const { return table_.contains(key); }
  std::string text(std::string_view key, const std::string& otherwise);
  std::string needed_text(std::string_view key);
  double number(std::string_view key, double otherwise, double least, double most);
  std::int64_t integer(std::string_view key, std::int64_t otherwise);
  /// "90s", "1.5h", also with a sign; in µs.
  std::int64_t duration(std::string_view key, std::int64_t otherwise);
  /// A date with time and offset, in µs since 1970; 0 when absent.
  std::int64_t moment(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  const toml::table* table(std::string_view key);
  /// Tables of an array: [[key]], or key = [ { ... }, ... ].
  std::vector<const toml::table*> tables(std::string_view key);
  const toml::node* node(std::string_view key);

  /// Refuses what was not asked for.
  void finish();
  void fault(std::string_view key, const std::string& sentence);
  std::size_t line() const;

 private:
  std::size_t line_of(std::string_view key) const;
  const toml::table& table_;
  std::string what_;
  TomlFaults& faults_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace vigie::cli
