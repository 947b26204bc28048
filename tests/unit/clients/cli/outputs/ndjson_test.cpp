#include "clients/cli/outputs/ndjson.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clients/cli/outputs/json_line.h"

namespace vigie::cli {
namespace {

client::FixItem fix_item() {
  client::FixItem item;
  item.stamp.seq = 42;
  item.stamp.origin = {1, 2};
  item.stamp.origin_seq = 41;
  item.stamp.known_time_us = 1'772'344'801'250'000;
  item.fix.unit = "alpha/v1";
  item.fix.group = "patrol";
  item.fix.true_time_us = 1'772'344'800'000'001;
  item.fix.lat_e7 = 159'000'010;
  item.fix.lon_e7 = -15'000'000;
  return item;
}

TEST(Ndjson, a_fix_has_the_names_that_scripts_depend_on) {
  const auto line = nlohmann::json::parse(ndjson_line(fix_item(), false));
  EXPECT_EQ(line["seq"], 42);
  EXPECT_EQ(line["origin"], "00000000000000010000000000000002");
  EXPECT_EQ(line["origin_seq"], 41);
  EXPECT_EQ(line["channel"], "track/alpha/patrol");
  EXPECT_EQ(line["unit"], "alpha/v1");
  EXPECT_EQ(line["class"], "track");
  EXPECT_EQ(line["true_time"], "2026-03-01T06:00:00.000001Z");
  EXPECT_EQ(line["known_time"], "2026-03-01T06:00:01.250000Z");
}

TEST(Ndjson, positions_have_seven_decimals_and_unknown_values_are_absent) {
  const std::string line = ndjson_line(fix_item(), false);
  EXPECT_NE(line.find("\"lat\":15.9000010,"), std::string::npos) << line;
  EXPECT_NE(line.find("\"lon\":-1.5000000,"), std::string::npos) << line;
  const auto parsed = nlohmann::json::parse(line);
  for (const char* name : {"alt_m", "speed_m_s", "course_deg", "h_acc_m", "late", "conflated"}) {
    EXPECT_FALSE(parsed.contains(name)) << name;
  }
}

TEST(Ndjson, known_values_are_exact) {
  client::FixItem item = fix_item();
  item.fix.altitude_mm = -30'400;
  item.fix.speed_mm_s = 51;
  item.fix.course_mdeg = 0;
  item.fix.h_accuracy_mm = 8'500;
  item.late = true;
  item.conflated = 7;
  const std::string line = ndjson_line(item, false);
  EXPECT_NE(line.find("\"alt_m\":-30.4,\"speed_m_s\":0.051,\"course_deg\":0,\"h_acc_m\":8.5"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find("\"conflated\":7,\"late\":true"), std::string::npos) << line;
  EXPECT_EQ(line.find("aside"), std::string::npos) << line;
}

TEST(Ndjson, a_fix_that_stands_aside_says_so) {
  client::FixItem item = fix_item();
  item.aside = true;
  EXPECT_EQ(nlohmann::json::parse(ndjson_line(item, false))["aside"], true);
}

TEST(Ndjson, an_events_text_and_fields_survive_any_characters) {
  client::EventItem item;
  item.event.unit = "alpha/v1";
  item.event.kind = "text";
  item.event.severity = client::Severity::Warning;
  item.event.text = "say \"é\"\n\ttab \\ \x01";
  item.event.fields = {{"köy", "x\"y"}};
  const auto line = nlohmann::json::parse(ndjson_line(item, false));
  EXPECT_EQ(line["text"], item.event.text);
  EXPECT_EQ(line["severity"], "warning");
  EXPECT_EQ(line["fields"]["köy"], "x\"y");
  EXPECT_EQ(line["channel"], "event/alpha/-");
}

TEST(Ndjson, bytes_that_are_no_utf8_do_not_break_the_line) {
  std::string out;
  append_json_text(out, "a\xff\xc0\xaf\xed\xa0\x80z");
  EXPECT_TRUE(nlohmann::json::accept(out)) << out;
}

TEST(Ndjson, control_characters_of_two_bytes_are_escaped_and_come_back) {
  std::string out;
  append_json_text(out, "\xc2\x9b\x32J\xc2\x80\xc2\x9f\xc2\xa0\xc3\x9b");
  EXPECT_EQ(out, "\"\\u009b2J\\u0080\\u009f\xc2\xa0\xc3\x9b\"");
  EXPECT_EQ(nlohmann::json::parse(out), "\xc2\x9b\x32J\xc2\x80\xc2\x9f\xc2\xa0\xc3\x9b");
}

TEST(Ndjson, what_is_not_kept_any_more_is_told_at_the_end_of_a_range) {
  client::ReplayItem item;
  item.phase = client::ReplayPhase::Ended;
  item.reason = "fixes before seq 5 are not kept any more";
  EXPECT_EQ(notice_text(item), item.reason);
  item.damaged = {{7, 8}};
  EXPECT_EQ(notice_text(item),
            "seqs 7..8 are damaged in the hub's store and missing here; " + item.reason);
  item.damaged.clear();
  item.request = 3;
  EXPECT_EQ(notice_text(item), "") << "an answer is for who asked";
  item.request = 0;
  item.phase = client::ReplayPhase::Playing;
  EXPECT_EQ(notice_text(item), "") << "once";
}

TEST(Ndjson, a_stale_link_says_why_in_a_word_for_programs) {
  client::LinkItem link;
  link.state = client::LinkState::Stale;
  link.reason = "the connection is cut";
  link.stale = client::Stale::Cut;
  EXPECT_EQ(
      ndjson_line(link, true),
      "{\"notice\":\"link\",\"state\":\"stale\",\"stale\":\"cut\",\"reason\":\"the connection is "
      "cut\"}\n");
  EXPECT_EQ(ndjson_line(client::LinkItem{.state = client::LinkState::Live}, true),
            "{\"notice\":\"link\",\"state\":\"live\"}\n");
}

TEST(Ndjson, notices_are_lines_only_when_asked_for) {
  const client::Item leave = client::LeaveItem{.unit = "alpha/v1"};
  EXPECT_EQ(ndjson_line(leave, false), "");
  EXPECT_EQ(ndjson_line(leave, true), "{\"notice\":\"leave\",\"unit\":\"alpha/v1\"}\n");
}

}  // namespace
}  // namespace vigie::cli
