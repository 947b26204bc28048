// What a change of rights costs while many are connected: the sessions room looks at some at each
// turn of the hot thread; what the longest of these takes is how long the feed waits for it.

#include <fmt/format.h>

#include <algorithm>

#include "hub/sessions/sessions.h"
#include "schemas/messages/requests.h"
#include "tests/bench/rights/book.h"
#include "tests/unit/support/fake_link.h"
#include "tests/unit/support/memory_store.h"

namespace vigie::bench {
namespace {

constexpr int kRounds = 5;

/// Consoles of one owner, each an identity with a live session of its own; another owner grants to
/// theirs.
struct Connected {
  Connected(int grants, int count)
      : sessions(
            {}, link, ring, picture, store, clock, wire::LogId(7, 9),
            [](replay::Command&&) { return true; }, &book.registry) {
    for (int i = 0; i < count; ++i) book.enrol(fmt::format("guest/i{}", i), wire::Role::Console);
    for (int i = 0; i < grants; ++i) {
      book.grant(fmt::format("host/g{}", i), "guest", fmt::format("patrol-{}", i % 7),
                 fmt::format("host/v{}", i));
    }
    open_all(count);
  }
  void open_all(int count) {
    sessions.set_known_time(book.now_us());
    wire::OpenT open;
    open.protocol = kProtocolVersion;
    open.client = "a bench";
    open.start = wire::StartKind::NowNoSnapshot;
    open.granted_bytes = 1 << 20;
    const std::vector<std::byte> bytes = packed<wire::Open>(open);
    for (int i = 0; i < count; ++i) {
      const std::string peer = fmt::format("p{}", i);
      link.own(peer, RightsBook::key_of(static_cast<std::size_t>(i)));
      link.put(peer, bytes);
    }
    while (sessions.read_turn(64) != 0) clock.now_us += 1'000'000;
  }
  struct Looked {
    double all_ns = 0, longest_ns = 0;
    int turns = 0;
  };
  /// Until all were looked at.
  Looked look() {
    sessions.set_known_time(book.now_us());
    Looked looked;
    do {
      const double ns = took_ns([this] { sessions.look_at_rights(); });
      looked.all_ns += ns;
      looked.longest_ns = std::max(looked.longest_ns, ns);
      ++looked.turns;
    } while (sessions.unlooked() != 0);
    return looked;
  }

  RightsBook book;
  vigie::test::FakeClock clock;
  vigie::test::MemoryStore store;
  vigie::test::FakeLink link;
  feed::Ring ring{1 << 20, 0};
  picture::LivePicture picture{Picture()};
  sessions::Sessions sessions;
};

/// Medians of looking at all after `change`, and how many sessions it ended each time.
template <typename Change>
void print_row(const char* what, int grants, int count, const Change& change) {
  Connected all(grants, count);
  all.look();
  std::vector<double> wholes, longest;
  std::size_t ended = 0;
  int turns = 0;
  for (int round = 0; round < kRounds; ++round) {
    change(all.book, round);
    const Connected::Looked looked = all.look();
    wholes.push_back(looked.all_ns / 1e6);
    longest.push_back(looked.longest_ns / 1e6);
    turns = looked.turns;
    ended = static_cast<std::size_t>(count) - all.sessions.count();
    all.open_all(count);
  }
  fmt::print("{:<40}{:8.2f} ms, {} turns, the longest {:.2f} ms, {} ended\n", what,
             median(std::move(wholes)), turns, median(std::move(longest)), ended);
}

}  // namespace

void print_connected(int grants, int sessions) {
  fmt::print(
      "\n{} sessions of as many identities of one owner, which has {} grants;\n"
      "of the hot thread, until all their rights are looked at again:\n",
      sessions, grants);
  print_row("when another one is enrolled", grants, sessions, [](RightsBook& book, int round) {
    book.enrol(fmt::format("host/new{}", round), wire::Role::Tracker);
  });
  print_row("when one of them is granted something", grants, sessions,
            [](RightsBook& book, int round) {
              book.grant(fmt::format("host/one{}", round), "guest/i7", "patrol-1");
            });
  print_row("when their owner is granted something", grants, sessions,
            [](RightsBook& book, int round) {
              book.grant(fmt::format("host/all{}", round), "guest", "patrol-1");
            });
}

}  // namespace vigie::bench
