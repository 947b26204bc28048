#include "schemas/messages/refusals.h"

#include <algorithm>
#include <array>

namespace vigie {
namespace {

using wire::Refusal;

constexpr bool kQuarantined = true;
constexpr bool kNot = false;

constexpr std::array<RefusalWord, 22> kRefusals{{
    {Refusal::Malformed, "not a FlatBuffer of the expected kind, or truncated", kQuarantined},
    {Refusal::TooLarge, "a message, text, list or name is over its limit", kQuarantined},
    {Refusal::BadName, "unit, group, call sign, key: characters or shape", kQuarantined},
    {Refusal::BadPosition, "latitude or longitude out of range", kQuarantined},
    {Refusal::BadTime, "before 2000 or after 2100", kQuarantined},
    {Refusal::BadValue, "any other field out of its range", kQuarantined},
    {Refusal::BadNumber, "number 0, or not rising within the batch", kQuarantined},
    {Refusal::WrongSpool, "a spool of somebody else, or not the one of the hello", kQuarantined},
    {Refusal::SpoolClosed, "silent for too long; make a new spool", kNot},
    {Refusal::TooManyHoles, "the spool's settled numbers have more holes than the hub keeps", kNot},
    {Refusal::UnknownVersion, "the protocol version is not served", kQuarantined},
    {Refusal::BadView, "the view's channels, units, area or pace are not well formed",
     kQuarantined},
    {Refusal::BadRange, "a range or start is empty, reversed or not available", kQuarantined},
    {Refusal::TooManySessions,
     "more at once than the hub, or one identity, owner or address, may have", kNot},
    {Refusal::NotReady, "starting, stopping or busy: try again", kNot},
    {Refusal::DiskFull, "nothing new is taken until there is space: try again", kNot},
    {Refusal::NotFound, "what was asked for is not there", kNot},
    {Refusal::TooFast, "more was sent than was granted", kNot},
    {Refusal::NotEntitled, "who asks may not publish or see that", kQuarantined},
    {Refusal::Revoked, "the key is not known: revoked, over, or never enrolled", kNot},
    {Refusal::BadInvite, "the invitation was used, withdrawn or is over", kQuarantined},
    {Refusal::AccessChanged, "what the session may see has changed: open again", kNot},
}};

}  // namespace

std::span<const RefusalWord> refusals() {
  return kRefusals;
}

const RefusalWord* find_refusal(wire::Refusal code) {
  const auto found = std::find_if(kRefusals.begin(), kRefusals.end(),
                                  [&](const RefusalWord& word) { return word.code == code; });
  return found == kRefusals.end() ? nullptr : &*found;
}

}  // namespace vigie
