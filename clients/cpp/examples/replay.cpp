// Replays what a hub recorded in the last so many seconds, as it truly was, and ends:
//   replay 127.0.0.1:7700 3600 [SPEED]        SPEED 0 (as fast as it goes), 1 (real time), 10, ...

#include <vigie/client.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace std::chrono_literals;
namespace vc = vigie::client;

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s HOST:PORT SECONDS [SPEED]\n", argv[0]);
    return 2;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  vc::ReplayOptions options;
  options.link.hub = argv[1];
  options.link.client = "replay";
  options.clock = vc::ReplayClock::True;
  options.from_us = now_us - std::atoll(argv[2]) * 1'000'000;
  options.until_us = now_us + 1;
  options.speed = argc > 3 ? std::atof(argv[3]) : 0;
  auto replay = vc::Replay::open(options);
  if (!replay) {
    std::fprintf(stderr, "%s\n", replay.fault().sentence.c_str());
    return 1;
  }
  while (true) {
    const auto item = (*replay)->next(1s);
    if (!item) return 1;  // refused: the last LinkItem said why
    if (!*item) continue;
    if (const auto* fix = std::get_if<vc::FixItem>(&**item)) {
      std::printf("%ld %s %.7f %.7f\n", fix->corrected_true_time_us(), fix->fix.unit.c_str(),
                  fix->fix.latitude(), fix->fix.longitude());
    } else if (const auto* event = std::get_if<vc::EventItem>(&**item)) {
      std::printf("%ld %s %s: %s\n", event->event.true_time_us, event->event.unit.c_str(),
                  event->event.kind.c_str(), event->event.text.c_str());
    } else if (const auto* state = std::get_if<vc::ReplayItem>(&**item)) {
      if (state->phase == vc::ReplayPhase::Failed)
        std::fprintf(stderr, "%s\n", state->reason.c_str());
      if (state->phase == vc::ReplayPhase::Ended) return 0;
    }
  }
}
