#pragma once
// Where a hub is: HOST:PORT or ipc://DIRECTORY as ZeroMQ endpoints. Pure.

#include <string>

#include "schemas/words/result.h"

namespace vigie::client {

struct Endpoints {
  std::string publish;
  std::string listen;
};

/// Fails with Invalid, naming what is wrong.
Result<Endpoints> parse_hub(const std::string& hub);

}  // namespace vigie::client
