#include "clients/cpp/core/replay_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "schemas/messages/checks.h"

namespace vigie::client {
namespace {

SessionOptions session_options(const ReplayOptions& options) {
  return {.client = options.link.client,
          .window_bytes = options.window_bytes,
          .frame_bytes_max = options.frame_bytes_max};
}

}  // namespace

Result<std::unique_ptr<ReplayCore>> ReplayCore::open(ReplayOptions options, const Clock& clock,
                                                     Random random) {
  const std::size_t frame_bytes =
      options.frame_bytes_max == 0 ? limits::kFrameBytesMax : options.frame_bytes_max;
  if (options.window_bytes < 2 * frame_bytes || options.window_bytes > limits::kCreditBytesMax) {
    return Fault{FaultCode::Invalid,
                 fmt::format("window_bytes {} is not {}..{} (two frames, and the hub's most)",
                             options.window_bytes, 2 * frame_bytes, limits::kCreditBytesMax)};
  }
  if (options.until_us != 0 && options.until_us <= options.from_us) {
    return Fault{FaultCode::Invalid,
                 fmt::format("the range from {} to {} is empty", format_time(options.from_us),
                             format_time(options.until_us))};
  }
  std::unique_ptr<ReplayCore> core(new ReplayCore(std::move(options), clock, std::move(random)));
  wire::OpenT message;
  core->ask(message);
  message.protocol = kProtocolVersion;
  message.client = core->options_.link.client;
  message.frame_bytes_max = core->options_.frame_bytes_max;
  const AlignedBytes aligned(packed<wire::Open>(message));
  const auto* root = verified<wire::Open>(aligned.bytes());
  if (root == nullptr || aligned.bytes().size() > limits::kRequestBytesMax) {
    return Fault{FaultCode::Invalid, "the view is too large for one request"};
  }
  if (const RefusedRequest refused = check_open(*root)) {
    return Fault{FaultCode::Invalid, refused.reason};
  }
  return core;
}

ReplayCore::ReplayCore(ReplayOptions options, const Clock& clock, Random random)
    : options_(std::move(options)),
      session_(session_options(options_), clock, std::move(random),
               [this](wire::OpenT& open) { ask(open); }),
      from_us_(options_.from_us),
      order_(options_.clock),
      speed_(options_.speed),
      paused_(options_.paused),
      time_us_(options_.from_us) {}

void ReplayCore::ask(wire::OpenT& open) const {
  open.view = to_wire(options_.view);
  open.grant = options_.grant;
  open.mode = wire::Mode::Replay;
  open.start =
      options_.clock == ReplayClock::Known ? wire::StartKind::KnownTime : wire::StartKind::TrueTime;
  // What was had at the last moment comes again and is left aside: others of that moment may not
  // have come.
  open.time_us = order_.had() ? order_.had()->time_us : from_us_;
  open.until_us = options_.until_us;
  if (open.until_us != 0) open.time_us = std::min(open.time_us, open.until_us - 1);
  open.speed = speed_;
  open.paused = paused_;
  open.recording = options_.exported || options_.on_message;
}

void ReplayCore::keep(Bytes message) const {
  if (options_.on_message) options_.on_message(message);
}

std::optional<std::vector<std::byte>> ReplayCore::next_message() {
  auto message = session_.next_message(order_.had() ? order_.had()->seq : 0);
  if (!message || !has_identifier<wire::Open>(*message)) return message;
  for (Unanswered& control : unanswered_) control = {control.request, {}, true};
  if (options_.on_message) open_ = *message;
  return message;
}

void ReplayCore::push(Step step) {
  if (step.items.empty() && step.bytes == 0) return;
  steps_.push_back(std::move(step));
}

void ReplayCore::link_down() {
  Step step;
  session_.link_down(step.items);
  push(std::move(step));
}

void ReplayCore::turned_away(Refusal code, std::string_view reason) {
  Step step;
  session_.turned_away(code, reason, step.items);
  push(std::move(step));
}

void ReplayCore::tick() {
  Step step;
  session_.tick(step.items);
  push(std::move(step));
}

void ReplayCore::on_message(Bytes message) {
  const AlignedBytes aligned(message);
  const Bytes bytes = aligned.bytes();
  Step step;
  switch (session_.on_message(bytes, step.items)) {
    case Session::Heard::Opened:
      keep(open_);
      keep(bytes);
      on_opened(step);
      break;
    case Session::Heard::Frame:
      session_.held(bytes.size());
      step.bytes = bytes.size();
      on_frame(bytes, step);
      break;
    case Session::Heard::ReplayState:
      keep(bytes);
      on_state(*verified<wire::ReplayState>(bytes), step.items);
      break;
    case Session::Heard::Heartbeat:
      session_.hear_hub_time(verified<wire::Heartbeat>(bytes)->known_time_us());
      break;
    default:
      break;
  }
  push(std::move(step));
}

void ReplayCore::on_opened(Step& step) {
  // A stop that was under way when the connection was cut: nobody wants what was opened anew.
  if (stopping_ != 0) return session_.end(Refusal::None, "stopped", step.items);
  order_.opened();
  phase_ = paused_ ? ReplayPhase::Paused : ReplayPhase::Playing;
  // Controls that were asked for before the Open are in it; those since then follow it.
  bool seeking = false;
  for (Unanswered& control : std::exchange(unanswered_, {})) {
    if (control.in_open) {
      step.items.emplace_back(ReplayItem{
          .request = control.request, .phase = phase_, .time_us = time_us_, .sent = entries_});
      continue;
    }
    seeking = seeking || control.request == seeking_;
    if (!control.held.empty()) session_.request(std::exchange(control.held, {}));
    unanswered_.push_back(std::move(control));
  }
  if (!seeking) seeking_ = 0;
}

void ReplayCore::on_frame(Bytes message, Step& step) {
  const auto frame = Frame::parse(message);
  if (!frame) {
    session_.reopen("a damaged frame: " + frame.fault().sentence, step.items);
    return;
  }
  bytes_ += message.size();
  const wire::FrameHeader& header = frame->header();
  if (header.kind() != wire::FrameKind::Replay || seeking_ != 0) return;
  time_us_ = header.time_us();
  keep(message);
  std::vector<Item> found = order_.take(*frame);
  entries_ += found.size();
  std::move(found.begin(), found.end(), std::back_inserter(step.items));
}

void ReplayCore::on_state(const wire::ReplayState& state, std::vector<Item>& items) {
  phase_ = static_cast<ReplayPhase>(state.phase());
  time_us_ = state.time_us();
  if (state.request() != 0) {
    std::erase_if(unanswered_,
                  [&](const Unanswered& one) { return one.request <= state.request(); });
    if (state.request() >= seeking_) seeking_ = 0;
  }
  items.emplace_back(from_wire(state));
  if (stopping_ != 0 && state.request() == stopping_) {
    session_.end(Refusal::None, "stopped", items);
  }
}

void ReplayCore::control(std::uint32_t request, wire::ControlKind kind, std::int64_t time_us,
                         double speed) {
  wire::ControlT message;
  message.request = request;
  message.kind = kind;
  message.time_us = time_us;
  message.speed = speed;
  std::vector<std::byte> bytes = packed<wire::Control>(message);
  if (session_.state() == Session::State::Open) {
    session_.request(std::move(bytes));
    bytes.clear();
  }
  unanswered_.push_back({request, std::move(bytes)});
}

void ReplayCore::pause(std::uint32_t request) {
  paused_ = true;
  control(request, wire::ControlKind::Pause, 0, 0);
}

void ReplayCore::resume(std::uint32_t request) {
  paused_ = false;
  control(request, wire::ControlKind::Resume, 0, 0);
}

void ReplayCore::seek(std::uint32_t request, std::int64_t time_us) {
  from_us_ = time_us;
  order_.sought();
  seeking_ = request;
  control(request, wire::ControlKind::Seek, time_us, 0);
}

void ReplayCore::set_speed(std::uint32_t request, double speed) {
  speed_ = speed;
  control(request, wire::ControlKind::Speed, 0, speed);
}

void ReplayCore::stop(std::uint32_t request) {
  stopping_ = request;
  if (session_.state() == Session::State::Open) {
    control(request, wire::ControlKind::Stop, 0, 0);
    return;
  }
  Step step;
  step.items.emplace_back(ReplayItem{
      .request = request, .phase = ReplayPhase::Ended, .time_us = time_us_, .sent = entries_});
  session_.end(Refusal::None, "stopped", step.items);
  push(std::move(step));
}

void ReplayCore::close() {
  Step step;
  session_.end(Refusal::None, "closed", step.items);
  push(std::move(step));
}

ReplayStatus ReplayCore::status() const {
  return {.link = session_.link().state,
          .code = session_.link().code,
          .reason = session_.link().reason,
          .phase = phase_,
          .time_us = time_us_,
          .entries = entries_,
          .bytes = bytes_};
}

}  // namespace vigie::client
