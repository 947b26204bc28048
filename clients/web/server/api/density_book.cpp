#include "clients/web/server/api/density_book.h"

#include <algorithm>
#include <numeric>

namespace vigie::web::api {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kSampleUs = 30 * kDensitySlotUs;
/// What is going on is counted again so often; and a past window, by how long it is past.
constexpr std::int64_t kOpenUs = 30'000'000;
constexpr std::int64_t kClosedUs = 600'000'000;

std::int64_t down_to(std::int64_t time_us, std::int64_t step_us) {
  return time_us / step_us * step_us;
}

std::size_t slots_of(const DensityWindow& window) {
  return static_cast<std::size_t>((window.until_us - window.from_us) / kDensitySlotUs);
}

}  // namespace

DensityPlan::DensityPlan(std::int64_t from_us, std::int64_t until_us, std::size_t buckets,
                         std::int64_t now_us)
    : now_us_(now_us) {
  const std::int64_t range_us = until_us - from_us;
  // What the first one begins earlier may take one more.
  const std::int64_t least_us = static_cast<std::int64_t>(buckets - 1) * kDensitySlotUs;
  bucket_us_ = (range_us + least_us - 1) / least_us * kDensitySlotUs;
  first_us_ = down_to(from_us, bucket_us_);
  buckets_ = static_cast<std::size_t>((until_us - first_us_ + bucket_us_ - 1) / bucket_us_);
  sampled_ = range_us > kExactUsMax;
  if (sampled_) {
    add_samples();
  } else {
    add_hours();
  }
  std::erase_if(windows_, [&](const DensityWindow& one) { return one.from_us >= now_us_; });
  std::reverse(windows_.begin(), windows_.end());
}

void DensityPlan::add_hours() {
  const std::int64_t end_us = first_us_ + static_cast<std::int64_t>(buckets_) * bucket_us_;
  for (std::int64_t at = down_to(first_us_, kHourUs); at < end_us; at += kHourUs) {
    windows_.push_back({at, at + kHourUs});
  }
}

void DensityPlan::add_samples() {
  for (std::size_t i = 0; i < buckets_; ++i) {
    const std::int64_t begin_us = first_us_ + static_cast<std::int64_t>(i) * bucket_us_;
    for (const std::int64_t quarter : {1, 3}) {
      const std::int64_t at = down_to(begin_us + bucket_us_ * quarter / 4, kDensitySlotUs);
      windows_.push_back({at, at + kSampleUs});
    }
  }
}

bool DensityBook::is_due(const DensityCount& count, std::int64_t now_us) const {
  const std::int64_t past_us = count.at_us - count.window.until_us;
  const std::int64_t age_us = now_us - count.at_us;
  if (past_us < 0) return age_us > kOpenUs;
  return !known_clock_ && age_us > std::max(kClosedUs, past_us / 4);
}

std::vector<DensityWindow> DensityBook::wanted(const DensityPlan& plan) const {
  std::vector<DensityWindow> unknown;
  std::vector<DensityWindow> due;
  for (const DensityWindow& window : plan.windows()) {
    const auto found = counts_.find(window);
    if (found == counts_.end()) {
      unknown.push_back(window);
    } else if (is_due(found->second, plan.now_us())) {
      due.push_back(window);
    }
  }
  unknown.insert(unknown.end(), due.begin(), due.end());
  return unknown;
}

DensityAnswer DensityBook::answer(const DensityPlan& plan) const {
  struct Sum {
    std::uint64_t fixes = 0;
    std::int64_t counted = 0;  // slots
    std::int64_t missing = 0;  // slots of windows that are not known
  };
  std::vector<Sum> sums(plan.buckets());
  DensityAnswer answer;
  answer.sampled = plan.sampled();
  for (const DensityWindow& window : plan.windows()) {
    const auto found = counts_.find(window);
    const DensityCount* count = found == counts_.end() ? nullptr : &found->second;
    for (std::size_t slot = 0; slot < slots_of(window); ++slot) {
      const std::int64_t at = window.from_us + static_cast<std::int64_t>(slot) * kDensitySlotUs;
      const std::int64_t bucket = (at - plan.first_us()) / plan.bucket_us();
      if (at < plan.first_us() || bucket >= static_cast<std::int64_t>(sums.size())) continue;
      if (at >= plan.now_us()) continue;
      Sum& sum = sums[static_cast<std::size_t>(bucket)];
      if (count == nullptr) {
        ++sum.missing;
      } else if (at < count->at_us) {
        sum.fixes += count->slots[slot];
        ++sum.counted;
      }
    }
    if (count == nullptr) continue;
    answer.sampled = answer.sampled || count->estimated;
    answer.as_of_us = answer.as_of_us == 0 ? count->at_us : std::min(answer.as_of_us, count->at_us);
  }
  for (const Sum& sum : sums) {
    answer.complete = answer.complete && sum.missing == 0;
    if (sum.missing != 0 || sum.counted == 0) {
      answer.fixes.emplace_back();
    } else if (plan.sampled()) {
      const auto slots = static_cast<std::uint64_t>(plan.bucket_us() / kDensitySlotUs);
      answer.fixes.emplace_back(sum.fixes * slots / static_cast<std::uint64_t>(sum.counted));
    } else {
      answer.fixes.emplace_back(sum.fixes);
    }
  }
  return answer;
}

void DensityBook::add(DensityCount count) {
  constexpr std::size_t kAround = 160;
  const auto size_of = [](const DensityCount& one) {
    return kAround + one.slots.size() * sizeof(std::uint32_t);
  };
  const auto found = counts_.find(count.window);
  if (found != counts_.end()) bytes_ -= size_of(found->second);
  bytes_ += size_of(count);
  const DensityWindow window = count.window;
  counts_.insert_or_assign(window, std::move(count));
}

std::vector<std::vector<DensityWindow>> density_runs(const std::vector<DensityWindow>& windows,
                                                     std::size_t run_max, std::size_t runs_max) {
  std::vector<std::vector<DensityWindow>> runs;
  for (const DensityWindow& window : windows) {
    // They come the newest first: the one before in time goes in front.
    const bool joins = !runs.empty() && runs.back().size() < run_max &&
                       window.until_us == runs.back().front().from_us;
    if (joins) {
      runs.back().insert(runs.back().begin(), window);
    } else if (runs.size() == runs_max) {
      break;
    } else {
      runs.push_back({window});
    }
  }
  return runs;
}

DensityCounter::DensityCounter(std::vector<DensityWindow> run)
    : run_(std::move(run)), reached_us_(run_.front().from_us) {
  slots_.resize(slots_of({run_.front().from_us, run_.back().until_us}));
}

void DensityCounter::add(std::int64_t time_us) {
  const std::int64_t begin_us = run_.front().from_us;
  if (time_us < begin_us || time_us >= run_.back().until_us) return;
  ++slots_[static_cast<std::size_t>((time_us - begin_us) / kDensitySlotUs)];
  reached_us_ = std::max(reached_us_, time_us);
}

std::vector<DensityCount> DensityCounter::take(bool complete, bool estimate, std::int64_t at_us) {
  std::vector<DensityCount> counts;
  for (const DensityWindow& window : run_) {
    const bool whole = complete || window.until_us <= reached_us_;
    const auto seen = static_cast<std::size_t>((reached_us_ - window.from_us) / kDensitySlotUs);
    if (!whole && (!estimate || !counts.empty() || seen == 0)) break;
    const auto offset = (window.from_us - run_.front().from_us) / kDensitySlotUs;
    const auto first = slots_.begin() + static_cast<std::ptrdiff_t>(offset);
    DensityCount count{window, at_us, !whole, {}};
    count.slots.assign(first, first + static_cast<std::ptrdiff_t>(slots_of(window)));
    if (!whole) {
      // The slot that was being counted is left out of the mean.
      const auto end = count.slots.begin() + static_cast<std::ptrdiff_t>(seen);
      const std::uint64_t sum = std::accumulate(count.slots.begin(), end, std::uint64_t{0});
      std::fill(end, count.slots.end(), static_cast<std::uint32_t>(sum / seen));
    }
    counts.push_back(std::move(count));
    if (!whole) break;
  }
  return counts;
}

}  // namespace vigie::web::api
