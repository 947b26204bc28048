#include "clients/web/server/api/track_export.h"

#include <cstdlib>

namespace vigie::web::api {
namespace {

constexpr std::size_t kPieceBytes = 32 * 1024;

}  // namespace

bool Thinning::passes(const client::FixItem& item) {
  if (every_us_ == 0) return true;
  const std::int64_t time_us = item.corrected_true_time_us();
  const auto [last, first] = last_us_.emplace(item.fix.unit, time_us);
  if (first) return true;
  if (std::abs(time_us - last->second) < every_us_) return false;
  last->second = time_us;
  return true;
}

Answered<PastEnd> read_tracks(const TrackQuery& query, bool by_unit, const Patience& patience,
                              const std::function<bool(const client::FixItem&)>& fix) {
  Thinning thinning(query.simplify_us);
  const TakeItem take = [&](const client::Item& item) {
    const auto* found = std::get_if<client::FixItem>(&item);
    return found == nullptr || !thinning.passes(*found) || fix(*found);
  };
  PastQuery past = query.past;
  past.view.events = false;
  past.view.states = false;
  if (!by_unit) {
    past.view.units = query.units;
    return read_past(past, patience, take);
  }
  PastEnd all;
  for (const std::string& unit : query.units) {
    past.view.units = {unit};
    auto end = read_past(past, patience, take);
    if (!end) return end;
    for (std::string& notice : end->notices) all.notices.push_back(unit + ": " + notice);
    if (end->complete) continue;
    all.complete = false;
    break;
  }
  return all;
}

Answered<ExportEnd> export_tracks(const TrackQuery& query, const TrackHead& head,
                                  TrackFormat format, const Patience& patience,
                                  const TakePiece& take) {
  const auto writer = make_track_writer(format);
  std::string piece;
  bool begun = false;
  bool wanted = true;
  writer->begin(piece, head);
  const auto give = [&] {
    begun = true;
    wanted = take(std::exchange(piece, {}));
    return wanted;
  };
  auto end = read_tracks(query, is_by_unit(format), patience, [&](const client::FixItem& item) {
    writer->fix(piece, item);
    return piece.size() < kPieceBytes || give();
  });
  if (!end) {
    if (begun) return ExportEnd::Cut;
    return trouble(std::move(end.error()));
  }
  if (!end->complete || !wanted) return ExportEnd::Cut;
  writer->end(piece, end->notices);
  return piece.empty() || give() ? ExportEnd::Whole : ExportEnd::Cut;
}

}  // namespace vigie::web::api
