// What `vigie access` explains is what the one decision decides: of random grants and moments, each
// "yes" and "no" that it says, against what the hub permits by that grant.

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "clients/cli/outputs/access_text.h"
#include "clients/cpp/core/convert_access.h"
#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::Chance;
using test::key;
using wire::Role;
using enum MessageClass;

const std::string kWho = "bravo/room";
constexpr char kWhoDigit = '2';

/// A grant as it was said; each is for a unit of its own, so that no other shows it.
struct Granted {
  std::string name;
  std::string unit;
  wire::GrantT grant;
  std::int64_t made_us = 0;
  bool ended = false;
};

class Story {
 public:
  explicit Story(Chance& chance) : chance_(chance) {
    book.enrol("alpha/boss", '1', Role::Administrator);
    enrol_whom_it_is_about();
    for (int step = 0; step < 12; ++step) {
      book.now_us += chance_.pick(0, 6);
      if (chance_.once_in(3)) {
        end_one();
      } else {
        grant_one();
      }
    }
    book.now_us += chance_.pick(0, 40);
  }

  /// The access states, as they were at a moment.
  cli::AccessBook book_of(std::int64_t us) const {
    cli::AccessBook of;
    for (const BodyPtr& body : said_) {
      BlockWalk walk(body->bytes());
      const wire::State& state = *walk.next()->batch().states()->Get(0);
      if (state.stamp()->known_time_us() > us) continue;
      client::StateItem item;
      item.stamp.seq = state.stamp()->first_seq();
      item.stamp.known_time_us = state.stamp()->known_time_us();
      item.state.kind = static_cast<client::StateKind>(state.kind());
      item.state.name = state.name()->str();
      item.state.deleted = state.deleted();
      client::read_access(state, item.state);
      of.take(item);
    }
    return of;
  }

  Book book;
  std::vector<Granted> grants;

 private:
  void say(char digit, std::unique_ptr<wire::StateT> state) {
    wire::StateT copy(*state);
    book.must(key(digit), std::move(state));
    copy.stamp = std::make_unique<wire::Stamp>(book.seq, book.now_us, 0, 0, 0);
    wire::BatchT batch;
    batch.spool = std::make_unique<wire::Spool>(1, 1);
    batch.states.push_back(std::make_unique<wire::StateT>(std::move(copy)));
    BodyBuilder body;
    body.append(wire::BlockKind::Batch, packed<wire::Batch>(batch), 1, book.seq);
    said_.push_back(body.close(book.seq, book.seq, book.now_us));
  }

  void enrol_whom_it_is_about() {
    constexpr std::array kRoles{Role::Console, Role::Console, Role::Partner, Role::Administrator,
                                Role::Tracker};
    const Role role = kRoles[chance_.pick(std::size_t{0}, kRoles.size() - 1)];
    std::vector<std::string> units;
    if (role == Role::Tracker) units = {"bravo/v0"};
    auto state = Book::identity(kWho, kWhoDigit, role, std::move(units));
    if (chance_.once_in(4)) state->identity->ends_us = book.now_us + chance_.pick(1, 120);
    say('0', std::move(state));
  }

  void grant_one() {
    const std::string number = std::to_string(grants.size());
    constexpr std::array kTo{"bravo", "bravo/room", "bravo/other", "charlie"};
    auto state = Book::grant("alpha/g" + number, kTo[chance_.pick(0u, 3u)]);
    wire::GrantT& grant = *state->grant;
    grant.classes = static_cast<wire::Class>(chance_.pick(0, 7));
    grant.units = {"alpha/v" + number};
    if (chance_.once_in(3)) grant.from_us = book.now_us + chance_.pick(-30, 30);
    if (chance_.once_in(3)) {
      grant.until_us = std::max(book.now_us, grant.from_us) + chance_.pick(1, 30);
    }
    if (chance_.once_in(3)) grant.ends_us = book.now_us + chance_.pick(1, 60);
    grant.past = chance_.once_in(3);
    if (chance_.once_in(4)) grant.round_m = 500;
    grants.push_back({state->name, grant.units.front(), grant, book.now_us});
    say('1', std::move(state));
  }

  void end_one() {
    if (grants.empty()) return;
    Granted& one = grants[chance_.pick(std::size_t{0}, grants.size() - 1)];
    if (one.ended) return;
    one.ended = true;
    auto state = Book::grant(one.name, one.grant.to);
    *state->grant = one.grant;
    say('1', Book::ended(std::move(state), one.made_us));
  }

  Chance& chance_;
  std::vector<BodyPtr> said_;
};

/// What is said of the grant, from the verdict on; none where it is not listed.
std::optional<std::string> verdict_of(const std::string& text, const Granted& one) {
  const std::string head = "(grant " + one.name + " to " + one.grant.to + "): ";
  const std::size_t at = text.find(head);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begins = at + head.size();
  return text.substr(begins, text.find('\n', begins) - begins);
}

/// Whether the hub shows it by this grant what became known at `at_us`, at that moment.
bool permits(const Story& story, const Granted& one, MessageClass message_class,
             std::int64_t at_us) {
  const std::int64_t now_us = story.book.now_us;
  const Registry& registry = story.book.registry;
  const Holder holder = registry.find(key(kWhoDigit), now_us);
  if (holder.identity == nullptr) return false;
  const auto entitlement = one.grant.round_m == 0
                               ? registry.entitlement(*holder.identity, now_us)
                               : registry.entitlement_by(one.name, *holder.identity, now_us);
  if (entitlement == nullptr) return false;
  return entitlement->permits({.message_class = message_class,
                               .owner = "alpha",
                               .group = "north",
                               .unit = one.unit,
                               .known_us = at_us,
                               .position = AccessPoint{1, 1}},
                              at_us == now_us ? kPresentUs : at_us);
}

bool grants_class(const wire::GrantT& grant, MessageClass message_class) {
  const auto classes = static_cast<unsigned>(grant.classes);
  return classes == 0 || (classes & (1u << static_cast<unsigned>(message_class))) != 0;
}

TEST(Explanation, says_yes_of_a_grant_where_the_decision_permits_by_it_and_no_where_it_does_not) {
  Chance chance(test::seed());
  int yes = 0, no = 0, cards = 0, unlisted = 0;
  for (int round = 0; round < 2000; ++round) {
    const Story story(chance);
    const std::int64_t now_us = story.book.now_us;
    const std::int64_t at_us =
        chance.once_in(3) ? now_us : chance.pick(test::kNoonUs - 20, now_us - 1);
    const std::string text =
        cli::explain_access(story.book_of(now_us), story.book_of(at_us), kWho, now_us, at_us);
    for (const Granted& one : story.grants) {
      const std::optional<std::string> verdict = verdict_of(text, one);
      const bool says_yes = verdict && verdict->starts_with("yes");
      const bool says_cards = verdict && verdict->ends_with("cards in force then");
      for (const MessageClass each : {Track, Event, State}) {
        if (!grants_class(one.grant, each)) continue;
        const bool said = says_yes || (each == State && says_cards);
        ASSERT_EQ(permits(story, one, each, at_us), said)
            << one.name << " class " << static_cast<int>(each) << " at " << at_us - test::kNoonUs
            << " of " << now_us - test::kNoonUs << "\n"
            << text;
      }
      yes += says_yes ? 1 : 0;
      cards += says_cards ? 1 : 0;
      no += verdict && !says_yes ? 1 : 0;
      unlisted += verdict ? 0 : 1;
    }
  }
  for (const int count : {yes, no, cards, unlisted}) {
    EXPECT_GT(count, 50) << "the test shows little";
  }
}

}  // namespace
}  // namespace vigie::security
