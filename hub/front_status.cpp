// The status document: what `vigie status` shows.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "hub/front.h"

namespace vigie {
namespace {
using nlohmann::json;

constexpr std::size_t kStatusListMax = 1000;

template <typename Counts>
json by_code(const Counts& counts) {
  json all = json::object();
  for (const auto& [code, count] : counts) all[refusal_name(code)] = count;
  return all;
}

json of_published(const ingest::IngestCounts& in, std::uint64_t aside) {
  return {{"batches", in.batches},
          {"bytes", in.bytes},
          {"fixes", in.fixes},
          {"aside", aside},
          {"events", in.events},
          {"states", in.states},
          {"duplicates", in.duplicates},
          {"given_up", in.given_up},
          {"refused", by_code(in.refused)}};
}

json of_listened(const sessions::SessionsCounts& out) {
  return {{"opened", out.opened},
          {"frames", out.frames},
          {"bytes", out.frame_bytes},
          {"conflated_frames", out.conflated_frames},
          {"snapshot_pages", out.snapshot_pages},
          {"refills", out.refills},
          {"ended_silent", out.ended_silent},
          {"ended_by_rights", by_code(out.ended_by_rights)},
          {"cut", out.cut},
          {"denied", by_code(out.denied)}};
}

/// The page asks nobody who they are: where the hub does, who is here and what they look at is not
/// on it. A spool is told by its owner's name.
json of_publishers(const ingest::Ingest& ingest, bool is_plain) {
  json all = json::array();
  for (const ingest::PublisherStatus& one : ingest.publishers(kStatusListMax)) {
    json line = {{"client", one.client},
                 {"heard", format_time(one.heard_us)},
                 {"clock_offset_s", static_cast<double>(one.clock_offset_us) / 1e6},
                 {"bytes", one.bytes}};
    if (is_plain) {
      line["name"] = one.name;
      line["spool"] = fmt::format("{:016x}{:016x}", one.spool_high, one.spool_low);
    }
    all.push_back(std::move(line));
  }
  return all;
}

json of_sessions(const sessions::Sessions& sessions, bool is_plain) {
  json all = json::array();
  for (const sessions::SessionStatus& one : sessions.statuses(kStatusListMax)) {
    json line = {{"id", one.id},         {"client", one.client},
                 {"mode", one.mode},     {"standing", one.standing},
                 {"lag", one.lag},       {"credit_bytes", one.credit_bytes},
                 {"frames", one.frames}, {"conflated_frames", one.conflated_frames},
                 {"bytes", one.bytes}};
    if (is_plain) {
      line["name"] = one.name;
      line["view"] = one.view;
    }
    all.push_back(std::move(line));
  }
  return all;
}

json of_hub_key(const security::HubKeyTold& told) {
  json all = {{"key", told.key}};
  if (told.old_until_us != 0) all["old_works_until"] = format_time(told.old_until_us);
  return all;
}

json of_damaged(const store::Store& store) {
  json all = json::array();
  for (const wire::SeqRange& range : store.damaged()) {
    if (all.size() == kStatusListMax) break;
    all.push_back({{"first", range.first()}, {"last", range.last()}});
  }
  return all;
}

}  // namespace

std::string Front::status_json() const {
  const wire::LogId log = sequencer_.log();
  const bool is_plain = parts_.registry == nullptr;
  json document = {{"log",
                    {{"id", fmt::format("{:016x}{:016x}", log.high(), log.low())},
                     {"head", ring_.head()},
                     {"durable", durable_},
                     {"floor", parts_.store.floor()},
                     {"event_floor", parts_.store.event_floor()},
                     {"damaged", of_damaged(parts_.store)},
                     {"voids", picture_.picture().voids().size()}}},
                   {"time", format_time(sequencer_.known_time_us())},
                   {"clock_behind_s", static_cast<double>(clock_behind_us()) / 1e6},
                   {"disk_full", disk_full_},
                   {"units", picture_.picture().units().size()},
                   {"ring_bytes", ring_.bytes()},
                   {"store_queue_bytes", parts_.store.queued_bytes()},
                   {"published", of_published(ingest_.counts(), picture_.aside())},
                   {"listened", of_listened(sessions_.counts())},
                   {"publishers", of_publishers(ingest_, is_plain)},
                   {"publisher_count", ingest_.peer_count()},
                   {"sessions", of_sessions(sessions_, is_plain)},
                   {"session_count", sessions_.count()}};
  if (parts_.registry != nullptr) document["hub_key"] = of_hub_key(parts_.registry->hub_key());
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace vigie
