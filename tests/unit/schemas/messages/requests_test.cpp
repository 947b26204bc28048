// Every root: it verifies as itself and as nothing else, and spoilt bytes are refused or harmless.
#include "schemas/messages/requests.h"

#include <gtest/gtest.h>

#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/spoil.h"

namespace vigie {
namespace {

std::vector<std::byte> make(wire::HelloT) {
  wire::HelloT hello;
  hello.protocol = 1;
  hello.spool = std::make_unique<wire::Spool>(test::kSpool);
  hello.client = "test";
  hello.sent_time_us = test::kNoonUs;
  return packed<wire::Hello>(hello);
}
std::vector<std::byte> make(wire::WelcomeT) {
  wire::WelcomeT welcome;
  welcome.log = std::make_unique<wire::LogId>(3, 4);
  welcome.settled = {wire::NumberRange(1, 5), wire::NumberRange(9, 9)};
  welcome.granted_bytes = 1 << 20;
  return packed<wire::Welcome>(welcome);
}
std::vector<std::byte> make(wire::BatchT) {
  return packed<wire::Batch>(test::make_batch());
}
std::vector<std::byte> make(wire::AckT) {
  wire::AckT ack;
  ack.settled = {wire::NumberRange(1, 5)};
  ack.refused.push_back(std::make_unique<wire::RefusedT>());
  ack.refused[0]->numbers = std::make_unique<wire::NumberRange>(6, 7);
  ack.refused[0]->code = wire::Refusal::BadName;
  ack.refused[0]->reason = "unit '?' is not OWNER/NAME";
  return packed<wire::Ack>(ack);
}
std::vector<std::byte> make(wire::RehelloT) {
  return make_rehello("who are you");
}
std::vector<std::byte> make(wire::RejectedT) {
  return make_rejected(wire::Refusal::TooFast, "too fast", 100);
}
std::vector<std::byte> make(wire::OpenT) {
  wire::OpenT open;
  open.protocol = 1;
  open.view = std::make_unique<wire::ViewT>();
  open.view->channels = {"track", "event/blue"};
  open.view->units = {"blue/v1"};
  open.view->area = std::make_unique<wire::Area>(1, 2, 3, 4);
  open.token.assign(32, 7);
  open.speed = 2.5;
  return packed<wire::Open>(open);
}
std::vector<std::byte> make(wire::OpenedT) {
  wire::OpenedT opened;
  opened.position = std::make_unique<wire::Token>(wire::LogId(1, 2), 3, 4);
  opened.lost = std::make_unique<wire::SeqRange>(5, 6);
  return packed<wire::Opened>(opened);
}
std::vector<std::byte> make(wire::CreditT) {
  wire::CreditT credit;
  credit.granted_bytes = 9;
  return packed<wire::Credit>(credit);
}
std::vector<std::byte> make(wire::RefillT) {
  wire::RefillT refill;
  refill.token.assign(32, 1);
  return packed<wire::Refill>(refill);
}
std::vector<std::byte> make(wire::ControlT) {
  wire::ControlT control;
  control.kind = wire::ControlKind::Speed;
  control.speed = 10;
  return packed<wire::Control>(control);
}
std::vector<std::byte> make(wire::CloseT) {
  return packed<wire::Close>(wire::CloseT());
}
std::vector<std::byte> make(wire::ReopenT) {
  return make_reopen(wire::Refusal::NotReady, "starting");
}
std::vector<std::byte> make(wire::DeniedT) {
  return make_denied(wire::Refusal::BadView, "no such channel", 0);
}
std::vector<std::byte> make(wire::HeartbeatT) {
  wire::HeartbeatT beat;
  beat.position = std::make_unique<wire::Token>(wire::LogId(1, 2), 3, 4);
  return packed<wire::Heartbeat>(beat);
}
std::vector<std::byte> make(wire::ReplayStateT) {
  wire::ReplayStateT state;
  state.damaged = {wire::SeqRange(1, 2)};
  state.reason = "read";
  return packed<wire::ReplayState>(state);
}
std::vector<std::byte> make(wire::SettledT) {
  wire::SettledT settled;
  settled.ranges = {wire::NumberRange(1, 2)};
  return packed<wire::Settled>(settled);
}
std::vector<std::byte> make(wire::LeavesT) {
  wire::LeavesT leaves;
  leaves.leaves.push_back(std::make_unique<wire::LeaveT>());
  leaves.leaves[0]->unit = "blue/v1";
  return packed<wire::Leaves>(leaves);
}
std::vector<std::byte> make(wire::AskT) {
  wire::AskT ask;
  ask.request = 7;
  ask.what = wire::AskKind::Quarantined;
  return packed<wire::Ask>(ask);
}
std::vector<std::byte> make(wire::ToldT) {
  wire::ToldT told;
  told.reason = "done";
  told.quarantined.push_back(std::make_unique<wire::QuarantinedMessageT>());
  told.quarantined[0]->bytes = {1, 2, 3};
  return packed<wire::Told>(told);
}

template <typename Root>
class RootTest : public testing::Test {
 protected:
  const std::vector<std::byte> bytes_ = make(typename Root::NativeTableType());
};
using Roots =
    testing::Types<wire::Hello, wire::Welcome, wire::Batch, wire::Ack, wire::Rehello,
                   wire::Rejected, wire::Open, wire::Opened, wire::Credit, wire::Refill,
                   wire::Control, wire::Close, wire::Reopen, wire::Denied, wire::Heartbeat,
                   wire::ReplayState, wire::Settled, wire::Leaves, wire::Ask, wire::Told>;
TYPED_TEST_SUITE(RootTest, Roots);

TYPED_TEST(RootTest, verifies_as_itself) {
  EXPECT_NE(verified<TypeParam>(this->bytes_), nullptr);
  EXPECT_TRUE(has_identifier<TypeParam>(this->bytes_));
}

TYPED_TEST(RootTest, has_an_identifier_that_no_other_root_has) {
  const auto also = [&]<typename Other>() { return has_identifier<Other>(this->bytes_) ? 1 : 0; };
  const int roots =
      also.template operator()<wire::Hello>() + also.template operator()<wire::Welcome>() +
      also.template operator()<wire::Batch>() + also.template operator()<wire::Ack>() +
      also.template operator()<wire::Rehello>() + also.template operator()<wire::Rejected>() +
      also.template operator()<wire::Open>() + also.template operator()<wire::Opened>() +
      also.template operator()<wire::Credit>() + also.template operator()<wire::Refill>() +
      also.template operator()<wire::Control>() + also.template operator()<wire::Close>() +
      also.template operator()<wire::Reopen>() + also.template operator()<wire::Denied>() +
      also.template operator()<wire::Heartbeat>() + also.template operator()<wire::ReplayState>() +
      also.template operator()<wire::Settled>() + also.template operator()<wire::Leaves>() +
      also.template operator()<wire::Ask>() + also.template operator()<wire::Told>();
  EXPECT_EQ(roots, 1);
}

TYPED_TEST(RootTest, every_truncation_is_refused_or_read_without_fault) {
  test::truncate_everywhere(this->bytes_, [](Bytes bytes) {
    const TypeParam* root = verified<TypeParam>(bytes);
    if (root != nullptr) test::read_root(*root);
  });
}

TYPED_TEST(RootTest, every_flipped_bit_is_refused_or_read_without_fault) {
  test::flip_everywhere(this->bytes_, [](Bytes bytes) {
    const TypeParam* root = verified<TypeParam>(bytes);
    if (root != nullptr) test::read_root(*root);
  });
}

TEST(RequestsTest, what_is_made_says_what_was_given) {
  const auto rejected = make_rejected(wire::Refusal::DiskFull, "full", 250);
  const wire::Rejected& root = *verified<wire::Rejected>(rejected);
  EXPECT_EQ(root.code(), wire::Refusal::DiskFull);
  EXPECT_EQ(root.reason()->str(), "full");
  EXPECT_EQ(root.retry_after_ms(), 250u);
  const auto denied = make_denied(wire::Refusal::BadView, "x", 5);
  EXPECT_EQ(verified<wire::Denied>(denied)->retry_after_ms(), 5u);
  const auto reopen = make_reopen(wire::Refusal::None, "bye");
  EXPECT_EQ(verified<wire::Reopen>(reopen)->reason()->str(), "bye");
  const auto rehello = make_rehello("again");
  EXPECT_EQ(verified<wire::Rehello>(rehello)->reason()->str(), "again");
}

}  // namespace
}  // namespace vigie
