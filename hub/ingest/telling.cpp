// What ingest tells the audit.

#include "hub/ingest/ingest.h"
#include "schemas/messages/check_access.h"

namespace vigie::ingest {
namespace {

/// In a minute, of one who; more are told together.
constexpr std::size_t kOwnKeysAlone = 3;

}  // namespace

void Ingest::tell_event(const security::Holder& holder, const wire::Event& event) {
  if (text_of(event.kind()) != security::kAcknowledgement) return;
  audit_->note_often(security::note_of_acknowledgement(holder, event),
                     security::kAcknowledgementsAlone);
}

void Ingest::tell_state(const security::Holder& holder, const wire::State& state) {
  if (!is_access(state.kind())) return;
  security::AuditNote note = security::note_of_state(*registry_, holder, state);
  const bool of_itself = note.field("who") == note.field("whom");
  if (of_itself && (note.kind == "rotated" || note.kind == "changed")) {
    return audit_->note_often(std::move(note), kOwnKeysAlone);
  }
  audit_->note(std::move(note));
}

void Ingest::tell_refused(const security::Holder& holder, const security::RefusedAct& act) {
  if (audit_ == nullptr || !security::is_told(act.code)) return;
  audit_->note_often(security::note_of_refusal(holder, act), security::kRefusalsAlone);
}

void Ingest::tell_refused(std::string_view user, wire::Refusal code, std::string_view reason) {
  if (audit_ == nullptr || !security::is_told(code)) return;
  tell_refused(registry_->find(user, sequencer_.known_time_us()),
               {.endpoint = "publish", .key = user, .code = code, .reason = reason});
}

}  // namespace vigie::ingest
