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
/// So long after a moment nothing more is expected of it: by known time the hub's clock as this
/// server knows it may be ahead a little; by true time fixes are on their way. What comes later yet
/// is found by the next whole pass.
constexpr std::int64_t kKnownSettlesUs = kDensitySlotUs;
constexpr std::int64_t kTrueSettlesUs = 6 * kDensitySlotUs;

std::int64_t down_to(std::int64_t time_us, std::int64_t step_us) {
  return time_us / step_us * step_us;
}

/// Slots from one time to another, that of the latter too when it has begun.
std::size_t slots_between(std::int64_t from_us, std::int64_t until_us) {
  const std::int64_t base_us = down_to(from_us, kDensitySlotUs);
  return static_cast<std::size_t>((until_us - base_us + kDensitySlotUs - 1) / kDensitySlotUs);
}

std::size_t slots_of(const DensityWindow& window) {
  return slots_between(window.from_us, window.until_us);
}

/// `slot` of the window begins there.
std::int64_t begin_of(const DensityWindow& window, std::size_t slot) {
  return window.from_us + static_cast<std::int64_t>(slot) * kDensitySlotUs;
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

std::int64_t DensityBook::settled_us(std::int64_t at_us) const {
  return down_to(at_us - (known_clock_ ? kKnownSettlesUs : kTrueSettlesUs), kDensitySlotUs);
}

std::int64_t DensityPlan::end_in(const DensityWindow& window) const {
  return std::min(window.until_us, first_us_ + static_cast<std::int64_t>(buckets_) * bucket_us_);
}

bool DensityBook::is_open(std::int64_t end_us, const Known& known) const {
  return settled_us(known.at_us) < end_us;
}

bool DensityBook::went_on(std::int64_t end_us, const Known& known, std::int64_t now_us) const {
  return is_open(end_us, known) && now_us - known.at_us > kOpenUs;
}

/// By true time: whether late fixes are to be looked for by a whole pass. What took many turns is
/// passed seldom while it is going on, but in any case soon after its end.
bool DensityBook::is_stale(const DensityWindow& window, const Known& known,
                           std::int64_t now_us) const {
  if (known_clock_) return false;
  const std::int64_t past_us = known.whole_at_us - window.until_us;
  const std::int64_t wait_us = past_us < 0
                                   ? std::min(kOpenUs * known.whole_turns, kClosedUs - past_us)
                                   : std::max(kClosedUs, past_us / 4);
  return now_us - known.whole_at_us > wait_us;
}

std::optional<DensityPart> DensityBook::rest_of(const DensityWindow& window, const Known& known,
                                                const DensityPlan& plan) const {
  if (known.under_way) return DensityPart{window, known.next_us, known.before};
  if (is_stale(window, known, plan.now_us())) return DensityPart{window, window.from_us, 0};
  if (!went_on(plan.end_in(window), known, plan.now_us())) return {};
  return DensityPart{window, std::max(window.from_us, settled_us(known.at_us)), 0};
}

std::vector<DensityPart> DensityBook::wanted(const DensityPlan& plan) const {
  std::vector<DensityPart> unknown;
  std::vector<DensityPart> going_on;
  std::vector<DensityPart> estimated;
  std::vector<DensityPart> stale;
  for (const DensityWindow& window : plan.windows()) {
    const auto found = counts_.find(window);
    if (found == counts_.end()) {
      unknown.push_back({window, window.from_us, 0});
      continue;
    }
    const Known& known = found->second;
    const auto rest = rest_of(window, known, plan);
    if (!rest) continue;
    auto& kind = is_open(plan.end_in(window), known) ? going_on
                 : known.is_estimated()              ? estimated
                                                     : stale;
    kind.push_back(*rest);
  }
  for (const auto& kind : {going_on, estimated, stale}) {
    unknown.insert(unknown.end(), kind.begin(), kind.end());
  }
  return unknown;
}

std::optional<std::uint64_t> DensityBook::Known::mean(const DensityWindow& window) const {
  const std::int64_t count = (known_us - window.from_us) / kDensitySlotUs;
  if (count <= 0) return {};
  const auto sum = std::accumulate(slots.begin(), slots.begin() + count, std::uint64_t{0});
  return sum / static_cast<std::uint64_t>(count);
}

/// By known time what was counted earlier is as it was.
std::int64_t DensityBook::as_of(const Known& known) const {
  if (known_clock_) return known.at_us;
  return known.whole_at_us != 0 ? known.whole_at_us : known.began_us;
}

DensityAnswer DensityBook::answer(const DensityPlan& plan) const {
  struct Sum {
    std::uint64_t fixes = 0;
    std::int64_t counted = 0;  // slots
    std::int64_t missing = 0;  // slots of which nothing is known
  };
  std::vector<Sum> sums(plan.buckets());
  DensityAnswer answer;
  answer.sampled = plan.sampled();
  for (const DensityWindow& window : plan.windows()) {
    const auto found = counts_.find(window);
    const Known* known = found == counts_.end() ? nullptr : &found->second;
    const auto mean = known == nullptr ? std::nullopt : known->mean(window);
    for (std::size_t slot = 0; slot < slots_of(window); ++slot) {
      const std::int64_t at = begin_of(window, slot);
      const std::int64_t bucket = (at - plan.first_us()) / plan.bucket_us();
      if (at < plan.first_us() || bucket >= static_cast<std::int64_t>(sums.size())) continue;
      if (at >= plan.now_us()) continue;
      Sum& sum = sums[static_cast<std::size_t>(bucket)];
      if (known != nullptr && at < known->known_us) {
        sum.fixes += known->slots[slot];
        ++sum.counted;
      } else if (known == nullptr || (at < known->upto_us && !mean)) {
        ++sum.missing;
      } else if (at < known->upto_us) {
        sum.fixes += *mean;
        ++sum.counted;
        answer.sampled = true;
        answer.complete = false;
      }
    }
    if (known == nullptr) continue;
    // While a pass for late fixes is under way the newest may wait for its turn.
    const std::int64_t end_us = plan.end_in(window);
    const bool waits = known->upto_us < end_us && plan.now_us() - known->upto_us > kOpenUs;
    if (waits || went_on(end_us, *known, plan.now_us())) answer.complete = false;
    const std::int64_t as_of_us = as_of(*known);
    answer.as_of_us = answer.as_of_us == 0 ? as_of_us : std::min(answer.as_of_us, as_of_us);
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

void DensityBook::add(const DensityCount& count) {
  constexpr std::size_t kAround = 240;
  const DensityWindow& window = count.part.window;
  const bool from_begin = count.part.from_us == window.from_us;
  auto found = counts_.find(window);
  if (found == counts_.end()) {
    if (!from_begin) return;
    found = counts_.emplace(window, Known{}).first;
    found->second.slots.resize(slots_of(window));
    found->second.known_us = window.from_us;
    bytes_ += kAround + found->second.slots.size() * sizeof(std::uint32_t);
  }
  Known& known = found->second;
  if (down_to(count.part.from_us, kDensitySlotUs) > known.known_us) return;
  if (from_begin || !known.under_way) {
    known.whole = from_begin;
    known.began_us = count.at_us;
    known.turns = 0;
  }
  ++known.turns;
  known.at_us = count.at_us;
  const bool ends = count.until_us >= window.until_us;
  const std::int64_t asked_us = std::min(window.until_us, count.at_us);
  const std::int64_t whole_us = down_to(count.until_us, kDensitySlotUs);
  const std::int64_t base_us = down_to(count.part.from_us, kDensitySlotUs);
  std::copy_n(count.slots.begin(), (whole_us - base_us) / kDensitySlotUs,
              known.slots.begin() + (base_us - window.from_us) / kDensitySlotUs);
  known.under_way = !ends;
  known.next_us = count.until_us;
  known.before = whole_us == count.until_us ? 0 : count.slots.back();
  const std::int64_t known_us = ends ? asked_us : whole_us;
  if (ends || known_us >= known.known_us) {
    known.known_us = known_us;
    known.upto_us = std::max(known_us, asked_us);
  }
  if (ends && known.whole) {
    known.whole_at_us = known.began_us;
    known.whole_turns = known.turns;
  }
}

std::vector<std::vector<DensityPart>> density_runs(const std::vector<DensityPart>& parts,
                                                   std::size_t run_max, std::size_t runs_max) {
  std::vector<std::vector<DensityPart>> runs;
  for (const DensityPart& part : parts) {
    // They come the newest first: the one before in time goes in front.
    const bool joins = !runs.empty() && runs.back().size() < run_max &&
                       part.window.until_us == runs.back().front().from_us;
    if (joins) {
      runs.back().insert(runs.back().begin(), part);
    } else if (runs.size() == runs_max) {
      break;
    } else {
      runs.push_back({part});
    }
  }
  return runs;
}

DensityCounter::DensityCounter(std::vector<DensityPart> run)
    : run_(std::move(run)), newest_us_(run_.front().from_us) {
  slots_.resize(slots_between(from_us(), until_us()));
  slots_.front() = run_.front().before;
}

std::int64_t DensityCounter::base_us() const {
  return down_to(from_us(), kDensitySlotUs);
}

void DensityCounter::add(std::int64_t time_us) {
  if (time_us < from_us() || time_us >= until_us()) return;
  ++slots_[static_cast<std::size_t>((time_us - base_us()) / kDensitySlotUs)];
  if (time_us > newest_us_) at_newest_ = 0;
  if (time_us >= newest_us_) ++at_newest_;
  newest_us_ = std::max(newest_us_, time_us);
}

void DensityCounter::reach(std::int64_t time_us) {
  if (time_us <= newest_us_) return;
  newest_us_ = std::min(time_us, until_us());
  at_newest_ = 0;
}

std::vector<DensityCount> DensityCounter::take(bool complete, std::int64_t at_us) {
  const std::int64_t reached_us = complete ? until_us() : newest_us_;
  if (at_newest_ != 0 && !complete) {
    slots_[static_cast<std::size_t>((newest_us_ - base_us()) / kDensitySlotUs)] -= at_newest_;
  }
  std::vector<DensityCount> counts;
  for (const DensityPart& part : run_) {
    if (reached_us <= part.from_us) break;
    DensityCount count{part, std::min(reached_us, part.window.until_us), at_us, {}};
    const auto offset = (down_to(part.from_us, kDensitySlotUs) - base_us()) / kDensitySlotUs;
    count.slots.assign(slots_.begin() + offset, slots_.begin() + offset +
                                                    static_cast<std::ptrdiff_t>(slots_between(
                                                        part.from_us, count.until_us)));
    counts.push_back(std::move(count));
  }
  return counts;
}

}  // namespace vigie::web::api
