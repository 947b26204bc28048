#include "tests/conformance/samples.h"

#include "schemas/messages/entry_writer.h"
#include "schemas/messages/frame.h"

namespace vigie::conformance {
namespace {

constexpr std::int64_t kNoonUs = 1'772'366'400'000'000;  // 2026-03-01T12:00:00Z
const wire::Spool kSpool{0x0102'0304'0506'0708, 0x1112'1314'1516'1718};
const wire::LogId kLog{0xA1A2'A3A4'A5A6'A7A8, 0xB1B2'B3B4'B5B6'B7B8};

template <typename T, typename... Args>
std::unique_ptr<T> make(Args&&... args) {
  return std::make_unique<T>(std::forward<Args>(args)...);
}

/// Everything known.
wire::Fix full_fix(std::int64_t us) {
  return {us,
          159'123'456,
          -15'654'321,
          273'150,
          12'500,
          47'250,
          3'000,
          5'000,
          wire::Clock::Satellite,
          wire::FixType::Differential,
          11,
          88,
          wire::FixSource::Satellite,
          0,
          0};
}

/// Nothing known but time and place.
wire::Fix bare_fix(std::int64_t us) {
  return {us,
          -900'000'000,
          1'800'000'000,
          kUnknownAltitude,
          kUnknownU32,
          kUnknownU32,
          kUnknownU32,
          kUnknownU32,
          wire::Clock::Device,
          wire::FixType::Unknown,
          kUnknownU8,
          kUnknownU8,
          wire::FixSource::Unknown,
          0,
          0};
}

wire::BatchT make_batch(bool stamped) {
  const auto stamp = [&](std::uint64_t seq) {
    return stamped ? make<wire::Stamp>(seq, kNoonUs + 5, -2'500'000, 41u, 0u) : make<wire::Stamp>();
  };
  wire::BatchT batch;
  batch.spool = make<wire::Spool>(kSpool);
  batch.sent_time_us = kNoonUs + 1'000'000;
  auto event = make<wire::EventT>();
  event->stamp = stamp(1000);
  event->number = 1;
  event->unit = "blue/poste-été";
  event->group = "patrol";
  event->true_time_us = kNoonUs;
  event->kind = "medical_aid";
  event->severity = wire::Severity::Severe;
  event->text = "two \"hurt\"\nneed water \xF0\x9F\x92\xA7";
  event->position = make<wire::Position>(159'000'001, 14'999'999);
  event->references.emplace_back(kSpool, 12u);
  event->fields.push_back(make<wire::FieldT>());
  event->fields[0]->key = "litres";
  event->fields[0]->value = "400";
  batch.events.push_back(std::move(event));
  auto state = make<wire::StateT>();
  state->stamp = stamp(1001);
  state->number = 2;
  state->kind = wire::StateKind::UnitCard;
  state->name = "blue/v1";
  state->true_time_us = kNoonUs;
  state->clock = wire::Clock::Satellite;
  state->card = make<wire::UnitCardT>();
  state->card->call_sign = "Blue 1";
  state->card->unit_kind = "vehicle";
  state->card->symbol = "SFGPUCI----";
  state->card->carried_by = "blue/truck";
  state->card->carries = {"blue/section1", "blue/section2"};
  batch.states.push_back(std::move(state));
  auto fixes = make<wire::UnitFixesT>();
  fixes->stamp = stamp(1002);
  fixes->first_number = 3;
  fixes->unit = "blue/v1";
  fixes->group = "patrol";
  fixes->fixes = {full_fix(kNoonUs), bare_fix(kNoonUs + 1'000'000)};
  fixes->readings = {1, 2, 3, 254, 255, 0};
  fixes->readings_bytes = 3;
  batch.fixes.push_back(std::move(fixes));
  if (!stamped) batch.given_up.emplace_back(10u, 12u);
  return batch;
}

wire::BatchT access_batch() {
  const std::string key(64, 'a');
  wire::BatchT batch;
  batch.spool = make<wire::Spool>(kSpool);
  batch.sent_time_us = kNoonUs;
  const auto add = [&](wire::StateKind kind, const char* name) -> wire::StateT& {
    auto& state = batch.states.emplace_back(make<wire::StateT>());
    state->stamp = make<wire::Stamp>();
    state->number = batch.states.size();
    state->kind = kind;
    state->name = name;
    state->group = "_access";
    state->true_time_us = kNoonUs;
    return *state;
  };
  wire::StateT& identity = add(wire::StateKind::Identity, "blue/tablet");
  identity.identity = make<wire::IdentityT>();
  identity.identity->key = key;
  identity.identity->role = wire::Role::Tracker;
  identity.identity->units = {"blue/v1", "blue/v2"};
  identity.identity->ends_us = kNoonUs + 1;
  identity.identity->invite = key;
  identity.identity->rank = 2;
  identity.identity->sign_key = std::string(64, 'c');
  wire::StateT& invite = add(wire::StateKind::Invite, "blue/room");
  invite.invite = make<wire::InviteT>();
  invite.invite->key = key;
  invite.invite->role = wire::Role::Console;
  invite.invite->units = {"blue/*"};
  invite.invite->identity_ends_us = kNoonUs + 2;
  invite.invite->ends_us = kNoonUs + 3;
  invite.invite->rank = 1;
  wire::StateT& grant = add(wire::StateKind::Grant, "blue/to-green");
  grant.grant = make<wire::GrantT>();
  grant.grant->to = "green";
  grant.grant->classes = wire::Class::Track | wire::Class::State;
  grant.grant->groups = {"patrol", "-"};
  grant.grant->units = {"blue/v1"};
  grant.grant->area = make<wire::Area>(1, 2, 3, 4);
  grant.grant->from_us = kNoonUs + 4;
  grant.grant->until_us = kNoonUs + 5;
  grant.grant->ends_us = kNoonUs + 6;
  grant.grant->past = true;
  grant.grant->ended = true;
  grant.grant->made_us = kNoonUs + 7;
  grant.grant->delay_s = 3600;
  grant.grant->round_m = 5000;
  grant.grant->every_s = 600;
  grant.grant->own_numbers = true;
  return batch;
}

/// Frames are put together here by hand, as the .fbs says, so that the layout itself is tested.
std::vector<std::byte> make_frame(wire::FrameKind kind, std::uint8_t flags,
                                  const std::vector<BodyPtr>& bodies) {
  std::vector<std::byte> bytes(sizeof(wire::FrameHeader));
  for (const BodyPtr& body : bodies) {
    bytes.insert(bytes.end(), body->bytes().begin(), body->bytes().end());
  }
  const wire::FrameHeader header(static_cast<std::uint32_t>(bytes.size()), kFrameMagic, kind, flags,
                                 0, static_cast<std::uint32_t>(bodies.size()), 999, 1000, 1003, 990,
                                 1001, 980, kNoonUs + 7, kLog);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

BodyPtr make_body() {
  BodyBuilder builder;
  builder.append(wire::BlockKind::Batch, packed<wire::Batch>(make_batch(true)), 4, 1000);
  const wire::SeqRange gone(500, 900);
  builder.append(wire::BlockKind::Void, {reinterpret_cast<const std::byte*>(&gone), sizeof gone}, 1,
                 1004);
  const std::byte unknown[5] = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                                std::byte{5}};
  builder.append(static_cast<wire::BlockKind>(99), unknown, 1, 1005);
  return builder.close(1000, 1005, kNoonUs + 5);
}

BodyPtr make_leaves() {
  EntryWriter writer;
  writer.add_leave("blue/v1", 1002);
  writer.add_leave("green/v2", 1003);
  return writer.finish(kNoonUs + 6, 1003);
}

wire::HelloT hello() {
  wire::HelloT hello;
  hello.protocol = kProtocolVersion;
  hello.spool = make<wire::Spool>(kSpool);
  hello.client = "golden 1.0";
  hello.sent_time_us = kNoonUs;
  return hello;
}

wire::WelcomeT welcome() {
  wire::WelcomeT welcome;
  welcome.protocol = kProtocolVersion;
  welcome.log = make<wire::LogId>(kLog);
  welcome.settled = {wire::NumberRange(1, 5), wire::NumberRange(9, UINT64_MAX)};
  welcome.granted_bytes = 1 << 20;
  welcome.batch_bytes_max = limits::kBatchBytesMax;
  welcome.known_time_us = kNoonUs;
  welcome.hub_key = std::string(64, 'b');
  return welcome;
}

wire::AckT ack() {
  wire::AckT ack;
  ack.settled = {wire::NumberRange(1, 4)};
  ack.refused.push_back(make<wire::RefusedT>());
  ack.refused[0]->numbers = make<wire::NumberRange>(5u, 6u);
  ack.refused[0]->code = wire::Refusal::BadPosition;
  ack.refused[0]->reason = "lat_e7 900000001 lon_e7 0 is out of range";
  ack.granted_bytes = 2 << 20;
  ack.known_time_us = kNoonUs + 3;
  return ack;
}

wire::OpenT open_live() {
  wire::OpenT open;
  open.protocol = kProtocolVersion;
  open.client = "golden 1.0";
  open.view = make<wire::ViewT>();
  open.view->channels = {"track/blue", "*/green/"};
  open.view->classes = wire::Class::Track | wire::Class::Event;
  open.view->units = {"blue/v1"};
  open.view->area = make<wire::Area>(1'790'000'000, -10, -1'790'000'000, 10);
  open.view->pace_ms = 5000;
  open.view->area_cuts_events = true;
  open.start = wire::StartKind::Token;
  for (std::uint8_t i = 0; i < 32; ++i) open.token.push_back(i);
  open.frame_bytes_max = 65'536;
  open.granted_bytes = 262'144;
  open.grant = "blue/rough";
  return open;
}

wire::OpenT open_replay() {
  wire::OpenT open;
  open.protocol = kProtocolVersion;
  open.mode = wire::Mode::Replay;
  open.start = wire::StartKind::TrueTime;
  open.time_us = kNoonUs;
  open.until_us = kNoonUs + 3600'000'000;
  open.speed = 2.5;
  open.paused = true;
  open.recording = true;
  return open;
}

wire::OpenedT opened() {
  wire::OpenedT opened;
  opened.protocol = kProtocolVersion;
  opened.log = make<wire::LogId>(kLog);
  opened.mode = wire::Mode::Live;
  opened.position = make<wire::Token>(kLog, 990u, 999u);
  opened.floor = 17;
  opened.durable = 980;
  opened.known_time_us = kNoonUs;
  opened.heartbeat_ms = 2000;
  opened.lost = make<wire::SeqRange>(500u, 900u);
  opened.replaces = true;
  opened.frame_bytes_max = 65'536;
  opened.overdue_after_ms = 60'000;
  opened.silent_after_ms = 600'000;
  opened.grants = {"blue/rough"};
  opened.hub_key = std::string(64, 'b');
  return opened;
}

wire::HeartbeatT heartbeat() {
  wire::HeartbeatT beat;
  beat.position = make<wire::Token>(kLog, 1001u, 1003u);
  beat.durable = 1003;
  beat.floor = 17;
  beat.known_time_us = kNoonUs + 9;
  beat.head = 1010;
  beat.probe = 42;
  return beat;
}

wire::ReplayStateT replay_state() {
  wire::ReplayStateT state;
  state.request = 7;
  state.phase = wire::ReplayPhase::Ended;
  state.time_us = kNoonUs;
  state.sent = 4;
  state.reason = "part of the log is damaged";
  state.damaged = {wire::SeqRange(20, 30)};
  return state;
}

wire::SettledT settled() {
  wire::SettledT settled;
  settled.spool = make<wire::Spool>(kSpool);
  settled.ranges = {wire::NumberRange(5, 6)};
  settled.known_time_us = kNoonUs;
  settled.closed = true;
  return settled;
}

template <typename Root>
void add(std::map<std::string, Sample>& all, const std::string& file, const std::string& root,
         const typename Root::NativeTableType& native) {
  all[file] = {root, Identifier<Root>::value, packed<Root>(native),
               [](Bytes bytes) { return verified<Root>(bytes) != nullptr; }};
}

template <typename Root>
void add_refusal(std::map<std::string, Sample>& all, const std::string& file,
                 const std::string& root) {
  typename Root::NativeTableType native;
  native.code = wire::Refusal::TooManySessions;
  native.reason = "there are 4096 sessions already";
  if constexpr (!std::is_same_v<Root, wire::Reopen>) native.retry_after_ms = 1500;
  add<Root>(all, file, root, native);
}

wire::ToldT told() {
  wire::ToldT told;
  told.request = 8;
  told.code = wire::Refusal::NotEntitled;
  told.reason = "administrators alone ask that";
  told.quarantined.push_back(make<wire::QuarantinedMessageT>());
  wire::QuarantinedMessageT& message = *told.quarantined[0];
  message.id = 41;
  message.known_time_us = kNoonUs;
  message.endpoint = "publish";
  message.name = "blue/v1";
  message.key = std::string(64, 'a');
  message.code = wire::Refusal::BadPosition;
  message.reason = "lat_e7 900000001";
  message.size = 3;
  message.bytes = {1, 2, 3};
  told.more = true;
  told.dropped = 5;
  told.hub_key = std::string(64, 'b');
  told.until_us = kNoonUs;
  return told;
}

void add_session(std::map<std::string, Sample>& all) {
  add<wire::Open>(all, "open_live", "Open", open_live());
  add<wire::Open>(all, "open_replay", "Open", open_replay());
  add<wire::Opened>(all, "opened", "Opened", opened());
  wire::CreditT credit;
  credit.granted_bytes = 524'288;
  credit.received = 1003;
  credit.probe = 42;
  add<wire::Credit>(all, "credit", "Credit", credit);
  wire::RefillT refill;
  refill.token = open_live().token;
  add<wire::Refill>(all, "refill", "Refill", refill);
  wire::ControlT control;
  control.request = 7;
  control.kind = wire::ControlKind::Seek;
  control.time_us = kNoonUs;
  control.speed = 0.5;
  add<wire::Control>(all, "control", "Control", control);
  add<wire::Close>(all, "close", "Close", {});
  add_refusal<wire::Reopen>(all, "reopen", "Reopen");
  add_refusal<wire::Denied>(all, "denied", "Denied");
  add<wire::Heartbeat>(all, "heartbeat", "Heartbeat", heartbeat());
  add<wire::ReplayState>(all, "replay_state", "ReplayState", replay_state());
  wire::AskT ask;
  ask.request = 8;
  ask.what = wire::AskKind::Quarantine;
  ask.before = 42;
  ask.most = 20;
  ask.id = 41;
  ask.overlap_s = 86'400;
  add<wire::Ask>(all, "ask", "Ask", ask);
  add<wire::Told>(all, "told", "Told", told());
}

bool parses_as_frame(Bytes bytes) {
  return Frame::parse(bytes).ok();
}

}  // namespace

std::map<std::string, Sample> samples() {
  std::map<std::string, Sample> all;
  add<wire::Hello>(all, "hello", "Hello", hello());
  add<wire::Welcome>(all, "welcome", "Welcome", welcome());
  add<wire::Batch>(all, "batch", "Batch", make_batch(false));
  add<wire::Batch>(all, "batch_access", "Batch", access_batch());
  add<wire::Ack>(all, "ack", "Ack", ack());
  wire::RehelloT rehello;
  rehello.reason = "the hub does not know you";
  add<wire::Rehello>(all, "rehello", "Rehello", rehello);
  add_refusal<wire::Rejected>(all, "rejected", "Rejected");
  add<wire::Settled>(all, "settled", "Settled", settled());
  wire::LeavesT leaves;
  leaves.leaves.push_back(make<wire::LeaveT>());
  leaves.leaves[0]->unit = "blue/v1";
  leaves.leaves[0]->seq = 1002;
  add<wire::Leaves>(all, "leaves", "Leaves", leaves);
  add_session(all);
  all["frame_live"] = {"frame", "VGFR",
                       make_frame(wire::FrameKind::Live, 0, {make_body(), make_leaves()}),
                       &parses_as_frame};
  all["frame_snapshot"] = {"frame", "VGFR", make_frame(wire::FrameKind::Snapshot, 7, {make_body()}),
                           &parses_as_frame};
  all["frame_empty"] = {"frame", "VGFR", make_frame(wire::FrameKind::Conflated, 0, {}),
                        &parses_as_frame};
  return all;
}

}  // namespace vigie::conformance
