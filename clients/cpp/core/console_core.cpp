#include "clients/cpp/core/console_core.h"

#include <fmt/format.h>

#include "schemas/messages/checks.h"

namespace vigie::client {
namespace {

/// A hole that is not filled in this time is asked for again, with a session of its own.
constexpr std::int64_t kRefillUs = 10'000'000;

SessionOptions session_options(const ConsoleOptions& options) {
  return {.client = options.link.client,
          .window_bytes = options.window_bytes,
          .frame_bytes_max = options.frame_bytes_max};
}

bool has_flag(const wire::FrameHeader& header, wire::FrameFlag flag) {
  return (header.flags() & static_cast<unsigned>(flag)) != 0;
}

}  // namespace

void TokenKeeper::takes(const Item& item, const Step& step) {
  if (const auto* lost = std::get_if<LostItem>(&item)) {
    events_.lose(lost->first_seq, lost->last_seq);
    return;
  }
  if (const auto* state = std::get_if<StateItem>(&item)) {
    if (!state->snapshot) advance_event(state->stamp.seq, step);
    return;
  }
  const auto* event = std::get_if<EventItem>(&item);
  if (event == nullptr) return;
  advance_event(event->stamp.seq, step);
  if (event->stamp.seq <= step.durable) return;
  events_.add(event->stamp.seq, to_spool(event->stamp.name.spool), event->stamp.name.number);
}

void TokenKeeper::advance_event(std::uint64_t seq, const Step& step) {
  // Items come in order of seq: what is taken of a step that is not used up is had too.
  if (!token_ || !step.position || !same(token_->log(), step.position->log())) return;
  if (seq <= token_->event() || seq > step.position->event()) return;
  token_ = wire::Token(token_->log(), seq, token_->fix());
}

void TokenKeeper::finished(const Step& step) {
  if (step.position) token_ = step.position;
  if (step.durable != 0) events_.durable(step.durable);
}

std::vector<std::byte> TokenKeeper::bytes() const {
  if (!token_) return {};
  std::vector<std::byte> bytes = token_bytes(*token_);
  const std::vector<std::byte> names = events_.bytes();
  bytes.insert(bytes.end(), names.begin(), names.end());
  return bytes;
}

void TokenKeeper::restore(const wire::Token& token, ShownEvents events) {
  token_ = token;
  events_ = std::move(events);
}

Result<std::pair<wire::Token, ShownEvents>> parse_kept_token(Bytes bytes) {
  const std::size_t token_size = std::min(bytes.size(), sizeof(wire::Token));
  const auto token = parse_token(bytes.first(token_size));
  if (!token) return token.fault();
  auto events = ShownEvents::parse(bytes.subspan(token_size));
  if (!events) return events.fault();
  return std::pair{*token, std::move(*events)};
}

Result<std::unique_ptr<ConsoleCore>> ConsoleCore::open(ConsoleOptions options, const Clock& clock,
                                                       Random random) {
  const std::size_t frame_bytes =
      options.frame_bytes_max == 0 ? limits::kFrameBytesMax : options.frame_bytes_max;
  if (options.window_bytes < 2 * frame_bytes || options.window_bytes > limits::kCreditBytesMax) {
    return Fault{FaultCode::Invalid,
                 fmt::format("window_bytes {} is not {}..{} (two frames, and the hub's most)",
                             options.window_bytes, 2 * frame_bytes, limits::kCreditBytesMax)};
  }
  const bool can_once = options.start == StartKind::Now || options.start == StartKind::KnownTime ||
                        options.start == StartKind::TrueTime;
  if (options.once && !can_once) {
    return Fault{FaultCode::Invalid, "a picture once starts Now, at a known or at a true time"};
  }
  std::unique_ptr<ConsoleCore> core(new ConsoleCore(std::move(options), clock, std::move(random)));
  if (core->options_.start == StartKind::Token) {
    auto kept = parse_kept_token(core->options_.token);
    if (!kept) return kept.fault();
    core->resume_ = kept->first;
    core->log_ = kept->first.log();
    core->shown_.restore(std::move(kept->second));
  }
  // What the hub would deny is told here, before there is a hub.
  wire::OpenT message;
  core->ask(message);
  message.protocol = kProtocolVersion;
  message.client = core->options_.link.client;
  message.frame_bytes_max = core->options_.frame_bytes_max;
  const std::vector<std::byte> bytes = packed<wire::Open>(message);
  const AlignedBytes aligned(bytes);
  const auto* root = verified<wire::Open>(aligned.bytes());
  if (root == nullptr || bytes.size() > limits::kRequestBytesMax) {
    return Fault{FaultCode::Invalid, fmt::format("the view takes {} bytes, at most {} are taken",
                                                 bytes.size(), limits::kRequestBytesMax)};
  }
  if (const RefusedRequest refused = check_open(*root)) {
    return Fault{FaultCode::Invalid, refused.reason};
  }
  return core;
}

ConsoleCore::ConsoleCore(ConsoleOptions options, const Clock& clock, Random random)
    : options_(std::move(options)),
      clock_(clock),
      session_(session_options(options_), clock, std::move(random),
               [this](wire::OpenT& open) { ask(open); }) {}

void ConsoleCore::ask(wire::OpenT& open) const {
  open.view = to_wire(options_.view);
  open.grant = options_.grant;
  open.mode = options_.once ? wire::Mode::Snapshot : wire::Mode::Live;
  if (resume_ && !options_.once) {
    open.start = wire::StartKind::Token;
    const std::vector<std::byte> token = token_bytes(*resume_);
    const auto* first = reinterpret_cast<const std::uint8_t*>(token.data());
    open.token.assign(first, first + token.size());
    return;
  }
  open.start = static_cast<wire::StartKind>(options_.start);
  open.seq = options_.seq;
  open.time_us = options_.time_us;
}

wire::Token ConsoleCore::place() const {
  return wire::Token(log_, position_.event, position_.fix);
}

void ConsoleCore::push(Step step) {
  step.durable = durable_;
  if (step.items.empty() && !step.position && step.bytes == 0) return;
  steps_.push_back(std::move(step));
}

void ConsoleCore::link_down() {
  Step step;
  session_.link_down(step.items);
  refill_us_ = kNever;
  push(std::move(step));
}

void ConsoleCore::turned_away(Refusal code, std::string_view reason) {
  Step step;
  session_.turned_away(code, reason, step.items);
  refill_us_ = kNever;
  push(std::move(step));
}

std::int64_t ConsoleCore::next_wakeup_us() const {
  const std::int64_t at = session_.next_wakeup_us();
  return refill_us_ == kNever ? at : std::min(at, refill_us_ + kRefillUs);
}

void ConsoleCore::tick() {
  Step step;
  if (refill_us_ != kNever && clock_.monotonic_us() >= refill_us_ + kRefillUs) {
    refill_us_ = kNever;
    session_.reopen("a hole was not filled", step.items);
  }
  session_.tick(step.items);
  push(std::move(step));
}

void ConsoleCore::close() {
  Step step;
  session_.end(Refusal::None, "closed", step.items);
  push(std::move(step));
}

void ConsoleCore::on_message(Bytes message) {
  const AlignedBytes aligned(message);
  const Bytes bytes = aligned.bytes();
  Step step;
  const bool ends = options_.once && !awaits_snapshot_ && session_.opens() != 0 &&
                    verified<wire::Reopen>(bytes) != nullptr;
  if (ends) {
    session_.end(Refusal::None, "the picture is complete", step.items);
  } else {
    switch (session_.on_message(bytes, step.items)) {
      case Session::Heard::Opened:
        on_opened(step.items);
        break;
      case Session::Heard::Frame:
        session_.held(bytes.size());
        step.bytes = bytes.size();
        on_frame(bytes, step);
        break;
      case Session::Heard::Heartbeat:
        on_heartbeat(*verified<wire::Heartbeat>(bytes), step);
        break;
      default:
        break;
    }
  }
  push(std::move(step));
}

void ConsoleCore::on_opened(std::vector<Item>& items) {
  const wire::OpenedT& opened = session_.opened();
  const wire::LogId log = opened.log ? *opened.log : wire::LogId();
  const bool other_log = resume_ && !same(log, log_);
  if (other_log) shown_.lose_all();
  log_ = log;
  durable_ = std::max(other_log ? 0 : durable_, opened.durable);
  floor_ = opened.floor;
  if (opened.lost) {
    shown_.lose(opened.lost->first(), opened.lost->last());
    if (lost_last_ != opened.lost->last()) {
      items.emplace_back(LostItem{opened.lost->first(), opened.lost->last()});
    }
    lost_last_ = opened.lost->last();
  }
  position_ = {};
  if (opened.position) position_ = {opened.position->fix(), opened.position->event()};
  const bool from_now = !resume_ && (options_.start == StartKind::Now || options_.once);
  awaits_snapshot_ = opened.replaces || from_now || other_log;
  in_snapshot_ = false;
  shown_.abandon_snapshot();
  refill_us_ = kNever;
  // With a snapshot to come, the place to resume from stays the old one until it is complete. A
  // console that has none yet has no fixes, and misses no event from here on.
  if (!awaits_snapshot_) resume_ = place();
  if (awaits_snapshot_ && (!resume_ || other_log)) {
    resume_ = wire::Token(log_, position_.event, 0);
  }
}

void ConsoleCore::on_frame(Bytes message, Step& step) {
  const auto frame = Frame::parse(message);
  if (!frame) {
    session_.reopen("a damaged frame: " + frame.fault().sentence, step.items);
    return;
  }
  ++frames_;
  bytes_ += message.size();
  const wire::FrameHeader& header = frame->header();
  switch (header.kind()) {
    case wire::FrameKind::Live:
    case wire::FrameKind::Conflated:
      on_feed(*frame, step);
      break;
    case wire::FrameKind::Snapshot:
      on_page(*frame, step);
      break;
    default:
      return;
  }
  // By a grant it is the time up to which is shown: the hub's clock is in heartbeats alone.
  if (options_.grant.empty()) session_.hear_hub_time(header.time_us());
  durable_ = std::max(durable_, header.durable());
  shown_.durable(durable_);
}

void ConsoleCore::on_page(const Frame& page, Step& step) {
  const wire::FrameHeader& header = page.header();
  if (has_flag(header, wire::FrameFlag::FirstPage)) {
    in_snapshot_ = true;
    refill_us_ = kNever;
  }
  if (!in_snapshot_) {
    hole(step.items);
    return;
  }
  shown_.take_page(page, position_, step.items);
  if (!has_flag(header, wire::FrameFlag::LastPage)) return;
  in_snapshot_ = false;
  awaits_snapshot_ = false;
  // Pages hold no events: how far those are had, the feed alone says.
  position_.fix = header.last();
  resume_ = place();
  step.position = resume_;
}

void ConsoleCore::on_feed(const Frame& frame, Step& step) {
  const wire::FrameHeader& header = frame.header();
  if (header.prev() > position_.fix || header.prev_event() > position_.event) {
    hole(step.items);
    return;
  }
  refill_us_ = kNever;
  shown_.take(frame, position_, step.items);
  position_.fix = std::max(position_.fix, header.last());
  position_.event = std::max(position_.event, header.last_event());
  if (!awaits_snapshot_) {
    resume_ = place();
  } else if (resume_ && same(resume_->log(), log_)) {
    // Events before the snapshot: had, whatever becomes of it.
    resume_ = wire::Token(log_, position_.event, resume_->fix());
  }
  step.position = resume_;
}

void ConsoleCore::on_heartbeat(const wire::Heartbeat& beat, Step& step) {
  durable_ = std::max(durable_, beat.durable());
  shown_.durable(durable_);
  floor_ = beat.floor();
  head_ = beat.head();
  const wire::Token* sent = beat.sent();
  if (in_snapshot_ || awaits_snapshot_) {
    // Events come between the pages: only the fixes stay where they were until the last one.
    const bool has_all = sent == nullptr || sent->event() <= position_.event;
    if (beat.position() != nullptr && has_all) {
      position_.event = std::max(position_.event, beat.position()->event());
    }
    return;
  }
  if (sent != nullptr && (sent->fix() > position_.fix || sent->event() > position_.event)) {
    hole(step.items);
    return;
  }
  const wire::Token* position = beat.position();
  if (position == nullptr || refill_us_ != kNever) return;
  // Nothing of the view lies between what was sent and there.
  position_.fix = std::max(position_.fix, position->fix());
  position_.event = std::max(position_.event, position->event());
  resume_ = place();
  step.position = resume_;
}

void ConsoleCore::hole(std::vector<Item>& items) {
  if (refill_us_ != kNever) return;  // asked for; frames up to the one that fits are left aside
  ++holes_;
  in_snapshot_ = false;
  shown_.abandon_snapshot();
  if (awaits_snapshot_) {
    // The place to go on from lies before this session: the snapshot begins anew.
    session_.reopen("a hole in a snapshot", items);
    return;
  }
  refill_us_ = clock_.monotonic_us();
  wire::RefillT refill;
  const std::vector<std::byte> token = token_bytes(resume_.value_or(place()));
  const auto* first = reinterpret_cast<const std::uint8_t*>(token.data());
  refill.token.assign(first, first + token.size());
  session_.request(packed<wire::Refill>(refill));
}

ConsoleStatus ConsoleCore::status() const {
  ConsoleStatus status;
  status.link = session_.link().state;
  status.code = session_.link().code;
  status.reason = session_.link().reason;
  status.stale = session_.link().stale;
  status.link_age_us = session_.heard_us() < 0 ? -1 : clock_.monotonic_us() - session_.heard_us();
  status.hub_time_us = session_.hub_time_us();
  status.overdue_after_ms = session_.opened().overdue_after_ms;
  status.silent_after_ms = session_.opened().silent_after_ms;
  status.probed = session_.probed();
  status.probe_took_us = session_.probe_took_us();
  status.seq = position_.fix;
  status.event_seq = position_.event;
  status.durable = durable_;
  status.floor = floor_;
  status.behind = head_ > position_.fix ? head_ - position_.fix : 0;
  status.complete = session_.opens() != 0 && !awaits_snapshot_ && !in_snapshot_;
  status.log = from_wire(log_);
  status.frames = frames_;
  status.bytes = bytes_;
  status.fixes = shown_.fixes();
  status.events = shown_.events();
  status.conflated = shown_.conflated();
  status.holes = holes_;
  status.opens = session_.opens();
  status.grants = session_.opened().grants;
  return status;
}

}  // namespace vigie::client
