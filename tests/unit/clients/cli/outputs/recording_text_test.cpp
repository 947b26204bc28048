#include "clients/cli/outputs/recording_text.h"

#include <gmock/gmock.h>

namespace vigie::cli {
namespace {

using client::RecordingState;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

client::RecordingReport report(RecordingState state) {
  client::RecordingReport report;
  report.state = state;
  report.about.program = "vigie record 0.1.0";
  report.about.view.channels = {"event/red"};
  report.about.clock = client::ReplayClock::Known;
  report.about.from_us = 1'772'366'400'000'000;
  report.about.opened_us = 1'772'370'000'000'000;
  report.about.log = {7, 9};
  report.counts = {.messages = 4,
                   .entries = 1234,
                   .first_seq = 5,
                   .last_seq = 2000,
                   .openings = 1,
                   .complete = true};
  return report;
}

TEST(RecordingText, says_what_was_asked_of_which_log_and_what_is_there) {
  EXPECT_EQ(recording_text(report(RecordingState::NotSealed)),
            "asked: by known time, from 2026-03-01T12:00:00Z to the end; channels event/red\n"
            "of: log 00000000000000070000000000000009; by vigie record 0.1.0, at "
            "2026-03-01T13:00:00Z by the hub's clock\n"
            "holds: 1,234 entries in 4 messages, seqs 5 to 2000; all of the range\n");
}

TEST(RecordingText, hides_nothing_that_is_missing) {
  client::RecordingReport some = report(RecordingState::Sealed);
  some.counts.complete = false;
  some.counts.openings = 3;
  some.counts.damaged = {{7, 8}};
  EXPECT_THAT(counts_text(some.counts),
              AllOf(HasSubstr("NOT all of the range"), HasSubstr("the link was cut 2 times"),
                    HasSubstr("could not read seqs 7 to 8")));
}

TEST(RecordingText, does_not_claim_all_of_a_range_of_which_a_part_is_not_kept) {
  client::RecordingReport some = report(RecordingState::Sealed);
  some.counts.gone = "fixes before seq 5 are not kept any more";
  EXPECT_EQ(counts_text(some.counts),
            "1,234 entries in 4 messages, seqs 5 to 2000; all that is still kept: fixes before seq "
            "5 are not kept any more");
  some.counts.complete = false;
  EXPECT_THAT(counts_text(some.counts), AllOf(HasSubstr("NOT all of the range"),
                                              HasSubstr("; fixes before seq 5 are not kept")));
}

TEST(RecordingText, can_not_steer_a_terminal_or_add_lines) {
  client::RecordingReport some = report(RecordingState::Sealed);
  some.about.program = "x\x1b[2J\nsealed by: me";
  some.about.hub_key = "a\nb";
  some.counts.gone = "c\nd\x1b[2J";
  const std::string text = recording_text(some);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(ProofText, never_claims_more_than_was_proved) {
  client::RecordingReport sealed = report(RecordingState::Sealed);
  sealed.seal = {.name = "red/room", .key = std::string(64, 'b'), .time_us = 1'772'366'400'000'000};
  EXPECT_THAT(proof_text(sealed), AllOf(HasSubstr("nothing was changed, removed or added"),
                                        HasSubstr("which says that it is red/room")));
  for (const RecordingState state : {RecordingState::NotSealed, RecordingState::Cut,
                                     RecordingState::Changed, RecordingState::Reading}) {
    EXPECT_THAT(proof_text(report(state)), Not(HasSubstr("nothing was changed")));
  }
  EXPECT_THAT(proof_text(report(RecordingState::NotSealed)), HasSubstr("nobody vouches"));
}

}  // namespace
}  // namespace vigie::cli
