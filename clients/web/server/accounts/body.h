#pragma once
// What a browser sends, checked: a JSON object whose fields are all known and of the right kind.
// The first that is wrong is kept, and named. Pure.

#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "clients/web/server/http/request.h"
#include "schemas/words/result.h"

namespace vigie::web::people {

class Body {
 public:
  static constexpr std::size_t kBytesMax = 16 * 1024;

  /// `known`: the fields that there may be. Fails with Invalid.
  static Result<Body> read(const Request& request, std::initializer_list<std::string_view> known);
  ~Body();
  Body(Body&&) noexcept;
  Body& operator=(Body&&) noexcept;

  /// Empty, and the fault is kept, where it is missing or no text.
  std::string text(std::string_view field);
  /// Empty where it is missing or null.
  std::optional<std::string> maybe_text(std::string_view field);
  std::optional<bool> maybe_flag(std::string_view field);
  std::optional<std::int64_t> maybe_number(std::string_view field, std::int64_t min,
                                           std::int64_t max);
  /// A check of a value, kept like a wrong field.
  void check(const Result<void>& checked);
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  explicit Body(nlohmann::json json);
  const nlohmann::json* find(std::string_view field) const;
  void wrong(std::string sentence);

  std::unique_ptr<nlohmann::json> json_;
  std::optional<Fault> fault_;
};

}  // namespace vigie::web::people
