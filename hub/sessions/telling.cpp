// What sessions tell the audit: who reads what became known before, and who was refused.

#include "hub/sessions/sessions.h"

namespace vigie::sessions {
namespace {

/// Whoever comes back from so short a while ago was here, and reads on.
constexpr std::int64_t kWhileUs = 600 * kMicrosecondsPerSecond;

/// True when it names what it wants of the past by its time.
bool names_past(const wire::Open& open) {
  return open.mode() == wire::Mode::Replay ||
         (open.mode() == wire::Mode::Snapshot && open.start() != wire::StartKind::Now) ||
         open.start() == wire::StartKind::KnownTime || open.start() == wire::StartKind::TrueTime;
}

}  // namespace

RefusedRequest Sessions::check_told(const wire::Open& open) const {
  if (audit_ == nullptr || !audit_->full() || !names_past(open)) return {};
  return {wire::Refusal::NotReady,
          "the audit has no room now, and who reads the past is told there"};
}

void Sessions::tell_opened(const Session& session, const wire::Open& open,
                           const security::Identity* who) {
  if (audit_ == nullptr || who == nullptr || !names_past(open)) return;
  audit_->note_often(security::note_of_reading(*registry_, *who, open,
                                               session.group->filter.view().text(), known_time_us_),
                     security::kReadingsAlone);
}

void Sessions::tell_going_back(const Session& session) {
  if (audit_ == nullptr || (!session.own && session.event >= ring_.head())) return;
  security::GoneBack back{.after_seq = session.event};
  if (session.own) {
    back.from_us = replay::moment_of(session.event);  // its numbers are times
    if (known_time_us_ - back.from_us < kWhileUs) return;
  } else if (session.event >= ring_.tail()) {
    const feed::Entry* entry = ring_.after(session.event);
    back.from_us = entry == nullptr ? known_time_us_ : entry->body->known_time_us();
    if (known_time_us_ - back.from_us < kWhileUs) return;
  }
  const security::Identity* who = registry_->find(session.user, known_time_us_).identity;
  if (who == nullptr) return;
  const std::string view = session.group->filter.view().text();
  back.view = view;
  back.grant = session.grant;
  audit_->note_often(security::note_of_going_back(*registry_, *who, back, known_time_us_),
                     security::kReadingsAlone);
}

void Sessions::tell_refused(std::string_view user, const RefusedRequest& refused) {
  if (audit_ == nullptr || !security::is_told(refused.code)) return;
  audit_->note_often(
      security::note_of_refusal(
          registry_->find(user, known_time_us_),
          {.endpoint = "listen", .key = user, .code = refused.code, .reason = refused.reason}),
      security::kRefusalsAlone);
}

}  // namespace vigie::sessions
