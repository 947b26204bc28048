#include "clients/web/server/ops/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>

namespace vigie::web {

std::size_t connections_granted() {
  constexpr rlim_t kOthersMin = 512;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return SIZE_MAX;
  limit.rlim_cur = limit.rlim_max;
  // Refused, the limit is as before, which is what is read next.
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  const rlim_t others = std::max(kOthersMin, limit.rlim_cur / 4);
  return limit.rlim_cur > 2 * others ? limit.rlim_cur - others : limit.rlim_cur / 2;
}

}  // namespace vigie::web
