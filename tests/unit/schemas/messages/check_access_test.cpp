#include "schemas/messages/check_access.h"

#include <gmock/gmock.h>

#include "schemas/messages/checks.h"
#include "tests/unit/schemas/access_samples.h"

namespace vigie {
namespace {

using testing::HasSubstr;
using wire::Refusal;
using Spoil = std::function<void(wire::StateT&)>;

/// What a batch with this one state is told.
std::vector<RefusedNumbers> told(std::unique_ptr<wire::StateT> state) {
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(test::kSpool);
  batch.states.push_back(std::move(state));
  const std::vector<std::byte> bytes = packed<wire::Batch>(batch);
  const wire::Batch* read = verified<wire::Batch>(bytes);
  EXPECT_NE(read, nullptr);
  EXPECT_FALSE(check_batch(*read)) << check_batch(*read).reason;
  std::vector<RefusedNumbers> refused;
  check_entries(*read, refused);
  return refused;
}

void expect_refused(std::unique_ptr<wire::StateT> state, const Spoil& spoil, Refusal code,
                    const char* says) {
  spoil(*state);
  const std::vector<RefusedNumbers> refused = told(std::move(state));
  ASSERT_EQ(refused.size(), 1u) << says;
  EXPECT_EQ(refused[0].code, code) << refused[0].reason;
  EXPECT_THAT(refused[0].reason, HasSubstr(says));
}

void identity(const std::function<void(wire::IdentityT&)>& spoil, Refusal code, const char* says) {
  expect_refused(
      test::make_identity("blue/tablet", 1), [&](auto& s) { spoil(*s.identity); }, code, says);
}

void invite(const std::function<void(wire::InviteT&)>& spoil, Refusal code, const char* says) {
  expect_refused(
      test::make_invite("blue/tablet", 1), [&](auto& s) { spoil(*s.invite); }, code, says);
}

void grant(const std::function<void(wire::GrantT&)>& spoil, Refusal code, const char* says) {
  expect_refused(
      test::make_grant("blue/to-green", 1), [&](auto& s) { spoil(*s.grant); }, code, says);
}

TEST(CheckAccess, well_formed_ones_pass) {
  EXPECT_TRUE(told(test::make_identity("blue/tablet", 1)).empty());
  EXPECT_TRUE(told(test::make_invite("blue/tablet", 1)).empty());
  EXPECT_TRUE(told(test::make_grant("blue/to-green", 1)).empty());
  auto console = test::make_identity("blue/room", 1);
  console->identity->role = wire::Role::Console;
  console->identity->units.clear();
  console->identity->ends_us = 0;
  console->identity->invite.clear();
  EXPECT_TRUE(told(std::move(console)).empty()) << "a console publishes for no unit";
}

TEST(CheckAccess, identities_and_invitations_may_be_deleted_and_grants_only_ended) {
  for (auto* make : {&test::make_identity, &test::make_invite}) {
    auto state = make("blue/tablet", 1);
    state->deleted = true;
    state->identity.reset();
    state->invite.reset();
    EXPECT_TRUE(told(std::move(state)).empty());
  }
  const Spoil deletes = [](auto& s) {
    s.deleted = true;
    s.grant.reset();
  };
  expect_refused(test::make_grant("blue/to-green", 1), deletes, Refusal::BadValue, "ended");
}

TEST(CheckAccess, the_group_is_theirs_alone) {
  expect_refused(
      test::make_identity("blue/tablet", 1), [](auto& s) { s.group.clear(); }, Refusal::BadName,
      "must be _access");
  expect_refused(
      test::make_state("blue/v1", 1), [](auto& s) { s.group = "_access"; }, Refusal::BadName,
      "kept for");
  wire::BatchT batch = test::make_batch();
  batch.events[0]->group = "_access";
  batch.fixes[0]->group = "_access";
  const std::vector<std::byte> bytes = packed<wire::Batch>(batch);
  std::vector<RefusedNumbers> refused;
  check_entries(*verified<wire::Batch>(bytes), refused);
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].code, Refusal::BadName);
  EXPECT_EQ(refused[1].code, Refusal::BadName);
}

TEST(CheckAccess, the_content_is_what_the_kind_says_and_nothing_else) {
  const auto refused = [](const Spoil& spoil) {
    expect_refused(test::make_identity("blue/tablet", 1), spoil, Refusal::BadValue,
                   "what its kind");
  };
  refused([](auto& s) { s.identity.reset(); });
  refused([](auto& s) {
    s.grant = std::make_unique<wire::GrantT>(*test::make_grant("a/b", 1)->grant);
  });
  refused([](auto& s) { s.card = std::make_unique<wire::UnitCardT>(); });
  refused([](auto& s) { s.deleted = true; });
  refused([](auto& s) { s.kind = wire::StateKind::Invite; });
  expect_refused(
      test::make_state("blue/v1", 1),
      [](auto& s) { s.identity = std::move(test::make_identity("blue/tablet", 1)->identity); },
      Refusal::BadValue, "says who may do what");
}

TEST(CheckAccess, an_identity_is_checked) {
  identity([](auto& i) { i.key = "beef"; }, Refusal::BadValue, "key 'beef'");
  identity([](auto& i) { i.key = std::string(64, 'F'); }, Refusal::BadValue, "lower-case");
  identity([](auto& i) { i.role = wire::Role::None; }, Refusal::BadValue, "role 0");
  identity([](auto& i) { i.role = static_cast<wire::Role>(77); }, Refusal::BadValue, "role 77");
  identity([](auto& i) { i.units.clear(); }, Refusal::BadValue, "no units");
  identity([](auto& i) { i.units = {"green/v1"}; }, Refusal::BadName, "green/v1");
  identity([](auto& i) { i.units = {"blue/v*"}; }, Refusal::BadName, "blue/v*");
  identity([](auto& i) { i.units.assign(1025, "blue/v"); }, Refusal::TooLarge, "1025 units");
  identity([](auto& i) { i.ends_us = 5; }, Refusal::BadTime, "ends_us 5");
  identity([](auto& i) { i.invite = "x"; }, Refusal::BadValue, "invite 'x'");
}

TEST(CheckAccess, an_invitation_is_checked) {
  invite([](auto& i) { i.key = ""; }, Refusal::BadValue, "key ''");
  invite([](auto& i) { i.role = wire::Role::None; }, Refusal::BadValue, "role 0");
  invite([](auto& i) { i.units = {"blue"}; }, Refusal::BadName, "unit 'blue'");
  invite([](auto& i) { i.ends_us = 0; }, Refusal::BadTime, "no end");
  invite([](auto& i) { i.ends_us = -1; }, Refusal::BadTime, "ends_us -1");
  invite([](auto& i) { i.identity_ends_us = 1; }, Refusal::BadTime, "identity_ends_us 1");
}

TEST(CheckAccess, a_grant_is_checked) {
  grant([](auto& g) { g.to = ""; }, Refusal::BadName, "to ''");
  grant([](auto& g) { g.to = "blue/room"; }, Refusal::BadName, "another OWNER");
  grant([](auto& g) { g.classes = static_cast<wire::Class>(8); }, Refusal::BadValue, "classes 8");
  grant([](auto& g) { g.groups = {"_access"}; }, Refusal::BadName, "_access");
  grant([](auto& g) { g.groups = {"a b"}; }, Refusal::BadName, "a b");
  grant([](auto& g) { g.groups.assign(257, "g"); }, Refusal::TooLarge, "257");
  grant([](auto& g) { g.units = {"green/v1"}; }, Refusal::BadName, "green/v1");
  grant([](auto& g) { g.units = {"blue/*"}; }, Refusal::BadName, "blue/*");
  grant([](auto& g) { g.area = std::make_unique<wire::Area>(0, 10, 0, -10); }, Refusal::BadPosition,
        "area");
  grant([](auto& g) { g.until_us = g.from_us; }, Refusal::BadTime, "never");
  for (auto field : {&wire::GrantT::from_us, &wire::GrantT::until_us, &wire::GrantT::ends_us,
                     &wire::GrantT::made_us}) {
    grant([&](auto& g) { g.*field = 12; }, Refusal::BadTime, "_us 12 is not between");
  }
}

TEST(CheckAccess, what_many_share_counts_where_it_stands) {
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(test::kSpool);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    auto state = test::make_identity("blue/tablet", number);
    state->identity->units.assign(limits::kIdentityUnitsMax, "blue/" + std::string(60, 'u'));
    batch.states.push_back(std::move(state));
  }
  flatbuffers::FlatBufferBuilder builder;
  const Bytes bytes = finished(builder, wire::Batch::Pack(builder, &batch));
  const RefusedRequest refused = check_batch(*verified<wire::Batch>(bytes));
  EXPECT_EQ(refused.code, Refusal::TooLarge) << refused.reason;
}

/// Of two states in one batch, which numbers are refused.
std::vector<std::uint64_t> refused_of(std::unique_ptr<wire::StateT> first,
                                      std::unique_ptr<wire::StateT> second) {
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(test::kSpool);
  batch.states.push_back(std::move(first));
  batch.states.push_back(std::move(second));
  const std::vector<std::byte> bytes = packed<wire::Batch>(batch);
  std::vector<RefusedNumbers> refused;
  check_entries(*verified<wire::Batch>(bytes), refused);
  std::vector<std::uint64_t> numbers;
  for (const RefusedNumbers& one : refused) numbers.push_back(one.first);
  return numbers;
}

TEST(CheckAccess, one_batch_does_not_speak_twice_of_a_name_or_a_key) {
  using testing::ElementsAre;
  EXPECT_THAT(
      refused_of(test::make_identity("blue/tablet", 1), test::make_invite("blue/tablet", 2)),
      ElementsAre(2));
  EXPECT_THAT(refused_of(test::make_identity("blue/one", 1), test::make_identity("blue/two", 2)),
              ElementsAre(2));  // the same key
  EXPECT_THAT(refused_of(test::make_grant("blue/one", 1), test::make_grant("blue/two", 2)),
              ElementsAre());
  auto other = test::make_identity("blue/two", 2);
  other->identity->key = std::string(64, 'c');
  EXPECT_THAT(refused_of(test::make_identity("blue/one", 1), std::move(other)), ElementsAre());
}

}  // namespace
}  // namespace vigie
