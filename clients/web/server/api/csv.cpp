#include "clients/web/server/api/csv.h"

#include <optional>

#include "clients/web/server/api/json_text.h"
#include "clients/web/server/api/words.h"
#include "schemas/words/times.h"

namespace vigie::web::api {
namespace {

/// One row, cell by cell.
class Row {
 public:
  explicit Row(std::string& out) : out_(out) {}

  Row& text(std::string_view value) {
    append_csv_text(next(), value);
    return *this;
  }
  /// A word of our own.
  Row& word(std::string_view value) {
    next() += value;
    return *this;
  }
  template <typename Number>
  Row& number(const std::optional<Number>& value) {
    return value ? number(*value) : word({});
  }
  template <typename Number>
  Row& number(Number value) {
    next() += std::to_string(value);
    return *this;
  }
  template <typename Number>
  Row& scaled(const std::optional<Number>& value, int decimals) {
    return value ? scaled(static_cast<std::int64_t>(*value), decimals) : word({});
  }
  Row& scaled(std::int64_t value, int decimals, int decimals_min = 0) {
    append_scaled(next(), value, decimals, decimals_min);
    return *this;
  }
  Row& time(std::int64_t us) { return word(format_time(us)); }
  Row& flag(bool value) { return word(value ? "true" : ""); }
  void end() { out_ += "\r\n"; }

 private:
  std::string& next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }
  std::string& out_;
  bool first_ = true;
};

void add_known(Row& row, client::ClockKind clock, const client::Stamp& stamp) {
  row.time(stamp.known_time_us).word(clock_name(clock));
  if (stamp.clock_offset_us == 0) {
    row.word({});
  } else {
    row.scaled(stamp.clock_offset_us, 6);
  }
}

}  // namespace

void append_csv_text(std::string& out, std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  const bool quotes = text.find_first_of(",\"\r\n") != std::string_view::npos ||
                      (!text.empty() && (text.front() == ' ' || text.back() == ' '));
  if (quotes) out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quotes) out += '"';
}

std::string fixes_csv_header() {
  return "seq,unit,group,true_time,known_time,clock,clock_offset_s,lat,lon,alt_m,speed_m_s,"
         "course_deg,h_acc_m,v_acc_m,fix_type,source,satellites,battery_percent,count,late,aside,"
         "implausible,spool,number\r\n";
}

void append_fix_csv(std::string& out, const client::FixItem& item) {
  const client::Fix& fix = item.fix;
  Row row(out);
  row.number(item.stamp.seq).text(fix.unit).text(fix.group).time(fix.true_time_us);
  add_known(row, fix.clock, item.stamp);
  row.scaled(fix.lat_e7, 7, 7).scaled(fix.lon_e7, 7, 7);
  row.scaled(fix.altitude_mm, 3).scaled(fix.speed_mm_s, 3).scaled(fix.course_mdeg, 3);
  row.scaled(fix.h_accuracy_mm, 3).scaled(fix.v_accuracy_mm, 3);
  row.word(fix.fix_type == client::FixType::Unknown ? "" : fix_type_name(fix.fix_type));
  row.word(fix.source == client::FixSource::Unknown ? "" : fix_source_name(fix.source));
  row.number(fix.satellites).number(fix.battery_percent).number(item.count);
  row.flag(item.late).flag(item.aside).flag(item.implausible);
  row.word(item.stamp.name.spool.text()).number(item.stamp.name.number);
  row.end();
}

std::string events_csv_header() {
  return "seq,unit,group,true_time,known_time,clock,clock_offset_s,kind,severity,text,lat,lon,"
         "fields,references,spool,number\r\n";
}

void append_event_csv(std::string& out, const client::EventItem& item) {
  const client::Event& event = item.event;
  Row row(out);
  row.number(item.stamp.seq).text(event.unit).text(event.group).time(event.true_time_us);
  add_known(row, event.clock, item.stamp);
  row.word(event.kind).word(severity_name(event.severity)).text(event.text);
  if (event.position) {
    row.scaled(event.position->lat_e7, 7, 7).scaled(event.position->lon_e7, 7, 7);
  } else {
    row.word({}).word({});
  }
  std::string fields;
  for (const client::Field& field : event.fields) {
    fields += (fields.empty() ? "" : "; ") + field.key + "=" + field.value;
  }
  std::string references;
  for (const client::MessageName& name : event.references) {
    references += (references.empty() ? "" : " ") + message_name(name);
  }
  row.text(fields).word(references);
  row.word(item.stamp.name.spool.text()).number(item.stamp.name.number);
  row.end();
}

}  // namespace vigie::web::api
