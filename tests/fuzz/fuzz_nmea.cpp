// A receiver's bytes, in one piece and in small ones: the fixes are the same.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "clients/cli/sources/nmea.h"

namespace {

using vigie::cli::NmeaParser;
using vigie::client::Fix;

std::vector<std::int64_t> times_of(std::span<const std::uint8_t> bytes, std::size_t piece) {
  std::vector<std::int64_t> times;
  NmeaParser parser([&](const Fix& fix) { times.push_back(fix.true_time_us); }, 20'000);
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece, bytes.size());
    parser.push(bytes.first(size));
    bytes = bytes.subspan(size);
  }
  parser.flush();
  return times;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (times_of({data, size}, size + 1) != times_of({data, size}, 3)) std::abort();
  NmeaParser live([](const Fix&) {});
  live.set_live(true);
  live.push({data, size});
  live.flush();
  return 0;
}
