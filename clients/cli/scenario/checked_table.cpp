#include "clients/cli/scenario/checked_table.h"

#include <fmt/format.h>

#include "schemas/words/times.h"

namespace vigie::cli {

void TomlFaults::add(std::size_t line, const std::string& sentence) {
  if (first_) return;
  first_ = Fault{FaultCode::Invalid, fmt::format("{}:{}: {}", path_, line, sentence)};
}

CheckedTable::CheckedTable(const toml::table& table, std::string what, TomlFaults& faults)
    : table_(table), what_(std::move(what)), faults_(faults) {}

std::size_t CheckedTable::line() const {
  return table_.source().begin.line;
}

std::size_t CheckedTable::line_of(std::string_view key) const {
  const toml::node* found = table_.get(key);
  return found == nullptr ? line() : std::size_t{found->source().begin.line};
}

void CheckedTable::fault(std::string_view key, const std::string& sentence) {
  faults_.add(line_of(key), fmt::format("{}: {}: {}", what_, key, sentence));
}

const toml::node* CheckedTable::node(std::string_view key) {
  asked_.emplace(key);
  return table_.get(key);
}

std::string CheckedTable::text(std::string_view key, const std::string& otherwise) {
  const toml::node* found = node(key);
  if (found == nullptr) return otherwise;
  if (const auto value = found->value_exact<std::string>()) return *value;
  fault(key, "is not a text in quotes");
  return otherwise;
}

std::string CheckedTable::needed_text(std::string_view key) {
  const std::string value = text(key, "");
  if (value.empty()) fault(key, "is missing");
  return value;
}

double CheckedTable::number(std::string_view key, double otherwise, double least, double most) {
  const toml::node* found = node(key);
  if (found == nullptr) return otherwise;
  const auto value = found->is_number() ? found->value<double>() : std::nullopt;
  if (value && *value >= least && *value <= most) return *value;
  fault(key, fmt::format("is not a number from {:g} to {:g}", least, most));
  return otherwise;
}

std::int64_t CheckedTable::integer(std::string_view key, std::int64_t otherwise) {
  const toml::node* found = node(key);
  if (found == nullptr) return otherwise;
  if (const auto value = found->value_exact<std::int64_t>()) return *value;
  fault(key, "is not a whole number");
  return otherwise;
}

std::int64_t CheckedTable::duration(std::string_view key, std::int64_t otherwise) {
  const std::string value = text(key, "");
  if (value.empty()) return otherwise;
  const bool negative = value[0] == '-';
  const auto us = parse_duration(std::string_view(value).substr(negative ? 1 : 0));
  if (us) return negative ? -*us : *us;
  fault(key, fmt::format("'{}' is no duration like 90s, 45m, 1.5h", value));
  return otherwise;
}

std::int64_t CheckedTable::moment(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return 0;
  const auto value = found->value_exact<toml::date_time>();
  if (value && value->offset) {
    const toml::date_time& at = *value;
    const auto us = parse_time(fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", at.date.year, at.date.month, at.date.day,
        at.time.hour, at.time.minute, at.time.second, at.time.nanosecond / 1000));
    if (us) return *us - std::int64_t{at.offset->minutes} * 60 * kMicrosecondsPerSecond;
  }
  fault(key, "is not a moment like 2026-03-01T05:00:00Z, without quotes");
  return 0;
}

std::vector<std::string> CheckedTable::texts(std::string_view key) {
  std::vector<std::string> values;
  const toml::node* found = node(key);
  if (found == nullptr) return values;
  if (const auto one = found->value_exact<std::string>()) return {*one};
  const toml::array* array = found->as_array();
  if (array == nullptr) {
    fault(key, "is not a list of texts");
    return values;
  }
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value)
      fault(key, "is not a list of texts");
    else
      values.push_back(*value);
  }
  return values;
}

const toml::table* CheckedTable::table(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return nullptr;
  if (found->as_table() == nullptr) fault(key, "is not a table");
  return found->as_table();
}

std::vector<const toml::table*> CheckedTable::tables(std::string_view key) {
  std::vector<const toml::table*> found;
  const toml::node* list = node(key);
  if (list == nullptr) return found;
  const toml::array* array = list->as_array();
  if (array == nullptr) {
    fault(key, "is not a list of tables");
    return found;
  }
  for (const toml::node& element : *array) {
    if (element.as_table() == nullptr)
      fault(key, "is not a list of tables");
    else
      found.push_back(element.as_table());
  }
  return found;
}

void CheckedTable::finish() {
  for (const auto& [key, value] : table_) {
    if (asked_.contains(key.str())) continue;
    faults_.add(value.source().begin.line, fmt::format("{}: unknown key '{}'", what_, key.str()));
  }
}

}  // namespace vigie::cli
