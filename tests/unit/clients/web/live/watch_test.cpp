// One session with the hub for all browsers of an identity: what they are told when the hub goes,
// comes back, is another one, or does not let the identity in any more.

#include "clients/web/server/live/watch.h"

#include <gmock/gmock.h>

#include <fstream>

#include "schemas/keys/key_file.h"
#include "tests/unit/clients/web/live/live_room.h"

namespace vigie::web::test {
namespace {

using client::LinkState;

class WatchTest : public LiveRoom {
 protected:
  Watch& watch(const std::string& account = "ann") { return *watches().watch_of(viewer(account)); }
  bool until(LinkState state) {
    return net.run_until([&] { return watch().link().state == state; });
  }
  bool until_complete() {
    return net.run_until([&] { return watch().complete(); });
  }
};

TEST_F(WatchTest, HasOneSessionForAllBrowsersOfAnIdentity) {
  hub.move("a/one");
  std::vector<std::unique_ptr<TestBrowser>> browsers;
  for (int i = 0; i < 5; ++i) browsers.push_back(opened({}, i % 2 == 0 ? "ann" : "bob"));
  EXPECT_EQ(hub.sessions(hub_wire::Mode::Live), 1u) << "accounts of one identity share it";
  EXPECT_EQ(watches().counters().watches, 1u);
  EXPECT_EQ(watch().users(), 5u);
}

TEST_F(WatchTest, KeepsThePictureWhileTheHubIsGoneAndGoesOnFromThere) {
  hub.move("a/one");
  const auto page = opened();
  const std::uint64_t epoch = watch().epoch();
  hub.go_away();
  ASSERT_TRUE(until(LinkState::Stale));
  EXPECT_TRUE(watch().complete());
  ASSERT_TRUE(net.run_until([&] { return page->last("link")["state"] == "stale"; }));
  EXPECT_EQ(page->last("link")["code"], "hub_cut");
  EXPECT_EQ(page->page.shown().size(), 1u) << "what was shown stays, with its age";
  const std::uint64_t last = hub.move("a/two");
  hub.say("a/two", "while you were away");
  hub.come_back();
  ASSERT_TRUE(until(LinkState::Live));
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().contains("a/two"); }));
  ASSERT_TRUE(net.run_until([&] { return page->page.events().size() == 1; }));
  EXPECT_EQ(page->page.shown().at("a/two"), last);
  EXPECT_EQ(page->page.snapshots(), 1u) << "it comes back by its place, not by a flood";
  EXPECT_EQ(hub.asked().back().start, hub_wire::StartKind::Token);
  EXPECT_EQ(watch().epoch(), epoch);
}

TEST_F(WatchTest, PutsThePictureOfAnotherLogInThePlaceOfTheOneBefore) {
  hub.move("a/old");
  const auto page = opened();
  const std::string log = page->last("opened")["log"];
  hub.change_log();
  hub.move("a/new");
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().contains("a/new"); }));
  EXPECT_FALSE(page->page.shown().contains("a/old"));
  EXPECT_NE(page->last("opened")["log"], log);
  EXPECT_EQ(page->last("opened")["resumed"], false);
  EXPECT_EQ(watches().counters().resets, 1u);
}

TEST_F(WatchTest, ShowsNothingAnyMoreOfWhatItIsNotLetIntoAndAllAgainLater) {
  hub.move("a/one");
  const auto page = opened();
  hub.deny(hub_wire::Refusal::NotEntitled, "no longer");
  ASSERT_TRUE(until(LinkState::Refused));
  EXPECT_FALSE(watch().complete());
  ASSERT_TRUE(net.run_until([&] { return page->page.snapshots() == 2; }));
  EXPECT_TRUE(page->page.shown().empty());
  ASSERT_TRUE(net.run_until([&] { return page->last("link")["code"] == "not_entitled"; }));
  EXPECT_EQ(page->last("link")["reason"], "no longer");
  hub.deny(hub_wire::Refusal::None);
  clock.advance(std::chrono::seconds(11));
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().size() == 1; }));
  EXPECT_EQ(page->last("link")["state"], "live");
}

TEST_F(WatchTest, KeepsThePictureOfAHubThatIsNotReady) {
  hub.move("a/one");
  const auto page = opened();
  hub.deny(hub_wire::Refusal::NotReady, "starting", 60'000);
  ASSERT_TRUE(until(LinkState::Refused));
  EXPECT_TRUE(watch().complete());
  EXPECT_EQ(page->page.snapshots(), 1u);
}

TEST_F(WatchTest, SaysThatThereIsNoPictureWhenNobodyAnswersInTime) {
  hub.go_away();
  std::optional<bool> answer;
  watch().when_complete(std::chrono::seconds(30), [&](bool complete) { answer = complete; });
  net.run_posted();
  EXPECT_FALSE(answer);
  clock.advance(std::chrono::seconds(31));
  ASSERT_TRUE(net.run_until([&] { return answer.has_value(); }));
  EXPECT_FALSE(*answer);
}

TEST_F(WatchTest, AnswersWhoWaitsForThePictureAsSoonAsItIsThereOrRefused) {
  std::optional<bool> answer;
  const auto ask = [&] {
    answer.reset();
    watch().when_complete(std::chrono::seconds(30), [&](bool complete) { answer = complete; });
  };
  ask();
  ASSERT_TRUE(net.run_until([&] { return answer.has_value(); }));
  EXPECT_TRUE(*answer);
  ask();
  EXPECT_EQ(answer, true) << "at once";
  hub.deny(hub_wire::Refusal::NotEntitled, "no longer");
  ASSERT_TRUE(until(LinkState::Refused));
  ask();
  EXPECT_EQ(answer, false) << "at once";
}

TEST_F(WatchTest, GathersLongerForMoreBrowsers) {
  std::vector<Told> users(2'000);
  EXPECT_EQ(watch().gather_ms(), 5u);
  for (std::size_t i = 0; i < 200; ++i) watch().add(users[i]);
  EXPECT_EQ(watch().gather_ms(), 20u);
  for (std::size_t i = 200; i < users.size(); ++i) watch().add(users[i]);
  EXPECT_EQ(watch().gather_ms(), 100u) << "and no longer than that";
  for (Told& user : users) watch().remove(user);
}

TEST_F(WatchTest, LetsAUserGoWhileItTellsThem) {
  Told first;
  Told second;
  Told third;
  first.at_tick = [&] {
    watch().remove(first);
    watch().remove(second);
  };
  for (Told* user : {&first, &second, &third}) watch().add(*user);
  ASSERT_TRUE(net.run_until([&] { return first.ticks == 1; }));
  EXPECT_EQ(second.ticks, 0);
  EXPECT_EQ(third.ticks, 1) << "nobody is passed over";
  EXPECT_EQ(watch().users(), 1u);
  watch().remove(third);
}

TEST_F(WatchTest, SaysHowFreshAUnitIsByTheHubsThresholdsAndClock) {
  hub.move("a/old");
  for (int i = 0; i < 60; ++i) hub.say("a/old");
  hub.move("a/new");
  ASSERT_TRUE(until_complete());
  EXPECT_EQ(watch().freshness(*watch().picture().find("a/new")), client::Freshness::Fresh);
  EXPECT_EQ(watch().freshness(*watch().picture().find("a/old")), client::Freshness::Overdue);
  EXPECT_EQ(watch().freshness(LiveUnit()), client::Freshness::Unknown);
}

TEST_F(WatchTest, IsKeptAMinuteAfterItsLastUse) {
  auto page = opened();
  page->leave();
  clock.advance(std::chrono::seconds(50));
  static_cast<void>(watch());
  clock.advance(std::chrono::seconds(50));
  Viewer other = viewer("bob");
  other.name = "b/bob";
  pass_a_tick(other);
  EXPECT_EQ(watches().counters().watches, 2u);
  clock.advance(std::chrono::seconds(61));
  ASSERT_TRUE(net.run_until([&] { return watches().counters().watches == 0; }));
  ASSERT_TRUE(net.run_until([&] { return hub.sessions(hub_wire::Mode::Live) == 0; }));
}

TEST_F(WatchTest, IsNotOpenedForMoreIdentitiesThanTheServerMayWatch) {
  options.watches_max = 1;
  const auto page = opened();
  Viewer other = viewer("bob");
  other.name = "b/bob";
  EXPECT_EQ(watches().watch_of(other), nullptr);
  TestBrowser turned_away(net, watches().browser(other));
  EXPECT_EQ(turned_away.closed, 1013);
  EXPECT_EQ(turned_away.close_code, "server_full");
}

/// Identities that have keys.
class KeyedWatchTest : public ::testing::Test {
 protected:
  KeyedWatchTest() {
    options.hub = hub.address();
    options.revoked = [this](const std::string& path) {
      ++revoked[path];
      gate.end("session of " + path);  // as the accounts do
    };
  }
  Viewer identity(const std::string& name) {
    Viewer viewer;
    viewer.account = name;
    viewer.name = "a/" + name;
    viewer.identity_path = folder.file(name + ".toml");
    viewer.session = "session of " + viewer.identity_path;
    write_key(viewer.identity_path, viewer.name);
    return viewer;
  }
  void write_key(const std::string& path, const std::string& name) {
    ASSERT_TRUE(write_key_file(path, KeyFile{.name = name,
                                             .role = "console",
                                             .hub = "127.0.0.1:1",
                                             .hub_key = keys.key,
                                             .keys = make_key_pair()}));
  }
  std::unique_ptr<TestBrowser> opened(const Viewer& viewer) {
    auto page = std::make_unique<TestBrowser>(net, watches().browser(viewer));
    page->open();
    EXPECT_TRUE(net.run_until([&] { return page->page.snapshots() != 0; }));
    return page;
  }
  Watches& watches() {
    if (watches_ == nullptr) watches_ = std::make_unique<Watches>(options, net, gate, clock);
    return *watches_;
  }

  const ::vigie::test::TemporaryFolder folder;
  const KeyPair keys = make_key_pair();
  ListenHub hub{keys};
  TurningNet net;
  ForwardClock clock;
  TestGate gate;
  LiveOptions options;
  std::map<std::string, int> revoked;

 private:
  std::unique_ptr<Watches> watches_;
};

TEST_F(KeyedWatchTest, EndsTheBrowsersOfARevokedIdentityAndNoOthers) {
  hub.move("a/one");
  const Viewer ann = identity("ann");
  const Viewer bob = identity("bob");
  const auto anns = opened(ann);
  const auto bobs = opened(bob);
  EXPECT_EQ(hub.sessions(hub_wire::Mode::Live), 2u);
  hub.deny(hub_wire::Refusal::Revoked, "revoked", 0, true);  // bob's, the newest
  ASSERT_TRUE(net.run_until([&] { return bobs->closed.has_value(); }));
  EXPECT_EQ(bobs->closed, 1008);
  EXPECT_EQ(bobs->close_code, "signed_out");
  EXPECT_FALSE(anns->closed);
  EXPECT_EQ(revoked.count(ann.identity_path), 0u);
  const std::uint64_t last = hub.move("a/one");
  ASSERT_TRUE(net.run_until([&] { return anns->page.shown().at("a/one") == last; }));
  EXPECT_EQ(watches().counters().closed_session_ended, 1u);
}

TEST_F(KeyedWatchTest, SaysThatAKeyIsRevokedForAsLongAsItIs) {
  const Viewer bob = identity("bob");
  const auto page = opened(bob);
  hub.deny(hub_wire::Refusal::Revoked, "revoked");
  ASSERT_TRUE(net.run_until([&] { return revoked[bob.identity_path] >= 3; }));
}

TEST_F(KeyedWatchTest, BeginsAnewWithAKeyThatWasChanged) {
  hub.move("a/one");
  options.revoked = {};
  const Viewer bob = identity("bob");
  const auto page = opened(bob);
  hub.deny(hub_wire::Refusal::Revoked, "revoked");
  ASSERT_TRUE(net.run_until([&] { return page->page.snapshots() == 2; }));
  EXPECT_TRUE(page->page.shown().empty());
  hub.deny(hub_wire::Refusal::None);
  write_key(bob.identity_path, bob.name);
  ASSERT_TRUE(net.run_until([&] { return page->page.shown().size() == 1; }));
  EXPECT_EQ(hub.asked().back().start, hub_wire::StartKind::Now) << "the whole picture, not a token";
}

TEST_F(KeyedWatchTest, WaitsWithTheWordWhileAKeyIsBeingChanged) {
  const Viewer bob = identity("bob");
  const auto page = opened(bob);
  std::ofstream(bob.identity_path + ".rotating") << "the new one";
  hub.deny(hub_wire::Refusal::Revoked, "revoked");
  ASSERT_TRUE(net.run_until([&] { return page->last("link")["state"] == "refused"; }));
  Told told;
  watches().watch_of(bob)->add(told);
  ASSERT_TRUE(net.run_until([&] { return told.ticks == 2; }));
  watches().watch_of(bob)->remove(told);
  EXPECT_TRUE(revoked.empty());
  clock.advance(std::chrono::seconds(31));
  ASSERT_TRUE(net.run_until([&] { return !revoked.empty(); })) << "not for ever";
}

}  // namespace
}  // namespace vigie::web::test
