#pragma once
// The JSON texts that the server says (PROTOCOL.md, "From the server"). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/web/server/accounts/viewer.h"
#include "clients/web/server/live/grant_book.h"
#include "clients/web/server/live/reason.h"
#include "vigie/items.h"

namespace vigie::web {

std::string hello_text(const Viewer& viewer, std::string_view server, std::int64_t server_time_us);

struct OpenedText {
  std::string log = {};
  std::uint32_t overdue_after_ms = 0;
  std::uint32_t silent_after_ms = 0;
  bool resumed = false;
  std::int64_t hub_time_us = 0;
  std::optional<GrantTold> grant = {};  // by which it is shown
  std::vector<GrantTold> grants = {};   // that could be opened; of a view without one
};
std::string opened_text(const OpenedText& opened);

std::string grants_text(const std::vector<GrantTold>& grants);
/// Why it is not opened.
std::string no_such_grant(std::string_view grant);

/// `hub_age_us` -1: never heard.
std::string link_text(client::LinkState state, std::int64_t since_us, std::int64_t hub_age_us,
                      const Reason& why);
/// `hub_age_us` -1: never heard; `waited_us` -1: not heard since the question.
std::string probe_text(std::uint64_t id, std::int64_t waited_us, std::int64_t hub_age_us,
                       std::int64_t hub_time_us);

struct PastText {
  std::uint32_t request = 0;
  std::string_view phase = {};  // playing, paused, ended, failed
  std::int64_t time_us = 0;
  Reason why = {};
  std::vector<client::SeqRange> damaged = {};
};
std::string past_text(const PastText& past);
std::string error_text(std::string_view code, std::string_view reason, std::string_view about);

}  // namespace vigie::web
