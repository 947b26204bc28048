// What deciding costs: working out what an identity may see, and asking for one entry, with many
// grants in the registry.
//
//   rights_bench [GRANTS [IDENTITIES [SESSIONS]]]     (defaults 10000, 1000 and 500)
//
// First with a hundred owners, each of which grants a hundred things to ten others, so that a
// console has some hundred grants; then with all grants for one identity; then with sessions
// (connected.cpp). Says of each limit whether it was kept, and ends with 1 where one was missed.

#include <fmt/format.h>

#include "schemas/model/view.h"
#include "tests/bench/rights/book.h"

namespace {

using namespace vigie;
using namespace vigie::bench;

constexpr int kOwners = 100;
constexpr int kRounds = 7;

std::string owner(int index) {
  return fmt::format("owner{}", index % kOwners);
}

/// Median nanoseconds of one call of `work`, over rounds of `times` calls.
template <typename Work>
double median_ns(int times, const Work& work) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    rounds.push_back(took_ns([&] {
                       for (int i = 0; i < times; ++i) work(i);
                     }) /
                     times);
  }
  return median(std::move(rounds));
}

// What is promised: cutting a view takes microseconds, whatever is granted, and a message nothing
// to speak of. Generous: ten times and more of what a shared machine takes.
constexpr double kViewNsMax = 50'000;
constexpr double kMessageNsMax = 5'000;

/// What was measured, and what of it is promised.
class Table {
 public:
  void ns(const char* what, double ns, double most_ns) {
    fmt::print("{:<38}{:10.0f} ns\n", what, ns);
    limits_.push_back({what, ns, most_ns});
  }
  void us(const char* what, double ns, double most_ns) {
    us(what, ns);
    limits_.push_back({what, ns, most_ns});
  }
  /// Nothing is promised of it.
  void us(const char* what, double ns) { fmt::print("{:<38}{:10.1f} us\n", what, ns / 1000); }
  /// Says each limit; whether all were kept.
  bool judge() const {
    bool kept = true;
    fmt::print("\n");
    for (const Limit& limit : limits_) {
      const bool keeps = limit.ns <= limit.most_ns;  // what is no number is missed, too
      fmt::print("{:<7} {}: {:.2f} us, at most {:.0f}\n", keeps ? "kept" : "MISSED", limit.what,
                 limit.ns / 1000, limit.most_ns / 1000);
      kept = kept && keeps;
    }
    return kept;
  }

 private:
  struct Limit {
    const char* what;
    double ns, most_ns;
  };
  std::vector<Limit> limits_;
};

/// What is asked of one entitlement; counts what it permits, so that the asking is not left out.
struct Asking {
  void entry(const std::string& of, std::string_view group, std::string_view unit, int i) {
    seen += entitlement->permits({.message_class = MessageClass::Track,
                                  .owner = of,
                                  .group = group,
                                  .unit = unit,
                                  .known_us = kNowUs + 1'000'000 - i % 2,
                                  .position = {}},
                                 kPresentUs)
                ? 1
                : 0;
  }
  void channel(const std::string& of, std::string_view group) {
    seen += entitlement->channel(MessageClass::Track, of, group).some ? 1 : 0;
  }
  std::shared_ptr<const Entitlement> entitlement;
  std::size_t seen = 0;
};

std::size_t print_spread(int grants, int identities, Table& table) {
  RightsBook book;
  for (int i = 0; i < identities; ++i) {
    book.enrol(fmt::format("{}/i{}", owner(i), i), wire::Role::Console);
  }
  for (int i = 0; i < grants; ++i) {
    book.grant(fmt::format("{}/g{}", owner(i), i), owner(i + 1 + i / kOwners % 10),
               fmt::format("patrol-{}", i % 7));
  }
  const security::Registry& registry = book.registry;
  const std::string key = RightsBook::key_of(6);
  const security::Identity& who = *registry.find(key, book.now_us()).identity;
  Asking ask{.entitlement = registry.entitlement(who, book.now_us())};
  const std::string own = owner(6), granted = owner(5), other = owner(50);
  fmt::print("{} grants, {} identities\n", grants, identities);
  table.ns("whose a key is",
           median_ns(100'000,
                     [&](int) {
                       ask.seen += registry.find(key, book.now_us()).identity != nullptr ? 1u : 0u;
                     }),
           kMessageNsMax);
  table.ns("may it publish for a unit",
           median_ns(
               100'000,
               [&](int) {
                 ask.seen +=
                     registry.may_publish({.identity = &who}, MessageClass::Event, who.name).size();
               }),
           kMessageNsMax);
  table.us(
      "all that it may see",
      median_ns(200,
                [&](int) { ask.seen += registry.entitlement(who, book.now_us())->key().size(); }),
      kViewNsMax);
  table.ns("one entry of its own owner",
           median_ns(100'000, [&](int i) { ask.entry(own, "patrol-1", "owner6/v1", i); }),
           kMessageNsMax);
  table.ns("one entry of an owner who grants",
           median_ns(100'000, [&](int i) { ask.entry(granted, "patrol-1", "owner5/v1", i); }),
           kMessageNsMax);
  table.ns("one entry of nobody's concern",
           median_ns(100'000, [&](int i) { ask.entry(other, "patrol-1", "owner50/v1", i); }),
           kMessageNsMax);
  table.ns("a whole channel, asked once",
           median_ns(100'000, [&](int) { ask.channel(own, "patrol-1"); }), kMessageNsMax);
  return ask.seen;
}

/// Every other grant names a group alone, the others a unit as well.
std::size_t print_to_one(int grants, Table& table) {
  RightsBook book;
  book.enrol("guest/room", wire::Role::Console);
  for (int i = 0; i < grants; ++i) {
    book.grant(fmt::format("host/g{}", i), "guest/room", fmt::format("patrol-{}", i % 1000),
               i % 2 == 0 ? fmt::format("host/v{}", i) : "");
  }
  const security::Registry& registry = book.registry;
  const security::Identity who = *registry.find(RightsBook::key_of(0), book.now_us()).identity;
  Asking ask;
  fmt::print("\n{} grants of one owner to one identity\n", grants);
  std::vector<double> anew;
  for (int round = 0; round < kRounds; ++round) {
    book.grant(fmt::format("host/more{}", round), "guest/room", "patrol-1");
    anew.push_back(took_ns([&] { ask.entitlement = registry.entitlement(who, book.now_us()); }));
  }
  table.us("all that it may see, one changed", median(std::move(anew)));
  table.us(
      "all that it may see, none changed",
      median_ns(200,
                [&](int) { ask.seen += registry.entitlement(who, book.now_us())->key().size(); }),
      kViewNsMax);
  table.us("its view, cut",
           median_ns(200,
                     [&](int) {
                       View view;
                       view.cut_to(ask.entitlement);
                       ask.seen += view.key().size();
                     }),
           kViewNsMax);
  table.ns("one entry of a unit that is granted",
           median_ns(2000, [&](int i) { ask.entry("host", "patrol-8", "host/v8", i); }),
           kMessageNsMax);
  table.ns("one entry of a group that is granted",
           median_ns(2000, [&](int i) { ask.entry("host", "patrol-7", "host/v7", i); }),
           kMessageNsMax);
  table.ns("one entry that is not",
           median_ns(2000, [&](int i) { ask.entry("host", "convoy", "host/v8", i); }),
           kMessageNsMax);
  table.ns("a whole channel of the same, asked once",
           median_ns(2000, [&](int) { ask.channel("host", "patrol-8"); }), kMessageNsMax);
  return ask.seen;
}

}  // namespace

int main(int argc, char** argv) {
  const int grants = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int identities = argc > 2 ? std::atoi(argv[2]) : 1'000;
  const int sessions = argc > 3 ? std::atoi(argv[3]) : 500;
  Table table;
  const std::size_t seen = print_spread(grants, identities, table) + print_to_one(grants, table);
  print_connected(0, sessions);
  print_connected(grants, sessions);
  return table.judge() && seen != 0 ? 0 : 1;
}
