// Publishes one fix and waits until the hub has it on its disk:
//   publish_fix 127.0.0.1:7700 red/alpha 15.90012 1.50034 [SPOOL_FILE]
// With a spool file the fix survives a kill of this program, and goes out with the next start.

#include <vigie/client.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace std::chrono_literals;
namespace vc = vigie::client;

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s HOST:PORT OWNER/NAME LATITUDE LONGITUDE [SPOOL]\n", argv[0]);
    return 2;
  }
  vc::TrackerOptions options;
  options.link.hub = argv[1];
  options.link.client = "publish_fix";
  if (argc > 5) options.spool_path = argv[5];
  options.on_delivery = [](const vc::Delivery& delivery) {
    if (delivery.outcome == vc::Outcome::Refused) {
      std::fprintf(stderr, "refused: %s\n", delivery.reason.c_str());
    }
  };
  auto tracker = vc::Tracker::open(options);
  if (!tracker) {
    std::fprintf(stderr, "%s\n", tracker.fault().sentence.c_str());
    return 1;
  }
  vc::Fix fix;
  fix.unit = argv[2];
  if (!fix.set_position(std::atof(argv[3]), std::atof(argv[4]))) {
    std::fprintf(stderr, "the position is out of range\n");
    return 2;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  fix.true_time_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  fix.speed_mm_s = 11'200;  // 11.2 m/s; what is not set is unknown
  const auto number = (*tracker)->publish(fix);
  if (!number) {
    std::fprintf(stderr, "%s\n", number.fault().sentence.c_str());
    return 1;
  }
  if (const auto settled = (*tracker)->wait_settled(10s); !settled) {
    std::fprintf(stderr, "%s\n", settled.fault().sentence.c_str());
    return 1;
  }
  const auto stats = (*tracker)->stats();
  std::printf("number %lu settled, %lu refused\n", *number, stats.refused);
  return stats.refused == 0 ? 0 : 1;
}
