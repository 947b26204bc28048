#include "hub/ops/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <type_traits>

namespace vigie::ops {
namespace {

struct Scale {
  double factor;
  unsigned first_power;
  unsigned last_power;
};

Scale scale_of(HistogramUnit unit) {
  switch (unit) {
    case HistogramUnit::MicrosecondsAsSeconds:
      return {1e-6, 0, 24};
    case HistogramUnit::Bytes:
      return {1, 6, 26};
    case HistogramUnit::Count:
      break;
  }
  return {1, 0, 16};
}

/// Buckets at powers of two: there the log-linear cells end exactly, so the counts are exact. A
/// value at the bound itself is counted in the next bucket.
void fill(prometheus::ClientMetric& metric, const Histogram& histogram, HistogramUnit unit) {
  const Scale scale = scale_of(unit);
  auto& out = metric.histogram;
  for (unsigned power = scale.first_power; power <= scale.last_power; ++power) {
    const auto bound = static_cast<double>(std::uint64_t{1} << power) * scale.factor;
    out.bucket.push_back({histogram.count_below_power(power), bound});
  }
  // Taken last, and never below a bucket: the writer goes on while this reads.
  out.sample_count = std::max(histogram.count(), out.bucket.back().cumulative_count);
  out.sample_sum = static_cast<double>(histogram.sum()) * scale.factor;
  out.bucket.push_back({out.sample_count, std::numeric_limits<double>::infinity()});
}

std::string safe_name(std::string_view name) {
  std::string safe(name);
  for (char& c : safe) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!fits) c = '_';
  }
  return safe;
}

class Collector final : public prometheus::Collectable {
 public:
  explicit Collector(const Figures& figures) : figures_(figures) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> families;
    figures_.each([&](const Figures::Shown& shown) { add(families, shown); });
    return families;
  }

 private:
  static void add(std::vector<prometheus::MetricFamily>& families, const Figures::Shown& shown) {
    const std::string name = safe_name(shown.name);
    if (families.empty() || families.back().name != name) {
      families.push_back({name, std::string(shown.help), prometheus::MetricType::Gauge, {}});
    }
    prometheus::MetricFamily& family = families.back();
    prometheus::ClientMetric metric;
    for (const auto& [label, value] : *shown.labels) metric.label.push_back({label, value});
    if (const auto* counter = std::get_if<const Counter*>(&shown.value)) {
      family.type = prometheus::MetricType::Counter;
      metric.counter.value = static_cast<double>((*counter)->value());
    } else if (const auto* gauge = std::get_if<const Gauge*>(&shown.value)) {
      metric.gauge.value = (*gauge)->value();
    } else if (const auto* histogram = std::get_if<const Histogram*>(&shown.value)) {
      family.type = prometheus::MetricType::Histogram;
      fill(metric, **histogram, shown.unit);
    } else {
      metric.gauge.value = std::get<double>(shown.value);
    }
    family.metric.push_back(std::move(metric));
  }

  const Figures& figures_;
};

}  // namespace

std::string metrics_text(const Figures& figures) {
  return prometheus::TextSerializer().Serialize(Collector(figures).Collect());
}

}  // namespace vigie::ops
