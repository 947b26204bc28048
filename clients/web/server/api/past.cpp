#include "clients/web/server/api/past.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "vigie/console.h"

namespace vigie::web::api {
namespace {

constexpr std::chrono::milliseconds kTurn{100};

/// Follows one session: who it hears from, and how long it has heard nothing.
class Listening {
 public:
  explicit Listening(const Patience& patience)
      : patience_(patience), began_us_(patience.clock.monotonic_us()), heard_us_(began_us_) {}

  bool stopped() const { return patience_.stopped && patience_.stopped(); }
  bool is_over() const {
    return patience_.all_us != 0 && patience_.clock.monotonic_us() - began_us_ > patience_.all_us;
  }
  void heard() { heard_us_ = patience_.clock.monotonic_us(); }

  /// Set when the hub refuses for good.
  std::optional<Trouble> hear(const client::LinkItem& link) {
    link_ = link;
    if (link.state == client::LinkState::Live) heard();
    const bool refused = link.state == client::LinkState::Refused;
    if (refused && link.code == client::Refusal::Revoked) return trouble_of(link.code, link.reason);
    if (link.state == client::LinkState::Ended && link.code != client::Refusal::None) {
      return trouble_of(link.code, link.reason);
    }
    return {};
  }

  std::optional<Trouble> silence() const {
    if (patience_.clock.monotonic_us() - heard_us_ <= patience_.hub_us) return {};
    if (link_.state == client::LinkState::Refused) return trouble_of(link_.code, link_.reason);
    return Trouble{.status = 503,
                   .code = "hub_away",
                   .detail = fmt::format("the hub did not answer in {} s",
                                         patience_.hub_us / kMicrosecondsPerSecond),
                   .retry_after_s = 5};
  }

 private:
  const Patience& patience_;
  const std::int64_t began_us_;
  std::int64_t heard_us_;
  client::LinkItem link_;
};

/// Notes what is missing. True at the end of the range.
Answered<bool> hear_replay(const client::ReplayItem& item, std::vector<std::string>& notices) {
  for (const client::SeqRange& range : item.damaged) {
    notices.push_back(fmt::format("seqs {}..{} are damaged in the hub's store and missing here",
                                  range.first, range.last));
  }
  if (item.phase == client::ReplayPhase::Failed) return trouble(trouble_of(item.code, item.reason));
  if (item.phase != client::ReplayPhase::Ended) return false;
  if (!item.reason.empty()) notices.push_back(item.reason);
  return true;
}

/// Waits for the next item. Empty: none came, go on.
template <typename Source>
Answered<std::optional<client::Item>> next_of(Source& source, Listening& listening) {
  auto item = source.next(kTurn);
  if (!item) {
    return trouble(
        {.status = 503, .code = "hub_away", .detail = item.fault().sentence, .retry_after_s = 5});
  }
  if (!*item) {
    if (auto silent = listening.silence()) return trouble(std::move(*silent));
    return std::optional<client::Item>();
  }
  if (const auto* link = std::get_if<client::LinkItem>(&**item)) {
    if (auto refused = listening.hear(*link)) return trouble(std::move(*refused));
  } else {
    listening.heard();
  }
  return std::move(*item);
}

/// Where the replay stands, and takes what comes until it says so. 0: it did not say.
std::int64_t reached_us(client::Replay& replay, const Patience& patience, const TakeItem& take) {
  constexpr std::int64_t kAnswerUs = 1'000'000;
  const std::int64_t end_us = patience.clock.monotonic_us() + kAnswerUs;
  const std::uint32_t question = replay.pause();
  while (patience.clock.monotonic_us() < end_us && !(patience.stopped && patience.stopped())) {
    auto item = replay.next(kTurn);
    if (!item) return 0;
    if (!*item) continue;
    if (const auto* said = std::get_if<client::ReplayItem>(&**item)) {
      if (said->phase == client::ReplayPhase::Failed) return 0;
      if (said->request == question) return said->time_us;
    } else if (!std::holds_alternative<client::LinkItem>(**item) && !take(**item)) {
      return 0;
    }
  }
  return 0;
}

/// Positions of one unit are packed on their way: of a megabyte of frames they are 25 megabytes
/// here. So a session that reads the past keeps a quarter of the usual window.
constexpr std::uint32_t kWindowBytes = 256 * 1024;
constexpr std::uint32_t kFrameBytes = 64 * 1024;

}  // namespace

Answered<PastEnd> read_past(const PastQuery& query, const Patience& patience,
                            const TakeItem& take) {
  auto replay = client::Replay::open({.link = query.link,
                                      .view = query.view,
                                      .clock = query.clock,
                                      .from_us = query.from_us,
                                      .until_us = query.until_us,
                                      .grant = query.grant,
                                      .window_bytes = kWindowBytes,
                                      .frame_bytes_max = kFrameBytes,
                                      .exported = query.exported});
  if (!replay) return trouble(trouble_of(replay.fault()));
  Listening listening(patience);
  PastEnd end;
  while (!listening.stopped()) {
    if (listening.is_over()) {
      end.complete = false;
      end.too_slow = true;
      if (patience.tell_reached) end.reached_us = reached_us(**replay, patience, take);
      return end;
    }
    auto item = next_of(**replay, listening);
    if (!item) return trouble(std::move(item.error()));
    if (!*item) continue;
    if (const auto* said = std::get_if<client::ReplayItem>(&**item)) {
      auto ended = hear_replay(*said, end.notices);
      if (!ended) return trouble(std::move(ended.error()));
      if (*ended) return end;
    } else if (!std::holds_alternative<client::LinkItem>(**item) && !take(**item)) {
      break;
    }
  }
  end.complete = false;
  return end;
}

namespace {

struct Gathered {
  std::map<std::string, UnitNow> units;
  std::map<std::string, client::UnitCard> cards;
  std::int64_t time_us = 0;
};

/// True at the end of the snapshot.
bool gather(client::Item&& item, Gathered& all) {
  if (auto* fix = std::get_if<client::FixItem>(&item)) {
    UnitNow& unit = all.units[fix->fix.unit];
    unit.fix = std::move(*fix);
  } else if (auto* state = std::get_if<client::StateItem>(&item)) {
    const client::State& card = state->state;
    if (card.kind != client::StateKind::UnitCard || card.deleted) return false;
    all.cards[card.name] = card.card;
  } else if (const auto* end = std::get_if<client::SnapshotEnd>(&item)) {
    all.time_us = end->time_us;
    return true;
  }
  return false;
}

/// Ages are told of this moment.
std::int64_t time_of(const PastQuery& query, const Gathered& all,
                     const client::ConsoleStatus& status) {
  const bool by_grant = !query.grant.empty();
  if (query.from_us == 0) return by_grant ? status.hub_time_us : all.time_us;
  // What was asked for may not be shown yet.
  return by_grant && all.time_us != 0 ? std::min(query.from_us, all.time_us) : query.from_us;
}

std::uint32_t later(std::uint32_t threshold_ms, std::int64_t by_ms) {
  return static_cast<std::uint32_t>(std::min<std::int64_t>(threshold_ms + by_ms, UINT32_MAX));
}

}  // namespace

Answered<PictureNow> past_picture(const PastQuery& query, const Patience& patience) {
  client::ConsoleOptions options;
  options.link = query.link;
  options.grant = query.grant;
  options.view = query.view;
  options.view.events = false;
  if (query.from_us != 0) {
    options.start = query.clock == client::ReplayClock::Known ? client::StartKind::KnownTime
                                                              : client::StartKind::TrueTime;
    options.time_us = query.from_us;
  }
  options.once = true;
  auto console = client::Console::open(std::move(options));
  if (!console) return trouble(trouble_of(console.fault()));
  Listening listening(patience);
  Gathered all;
  while (true) {
    if (listening.stopped()) {
      return trouble({.status = 401, .code = "signed_out", .detail = "the session ended"});
    }
    if (listening.is_over()) {
      return trouble({.status = 503,
                      .code = "too_slow",
                      .detail = "the hub did not make the picture in time",
                      .retry_after_s = 5});
    }
    auto item = next_of(**console, listening);
    if (!item) return trouble(std::move(item.error()));
    if (*item && gather(std::move(**item), all)) break;
  }
  const client::ConsoleStatus status = (*console)->status();
  PictureNow picture;
  picture.time_us = time_of(query, all, status);
  // What the terms hold back is no silence of the unit's.
  const std::int64_t later_ms = query.from_us != 0 ? 0 : query.held_back_us / 1000;
  picture.overdue_after_ms = later(status.overdue_after_ms, later_ms);
  picture.silent_after_ms = later(status.silent_after_ms, later_ms);
  picture.live = query.from_us == 0;
  for (auto& [name, unit] : all.units) {
    const auto card = all.cards.find(name);
    if (card != all.cards.end()) unit.card = card->second;
    picture.units.push_back(std::move(unit));
  }
  return picture;
}

}  // namespace vigie::web::api
