#include "clients/cpp/face/question.h"

#include <fmt/format.h>

#include <optional>

#include "clients/cpp/face/endpoint.h"
#include "clients/cpp/face/link.h"
#include "schemas/words/times.h"

namespace vigie::client {
namespace {

constexpr std::uint32_t kRequest = 1;
constexpr std::size_t kToldBytesMax = limits::kFrameBytesMax + (64 << 10);

Fault fault_of(wire::Refusal code, std::string reason) {
  const auto kind = code == wire::Refusal::NotFound ? FaultCode::NotFound : FaultCode::Invalid;
  return {kind, std::move(reason)};
}

/// From the connection to the answer.
class Question {
 public:
  Question(wire::AskT ask, AskAgain again) : again_(again) {
    ask.request = kRequest;
    message_ = packed<wire::Ask>(ask);
  }

  Result<wire::ToldT> put(Link& link, std::chrono::milliseconds timeout) {
    const Link::Handler handler{
        .up = [this] { up_ = true; },
        .down = [this] { on_down(); },
        .message = [this](std::span<const std::byte> bytes) { on_message(bytes); },
        .turned_away =
            [this](Refusal code, const std::string& reason) {
              fault_ = {code == Refusal::Revoked ? FaultCode::Invalid : FaultCode::Unavailable,
                        reason};
              over_ = true;
            }};
    const SystemClock clock;
    const std::int64_t until_us = clock.monotonic_us() + timeout.count() * 1000;
    while (!over_ && clock.monotonic_us() < until_us) {
      if (up_ && !sent_) sent_ = link.send(message_);
      link.turn(until_us - clock.monotonic_us(), handler);
    }
    if (told_) return std::move(*told_);
    return fault_;
  }

 private:
  void on_down() {
    up_ = false;
    if (std::exchange(sent_, false) && again_ == AskAgain::No) {
      fault_ = {FaultCode::Unavailable,
                "the connection ended before the hub's answer: whether it was done is not known"};
      over_ = true;
    }
  }

  void on_message(std::span<const std::byte> bytes) {
    const AlignedBytes copy(bytes);
    if (const auto* told = verified<wire::Told>(copy.bytes())) {
      if (told->request() != kRequest) return;
      if (told->code() == wire::Refusal::None) {
        told->UnPackTo(&told_.emplace());
      } else {
        fault_ = fault_of(told->code(), std::string(text_of(told->reason())));
      }
      over_ = true;
    } else if (const auto* denied = verified<wire::Denied>(copy.bytes())) {
      fault_ = fault_of(denied->code(), std::string(text_of(denied->reason())));
      over_ = true;
    } else if (verified<wire::Reopen>(copy.bytes()) != nullptr) {
      // What a hub says that takes a question for part of a session.
      fault_ = {FaultCode::Invalid, "this hub is older and answers no such questions"};
      over_ = true;
    }
  }

  const AskAgain again_;
  std::vector<std::byte> message_;
  bool up_ = false;
  bool sent_ = false;
  bool over_ = false;
  std::optional<wire::ToldT> told_;
  Fault fault_{FaultCode::Unavailable, "the hub did not answer in time"};
};

}  // namespace

Result<wire::ToldT> ask_hub(const AskOptions& options, wire::AskT ask, AskAgain again) {
  const auto endpoints = parse_hub(options.link.hub);
  if (!endpoints) return endpoints.fault();
  auto link = Link::open(endpoints->listen, options.link, kToldBytesMax, system_random());
  if (!link) return link.fault();
  return Question(std::move(ask), again).put(**link, options.timeout);
}

}  // namespace vigie::client
