#pragma once
// The parameters of a request, read strictly: what is not known, given twice or not well formed is
// refused with a sentence that names it. The first trouble is kept; reading goes on with defaults,
// so that a handler asks trouble() once, at the end. Pure.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/api/trouble.h"
#include "clients/web/server/http/request.h"
#include "vigie/area.h"

namespace vigie::web::api {

/// RFC 3339, or microseconds since 1970 UTC; between 2000 and 2100. Fails with Invalid.
Result<std::int64_t> parse_moment(std::string_view text);
/// WEST,SOUTH,EAST,NORTH in degrees, WGS 84; west > east crosses the antimeridian. Fails with
/// Invalid.
Result<client::Area> parse_area(std::string_view text);
/// A whole number of digits alone. Fails with Invalid.
Result<std::uint64_t> parse_whole(std::string_view text);
/// Degrees to 1e-7 degree. Fails with Invalid.
Result<double> parse_degrees(std::string_view text);

class Parameters {
 public:
  /// `allowed`: every parameter that there is.
  Parameters(const Request& request, std::initializer_list<std::string_view> allowed);

  /// The text as it was given; empty when it was not, or when it is longer than `bytes_max`
  /// (trouble).
  std::string text(std::string_view name, std::size_t bytes_max = 256);
  bool has(std::string_view name) const { return value_of(name).has_value(); }
  std::optional<std::int64_t> moment(std::string_view name);
  std::optional<client::Area> area(std::string_view name);
  std::uint64_t whole(std::string_view name, std::uint64_t least, std::uint64_t most,
                      std::uint64_t otherwise);
  /// Which of the words, by its place; `otherwise` when it was not given.
  std::size_t one_of(std::string_view name, std::initializer_list<std::string_view> words,
                     std::size_t otherwise);
  bool flag(std::string_view name);
  /// OWNER/NAME, separated by commas; at most so many.
  std::vector<std::string> units(std::string_view name, std::size_t most);
  /// An owner or a group: one segment of a name.
  std::string segment(std::string_view name);
  /// Kinds of events, separated by commas; at most so many.
  std::vector<std::string> kinds(std::string_view name, std::size_t most);
  /// `grant`: OWNER/NAME of one that has terms, by which is looked; empty: without. The hub shows
  /// what it shows by known time alone: with `by_true_time` it is refused.
  std::string grant(bool by_true_time);
  void refuse(std::string detail);

  const std::optional<Trouble>& trouble() const { return trouble_; }

 private:
  std::optional<std::string_view> value_of(std::string_view name) const;
  std::vector<std::string> list(std::string_view name, std::size_t most,
                                bool (*is_good)(std::string_view), std::string_view what);

  const Request& request_;
  std::optional<Trouble> trouble_;
};

}  // namespace vigie::web::api
