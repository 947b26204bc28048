// The events and cards that only the hub has any more, fetched by a session of their own.

#include "clients/web/server/live/catch_up.h"

#include <gmock/gmock.h>

#include "tests/unit/clients/web/live/on_thread.h"

namespace vigie::web::test {
namespace {

/// A catch-up on its thread, whose blocks are taken when the test asks.
class Catching : public OnThread<CatchUp> {
 public:
  Catching(const std::string& hub, std::uint64_t from_seq, std::uint64_t until_seq)
      : OnThread(link_to(hub), std::string(), from_seq, until_seq) {
    start();
  }
  void take() {
    while (to_take()) {
      CatchUpBlock block = work.take();
      std::size_t bytes = 0;
      for (const Said& said : block.said) {
        seqs.push_back(said.seq);
        bytes += bytes_of(said);
      }
      longest = std::max(longest, block.said.size());
      largest = std::max(largest, bytes);
      done = done || block.done;
      if (!block.failed.empty()) failed = block.failed;
    }
  }
  bool over() const { return done || !failed.empty(); }

  std::vector<std::uint64_t> seqs;
  bool done = false;
  std::string failed;
  std::size_t longest = 0;  // of the blocks
  std::size_t largest = 0;  // in bytes
};

class CatchUpTest : public ::testing::Test {
 protected:
  bool take_until_over(Catching& catching) {
    return net.run_until([&] {
      catching.take();
      return catching.over();
    });
  }
  /// Events with fixes between them.
  void talk(int events, std::size_t text_bytes = 10) {
    for (int i = 0; i < events; ++i) {
      hub.move("a/one");
      said.push_back(hub.say("a/one", std::string(text_bytes, 't')));
    }
  }
  ListenHub hub;
  TurningNet net;
  std::vector<std::uint64_t> said;
};

TEST_F(CatchUpTest, BringsEachEventOfTheRangeOnceAndInOrder) {
  talk(100);
  Catching catching(hub.address(), said[9], said[59]);
  ASSERT_TRUE(take_until_over(catching));
  EXPECT_TRUE(catching.done);
  EXPECT_EQ(catching.seqs, std::vector(said.begin() + 10, said.begin() + 60));
}

TEST_F(CatchUpTest, BringsCardsToo) {
  talk(1);
  const std::uint64_t card = hub.tell_card("a/one", "ONE");
  talk(1);
  Catching catching(hub.address(), said[0], said[1]);
  ASSERT_TRUE(take_until_over(catching));
  EXPECT_EQ(catching.seqs, (std::vector<std::uint64_t>{card, said[1]}));
}

TEST_F(CatchUpTest, IsDoneWhereTheRangeEndsWithFixes) {
  talk(5);
  hub.move("a/one");
  const std::uint64_t last = hub.move("a/one");
  Catching catching(hub.address(), 0, last);
  ASSERT_TRUE(take_until_over(catching));
  EXPECT_TRUE(catching.done);
  EXPECT_EQ(catching.seqs, said);
}

TEST_F(CatchUpTest, HandsOverBlocksOfABoundedSize) {
  talk(1'500, 1'000);
  Catching catching(hub.address(), 0, said.back());
  ASSERT_TRUE(take_until_over(catching));
  EXPECT_EQ(catching.seqs, said);
  EXPECT_LE(catching.longest, CatchUp::kSaidMax);
  EXPECT_LE(catching.largest, CatchUp::kBytesMax + 4'096);
}

TEST_F(CatchUpTest, HoldsTheHubWhileItsBlockIsNotTaken) {
  talk(4'000, 1'000);
  Catching catching(hub.address(), 0, said.back());
  const std::uint64_t sent = sent_until_held(net, hub, hub_wire::Mode::Live);
  ASSERT_TRUE(take_until_over(catching));
  EXPECT_EQ(catching.seqs, said);
  EXPECT_LT(sent, hub.bytes_sent(hub_wire::Mode::Live) / 2);
}

TEST_F(CatchUpTest, EndsSoonWhenItIsStoppedThoughNothingIsTaken) {
  talk(2'000);
  Catching catching(hub.address(), 0, said.back());
  ASSERT_TRUE(net.run_until([&] { return catching.waits(); }));
  catching.stop();
  EXPECT_FALSE(catching.over());
}

TEST_F(CatchUpTest, SaysWhyItCannotGoOn) {
  talk(1);
  hub.deny(hub_wire::Refusal::NotEntitled, "no longer");
  Catching catching(hub.address(), 0, said.back());
  ASSERT_TRUE(take_until_over(catching));
  EXPECT_EQ(catching.failed, "no longer");
  Catching nowhere("nowhere", 0, 1);
  ASSERT_TRUE(take_until_over(nowhere));
  EXPECT_THAT(nowhere.failed, ::testing::HasSubstr("'nowhere'"));
}

TEST_F(CatchUpTest, GoesOnAfterTheHubWasGone) {
  talk(50);
  hub.hold(true);
  Catching catching(hub.address(), 0, said.back());
  ASSERT_TRUE(net.run_until([&] { return hub.sessions(hub_wire::Mode::Live) == 1; }));
  hub.go_away();
  ASSERT_TRUE(net.run_until([&] { return hub.sessions(hub_wire::Mode::Live) == 0; }));
  hub.hold(false);
  hub.come_back();
  ASSERT_TRUE(take_until_over(catching));
  EXPECT_EQ(catching.seqs, said);
}

}  // namespace
}  // namespace vigie::web::test
