#include "clients/cpp/face/endpoint.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace vigie::client {

Result<Endpoints> parse_hub(const std::string& hub) {
  constexpr std::string_view kIpc = "ipc://";
  if (hub.starts_with(kIpc)) {
    if (hub.size() == kIpc.size()) {
      return Fault{FaultCode::Invalid, fmt::format("hub '{}' names no directory", hub)};
    }
    return Endpoints{hub + "/publish", hub + "/listen"};
  }
  const std::size_t colon = hub.rfind(':');
  unsigned port = 0;
  bool good = colon != std::string::npos && colon != 0;
  if (good) {
    const char* end = hub.data() + hub.size();
    const auto [stop, error] = std::from_chars(hub.data() + colon + 1, end, port);
    good = error == std::errc() && stop == end && port >= 1 && port <= 65534;
  }
  const std::string host = good ? hub.substr(0, colon) : std::string();
  if (!good || host.find_first_of("/ \t") != std::string::npos ||
      (host.find(':') != std::string::npos && host.front() != '[')) {
    return Fault{FaultCode::Invalid,
                 fmt::format("hub '{}' is neither HOST:PORT nor ipc://DIRECTORY", hub)};
  }
  return Endpoints{fmt::format("tcp://{}:{}", host, port),
                   fmt::format("tcp://{}:{}", host, port + 1)};
}

}  // namespace vigie::client
