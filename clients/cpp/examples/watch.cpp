// Prints what a hub knows and what comes, one line each, with its age:
//   watch 127.0.0.1:7700 [CHANNEL_PREFIX]        watch 127.0.0.1:7700 event/red

#include <vigie/client.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;
namespace vc = vigie::client;

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s HOST:PORT [CHANNEL_PREFIX]\n", argv[0]);
    return 2;
  }
  vc::ConsoleOptions options;
  options.link.hub = argv[1];
  options.link.client = "watch";
  if (argc > 2) options.view.channels = {argv[2]};
  auto console = vc::Console::open(options);
  if (!console) {
    std::fprintf(stderr, "%s\n", console.fault().sentence.c_str());
    return 1;
  }
  while (true) {
    const auto item = (*console)->next(1s);
    if (!item) return 0;  // over: the hub refused for good, and the last LinkItem said why
    if (!*item) continue;
    const auto status = (*console)->status();
    std::visit(
        vc::Match{[&](const vc::FixItem& it) {
                    std::printf("%-20s %.7f %.7f%s%s, %ld ms old\n", it.fix.unit.c_str(),
                                it.fix.latitude(), it.fix.longitude(), it.late ? " late" : "",
                                it.conflated != 0 ? " (some left out)" : "",
                                status.age_us(it.position_time_us()) / 1000);
                  },
                  [](const vc::EventItem& it) {
                    std::printf("%-20s %s: %s\n", it.event.unit.c_str(), it.event.kind.c_str(),
                                it.event.text.c_str());
                  },
                  [](const vc::LeaveItem& it) { std::printf("%-20s left\n", it.unit.c_str()); },
                  [](const vc::SnapshotEnd& it) {
                    std::printf("-- %lu units, from here on live\n", it.units);
                  },
                  [](const vc::LinkItem& it) {
                    const bool live = it.state == vc::LinkState::Live;
                    std::printf("-- %s %s\n", live ? "live" : "not live:", it.reason.c_str());
                  },
                  [](const auto&) {}},
        **item);
    std::fflush(stdout);
  }
}
