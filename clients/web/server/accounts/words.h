#pragma once
// What names, labels and passwords may be. Pure. All fail with Invalid; the sentence names the
// field, and never a password.

#include <string>
#include <string_view>

#include "schemas/words/result.h"

namespace vigie::web::people {

/// 1 to 32 of a-z, 0-9, '.', '_' and '-', the first a letter or digit.
Result<void> check_account_name(std::string_view name);
/// As somebody types it: capitals are made small.
std::string account_name_of(std::string_view typed);
/// UTF-8 without control characters, at most 64 bytes.
Result<void> check_label(std::string_view field, std::string_view text);
/// 10 to 128 characters of UTF-8, and not the account's name.
Result<void> check_password(std::string_view password, std::string_view name);
/// "", "en" or "fr".
Result<void> check_language(std::string_view language);
/// "", "day" or "night".
Result<void> check_theme(std::string_view theme);
/// What a browser calls itself, cut and harmless: printable ASCII, at most 120 bytes.
std::string browser_label(std::string_view user_agent);

}  // namespace vigie::web::people
