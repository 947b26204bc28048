#include "schemas/messages/addressee.h"

#include <algorithm>

namespace vigie {

std::string_view addressed_to(const wire::Event& event) {
  for (const wire::Field* field : each(event.fields())) {
    if (text_of(field->key()) == kAddressedTo) return text_of(field->value());
  }
  return {};
}

std::string_view next_addressee(std::string_view& units) {
  units.remove_prefix(std::min(units.find_first_not_of(' '), units.size()));
  const std::string_view first = units.substr(0, units.find(' '));
  units.remove_prefix(first.size());
  return first;
}

}  // namespace vigie
