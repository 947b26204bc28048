#include "clients/cli/scenario/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vigie::cli {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kMetresPerDegree = 111'195;  // of latitude, on a sphere of 6371 km
constexpr double kGentle_m_s2 = 0.6;          // speeding up and braking
constexpr double kCrawl_m_s = 0.4;            // the least speed between two points of a way

Point between(Point a, Point b, double part) {
  return {a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part};
}

/// The angle by which a way turns at `b`, 0..pi.
double turn(Point a, Point b, Point c) {
  const double angle = std::atan2(c.y - b.y, c.x - b.x) - std::atan2(b.y - a.y, b.x - a.x);
  return std::abs(std::remainder(angle, 2 * kPi));
}

}  // namespace

Chance::Chance(std::uint64_t seed, std::string_view salt) : state_(seed * 0x9e3779b97f4a7c15u) {
  for (const char c : salt) {
    state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    next();
  }
}

std::uint64_t Chance::next() {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double Chance::uniform(double least, double most) {
  return least + (most - least) * (static_cast<double>(next() >> 11) / 9007199254740992.0);
}

double Chance::normal() {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += uniform(0, 1);
  return sum;
}

double distance(Point a, Point b) {
  return std::hypot(b.x - a.x, b.y - a.y);
}

Plane::Plane(ScenarioPlace origin)
    : origin_(origin),
      metres_per_degree_lon_(kMetresPerDegree * std::cos(origin.lat * kPi / 180)) {}

Point Plane::point(ScenarioPlace place) const {
  return {(place.lon - origin_.lon) * metres_per_degree_lon_,
          (place.lat - origin_.lat) * kMetresPerDegree};
}

ScenarioPlace Plane::place(Point point) const {
  return {origin_.lat + point.y / kMetresPerDegree, origin_.lon + point.x / metres_per_degree_lon_};
}

std::vector<Point> bending_way(Point from, const std::vector<Point>& to,
                               const ScenarioGround& ground, Chance& chance) {
  std::vector<Point> way = {from};
  const double piece_m = std::clamp(ground.speed_m_s * 5, 10.0, 60.0);
  for (const Point& end : to) {
    const Point begin = way.back();
    const double length = distance(begin, end);
    if (length < 1) continue;
    const Point across{-(end.y - begin.y) / length, (end.x - begin.x) / length};
    const double long_wave = ground.wander_m * chance.uniform(9, 14) + 200;
    const double short_wave = long_wave / chance.uniform(2.6, 3.8);
    const double long_phase = chance.uniform(0, 2 * kPi), short_phase = chance.uniform(0, 2 * kPi);
    const int pieces = std::max(1, static_cast<int>(length / piece_m));
    for (int i = 1; i <= pieces; ++i) {
      const double along = length * i / pieces;
      // The way points themselves are met.
      const double taper =
          std::min({1.0, along / (long_wave / 2), (length - along) / (long_wave / 2)});
      const double aside = ground.wander_m * taper *
                           (0.75 * std::sin(2 * kPi * along / long_wave + long_phase) +
                            0.25 * std::sin(2 * kPi * along / short_wave + short_phase));
      const Point straight = between(begin, end, along / length);
      way.push_back({straight.x + across.x * aside, straight.y + across.y * aside});
    }
  }
  return way;
}

std::vector<Point> comb(Point from, const std::vector<Point>& corners, double spacing_m) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const auto side = [&](std::size_t k) {
      return distance(corners[k], corners[(k + 1) % corners.size()]);
    };
    if (side(i) > side(longest)) longest = i;
  }
  const Point a = corners[longest], b = corners[(longest + 1) % corners.size()];
  const double angle = std::atan2(b.y - a.y, b.x - a.x);
  const auto turned = [&](Point p, double by) {
    return Point{p.x * std::cos(by) - p.y * std::sin(by), p.x * std::sin(by) + p.y * std::cos(by)};
  };
  std::vector<Point> flat;  // turned so that lines run from west to east
  for (const Point& corner : corners) flat.push_back(turned(corner, -angle));
  double south = flat[0].y, north = flat[0].y;
  for (const Point& p : flat) {
    south = std::min(south, p.y);
    north = std::max(north, p.y);
  }
  std::vector<std::pair<Point, Point>> lines;
  for (double y = south + spacing_m / 2; y < north; y += spacing_m) {
    double west = 1e12, east = -1e12;
    for (std::size_t i = 0; i < flat.size(); ++i) {
      const Point p = flat[i], q = flat[(i + 1) % flat.size()];
      if ((p.y <= y) == (q.y <= y)) continue;
      const double x = p.x + (q.x - p.x) * (y - p.y) / (q.y - p.y);
      west = std::min(west, x);
      east = std::max(east, x);
    }
    if (west < east) lines.push_back({turned({west, y}, angle), turned({east, y}, angle)});
  }
  if (lines.empty()) return {corners.begin(), corners.end()};
  const auto nearest = [&](const std::pair<Point, Point>& line) {
    return std::min(distance(from, line.first), distance(from, line.second));
  };
  if (nearest(lines.back()) < nearest(lines.front())) std::reverse(lines.begin(), lines.end());
  std::vector<Point> way;
  Point last = from;
  for (const auto& [west, east] : lines) {
    const bool west_first = distance(last, west) <= distance(last, east);
    way.push_back(west_first ? west : east);
    way.push_back(west_first ? east : west);
    last = way.back();
  }
  return way;
}

std::vector<Passage> time_way(const std::vector<Point>& way, const std::vector<double>& along_m,
                              const ScenarioGround& ground, Chance& chance) {
  std::vector<double> speed(way.size(), 0);
  std::vector<double> pause_s(way.size(), 0);
  double ease = 1;
  double until_pause_m = ground.pause_every_m * chance.uniform(0.5, 1.5);
  for (std::size_t i = 1; i + 1 < way.size(); ++i) {
    ease = std::clamp(ease + chance.uniform(-0.06, 0.06), 0.8, 1.15);
    const double bend = turn(way[i - 1], way[i], way[i + 1]);
    speed[i] = ground.speed_m_s * ease * std::clamp(1 - bend / 1.9, 0.2, 1.0);
    until_pause_m -= along_m[i] - along_m[i - 1];
    if (ground.pause_every_m <= 0 || until_pause_m > 0) continue;
    until_pause_m = ground.pause_every_m * chance.uniform(0.5, 1.5);
    speed[i] = 0;
    pause_s[i] = chance.uniform(20, 150);
  }
  // No faster than speeding up from the point before, or braking for the one behind, allows.
  const auto reachable = [&](double from_speed, std::size_t i) {
    return std::sqrt(from_speed * from_speed + 2 * kGentle_m_s2 * (along_m[i + 1] - along_m[i]));
  };
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    speed[i + 1] = std::min(speed[i + 1], reachable(speed[i], i));
  }
  for (std::size_t i = way.size() - 1; i-- > 0;) {
    speed[i] = std::min(speed[i], reachable(speed[i + 1], i));
  }
  std::vector<Passage> passages = {{0, along_m.front()}};
  double at_s = 0;
  for (std::size_t i = 1; i < way.size(); ++i) {
    const double mean = std::max((speed[i - 1] + speed[i]) / 2, kCrawl_m_s);
    at_s += (along_m[i] - along_m[i - 1]) / mean;
    passages.push_back({at_s, along_m[i]});
    if (pause_s[i] == 0) continue;
    at_s += pause_s[i];
    passages.push_back({at_s, along_m[i]});
  }
  return passages;
}

}  // namespace vigie::cli
