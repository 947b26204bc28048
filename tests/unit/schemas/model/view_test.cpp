#include "schemas/model/view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/schemas/samples.h"
#include "tests/unit/schemas/seed.h"

namespace vigie {
namespace {

using enum MessageClass;

View parse(const wire::ViewT& native) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::View::Pack(builder, &native));
  RefusedRequest refused;
  auto view = View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused);
  EXPECT_TRUE(view.has_value()) << refused.reason;
  return view ? *view : View();
}

TEST(View, says_in_words_what_it_is) {
  EXPECT_EQ(View().text(), "everything");
  wire::ViewT native;
  native.classes = static_cast<wire::Class>(6);
  native.channels = {"event/red", "*/blue"};
  for (int i = 9; i > 0; --i) native.units.push_back(fmt::format("red/u{}", i));
  native.area = std::make_unique<wire::Area>(14'000'000, 158'000'000, 17'000'000, 160'000'000);
  native.pace_ms = 2500;
  EXPECT_EQ(parse(native).text(),
            "events, states; channels */blue, event/red; units red/u1, red/u2, red/u3, red/u4, "
            "red/u5 and 4 more; area 1.4,15.8,1.7,16; fixes every 2.5 s");
}

/// One event in bytes, to ask a view about.
class Asked {
 public:
  explicit Asked(const wire::EventT& event) {
    builder_.Finish(wire::Event::Pack(builder_, &event));
  }
  const wire::Event& event() const {
    return *flatbuffers::GetRoot<wire::Event>(builder_.GetBufferPointer());
  }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

/// Membership by cutting at slashes: the obvious way.
bool matches_slowly(std::string prefix, const std::string& channel) {
  if (prefix.back() == '/') prefix.pop_back();
  if (prefix.starts_with("*")) prefix = channel.substr(0, channel.find('/')) + prefix.substr(1);
  return channel == prefix || channel.starts_with(prefix + "/");
}

/// Longitude by walking east from the western border.
bool contains_slowly(const AreaBox& area, std::int32_t lat, std::int32_t lon) {
  constexpr std::int64_t kRound = 3'600'000'000;
  const auto east_of_west = [&](std::int64_t value) {
    return (value - area.west_e7 + kRound) % kRound;
  };
  return lat >= area.south_e7 && lat <= area.north_e7 &&
         east_of_west(lon) <= east_of_west(area.east_e7);
}

TEST(ViewTest, channels_classes_and_units_agree_with_the_obvious_way) {
  test::Chance chance(test::seed());
  const std::vector<std::string> owners{"blue", "blu", "green"};
  const std::vector<std::string> groups{"", "patrol", "pat"};
  const std::vector<std::string> prefixes{"track",        "track/",     "*",
                                          "*/blue",       "event/blu",  "state/green/",
                                          "track/blue/-", "*/blue/pat", "event/blue/patrol/"};
  const auto pick = [&](const auto& list) {
    return list[chance.pick<std::size_t>(0, list.size() - 1)];
  };
  for (int round = 0; round < 3000; ++round) {
    wire::ViewT native;
    for (int n = chance.pick(0, 3); n > 0; --n) native.channels.push_back(pick(prefixes));
    for (int n = chance.pick(0, 2); n > 0; --n) native.units.push_back(pick(owners) + "/v1");
    const int classes = chance.pick(0, 7);
    native.classes = static_cast<wire::Class>(classes);
    const View view = parse(native);
    const auto message_class = static_cast<MessageClass>(chance.pick(0, 2));
    const std::string owner = pick(owners);
    const std::string group = pick(groups);
    const std::string channel = channel_name(message_class, owner, group);
    const bool in_class = classes == 0 || (classes >> static_cast<int>(message_class) & 1) == 1;
    const bool in_channels =
        native.channels.empty() ||
        std::any_of(native.channels.begin(), native.channels.end(),
                    [&](const std::string& prefix) { return matches_slowly(prefix, channel); });
    ASSERT_EQ(view.takes_class(message_class), in_class);
    ASSERT_EQ(view.takes_channel(message_class, owner, group), in_class && in_channels)
        << channel << " in " << view.key();
    const std::string unit = owner + "/v1";
    ASSERT_EQ(view.takes_unit(unit),
              native.units.empty() || std::count(native.units.begin(), native.units.end(), unit));
  }
}

TEST(ViewTest, areas_agree_with_a_walk_round_the_globe) {
  test::Chance chance(test::seed());
  const std::vector<std::int32_t> lons{-1'800'000'000, -1'799'999'999, -5, -1, 0, 1, 5,
                                       1'799'999'999,  1'799'999'000};
  const std::vector<std::int32_t> lats{-900'000'000, -1, 0, 1, 900'000'000};
  const auto pick = [&](const auto& list) {
    return list[chance.pick<std::size_t>(0, list.size() - 1)];
  };
  for (int round = 0; round < 20'000; ++round) {
    AreaBox area{pick(lons), pick(lats), pick(lons), pick(lats)};
    if (area.south_e7 > area.north_e7) std::swap(area.south_e7, area.north_e7);
    const std::int32_t lat = pick(lats);
    const std::int32_t lon = pick(lons);
    ASSERT_EQ(area.contains(lat, lon), contains_slowly(area, lat, lon)) << fmt::format(
        "{} {} {} {}: {} {}", area.west_e7, area.south_e7, area.east_e7, area.north_e7, lat, lon);
  }
}

TEST(ViewTest, an_area_cuts_events_only_when_it_is_asked_to) {
  wire::ViewT native;
  native.area = std::make_unique<wire::Area>(0, 0, 10, 10);
  auto event = test::make_event("blue/v1", 1);
  EXPECT_TRUE(parse(native).takes_event(Asked(*event).event()));
  native.area_cuts_events = true;
  EXPECT_FALSE(parse(native).takes_event(Asked(*event).event()));
  *event->position = wire::Position(10, 10);
  EXPECT_TRUE(parse(native).takes_event(Asked(*event).event()));
  event->position.reset();
  EXPECT_TRUE(parse(native).takes_event(Asked(*event).event()));
}

TEST(ViewTest, events_and_states_pass_by_class_channel_and_unit) {
  wire::ViewT native;
  native.channels = {"event/blue/patrol"};
  const View view = parse(native);
  auto event = test::make_event("blue/v1", 1);
  EXPECT_FALSE(view.takes_event(Asked(*event).event()));
  event->group = "patrol";
  EXPECT_TRUE(view.takes_event(Asked(*event).event()));
  native.units = {"blue/v2"};
  EXPECT_FALSE(parse(native).takes_event(Asked(*event).event()));

  flatbuffers::FlatBufferBuilder builder;
  const auto state = test::make_state("blue/v1", 1);
  builder.Finish(wire::State::Pack(builder, state.get()));
  const auto* asked = flatbuffers::GetRoot<wire::State>(builder.GetBufferPointer());
  EXPECT_FALSE(view.takes_state(*asked));
  EXPECT_TRUE(View().takes_state(*asked));
}

TEST(ViewTest, a_class_from_the_future_alone_takes_nothing_of_today) {
  wire::ViewT native;
  native.classes = static_cast<wire::Class>(8);
  const View view = parse(native);
  EXPECT_FALSE(view.takes_channel(Track, "blue", ""));
  EXPECT_FALSE(view.takes_everything());
}

TEST(ViewTest, equal_views_have_equal_keys_and_others_do_not) {
  RefusedRequest refused;
  EXPECT_EQ(View().key(), View::parse(nullptr, refused)->key());
  EXPECT_EQ(View().key(), parse(wire::ViewT()).key());
  wire::ViewT one;
  one.channels = {"track", "event"};
  one.units = {"a/b", "c/d"};
  wire::ViewT other;
  other.channels = {"event", "track"};
  other.units = {"c/d", "a/b"};
  EXPECT_EQ(parse(one).key(), parse(other).key());
  const auto differs = [&](const std::function<void(wire::ViewT&)>& change) {
    wire::ViewT changed;
    changed.channels = one.channels;
    changed.units = one.units;
    change(changed);
    EXPECT_NE(parse(changed).key(), parse(one).key());
  };
  differs([](auto& v) { v.channels.pop_back(); });
  differs([](auto& v) { v.units.pop_back(); });
  differs([](auto& v) { v.classes = wire::Class::Track; });
  differs([](auto& v) { v.pace_ms = 1; });
  differs([](auto& v) { v.area = std::make_unique<wire::Area>(0, 0, 0, 0); });
  differs([](auto& v) { v.area_cuts_events = true; });
}

TEST(ViewTest, only_the_whole_world_unpaced_is_everything) {
  EXPECT_TRUE(View().takes_everything());
  EXPECT_TRUE(View().takes_all_units());
  wire::ViewT native;
  native.pace_ms = 100;
  EXPECT_FALSE(parse(native).takes_everything());
  EXPECT_EQ(parse(native).pace_ms(), 100u);
}

TEST(ViewTest, a_bad_view_gives_the_refusal_to_send) {
  wire::ViewT native;
  native.channels = {"nothing"};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::View::Pack(builder, &native));
  RefusedRequest refused;
  EXPECT_FALSE(View::parse(flatbuffers::GetRoot<wire::View>(builder.GetBufferPointer()), refused));
  EXPECT_EQ(refused.code, wire::Refusal::BadView);
}

}  // namespace
}  // namespace vigie
