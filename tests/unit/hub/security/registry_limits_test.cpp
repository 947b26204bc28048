// What somebody may say of itself, and how little of it: each time everybody's rights are looked at
// anew.

#include <gmock/gmock.h>

#include "tests/unit/support/access_book.h"

namespace vigie::security {
namespace {

using test::Book;
using test::key;
using testing::HasSubstr;
using wire::Role;

std::unique_ptr<wire::StateT> tablet(char digit, char sign_digit = 0) {
  auto state = Book::identity("blue/tablet", digit, Role::Tracker, {"blue/v1"});
  if (sign_digit != 0) state->identity->sign_key = key(sign_digit);
  return state;
}

TEST(RegistryLimits, an_identity_does_not_say_again_what_is_so_already) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  const std::uint64_t version = book.registry.version();
  EXPECT_THAT(book.say(key('1'), tablet('1')), HasSubstr("has this key already"));
  EXPECT_EQ(book.registry.version(), version);
  book.must(key('1'), tablet('2'));
  EXPECT_THAT(book.say(key('2'), tablet('2')), HasSubstr("has this key already"));
  book.must(key('0'), tablet('2'));  // whoever rules it may
}

TEST(RegistryLimits, who_has_no_signing_key_may_say_one_once) {
  Book book;
  book.enrol("blue/tablet", '1', Role::Tracker, {"blue/v1"});
  book.must(key('1'), tablet('1', 'a'));
  EXPECT_THAT(book.say(key('1'), tablet('1', 'b')), HasSubstr("has this key already"));
  EXPECT_THAT(book.say(key('1'), tablet('1')), HasSubstr("has this key already"));
  book.must(key('1'), tablet('2', 'b'));
}

}  // namespace
}  // namespace vigie::security
