// Counters, histograms, their registry and the page that Prometheus reads.

#include "hub/ops/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "hub/ops/metrics.h"

namespace vigie::ops {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Histogram, every_value_falls_into_the_cell_whose_bounds_hold_it) {
  std::mt19937_64 chance(7);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = chance() >> (chance() % 64);
    const std::size_t cell = Histogram::cell_of(value);
    ASSERT_LT(cell, Histogram::kCells);
    EXPECT_LE(value, Histogram::greatest_of(cell)) << value;
    if (cell > 0) {
      EXPECT_GT(value, Histogram::greatest_of(cell - 1)) << value;
    }
  }
  EXPECT_EQ(Histogram::greatest_of(Histogram::cell_of(~std::uint64_t{0})), ~std::uint64_t{0});
}

TEST(Histogram, quantiles_are_right_to_a_sixteenth) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100'000; ++value) histogram.record(value);
  for (const double q : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    const double exact = q * 100'000;
    EXPECT_NEAR(static_cast<double>(histogram.quantile(q)), exact, exact / 16) << q;
  }
  EXPECT_EQ(histogram.count(), 100'000u);
  EXPECT_EQ(histogram.sum(), 100'000ull * 100'001 / 2);
  EXPECT_EQ(Histogram().quantile(0.5), 0u);
}

TEST(Histogram, counts_below_a_power_of_two_are_exact) {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 5'000; ++value) histogram.record(value);
  for (unsigned power = 0; power < 12; ++power) {
    EXPECT_EQ(histogram.count_below_power(power), std::uint64_t{1} << power);
  }
  histogram.record(3, 10);
  EXPECT_EQ(histogram.count_below_power(2), 14u);
}

TEST(Figures, the_same_name_and_labels_give_the_same_figure) {
  Figures figures;
  Counter& a = figures.counter("vigie_refused_total", "Refused.", {{"code", "BadValue"}});
  Counter& b = figures.counter("vigie_refused_total", "Refused.", {{"code", "TooLarge"}});
  EXPECT_NE(&a, &b);
  EXPECT_EQ(&a, &figures.counter("vigie_refused_total", "Refused.", {{"code", "BadValue"}}));
}

TEST(FiguresDeathTest, a_name_of_another_kind_or_with_foreign_characters_is_a_mistake) {
  Figures figures;
  figures.counter("vigie_x", "X.");
  EXPECT_DEATH(figures.gauge("vigie_x", "X."), "assertion failed");
  EXPECT_DEATH(figures.gauge("vigie x", "X."), "assertion failed");
}

TEST(Metrics, the_page_names_type_help_labels_and_value) {
  Figures figures;
  figures.counter("vigie_refused_total", "Refused.", {{"code", "BadValue"}}).add(3);
  figures.gauge("vigie_sessions", "Sessions.").set(2);
  figures.counter("vigie_refused_total", "Refused.", {{"code", "Too\"Large"}}).add(1);
  const std::string page = metrics_text(figures);
  EXPECT_THAT(page,
              HasSubstr("# HELP vigie_refused_total Refused.\n# TYPE vigie_refused_total counter\n"
                        "vigie_refused_total{code=\"BadValue\"} 3\n"
                        "vigie_refused_total{code=\"Too\\\"Large\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("# TYPE vigie_sessions gauge\nvigie_sessions 2\n"));
}

TEST(Metrics, a_histogram_in_microseconds_is_shown_in_seconds) {
  Figures figures;
  Histogram& commit =
      figures.histogram("vigie_commit_seconds", "Commit.", HistogramUnit::MicrosecondsAsSeconds);
  commit.record(3);
  commit.record(1'000'000);
  const std::string page = metrics_text(figures);
  EXPECT_THAT(page, HasSubstr("vigie_commit_seconds_count 2\nvigie_commit_seconds_sum 1.000003\n"));
  EXPECT_THAT(page, HasSubstr("vigie_commit_seconds_bucket{le=\"4e-06\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("vigie_commit_seconds_bucket{le=\"+Inf\"} 2\n"));
}

TEST(Metrics, asked_figures_are_read_when_the_page_is_and_forgotten_when_told) {
  Figures figures;
  double depth = 1;
  figures.ask("vigie_queue_bytes", "Queue.", [&] { return depth; });
  figures.ask_set("vigie_store_", "Of the store.", [] {
    return Figures::Set{{"rocksdb.level-0 files", 4}};
  });
  depth = 7;
  const std::string page = metrics_text(figures);
  EXPECT_THAT(page, HasSubstr("vigie_queue_bytes 7\n"));
  EXPECT_THAT(page, HasSubstr("vigie_store_rocksdb_level_0_files 4\n"));
  figures.forget_asked();
  EXPECT_THAT(metrics_text(figures), Not(HasSubstr("vigie_")));
}

TEST(Metrics, the_process_says_how_much_it_uses) {
  Figures figures;
  add_process_figures(figures);
  std::map<std::string, double> values;
  figures.each([&](const Figures::Shown& shown) {
    values[std::string(shown.name)] = std::get<double>(shown.value);
  });
  EXPECT_GT(values["process_resident_memory_bytes"], 1e6);
  EXPECT_GE(values["process_open_fds"], 3);
  EXPECT_GE(values["process_max_fds"], values["process_open_fds"]);
  EXPECT_GE(values["process_threads"], 1);
}

TEST(Figures, whoever_counts_does_not_wait_for_what_is_asked) {
  Figures figures;
  figures.ask("vigie_slow", "Answered only once another thread has counted.", [&] {
    std::thread([&] { figures.counter("vigie_fixes_total", "Fixes.").add(); }).join();
    return 1.0;
  });
  EXPECT_THAT(metrics_text(figures), HasSubstr("vigie_slow 1"));
  EXPECT_EQ(figures.counter("vigie_fixes_total", "Fixes.").value(), 1u);
}

TEST(Figures, may_be_read_while_their_writer_goes_on) {
  Figures figures;
  Counter& counter = figures.counter("vigie_fixes_total", "Fixes.");
  Histogram& sizes = figures.histogram("vigie_body_bytes", "Bodies.", HistogramUnit::Bytes);
  std::atomic<bool> stop{false};
  std::jthread writer([&] {
    for (std::uint64_t i = 0; !stop.load(); ++i) {
      counter.add();
      sizes.record(i % 100'000);
    }
  });
  for (int i = 0; i < 200; ++i)
    EXPECT_THAT(metrics_text(figures), HasSubstr("vigie_body_bytes_count"));
  stop.store(true);
  writer.join();
  EXPECT_EQ(counter.value(), sizes.count());
}

}  // namespace
}  // namespace vigie::ops
