#include "clients/cli/scenario/world.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vigie::cli {
namespace {

/// The point `along` metres into the stretch; before its beginning, back along its first direction.
Point point_at(const Stretch& stretch, double along) {
  const auto& way = stretch.way;
  if (way.size() == 1 || along < 0) {
    Point direction{1, 0};
    if (way.size() > 1) {
      const double first = std::max(distance(way[0], way[1]), 1e-6);
      direction = {(way[1].x - way[0].x) / first, (way[1].y - way[0].y) / first};
    }
    return {way[0].x + direction.x * along, way[0].y + direction.y * along};
  }
  const auto& all = stretch.along_m;
  const auto next = std::upper_bound(all.begin(), all.end(), along);
  if (next == all.end()) return way.back();
  const auto i = static_cast<std::size_t>(next - all.begin());
  const double part = (along - all[i - 1]) / (all[i] - all[i - 1]);
  return {way[i - 1].x + (way[i].x - way[i - 1].x) * part,
          way[i - 1].y + (way[i].y - way[i - 1].y) * part};
}

struct Along {
  double along_m = 0;
  double speed_m_s = 0;
};

Along along_at(const Stretch& stretch, double at_s) {
  const auto& passages = stretch.passages;
  const auto next =
      std::upper_bound(passages.begin(), passages.end(), at_s,
                       [](double time, const Passage& passage) { return time < passage.at_s; });
  if (next == passages.begin()) return {passages.front().along_m, 0};
  if (next == passages.end()) return {passages.back().along_m, 0};
  const Passage& before = *(next - 1);
  const double speed = (next->along_m - before.along_m) / (next->at_s - before.at_s);
  return {before.along_m + speed * (at_s - before.at_s), speed};
}

}  // namespace

Motion World::motion(std::size_t unit, double at_s) const {
  const UnitPlace& at = places_[unit];
  if (at.journey == SIZE_MAX) return {};
  const Journey& journey = journeys_[at.journey];
  for (const Carrying& ride : journey.rides) {
    if (at_s < ride.from_s || at_s >= ride.to_s) continue;
    Motion motion = this->motion(ride.carrier, at_s);
    motion.is_carried = true;
    return motion;
  }
  const auto later =
      std::upper_bound(journey.stretches.begin(), journey.stretches.end(), at_s,
                       [](double time, const Stretch& stretch) { return time < stretch.begin_s; });
  const Stretch& stretch =
      later == journey.stretches.begin() ? journey.stretches.front() : *(later - 1);
  const Along along = along_at(stretch, at_s);
  const double own_m = along.along_m - at.behind_m;
  const Point ahead = point_at(stretch, own_m + 4), behind = point_at(stretch, own_m - 4);
  Motion motion;
  motion.at = point_at(stretch, own_m);
  motion.speed_m_s = along.speed_m_s;
  const double degrees =
      std::atan2(ahead.x - behind.x, ahead.y - behind.y) * 180 / std::numbers::pi;
  motion.course_deg = degrees < 0 ? degrees + 360 : degrees;
  return motion;
}

double World::altitude_m(Point point) const {
  return scenario_->altitude_m + 14 * std::sin(point.x / 2300 + 1) + 9 * std::sin(point.y / 1700) +
         3 * std::sin((point.x + point.y) / 410);
}

}  // namespace vigie::cli
