#include <fmt/format.h>

#include <cmath>

#include "schemas/messages/check_parts.h"
#include "schemas/messages/checks.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie {

using wire::Refusal;

RefusedRequest check_view(const wire::View* view) {
  if (view == nullptr) return {};
  const auto bad = [](std::string reason) {
    return RefusedRequest{Refusal::BadView, std::move(reason)};
  };
  if (size_of(view->channels()) > limits::kViewChannelsMax) {
    return bad(fmt::format("channels has {} prefixes, at most {} are taken",
                           size_of(view->channels()), limits::kViewChannelsMax));
  }
  if (size_of(view->units()) > limits::kViewUnitsMax) {
    return bad(fmt::format("units has {} names, at most {} are taken", size_of(view->units()),
                           limits::kViewUnitsMax));
  }
  for (const auto* prefix : each(view->channels())) {
    if (!is_channel_prefix(text_of(prefix))) {
      return bad(fmt::format("channel '{}' is not CLASS/OWNER/GROUP or leading segments of it",
                             shown(text_of(prefix))));
    }
  }
  for (const auto* unit : each(view->units())) {
    if (!is_unit_name(text_of(unit))) {
      return bad(fmt::format("unit '{}' is not OWNER/NAME", shown(text_of(unit))));
    }
  }
  const wire::Area* area = view->area();
  if (area != nullptr && !is_area(*area)) {
    return bad(fmt::format("area west {} south {} east {} north {} (1e-7 degree) is out of range",
                           area->west_e7(), area->south_e7(), area->east_e7(), area->north_e7()));
  }
  if (view->pace_ms() > limits::kPaceMsMax) {
    return bad(fmt::format("pace_ms {} is over {}", view->pace_ms(), limits::kPaceMsMax));
  }
  return {};
}

RefusedRequest check_open(const wire::Open& open) {
  if (open.protocol() != kProtocolVersion) {
    return {Refusal::UnknownVersion,
            fmt::format("protocol {} is not served, {} is", open.protocol(), kProtocolVersion)};
  }
  if (text_of(open.client()).size() > limits::kClientTextBytesMax ||
      !is_text(text_of(open.client()))) {
    return {Refusal::BadName,
            fmt::format("client '{}' is not up to {} bytes of text", shown(text_of(open.client())),
                        limits::kClientTextBytesMax)};
  }
  if (open.mode() > wire::Mode::MAX || open.start() > wire::StartKind::MAX) {
    return {Refusal::BadValue,
            fmt::format("mode {} with start {} is not known", static_cast<int>(open.mode()),
                        static_cast<int>(open.start()))};
  }
  const std::size_t frame_bytes = open.frame_bytes_max();
  if (frame_bytes != 0 && frame_bytes < limits::kFrameBytesMin) {
    return {Refusal::BadValue,
            fmt::format("frame_bytes_max {} is below {}", frame_bytes, limits::kFrameBytesMin)};
  }
  if (open.mode() == wire::Mode::Snapshot && open.start() != wire::StartKind::Now &&
      open.start() != wire::StartKind::KnownTime && open.start() != wire::StartKind::TrueTime) {
    return {Refusal::BadRange, "a snapshot is of now, of a known or of a true time"};
  }
  const bool timed =
      open.start() == wire::StartKind::KnownTime || open.start() == wire::StartKind::TrueTime;
  if (open.mode() == wire::Mode::Replay) {
    if (!timed) return {Refusal::BadRange, "a replay starts at a known or a true time"};
    if (open.until_us() != 0 && open.until_us() <= open.time_us()) {
      return {Refusal::BadRange,
              fmt::format("range from {} to {} is empty", format_time(open.time_us()),
                          format_time(open.until_us()))};
    }
    if (!std::isfinite(open.speed()) || open.speed() < 0) {
      return {Refusal::BadValue, fmt::format("speed {} is not 0 or more", open.speed())};
    }
  }
  return check_view(open.view());
}

std::string refusal_name(wire::Refusal code) {
  const char* name = wire::EnumNameRefusal(code);
  if (*name == '\0') return fmt::format("code_{}", static_cast<int>(code));
  std::string snake;
  for (const char* c = name; *c != '\0'; ++c) {
    const bool upper = *c >= 'A' && *c <= 'Z';
    if (upper && c != name) snake += '_';
    snake += upper ? static_cast<char>(*c - 'A' + 'a') : *c;
  }
  return snake;
}

}  // namespace vigie
