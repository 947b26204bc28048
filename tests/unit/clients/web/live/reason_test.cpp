// Why something is not, as a page is told: no sentence comes without a code.

#include "clients/web/server/live/reason.h"

#include <gtest/gtest.h>

namespace vigie::web::test {
namespace {

using client::LinkState;
using client::Refusal;

TEST(ReasonTest, ALinkThatTheHubRefusedHasTheNameOfItsRefusal) {
  const Reason why = link_reason({LinkState::Refused, Refusal::TooManySessions, "4096 sessions"});
  EXPECT_EQ(why.code, "too_many_sessions");
  EXPECT_EQ(why.sentence, "4096 sessions");
}

TEST(ReasonTest, ARefusalOfALaterHubHasACodeToo) {
  EXPECT_EQ(link_reason({LinkState::Refused, static_cast<Refusal>(250), "new"}).code, "code_250");
}

TEST(ReasonTest, AStaleLinkHasACodeWhateverIsSaidOfIt) {
  const auto code = [](client::Stale why, const std::string& said) {
    return link_reason({.state = LinkState::Stale, .reason = said, .stale = why}).code;
  };
  EXPECT_EQ(code(client::Stale::Cut, "gone"), "hub_cut");
  EXPECT_EQ(code(client::Stale::Silent, "the connection is cut"), "hub_silent");
  EXPECT_EQ(code(client::Stale::Anew, "what a later hub says"), "hub_anew");
  EXPECT_EQ(code(client::Stale::Anew, ""), "hub_anew");
}

TEST(ReasonTest, ASessionThatCouldNotBeOpenedHasACode) {
  for (const LinkState state : {LinkState::Refused, LinkState::Ended}) {
    const Reason why = link_reason({state, Refusal::None, "hub 'x' names no port"});
    EXPECT_EQ(why.code, "hub_unopened");
    EXPECT_EQ(why.sentence, "hub 'x' names no port");
  }
}

TEST(ReasonTest, ALinkThatStandsOrBeginsHasNone) {
  EXPECT_FALSE(link_reason({.state = LinkState::Live}));
  EXPECT_FALSE(link_reason({.state = LinkState::Connecting}));
}

TEST(ReasonTest, AReplayThatEndedIsExplainedThoughTheHubSaidNothing) {
  EXPECT_EQ(replay_reason(Refusal::BadRange, "nothing is kept").code, "bad_range");
  const Reason silent = replay_reason(Refusal::None, "");
  EXPECT_EQ(silent.code, "replay_ended");
  EXPECT_EQ(silent.sentence, "the hub ended the replay");
}

TEST(ReasonTest, AReplayThatGoesOnHasAReasonWhereSomethingIsMissing) {
  client::ReplayItem item;
  EXPECT_FALSE(replay_notice(item));
  item.damaged = {{3, 4}};
  EXPECT_EQ(replay_notice(item).code, "parts_missing");
  item.damaged.clear();
  item.reason = "fixes before seq 5 are not kept any more";
  EXPECT_EQ(replay_notice(item).code, "parts_missing");
  EXPECT_EQ(replay_notice(item).sentence, item.reason);
  item.code = Refusal::NotReady;
  EXPECT_EQ(replay_notice(item).code, "not_ready");
}

TEST(ReasonTest, AReplayWhoseSessionCouldNotBeOpenedHasTheCodeOfSuchALink) {
  const Reason why = reason_of({FaultCode::Invalid, "cannot connect: no descriptor is left"});
  EXPECT_EQ(why.code, "hub_unopened");
  EXPECT_EQ(why.sentence, "cannot connect: no descriptor is left");
}

}  // namespace
}  // namespace vigie::web::test
