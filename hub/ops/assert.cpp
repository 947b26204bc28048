#include "hub/ops/assert.h"

#include <cstdio>
#include <cstdlib>

namespace vigie::ops {

void assert_failed(std::string_view place, std::string_view condition, std::string_view names,
                   std::initializer_list<std::string> values) {
  std::string line = "assertion failed at ";
  line.append(place).append(": ").append(condition);
  if (values.size() != 0) {
    line.append(" with (").append(names).append(") = (");
    bool first = true;
    for (const std::string& value : values) {
      if (!first) line.append(", ");
      line.append(value);
      first = false;
    }
    line.append(")");
  }
  line.append("\n");
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  std::abort();
}

}  // namespace vigie::ops
