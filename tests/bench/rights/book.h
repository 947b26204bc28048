#pragma once
// Who may do what, made up for the bench: a registry with many identities and grants.

#include <string>
#include <vector>

#include "hub/security/registry.h"

namespace vigie::bench {

inline constexpr std::int64_t kNowUs = 1'790'000'000'000'000;

/// One log's worth of it. A moment goes by with each thing that is said.
class RightsBook {
 public:
  RightsBook() : registry({}) {}
  void enrol(const std::string& name, wire::Role role);
  void grant(const std::string& name, const std::string& to, const std::string& group,
             const std::string& unit = {});
  /// Of whoever was enrolled so manieth, from 0.
  static std::string key_of(std::size_t number);
  std::int64_t now_us() const { return now_us_; }

  security::Registry registry;

 private:
  void note(wire::StateT state);
  std::size_t enrolled_ = 0;
  std::uint64_t seq_ = 0;
  std::int64_t now_us_ = kNowUs;
};

/// Nanoseconds of the processor's time, in which this thread ran.
double thread_ns();

/// And how many of them one call of `work` takes.
template <typename Work>
double took_ns(const Work& work) {
  const double began = thread_ns();
  work();
  return thread_ns() - began;
}

double median(std::vector<double> values);

/// How long all that are connected wait when rights change: with so many grants, and sessions.
void print_connected(int grants, int sessions);

}  // namespace vigie::bench
