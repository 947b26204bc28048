#pragma once
// Ways over the ground in metres on a plane, and how long they take. Pure; `Chance` makes them
// repeatable: the same seed, the same way, on every machine.

#include <cstdint>
#include <string_view>
#include <vector>

#include "clients/cli/scenario/scenario.h"

namespace vigie::cli {

/// Pseudo-random numbers that are the same everywhere (splitmix64; the standard's distributions
/// are not).
class Chance {
 public:
  Chance(std::uint64_t seed, std::string_view salt);
  double uniform(double least, double most);
  /// Mean 0, deviation 1 (sum of twelve: never beyond 6).
  double normal();

 private:
  std::uint64_t next();
  std::uint64_t state_;
};

/// Metres east and north of the scenario's first place.
struct Point {
  double x = 0;
  double y = 0;
};
double distance(Point a, Point b);

/// Degrees to metres and back, around one origin (fine for some hundred kilometres).
class Plane {
 public:
  explicit Plane(ScenarioPlace origin);
  Point point(ScenarioPlace place) const;
  ScenarioPlace place(Point point) const;

 private:
  ScenarioPlace origin_;
  double metres_per_degree_lon_;
};

/// The way from `from` over `to`, bending as the ground wants it; points 10 to 60 m apart.
std::vector<Point> bending_way(Point from, const std::vector<Point>& to,
                               const ScenarioGround& ground, Chance& chance);
/// Way points that comb a convex area to and fro, line by line along its longest side, from the end
/// that is nearer to `from`.
std::vector<Point> comb(Point from, const std::vector<Point>& corners, double spacing_m);

/// A place on a way and when it is reached.
struct Passage {
  double at_s;  // seconds since the way's beginning
  double along_m;
};
/// Moves along the way from rest to rest: slower in bends, speeding up and braking gently, with a
/// short halt now and then. `along_m[i]` is how far along point i lies.
std::vector<Passage> time_way(const std::vector<Point>& way, const std::vector<double>& along_m,
                              const ScenarioGround& ground, Chance& chance);

}  // namespace vigie::cli
