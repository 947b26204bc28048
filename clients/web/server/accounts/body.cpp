#include "clients/web/server/accounts/body.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vigie::web::people {
namespace {

Fault invalid(std::string sentence) {
  return {FaultCode::Invalid, std::move(sentence)};
}

/// What a page of another site can send without asking first is not JSON by its type.
bool is_json(const Request& request) {
  const auto type = request.header("content-type");
  if (!type) return false;
  const std::string_view kind = type->substr(0, type->find(';'));
  return kind == "application/json" || kind == "application/json ";
}

/// A field's name as it may be told back.
std::string shown(const std::string& field) {
  const bool plain = field.size() <= 32 && std::all_of(field.begin(), field.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                     });
  return plain ? fmt::format("'{}'", field) : std::string("a field");
}

}  // namespace

Body::Body(nlohmann::json json) : json_(std::make_unique<nlohmann::json>(std::move(json))) {}
Body::~Body() = default;
Body::Body(Body&&) noexcept = default;
Body& Body::operator=(Body&&) noexcept = default;

Result<Body> Body::read(const Request& request, std::initializer_list<std::string_view> known) {
  if (!is_json(request)) return invalid("Content-Type is not application/json");
  if (request.body.size() > kBytesMax) {
    return invalid(
        fmt::format("the body has {} bytes, at most {}", request.body.size(), kBytesMax));
  }
  nlohmann::json json = nlohmann::json::parse(request.body, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return invalid("the body is no JSON object");
  for (const auto& [field, value] : json.items()) {
    if (std::find(known.begin(), known.end(), field) == known.end()) {
      return invalid(fmt::format("{} is not known here", shown(field)));
    }
  }
  return Body(std::move(json));
}

const nlohmann::json* Body::find(std::string_view field) const {
  const auto found = json_->find(std::string(field));
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

void Body::wrong(std::string sentence) {
  if (!fault_) fault_ = invalid(std::move(sentence));
}

void Body::check(const Result<void>& checked) {
  if (!checked && !fault_) fault_ = checked.fault();
}

std::optional<std::string> Body::maybe_text(std::string_view field) {
  const nlohmann::json* value = find(field);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    wrong(fmt::format("{} is no text", field));
    return {};
  }
  return value->get<std::string>();
}

std::string Body::text(std::string_view field) {
  if (find(field) == nullptr) wrong(fmt::format("{} is missing", field));
  return maybe_text(field).value_or("");
}

std::optional<bool> Body::maybe_flag(std::string_view field) {
  const nlohmann::json* value = find(field);
  if (value == nullptr) return {};
  if (!value->is_boolean()) {
    wrong(fmt::format("{} is not true or false", field));
    return {};
  }
  return value->get<bool>();
}

std::optional<std::int64_t> Body::maybe_number(std::string_view field, std::int64_t min,
                                               std::int64_t max) {
  const nlohmann::json* value = find(field);
  if (value == nullptr) return {};
  const bool whole = value->is_number_integer() &&
                     (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX);
  const std::int64_t number = whole ? value->get<std::int64_t>() : 0;
  if (!whole || number < min || number > max) {
    wrong(fmt::format("{} is no whole number from {} to {}", field, min, max));
    return {};
  }
  return number;
}

}  // namespace vigie::web::people
