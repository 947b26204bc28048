// The list of who rules the hub, from whoever can write it; what is taken reads back as the same.

#include <fmt/format.h>

#include <set>

#include "hub/security/hub_keys.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vigie::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = vigie::security::parse_administrators(text, "administrators");
  if (!read) {
    require(read.fault().sentence.starts_with("administrators:"), "a fault names the line");
    return 0;
  }
  std::set<std::string> seen;
  std::string again;
  for (const auto& one : *read) {
    require(vigie::is_segment(one.name), "a name is one segment");
    require(one.key.size() == 64, "a key has 64 digits");
    require(seen.insert(one.name).second && seen.insert(one.key).second, "nobody stands twice");
    again += fmt::format("{} {}\n", one.name, one.key);
  }
  const auto same = vigie::security::parse_administrators(again, "administrators");
  require(same && same->size() == read->size(), "what was taken reads back");
  return 0;
}
