#pragma once
// Figures: the registry of what the hub counts. Rooms register their figures once at the start and
// keep the references; the status server reads them all when asked. Names follow Prometheus:
// snake_case with the unit last, counters end in _total. Registering and reading: any thread (a
// lock, never on the hot path).

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "hub/ops/counters.h"

namespace vigie::ops {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// What a histogram's numbers become when they are shown: recorded value times scale.
enum class HistogramUnit {
  MicrosecondsAsSeconds,  // name ends in _seconds; shown from 1 µs to 16 s
  Bytes,                  // name ends in _bytes; shown from 64 bytes to 64 MiB
  Count,                  // shown from 1 to 65,536
};

class Figures {
 public:
  Figures();
  ~Figures();
  Figures(const Figures&) = delete;
  Figures& operator=(const Figures&) = delete;

  /// Each gives the same object again for the same name and labels; it lives as long as the
  /// registry. One name must keep one kind and one help text.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, HistogramUnit unit,
                       const Labels& labels = {});

  /// A gauge that is asked when the figures are read: on the reading thread, so the function must
  /// be safe there, may not block, and must stay valid until forget_asked().
  void ask(const std::string& name, const std::string& help, std::function<double()> function,
           const Labels& labels = {});
  /// A whole set of gauges asked at once: pairs of (name without prefix, value).
  using Set = std::vector<std::pair<std::string, double>>;
  void ask_set(const std::string& prefix, const std::string& help, std::function<Set()> function);
  /// Drops all asked figures: before what they ask is destroyed. After it returns none is running.
  void forget_asked();

  struct Shown {
    std::string_view name;
    std::string_view help;
    const Labels* labels;
    std::variant<const Counter*, const Gauge*, const Histogram*, double> value;
    HistogramUnit unit;
  };
  /// Calls `show` for each figure, those of one name together. What is asked for may take its time:
  /// nobody who counts or registers waits for it.
  void each(const std::function<void(const Shown&)>& show) const;

 private:
  struct Entry;
  struct AskedSet;
  Entry& entry(const std::string& name, const std::string& help, const Labels& labels);

  mutable std::mutex asking_mutex_;  // held while functions are asked: none is forgotten meanwhile
  mutable std::mutex mutex_;         // of the lists, and briefly; taken after the other
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<AskedSet> sets_;
};

}  // namespace vigie::ops
