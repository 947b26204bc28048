#pragma once
// Reads what a page says (PROTOCOL.md, "From the page"): JSON that anybody may have written. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "clients/web/server/live/interest.h"

namespace vigie::web {

inline constexpr std::size_t kInterestUnitsMax = 4096;
inline constexpr std::size_t kInterestChannelsMax = 64;
inline constexpr std::size_t kInterestAlwaysMax = 64;
inline constexpr std::uint32_t kInterestPaceMsMax = 60'000;
inline constexpr std::uint32_t kInterestOutsideMsMin = 500;
inline constexpr double kPastSpeedMin = 1;
inline constexpr double kPastSpeedMax = 1000;
/// A message nested deeper is none.
inline constexpr int kJsonDepthMax = 4;

/// Where a connection before this one ended.
struct ResumeToken {
  std::string log = {};  // 32 hexadecimal digits
  std::uint64_t event_seq = 0;
  std::uint64_t fix_seq = 0;
};

struct OpenMessage {
  bool json = false;
  std::optional<ResumeToken> resume = {};
  std::string grant = {};  // OWNER/NAME; empty: what is shown without terms
  Interest interest = {};
};
struct InterestMessage {
  Interest interest = {};
};
struct ProbeMessage {
  std::uint64_t id = 0;
};
struct PastMessage {
  std::uint32_t request = 0;
  bool known_clock = false;
  std::int64_t time_us = 0;
  double speed = 1;
  bool paused = false;
};
enum class PastControl { Pause, Resume, Speed, Stop };
struct ControlMessage {
  std::uint32_t request = 0;
  PastControl what = PastControl::Pause;
  double speed = 1;  // of Speed
};
using PageMessage =
    std::variant<OpenMessage, InterestMessage, ProbeMessage, PastMessage, ControlMessage>;

/// Why a message is refused.
struct PageRefusal {
  bool broken = false;      // it is not even a message: the connection ends
  std::string code = {};    // bad_message, unknown_type, bad_field
  std::string reason = {};  // names the field and the value
  std::string about = {};   // the type, where it is known
};

std::variant<PageMessage, PageRefusal> parse_page_message(std::string_view text);

}  // namespace vigie::web
