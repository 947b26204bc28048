#include "schemas/programs/option_table.h"

#include <charconv>
#include <numeric>

namespace vigie {
namespace {

/// How many letters must be added, dropped or changed to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
      corner = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

Result<std::int64_t> whole_number(std::string_view given) {
  std::int64_t number = 0;
  const char* const end = given.data() + given.size();
  const auto [stop, error] = std::from_chars(given.data(), end, number);
  if (error == std::errc() && stop == end) return number;
  return Fault{FaultCode::Invalid, fmt::format("'{}' is not a whole number", given)};
}

std::vector<std::string_view> split_at_commas(std::string_view given) {
  std::vector<std::string_view> items;
  while (!given.empty()) {
    const std::size_t comma = given.find(',');
    items.push_back(given.substr(0, comma));
    given = comma == std::string_view::npos ? std::string_view() : given.substr(comma + 1);
  }
  return items;
}

}  // namespace

std::string unknown_option(std::string_view key, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = 3 + key.size() / 6;
  for (const std::string_view one : known) {
    const std::size_t letters = distance(key, one);
    if (letters >= least) continue;
    least = letters;
    best = one;
  }
  const std::string hint = best.empty() ? "" : fmt::format("; did you mean '{}'?", best);
  return fmt::format("unknown option '{}'{}", key, hint);
}

Result<OptionValue> value_of_text(OptionKind kind, std::string_view given) {
  if (kind == OptionKind::Flag && (given == "true" || given == "false")) {
    return OptionValue(given == "true");
  }
  if (kind == OptionKind::Count) {
    const Result<std::int64_t> number = whole_number(given);
    return number ? Result<OptionValue>(OptionValue(*number)) : number.fault();
  }
  if (kind == OptionKind::Numbers) {
    std::vector<std::int64_t> numbers;
    for (const std::string_view item : split_at_commas(given)) {
      const Result<std::int64_t> number = whole_number(item);
      if (!number) return number.fault();
      numbers.push_back(*number);
    }
    return OptionValue(std::move(numbers));
  }
  if (kind == OptionKind::Texts) {
    const auto items = split_at_commas(given);
    return OptionValue(std::vector<std::string>(items.begin(), items.end()));
  }
  return OptionValue(std::string(given));
}

}  // namespace vigie
