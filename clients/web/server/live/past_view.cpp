#include "clients/web/server/live/past_view.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "clients/web/server/live/page_fix.h"

namespace vigie::web {
namespace {

constexpr std::size_t kFrameGoal = 192 * 1024;

}  // namespace

PastView::PastView(Surroundings around, std::string account, std::function<void()> ready)
    : around_(around),
      account_(std::move(account)),
      ready_(std::move(ready)),
      alive_(std::make_shared<int>(0)) {}

PastView::~PastView() {
  stop();
}

Reason PastView::ask(const PastMessage& message, const client::LinkOptions& link,
                     const std::string& grant) {
  if (message.request <= request_max_) {
    return Reason{"bad_field", fmt::format("request is {}, must be more than {}", message.request,
                                           request_max_)};
  }
  request_max_ = message.request;
  if (!grant.empty() && !message.known_clock) {
    return Reason{"bad_field",
                  fmt::format("clock is \"true\", must be \"known\": grant '{}' has terms", grant)};
  }
  LiveTally& tally = around_.tally;
  // One thread, its own, is there for the next.
  if (stop_ == nullptr) {
    const LiveOptions& options = around_.options;
    const auto found = tally.replays_of.find(account_);
    const std::size_t of_account = found == tally.replays_of.end() ? 0 : found->second;
    if (tally.replays >= options.replays_max) {
      ++around_.counters.replays_refused;
      return Reason{"replays_full",
                    fmt::format("the server plays {} replays already", tally.replays)};
    }
    if (of_account >= options.replays_per_account) {
      ++around_.counters.replays_refused;
      return Reason{"replays_account",
                    fmt::format("this account has {} replays open already", of_account)};
    }
  }
  link_ = link;
  grant_ = grant;
  player_.reset();
  batch_.reset();
  asked_ = message;
  refused_.clear();
  if (stop_ == nullptr) return start(message);
  stop_->store(true);
  waits_ = true;
  return {};
}

Reason PastView::start(const PastMessage& message) {
  waits_ = false;
  LiveTally& tally = around_.tally;
  numbering_.clear();
  const std::uint64_t number = ++number_;
  const std::weak_ptr<int> alive = alive_;
  Net& net = around_.net;
  player_ = std::make_shared<PastPlayer>(
      link_, grant_, message, around_.clock, [this, alive, number, &net] {
        net.post([this, alive, number] {
          if (!alive.expired() && number == number_ && player_ != nullptr) ready_();
        });
      });
  try {
    stop_ = around_.yard.start(
        [this, alive, number, &net, player = player_](const std::atomic<bool>& stop) {
          player->run(stop);
          net.post([this, alive, number] {
            if (!alive.expired()) on_ended(number);
          });
        },
        [&tally, account = account_] {
          --tally.replays;
          const auto found = tally.replays_of.find(account);
          if (--found->second == 0) tally.replays_of.erase(found);
        });
  } catch (const std::system_error&) {
    stop();
    return Reason{"replays_full", "the server has no thread left to play it"};
  }
  ++around_.counters.replays_opened;
  ++tally.replays;
  ++tally.replays_of[account_];
  return {};
}

void PastView::on_ended(std::uint64_t number) {
  if (number != number_) return;
  stop_.reset();
  if (!waits_ || !asked_) return;
  const PastMessage asked = *asked_;
  const Reason refused = start(asked);
  if (!refused) return;
  refused_ = past_text({asked.request, "failed", asked.time_us, refused, {}});
  ready_();
}

Reason PastView::control(const ControlMessage& message) {
  if (!asked_ || asked_->request != message.request) {
    return Reason{"no_such_replay",
                  fmt::format("request is {}, which is no replay that is open", message.request)};
  }
  if (message.what == PastControl::Stop) {
    stop();
    return {};
  }
  // One that waits to begin takes the change with it.
  if (message.what == PastControl::Pause) asked_->paused = true;
  if (message.what == PastControl::Resume) asked_->paused = false;
  if (message.what == PastControl::Speed) asked_->speed = message.speed;
  if (player_ != nullptr) player_->control(message);
  return {};
}

void PastView::stop() {
  if (stop_ != nullptr) stop_->store(true);
  waits_ = false;
  player_.reset();
  batch_.reset();
  asked_.reset();
}

std::optional<PastView::Message> PastView::next() {
  if (!refused_.empty()) return Message{std::exchange(refused_, {}), {}};
  while (player_ != nullptr) {
    if (!batch_) {
      batch_ = player_->take();
      if (!batch_) return std::nullopt;
      name_at_ = said_at_ = fix_at_ = leave_at_ = told_at_ = 0;
      first_page_ = batch_->snapshot;
      // A batch that only tells has no frame.
      frames_done_ = batch_is_sent() && !batch_->snapshot && !batch_->told.empty();
    }
    if (!frames_done_) return next_frame();
    if (told_at_ < batch_->told.size()) {
      PastText& told = batch_->told[told_at_++];
      told.request = asked_->request;
      const bool failed = told.phase == "failed";
      Message message{past_text(told), {}};
      if (failed) stop();
      return message;
    }
    batch_.reset();
  }
  return std::nullopt;
}

bool PastView::batch_is_sent() const {
  return name_at_ == batch_->names.size() && said_at_ == batch_->said.size() &&
         fix_at_ == batch_->fixes.size() && leave_at_ == batch_->leaves.size();
}

void PastView::take_names(FrameWriter& out) {
  for (; name_at_ < batch_->names.size() && out.bytes() < kFrameGoal; ++name_at_) {
    const UnitNamed& named = batch_->names[name_at_];
    const auto next = kPastUnits + static_cast<std::uint32_t>(names_.size());
    const auto [place, is_new] = names_.try_emplace(named.name, Name{next, named.group});
    if (numbering_.size() <= named.unit) numbering_.resize(std::size_t{named.unit} + 1, 0);
    numbering_[named.unit] = place->second.index;
    if (!is_new && place->second.group == named.group) continue;
    place->second.group = named.group;
    out.name(place->second.index, named.name, named.group);
  }
}

PastView::Message PastView::next_frame() {
  FrameWriter out;
  take_names(out);
  const bool named = name_at_ == batch_->names.size();
  const auto has_room = [&] { return named && out.bytes() < kFrameGoal; };
  for (; said_at_ < batch_->said.size() && has_room(); ++said_at_) {
    const Said& said = batch_->said[said_at_];
    if (said.event != nullptr) out.event(*said.event);
    if (said.card != nullptr) out.card(*said.card);
  }
  const bool all_said = named && said_at_ == batch_->said.size();
  for (; all_said && fix_at_ < batch_->fixes.size() && has_room(); ++fix_at_) {
    const wire::PageFix& fix = batch_->fixes[fix_at_];
    out.fix(with_unit(fix, numbering_[fix.unit()]));
  }
  const bool all_fixes = all_said && fix_at_ == batch_->fixes.size();
  for (; all_fixes && leave_at_ < batch_->leaves.size() && has_room(); ++leave_at_) {
    out.leave(numbering_[batch_->leaves[leave_at_]]);
  }
  frames_done_ = batch_is_sent();
  FrameHead head;
  head.kind = wire::FrameKind::Past;
  head.request = asked_->request;
  head.first_page = std::exchange(first_page_, false);
  head.last_page = batch_->snapshot && frames_done_;
  head.conflated = std::exchange(batch_->conflated, 0);
  head.hub_time_us = batch_->time_us;
  ++around_.counters.frames_past;
  return {{}, out.finish(head)};
}

std::size_t PastView::bytes() const {
  std::size_t bytes = numbering_.capacity() * 4;
  for (const auto& [name, kept] : names_) bytes += 2 * sizeof kept + name.size() + 96;
  if (batch_) {
    bytes += batch_->fixes.capacity() * sizeof(wire::PageFix);
    for (const Said& said : batch_->said) bytes += bytes_of(said);
  }
  return bytes;
}

}  // namespace vigie::web
