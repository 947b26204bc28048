// The small parts: event log, ring, frames as JSON, interest, translation, a replay's gathering.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clients/web/server/live/conversation.h"
#include "clients/web/server/live/event_log.h"
#include "clients/web/server/live/frame_ring.h"
#include "clients/web/server/live/frame_writer.h"
#include "clients/web/server/live/interest.h"
#include "clients/web/server/live/past_gather.h"
#include "clients/web/server/live/translate.h"

namespace vigie::web {
namespace {

using Json = nlohmann::json;

Said said(std::uint64_t seq) {
  wire::EventT event;
  event.seq = seq;
  event.unit = "a/b";
  event.kind = "text";
  return {seq, std::make_shared<const wire::EventT>(event), nullptr, {}};
}

wire::PageFix fix(std::uint64_t seq, std::uint32_t unit, unsigned flags = 0) {
  return wire::PageFix(seq, 0, unit, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(flags), 0);
}

TEST(EventLogTest, FindsThePlaceBehindASeqAndSaysWhenItIsTooOld) {
  EventLog log(3, 1'000'000);
  log.begin(10);
  for (const std::uint64_t seq : {12u, 15u, 18u}) log.add(said(seq));
  EXPECT_EQ(log.after(10), 0u);
  EXPECT_EQ(log.after(12), 1u);
  EXPECT_EQ(log.after(16), 2u);
  EXPECT_EQ(log.after(99), 3u);
  EXPECT_FALSE(log.after(9));
  log.add(said(20));
  EXPECT_EQ(log.floor_seq(), 12u);
  EXPECT_FALSE(log.after(11));
  EXPECT_EQ(log.after(12), 1u);
}

TEST(EventLogTest, IsBoundedInBytes) {
  EventLog log(1'000'000, 10'000);
  for (std::uint64_t seq = 1; seq < 1'000; ++seq) log.add(said(seq));
  EXPECT_LE(log.bytes(), 10'000u);
  EXPECT_EQ(log.end(), 999u);
}

TEST(FrameRingTest, LetsTheOldestGoWhenItIsFull) {
  FrameRing ring(250);
  for (int i = 0; i < 5; ++i) {
    ring.push({std::make_shared<const std::string>(100, 'x'), 0, 0, 0, {}});
  }
  EXPECT_EQ(ring.first(), 3u);
  EXPECT_EQ(ring.end(), 5u);
  EXPECT_EQ(ring.bytes(), 200u);
}

TEST(FrameJsonTest, HoldsTheSameFieldsUnderTheSameNames) {
  FrameWriter writer;
  writer.name(3, "a/b", "g");
  wire::EventT event = *said(5).event;
  event.text = "a \"text\"\n<script>";
  event.position = std::make_unique<wire::Place>(1, 2);
  event.references = {"x:1"};
  event.fields.push_back(std::make_unique<wire::FieldT>());
  event.fields[0]->key = "k";
  writer.event(event);
  wire::CardT card;
  card.unit = "a/b";
  card.call_sign = "B";
  writer.card(card);
  writer.fix(fix(6, 3));
  writer.leave(9);
  FrameHead head;
  head.kind = wire::FrameKind::Snapshot;
  head.first_page = true;
  head.event_seq = 5;
  head.fix_seq = 6;
  head.conflated = 4;
  const auto bytes = writer.finish(head);
  const Json json = Json::parse(json_of(*wire::GetFrame(bytes->data())));
  EXPECT_EQ(json["type"], "frame");
  EXPECT_EQ(json["kind"], 1);
  EXPECT_EQ(json["names"], Json::parse(R"([{"index":3,"name":"a/b","group":"g"}])"));
  EXPECT_EQ(json["events"][0]["text"], event.text);
  EXPECT_EQ(json["events"][0]["position"], Json::parse(R"({"lat_e7":1,"lon_e7":2})"));
  EXPECT_EQ(json["events"][0]["references"], Json::parse(R"(["x:1"])"));
  EXPECT_EQ(json["events"][0]["fields"], Json::parse(R"([{"key":"k","value":""}])"));
  EXPECT_EQ(json["cards"][0]["call_sign"], "B");
  EXPECT_EQ(json["fixes"][0]["seq"], 6);
  EXPECT_EQ(json["leaves"], Json::parse("[9]"));
  EXPECT_EQ(json["first_page"], true);
  EXPECT_FALSE(json.contains("last_page"));
  EXPECT_EQ(json["conflated"], 4);
  EXPECT_TRUE(writer.empty());
}

TEST(InterestTest, CutsFixesByUnitChannelAndAreaAndEventsByChannelAlone) {
  Interest interest;
  interest.units = {"a/b"};
  interest.channels = {"*/a"};
  interest.area = AreaBox{1'700'000'000, -100, -1'700'000'000, 100};
  InterestFilter filter(interest);
  EXPECT_TRUE(filter.takes_unit(0, "a/b", ""));
  EXPECT_FALSE(filter.takes_unit(1, "a/c", ""));
  EXPECT_TRUE(filter.takes_event("a/c", ""));
  EXPECT_FALSE(filter.takes_event("b/c", ""));
  EXPECT_TRUE(filter.in_area(0, 1'800'000'000));
  EXPECT_TRUE(filter.in_area(0, -1'750'000'000));
  EXPECT_FALSE(filter.in_area(0, 0));
}

TEST(InterestTest, OfNoClassTakesNothing) {
  Interest interest;
  interest.classes = 0;
  InterestFilter filter(interest);
  EXPECT_FALSE(filter.takes_unit(0, "a/b", ""));
  EXPECT_FALSE(filter.takes_event("a/b", ""));
  EXPECT_FALSE(filter.takes_card("a/b", ""));
  EXPECT_FALSE(filter.takes_class(MessageClass::Track));
}

TEST(InterestTest, TakesAUnitThatIsAlwaysNearWhereverItIs) {
  Interest interest;
  interest.area = AreaBox{0, 0, 10, 10};
  interest.always = {"a/b"};
  InterestFilter filter(interest);
  EXPECT_TRUE(filter.is_near(0, "a/b", "", 50, 50));
  EXPECT_FALSE(filter.is_near(1, "a/c", "", 50, 50));
  EXPECT_TRUE(filter.is_near(1, "a/c", "", 5, 5));
}

TEST(InterestTest, LooksAgainAfterUnitsChangedTheirGroup) {
  Interest interest;
  interest.channels = {"track/a/g"};
  InterestFilter filter(interest);
  EXPECT_FALSE(filter.takes_unit(0, "a/b", ""));
  filter.forget();
  EXPECT_TRUE(filter.takes_unit(0, "a/b", "g"));
}

client::FixItem fix_item(const std::string& unit, const std::string& group) {
  client::FixItem item;
  item.stamp.seq = 4;
  item.stamp.known_time_us = 2'000'000;
  item.fix.unit = unit;
  item.fix.group = group;
  item.fix.true_time_us = 1'500'000;
  return item;
}

TEST(TranslatorTest, NamesAUnitBeforeItsFirstFixAndWhenItsGroupChanges) {
  Translator translator;
  std::vector<Change> out;
  translator.translate(fix_item("a/b", ""), out);
  translator.translate(fix_item("a/b", ""), out);
  translator.translate(fix_item("a/b", "g"), out);
  ASSERT_EQ(out.size(), 5u);
  EXPECT_EQ(std::get<UnitNamed>(out[0]).name, "a/b");
  EXPECT_EQ(std::get<wire::PageFix>(out[1]).unit(), 0u);
  EXPECT_EQ(std::get<UnitNamed>(out[3]).group, "g");
}

TEST(TranslatorTest, WritesWhatIsUnknownAndWhatIsTooMuchAsTheSchemaSays) {
  client::FixItem item = fix_item("a/b", "");
  wire::PageFix page = page_fix(item, 7);
  EXPECT_EQ(page.time_us(), 1'500'000);
  EXPECT_EQ(page.delay_ms(), 500u);
  EXPECT_EQ(page.altitude_dm(), INT32_MIN);
  EXPECT_EQ(page.speed_cm_s(), 65'535);
  EXPECT_EQ(page.course_cdeg(), 65'535);
  EXPECT_EQ(page.battery_percent(), 255);
  item.fix.speed_mm_s = 13'894;
  item.fix.course_mdeg = 359'999;
  item.fix.h_accuracy_mm = 4'000'000'000;
  item.fix.altitude_mm = -12'345;
  page = page_fix(item, 7);
  EXPECT_EQ(page.speed_cm_s(), 1'389);
  EXPECT_EQ(page.course_cdeg(), 0);
  EXPECT_EQ(page.accuracy_dm(), 65'534);
  EXPECT_EQ(page.altitude_dm(), -123);
}

TEST(TranslatorTest, ShowsNoBrowserWhoMayDoWhat) {
  Translator translator;
  std::vector<Change> out;
  client::StateItem item;
  item.state.kind = client::StateKind::Grant;
  item.state.name = "a/b";
  translator.translate(std::move(item), out);
  EXPECT_TRUE(out.empty());
}

TEST(PastGatherTest, ConflatesFixesBeyondItsBoundAndKeepsEveryEvent) {
  PastGather gather(true);
  std::vector<Change> changes;
  for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
    changes.emplace_back(fix(seq, static_cast<std::uint32_t>(seq % 10)));
    if (seq % 100 == 0) changes.emplace_back(EventSaid{said(seq).event});
    gather.take(changes);
  }
  const PastBatch batch = gather.finish(5);
  EXPECT_EQ(batch.said.size(), 200u);
  EXPECT_LE(batch.fixes.size(), PastGather::kFixesMax + 10);
  EXPECT_EQ(batch.fixes.size() + batch.conflated, 20'000u);
  EXPECT_EQ(batch.fixes.back().seq(), 20'000u);
  EXPECT_TRUE(gather.empty());
}

TEST(PastGatherTest, PutsALateFixWhereItBelongsByTrueTime) {
  const auto late = static_cast<unsigned>(wire::FixFlag::Late);
  for (const bool true_clock : {true, false}) {
    PastGather gather(true_clock);
    std::vector<Change> changes;
    changes.emplace_back(fix(1, 0, late));
    gather.take(changes);
    EXPECT_EQ(gather.finish(0).fixes[0].flags() & late, true_clock ? 0u : late);
  }
}

TEST(PastGatherTest, IsFullWhenMoreEventsWaitThanItMayHold) {
  PastGather gather(false);
  std::vector<Change> changes;
  for (std::uint64_t seq = 1; seq <= PastGather::kSaidMax; ++seq) {
    changes.emplace_back(EventSaid{said(seq).event});
  }
  gather.take(changes);
  EXPECT_TRUE(gather.full());
  static_cast<void>(gather.finish(0));
  EXPECT_FALSE(gather.full());
}

TEST(ConversationTest, SaysWhatTheProtocolSays) {
  Viewer viewer;
  viewer.account = "ann";
  const Json hello = Json::parse(hello_text(viewer, "vigie-web 1", 5));
  EXPECT_EQ(hello["protocol"], 1);
  EXPECT_EQ(hello["viewer"]["account"], "ann");
  EXPECT_FALSE(hello.dump().find("session") != std::string::npos);
  const Json link = Json::parse(
      link_text(client::LinkState::Refused, 3, 1'500'000, Reason{"revoked", "no \xff more"}));
  EXPECT_EQ(link["state"], "refused");
  EXPECT_EQ(link["code"], "revoked");
  EXPECT_EQ(Json::parse(probe_text(4, -1, -1, 0))["hub_age_ms"], -1);
  EXPECT_EQ(Json::parse(probe_text(4, -1, -1, 0))["waited_ms"], -1);
  EXPECT_EQ(Json::parse(probe_text(4, 1'250'000, 0, 0))["waited_ms"], 1250);
  const Json past =
      Json::parse(past_text({2, "playing", 7, Reason{"parts_missing", "3 to 4"}, {{3, 4}}}));
  EXPECT_EQ(past["phase"], "playing");
  EXPECT_EQ(past["code"], "parts_missing");
  EXPECT_EQ(past["reason"], "3 to 4");
  EXPECT_EQ(past["damaged"], Json::parse("[[3,4]]"));
}

}  // namespace
}  // namespace vigie::web
