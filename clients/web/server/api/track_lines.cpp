#include "clients/web/server/api/track_lines.h"

#include <cmath>

#include "clients/web/server/api/geojson.h"
#include "clients/web/server/api/json_text.h"
#include "schemas/messages/names.h"

namespace vigie::web::api {
namespace {

constexpr std::int64_t kHalfTurnE7 = 1'800'000'000;

std::int64_t between(std::int64_t from, std::int64_t to, double part) {
  return from + std::llround(static_cast<double>(to - from) * part);
}

}  // namespace

std::string track_id(const std::string& unit, int part) {
  return part == 1 ? unit : unit + "#" + std::to_string(part);
}

void TrackLines::begin_feature(std::string& out, bool line) {
  out += features_ == 0 ? "\n" : ",\n";
  ++features_;
  out += "{\"type\":\"Feature\",\"id\":";
  append_json_text(out, id_of_(unit_, part_));
  out += line ? ",\"geometry\":{\"type\":\"MultiLineString\",\"coordinates\":[["
              : ",\"geometry\":{\"type\":\"Point\",\"coordinates\":";
  lines_.assign(1, 0);
  times_.clear();
  open_ = true;
}

void TrackLines::add(std::string& out, std::int64_t lat_e7, std::int64_t lon_e7,
                     std::int64_t time_us) {
  if (times_.size() > lines_.back()) out += ',';
  append_position(out, lat_e7, lon_e7);
  times_.push_back(time_us);
}

void TrackLines::break_line(std::string& out) {
  out += "],[";
  lines_.push_back(times_.size());
}

void TrackLines::go_to(std::string& out, const Position& to) {
  const Position& from = *last_;
  const std::int64_t east = std::int64_t{to.lon_e7} - from.lon_e7;
  if (std::abs(east) > kHalfTurnE7) {
    // The short way leads over the antimeridian: the line ends on it and begins anew beyond.
    const std::int64_t edge = east < 0 ? kHalfTurnE7 : -kHalfTurnE7;
    const std::int64_t way = east < 0 ? east + 2 * kHalfTurnE7 : east - 2 * kHalfTurnE7;
    const double part =
        way == 0 ? 0 : static_cast<double>(edge - from.lon_e7) / static_cast<double>(way);
    const std::int64_t lat = between(from.lat_e7, to.lat_e7, part);
    const std::int64_t time = between(from.time_us, to.time_us, part);
    add(out, lat, edge, time);
    break_line(out);
    add(out, lat, -edge, time);
  }
  add(out, to.lat_e7, to.lon_e7, to.time_us);
}

void TrackLines::fix(std::string& out, const client::FixItem& item) {
  const Position to{item.fix.lat_e7, item.fix.lon_e7, item.corrected_true_time_us()};
  if (item.fix.unit != unit_) {
    end_unit(out);
    unit_ = item.fix.unit;
  }
  group_ = item.fix.group;
  if (last_) {
    if (!open_) {
      begin_feature(out, true);
      add(out, last_->lat_e7, last_->lon_e7, last_->time_us);
    }
    go_to(out, to);
  }
  ++fixes_;
  last_ = to;
  if (times_.size() < positions_max_) return;
  close_feature(out);
  // The next part begins where this one ended, if there is one.
  ++part_;
}

void TrackLines::close_feature(std::string& out) {
  out += "]]},\"properties\":";
  JsonText json(out);
  json.begin_object();
  json.text("unit", unit_);
  json.text("owner", owner_of(unit_));
  if (!group_.empty()) json.text("group", group_);
  json.number("part", part_);
  json.number("fixes", fixes_);
  json.time("first_time", times_.front());
  json.time("last_time", times_.back());
  json.begin_array("coordTimes");
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const std::size_t end = line + 1 < lines_.size() ? lines_[line + 1] : times_.size();
    json.begin_array();
    for (std::size_t i = lines_[line]; i < end; ++i) json.time({}, times_[i]);
    json.end_array();
  }
  json.end_array();
  json.end_object();
  out += '}';
  open_ = false;
  fixes_ = 0;
  times_.clear();
}

void TrackLines::end_unit(std::string& out) {
  if (open_) {
    close_feature(out);
  } else if (last_ && fixes_ > 0) {
    begin_feature(out, false);
    append_position(out, last_->lat_e7, last_->lon_e7);
    times_.assign(1, last_->time_us);
    out += "},\"properties\":";
    JsonText json(out);
    json.begin_object();
    json.text("unit", unit_);
    json.text("owner", owner_of(unit_));
    if (!group_.empty()) json.text("group", group_);
    json.number("part", part_);
    json.number("fixes", fixes_);
    json.time("first_time", last_->time_us);
    json.time("last_time", last_->time_us);
    json.time("coordTimes", last_->time_us);
    json.end_object();
    out += '}';
  }
  open_ = false;
  last_.reset();
  fixes_ = 0;
  part_ = 1;
  unit_.clear();
  group_.clear();
  times_.clear();
}

void LinesWriter::begin(std::string& out, const TrackHead&) {
  append_collection_begin(out);
}

void LinesWriter::fix(std::string& out, const client::FixItem& item) {
  lines_.fix(out, item);
}

void LinesWriter::end(std::string& out, std::span<const std::string> notices) {
  lines_.end_unit(out);
  append_collection_end(out, notices_member(notices));
}

}  // namespace vigie::web::api
