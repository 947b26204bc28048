// What a web page says to vigie-web: any text is a message or a refusal that names why, and what is
// taken is within its limits.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clients/web/server/live/page_message.h"
#include "tests/fuzz/target.h"

namespace {

using vigie::fuzz::require;

void check(const vigie::web::Interest& interest) {
  using namespace vigie::web;
  require(interest.units.size() <= kInterestUnitsMax, "units are bounded");
  require(interest.channels.size() <= kInterestChannelsMax, "channels are bounded");
  require(interest.pace_ms <= kInterestPaceMsMax, "the pace is bounded");
  require(interest.classes <= 7, "there are three classes");
  if (interest.area) {
    require(interest.area->south_e7 <= interest.area->north_e7, "south is not above north");
    require(interest.area->north_e7 <= 900'000'000, "north is on the globe");
  }
  InterestFilter filter(interest);
  for (const auto one :
       {vigie::MessageClass::Track, vigie::MessageClass::Event, vigie::MessageClass::State}) {
    const bool asked = (interest.classes & (1u << static_cast<unsigned>(one))) != 0;
    require(filter.takes_class(one) == asked, "it is a view, of the classes asked for");
  }
  static_cast<void>(filter.takes_unit(0, "a/b", "g"));
  static_cast<void>(filter.takes_event("a/b", ""));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::web;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_page_message(text);
  if (const auto* refusal = std::get_if<PageRefusal>(&parsed)) {
    require(!refusal->reason.empty(), "a refusal says why");
    require(refusal->reason.size() <= 1024, "a refusal is short");
    return 0;
  }
  const PageMessage& message = std::get<PageMessage>(parsed);
  if (const auto* open = std::get_if<OpenMessage>(&message)) check(open->interest);
  if (const auto* interest = std::get_if<InterestMessage>(&message)) check(interest->interest);
  if (const auto* past = std::get_if<PastMessage>(&message)) {
    require(past->speed >= kPastSpeedMin && past->speed <= kPastSpeedMax, "the speed is bounded");
    require(past->time_us >= 0, "the time is not before 1970");
  }
  return 0;
}
