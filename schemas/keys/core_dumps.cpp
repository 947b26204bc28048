#include "schemas/keys/core_dumps.h"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstring>

namespace vigie {

Result<void> keep_out_of_core_dumps() {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0) return {};
  return Fault{FaultCode::Internal,
               fmt::format("core dumps can't be switched off: {}", std::strerror(errno))};
}

}  // namespace vigie
