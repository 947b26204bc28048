// Who may do what, told by the log alone once the hub starts again: it wins over the file of the
// hub's own administrators.

#include <gmock/gmock.h>

#include "hub/security/registry.h"
#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::key;
using test::why_not;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using wire::Role;

constexpr std::int64_t kStart = test::kNoonUs;

/// After a restart, with the file of the hub's own administrators as it was at first.
Registry restarted(const Book& book) {
  Registry again({{.name = "chief", .key = key('0')}});
  again.note_all(book.picture);
  return again;
}

TEST(RegistryAfterARestart, is_the_same_again) {
  Book book;
  book.enrol("blue/chief", '1', Role::Administrator);
  book.enrol("green/room", '2', Role::Console);
  book.enrol("green/lost", '3', Role::Console);
  book.must(key('0'), Book::revoked("green/lost"));
  book.must(key('0'), Book::invite("green/new", 'c', Role::Console));
  book.must(key('1'), Book::grant("blue/standing", "green"));
  book.must(key('1'), Book::grant("blue/over", "green/room"));
  const std::int64_t made_us = book.now_us;
  book.now_us += 1000;
  book.must(key('1'), Book::ended(Book::grant("blue/over", "green/room"), made_us));

  Registry again = restarted(book);
  auto keys = book.registry.keys(book.now_us);
  auto keys_again = again.keys(book.now_us);
  std::sort(keys.begin(), keys.end());
  std::sort(keys_again.begin(), keys_again.end());
  EXPECT_EQ(keys, keys_again);
  for (const char digit : {'0', '1', '2'}) {
    const Identity& before = *book.registry.find(key(digit), book.now_us).identity;
    const Identity& after = *again.find(key(digit), book.now_us).identity;
    EXPECT_EQ(before.name, after.name);
    EXPECT_EQ(book.registry.entitlement(before, book.now_us)->key(),
              again.entitlement(after, book.now_us)->key());
  }
}

TEST(RegistryAfterARestart, has_another_key_of_the_hubs_administrator_and_not_the_one_in_the_file) {
  Book book;
  book.must(key('0'), Book::identity("_hub/chief", 'f', Role::Administrator));
  EXPECT_FALSE(book.registry.find(key('0'), kStart));
  Registry again = restarted(book);
  EXPECT_FALSE(again.find(key('0'), kStart)) << "the file brings the old key back";
  EXPECT_THAT(again.keys(kStart), UnorderedElementsAre(key('f')));
  EXPECT_THAT(why_not(again, key('0'), Book::invite("blue/a", 'b', Role::Console)),
              HasSubstr("nobody known"));
  EXPECT_EQ(why_not(again, key('f'), Book::invite("blue/a", 'b', Role::Console)), "");
  EXPECT_TRUE(again.administrators().empty()) << "none is by the file any more";
}

TEST(RegistryAfterARestart,
     does_not_know_a_revoked_administrator_of_the_hub_who_is_in_the_file_still) {
  Book book;
  book.enrol("_hub/second", '1', Role::Administrator);
  book.must(key('1'), Book::revoked("_hub/chief"));
  EXPECT_FALSE(book.registry.find(key('0'), kStart));
  Registry again = restarted(book);
  EXPECT_FALSE(again.find(key('0'), kStart)) << "the file brings who was revoked back";
  EXPECT_THAT(again.keys(kStart), UnorderedElementsAre(key('1')));
  EXPECT_NE(why_not(again, key('0'), Book::invite("blue/a", 'b', Role::Console)), "");
  EXPECT_EQ(why_not(again, key('1'), Book::invite("blue/a", 'b', Role::Console)), "");
}

}  // namespace
}  // namespace vigie::security
