// What a console asks for, down to the answers a parsed view gives.

#include "schemas/messages/checks.h"
#include "schemas/model/view.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  const AlignedBytes copy(fuzz::bytes_of(data, size));
  const wire::Open* open = verified<wire::Open>(copy.bytes());
  if (open == nullptr) return 0;
  const bool open_refused = static_cast<bool>(check_open(*open));
  RefusedRequest refused;
  const std::optional<View> view = View::parse(open->view(), refused);
  fuzz::require(view.has_value() != static_cast<bool>(refused), "a view is parsed or refused");
  fuzz::require(view.has_value() || open_refused, "an open with a bad view is refused");
  if (!view) return 0;
  for (int i = 0; i < kClassCount; ++i) {
    const auto message_class = static_cast<MessageClass>(i);
    const bool whole = view->takes_channel(message_class, "blue", "");
    fuzz::require(!whole || view->takes_class(message_class), "a channel is of a class");
  }
  for (const auto* unit : each(open->view() == nullptr ? nullptr : open->view()->units())) {
    fuzz::require(view->takes_unit(text_of(unit)), "a view takes the units it names");
  }
  if (view->area()) static_cast<void>(view->area()->contains(159'000'000, 15'000'000));
  return 0;
}
