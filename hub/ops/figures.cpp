#include "hub/ops/figures.h"

#include <algorithm>

#include "hub/ops/assert.h"

namespace vigie::ops {

struct Figures::Entry {
  std::string name;
  std::string help;
  Labels labels;
  std::variant<std::monostate, std::unique_ptr<Counter>, std::unique_ptr<Gauge>,
               std::unique_ptr<Histogram>, std::function<double()>>
      value;
  HistogramUnit unit = HistogramUnit::Count;
};

struct Figures::AskedSet {
  std::string prefix;
  std::string help;
  std::function<Set()> function;
};

namespace {

/// Prometheus' own rule; a wrong name would make the whole page unreadable.
bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), fits);
}

template <typename T>
T& held(std::variant<std::monostate, std::unique_ptr<Counter>, std::unique_ptr<Gauge>,
                     std::unique_ptr<Histogram>, std::function<double()>>& value,
        const std::string& name) {
  if (std::holds_alternative<std::monostate>(value)) value = std::make_unique<T>();
  auto* own = std::get_if<std::unique_ptr<T>>(&value);
  VIGIE_ASSERT(own != nullptr, name);
  return **own;
}

}  // namespace

Figures::Figures() = default;
Figures::~Figures() = default;

/// The lock is held. Entries of one name stand together.
Figures::Entry& Figures::entry(const std::string& name, const std::string& help,
                               const Labels& labels) {
  VIGIE_ASSERT(is_name(name), name);
  for (const auto& label : labels) VIGIE_ASSERT(is_name(label.first), name, label.first);
  auto place = entries_.end();
  for (auto at = entries_.begin(); at != entries_.end(); ++at) {
    if ((*at)->name != name) continue;
    if ((*at)->labels == labels) return **at;
    place = at + 1;
  }
  auto fresh = std::make_unique<Entry>();
  fresh->name = name;
  fresh->help = help;
  fresh->labels = labels;
  return **entries_.insert(place, std::move(fresh));
}

Counter& Figures::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return held<Counter>(entry(name, help, labels).value, name);
}

Gauge& Figures::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return held<Gauge>(entry(name, help, labels).value, name);
}

Histogram& Figures::histogram(const std::string& name, const std::string& help, HistogramUnit unit,
                              const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Entry& found = entry(name, help, labels);
  if (std::holds_alternative<std::monostate>(found.value)) found.unit = unit;
  return held<Histogram>(found.value, name);
}

void Figures::ask(const std::string& name, const std::string& help,
                  std::function<double()> function, const Labels& labels) {
  VIGIE_ASSERT(function != nullptr, name);
  const std::lock_guard asking(asking_mutex_);
  const std::lock_guard lock(mutex_);
  entry(name, help, labels).value = std::move(function);
}

void Figures::ask_set(const std::string& prefix, const std::string& help,
                      std::function<Set()> function) {
  VIGIE_ASSERT(is_name(prefix) && function != nullptr, prefix);
  const std::lock_guard lock(mutex_);
  sets_.push_back({prefix, help, std::move(function)});
}

void Figures::forget_asked() {
  const std::lock_guard asking(asking_mutex_);
  const std::lock_guard lock(mutex_);
  sets_.clear();
  std::erase_if(entries_, [](const auto& entry) {
    return std::holds_alternative<std::function<double()>>(entry->value);
  });
}

void Figures::each(const std::function<void(const Shown&)>& show) const {
  static const Labels kNone;
  const std::lock_guard asking(asking_mutex_);
  std::vector<const Entry*> entries;  // they stay where they are until forget_asked()
  std::vector<AskedSet> sets;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_) entries.push_back(entry.get());
    sets = sets_;
  }
  for (const Entry* entry : entries) {
    Shown shown{entry->name, entry->help, &entry->labels, 0.0, entry->unit};
    if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&entry->value)) {
      shown.value = counter->get();
    } else if (const auto* gauge = std::get_if<std::unique_ptr<Gauge>>(&entry->value)) {
      shown.value = gauge->get();
    } else if (const auto* sizes = std::get_if<std::unique_ptr<Histogram>>(&entry->value)) {
      shown.value = sizes->get();
    } else if (const auto* function = std::get_if<std::function<double()>>(&entry->value)) {
      shown.value = (*function)();
    }
    show(shown);
  }
  for (const AskedSet& set : sets) {
    for (const auto& [name, value] : set.function()) {
      const std::string whole = set.prefix + name;
      show({whole, set.help, &kNone, value, HistogramUnit::Count});
    }
  }
}

}  // namespace vigie::ops
