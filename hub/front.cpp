#include "hub/front.h"

#include "hub/feed/frames.h"

namespace vigie {
namespace {

constexpr std::size_t kRequestsATurn = 64;
constexpr std::int64_t kTidyUs = 250'000;
constexpr std::int64_t kIdleUsMax = 50'000;  // timers of sessions are looked at this often

wire::LogId id_of(const store::Store& store) {
  return store.recovery().log;
}

/// Where nobody is asked who they are there is nobody to tell of.
std::unique_ptr<AuditWriter> open_audit(const FrontParts& parts, sequence::Sequencer& sequencer,
                                        const Ledger& ledger) {
  if (parts.registry == nullptr) return nullptr;
  return std::make_unique<AuditWriter>(sequencer, parts.store.recovery(), ledger, *parts.registry);
}

security::AuditTrail* trail_of(const std::unique_ptr<AuditWriter>& audit) {
  return audit == nullptr ? nullptr : &audit->trail();
}

}  // namespace

Front::Front(const FrontOptions& options, FrontParts parts, Picture picture, const Ledger& ledger)
    : parts_(std::move(parts)),
      source_fresh_us_(options.source_fresh_us),
      sequencer_(parts_.store, parts_.clock),
      picture_(std::move(picture)),
      ring_(options.ring_bytes, parts_.store.recovery().last_seq),
      audit_(open_audit(parts_, sequencer_, ledger)),
      ingest_(options.ingest, parts_.publish, sequencer_, parts_.store, parts_.clock, ledger,
              parts_.registry.get(), trail_of(audit_), parts_.quarantine.get()),
      sessions_(options.sessions, parts_.listen, ring_, picture_, parts_.store, parts_.clock,
                id_of(parts_.store), parts_.to_workers, parts_.registry.get(), trail_of(audit_),
                parts_.quarantine.get()),
      durable_(parts_.store.recovery().last_seq) {
  sessions_.set_durable(durable_);
  sessions_.change_hub_key_by(parts_.change_hub_key);
  // After a crash the void range is the first thing in the log.
  if (BodyPtr body = sequencer_.close_turn()) pass_on(std::move(body), parts_.clock.monotonic_us());
}

bool Front::turn() {
  const std::int64_t started_us = parts_.clock.monotonic_us();
  sequencer_.begin_turn();
  sessions_.set_known_time(sequencer_.known_time_us());
  write_audit();
  std::size_t done = ingest_.read_turn();
  heed_registry();
  sessions_.look_at_rights();
  // In one body with what it tells of, where there is room.
  write_audit();
  if (BodyPtr body = sequencer_.close_turn()) pass_on(std::move(body), started_us);
  done += sessions_.read_turn(kRequestsATurn);
  const bool more = sessions_.step_ready();
  sessions_.tick();
  next_ack_us_ = ingest_.send_due_acks();
  if (started_us >= next_tidy_us_) {
    next_tidy_us_ = started_us + kTidyUs;
    ingest_.tidy();
    if (audit_ != nullptr) note_who_came();
    show_figures();
  }
  return more || done != 0 || sessions_.unlooked() != 0 || audit_waits();
}

/// And was not let in.
void Front::note_who_came() {
  if (parts_.turned_away) audit_->trail().note_turned_away(parts_.turned_away());
  if (!parts_.watched_keys) return;
  for (const std::string& key : parts_.watched_keys()) {
    const auto closed = parts_.registry->closed(key, sequencer_.known_time_us());
    if (closed) audit_->trail().note_closed_code(key, *closed);
  }
}

bool Front::audit_waits() const {
  return audit_ != nullptr && !audit_->trail().empty() && ingest_.has_room() && !disk_full_;
}

void Front::write_audit() {
  if (audit_ == nullptr) return;
  audit_->trail().set_known_time(sequencer_.known_time_us());
  if (audit_waits()) audit_->write();
}

void Front::stop_taking() {
  ingest_.stop_taking();
  if (audit_ != nullptr) audit_->note_stop();
}

void Front::hub_key_changed(const security::HubKeyOrder& order, const security::HubKeyTold& told) {
  parts_.registry->tell_hub_key(told);
  sessions_.tell_hub_key(order, told);
  ingest_.greet_again();
  sessions_.open_again();
}

void Front::hub_key_not_taken_up(const security::HubKeyOrder& order,
                                 const security::HubKeyTold& told) {
  if (audit_ != nullptr) {
    audit_->trail().note(security::note_of_hub_key(order.by, told.key, told.old_until_us));
  }
  hub_key_refused(order, wire::Refusal::NotReady,
                  "the hub has another key and can't answer by it before it is started again: "
                  "start it again");
}

void Front::old_hub_key_ended() {
  parts_.registry->tell_hub_key({.key = parts_.registry->hub_key().key});
}

/// Who may connect, and how sources stand to each other: before the turn's body is folded.
void Front::heed_registry() {
  if (parts_.registry == nullptr) return;
  const std::int64_t known_us = sequencer_.known_time_us();
  const security::Registry& registry = *parts_.registry;
  if (registry.version() == heeded_version_ && known_us < heeded_until_us_) return;
  heeded_version_ = registry.version();
  heeded_until_us_ = registry.next_end_us(known_us);
  SourceRanks ranks = registry.source_ranks(known_us);
  ranks.fresh_us = source_fresh_us_;
  picture_.set_ranks(std::move(ranks));
  if (parts_.allow_keys) parts_.allow_keys(registry.keys(known_us));
  if (parts_.watch_for_keys) parts_.watch_for_keys(registry.closed_keys(known_us));
}

void Front::show_figures() {
  if (parts_.figures == nullptr) return;
  parts_.figures->update({.ingest = ingest_.counts(),
                          .sessions = sessions_.counts(),
                          .quarantine = parts_.quarantine.get(),
                          .session_count = sessions_.count(),
                          .publisher_count = ingest_.peer_count(),
                          .unit_count = picture_.picture().units().size(),
                          .aside = picture_.aside(),
                          .ring_bytes = ring_.bytes(),
                          .store_queue_bytes = parts_.store.queued_bytes(),
                          .head = ring_.head(),
                          .durable = durable_,
                          .lag_max = sessions_.lag_max(),
                          .clock_behind_us = sequencer_.clock_behind_us()});
}

void Front::pass_on(BodyPtr body, std::int64_t turn_started_us) {
  Folded folded;
  picture_.fold_and_mark(*body, folded);
  feed::write_header(*body, {.kind = wire::FrameKind::Live,
                             .prev = ring_.head(),
                             .last = body->last_seq(),
                             .prev_event = ring_.head(),
                             .last_event = body->last_seq(),
                             .durable = durable_,
                             .time_us = body->known_time_us(),
                             .log = sequencer_.log()});
  feed::Entry& entry = ring_.push(body, std::move(folded));
  entry.whole = parts_.listen.share(body, body->frame_bytes());
  sessions_.deliver(entry);
  parts_.store.submit(std::move(body));
  ring_.trim(durable_);
  if (parts_.figures != nullptr) {
    parts_.figures->record_turn(parts_.clock.monotonic_us() - turn_started_us,
                                entry.last_seq() - entry.prev_seq);
  }
}

std::int64_t Front::idle_us() const {
  if (next_ack_us_ == INT64_MAX) return kIdleUsMax;
  return std::clamp<std::int64_t>(next_ack_us_ - parts_.clock.monotonic_us(), 0, kIdleUsMax);
}

void Front::on_store(StoreNotice&& notice) {
  if (const auto* durable = std::get_if<store::Durable>(&notice)) {
    durable_ = std::max(durable_, durable->seq);
    sessions_.set_durable(durable_);
    ingest_.on_durable(durable_);
    ring_.trim(durable_);
  } else if (std::holds_alternative<store::DiskFull>(notice)) {
    disk_full_ = true;
    ingest_.set_disk_full(true);
  } else if (std::holds_alternative<store::SpaceAgain>(notice)) {
    disk_full_ = false;
    ingest_.set_disk_full(false);
  } else if (auto* broken = std::get_if<store::Broken>(&notice)) {
    broken_ = std::move(broken->sentence);
    ingest_.stop_taking();
  }
}

}  // namespace vigie
