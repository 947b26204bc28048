#include "clients/cli/outputs/audit_text.h"

#include <gtest/gtest.h>

#include <set>

namespace vigie::cli {
namespace {

client::EventItem entry(const std::string& kind, const std::string& who) {
  client::EventItem item;
  item.stamp.known_time_us = 1'790'000'000'123'456;  // 2026-09-21T14:13:20.123456Z
  item.event.unit = "alpha/audit";
  item.event.group = "_audit";
  item.event.kind = kind;
  item.event.text = who + " did it";
  item.event.fields = {{"who", who}};
  return item;
}

TEST(AuditText, an_entry_is_a_line_of_time_who_what_and_sentence) {
  EXPECT_EQ(audit_line(entry("revoked", "alpha/boss"), false),
            "2026-09-21T14:13:20Z  alpha/boss            revoked           alpha/boss did it\n");
}

TEST(AuditText, the_range_how_often_and_whose_audit_stand_behind_the_sentence) {
  client::EventItem item = entry("read_past", "alpha/room");
  item.event.fields.push_back({"from", "F"});
  item.event.fields.push_back({"to", "T"});
  item.event.fields.push_back({"since", "S"});
  item.event.fields.push_back({"count", "7"});
  const std::string line = audit_line(item, true);
  EXPECT_TRUE(line.ends_with("did it, from F to T (7 times since S)  [alpha]\n")) << line;
}

TEST(AuditText, what_came_from_outside_does_not_steer_the_terminal) {
  client::EventItem item = entry("refused", "alpha/v1");
  item.event.text = "a\x1b[2Jb\nc";
  const std::string line = audit_line(item, false);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(AuditText, is_asked_by_who_did_it_and_by_what_it_was) {
  const client::Event event = entry("revoked", "alpha/boss").event;
  EXPECT_TRUE(wants({}, event));
  EXPECT_TRUE(wants({.who = "alpha/boss", .what = {}}, event));
  EXPECT_TRUE(wants({.who = "alpha", .what = {"granted", "revoked"}}, event));
  EXPECT_FALSE(wants({.who = "alph", .what = {}}, event));
  EXPECT_FALSE(wants({.who = "bravo/boss", .what = {}}, event));
  EXPECT_FALSE(wants({.who = "alpha/boss", .what = {"granted"}}, event));
  EXPECT_TRUE(
      wants({.who = "alpha/v1", .what = {}}, entry("enrolled", "invitation of alpha/v1").event));
  EXPECT_TRUE(wants({.who = "bravo/v1", .what = {}}, entry("refused", "several").event))
      << "it may be one of them";
}

TEST(AuditText, knows_the_kinds_that_there_are_each_once) {
  const auto kinds = audit_kinds();
  const std::set<std::string_view> names(kinds.begin(), kinds.end());
  EXPECT_EQ(names.size(), kinds.size());
  EXPECT_TRUE(names.contains("read_past"));
  EXPECT_FALSE(names.contains("read-past"));
}

TEST(AuditText, other_events_are_none_of_it) {
  client::Event event = entry("revoked", "alpha/boss").event;
  event.group = "patrol";
  EXPECT_FALSE(wants({}, event));
}

}  // namespace
}  // namespace vigie::cli
