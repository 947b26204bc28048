#include "tests/unit/clients/web/live/listen_hub.h"

#include <algorithm>

namespace vigie::test {
namespace {

using Lock = std::lock_guard<std::mutex>;

}  // namespace

ListenHub::ListenHub(std::optional<KeyPair> keys) : keys_(std::move(keys)) {
  bind();
  thread_ = std::thread([this] { run(); });
}

ListenHub::~ListenHub() {
  {
    const Lock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ListenHub::bind() {
  socket_.emplace(context_, zmq::socket_type::router);
  socket_->set(zmq::sockopt::linger, 0);
  socket_->set(zmq::sockopt::sndhwm, 0);
  if (keys_) {
    socket_->set(zmq::sockopt::curve_server, true);
    const auto secret = keys_->secret.bytes();
    zmq_setsockopt(socket_->handle(), ZMQ_CURVE_SECRETKEY, secret.data(), secret.size());
  }
  socket_->bind(address() + "/listen");
}

std::uint64_t ListenHub::add(EntryWriter& writer, std::int64_t true_us, bool is_fix) {
  const std::uint64_t seq = next_seq_++;
  BodyPtr body = writer.finish(known_us(seq));
  // As the hub does: it writes counts and marks into the body while it is its own.
  const Bytes bytes = body->bytes();
  Folded folded;
  picture_.fold_and_mark({const_cast<std::byte*>(bytes.data()), bytes.size()}, folded);
  log_.push_back({seq, known_us(seq), true_us, is_fix, std::move(body)});
  return seq;
}

std::uint64_t ListenHub::move(const std::string& unit, std::int32_t lat_e7, std::int64_t true_us,
                              const std::string& group) {
  const Lock lock(mutex_);
  const std::int64_t when = true_us == 0 ? known_us(next_seq_) : true_us;
  const wire::Fix fix(when, lat_e7, 2, kUnknownAltitude, kUnknownU32, kUnknownU32, kUnknownU32,
                      kUnknownU32, wire::Clock::Satellite, wire::FixType::ThreeD, kUnknownU8,
                      kUnknownU8, wire::FixSource::Satellite, 0, 0);
  EntryWriter writer;
  writer.add_fixes({.unit = unit,
                    .group = group,
                    .stamp = wire::Stamp(next_seq_, known_us(next_seq_), 0, 0, 0),
                    .spool = wire::Spool(1, 1),
                    .first_number = next_seq_,
                    .fixes = {&fix, 1},
                    .readings = {},
                    .readings_bytes = 0});
  return add(writer, when, true);
}

std::uint64_t ListenHub::say(const std::string& unit, const std::string& text,
                             std::int64_t true_us) {
  const Lock lock(mutex_);
  wire::EventT event;
  event.stamp = std::make_unique<wire::Stamp>(next_seq_, known_us(next_seq_), 0, 0, 0);
  event.number = next_seq_;
  event.unit = unit;
  event.kind = "text";
  event.text = text;
  event.true_time_us = true_us == 0 ? known_us(next_seq_) : true_us;
  event.clock = wire::Clock::Satellite;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::Event::Pack(builder, &event));
  EntryWriter writer;
  writer.add_event(*flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()),
                   wire::Spool(1, 1));
  return add(writer, event.true_time_us, false);
}

void ListenHub::go_away() {
  std::unique_lock lock(mutex_);
  gone_ = true;
  changed_.wait(lock, [this] { return away_; });
}

void ListenHub::come_back() {
  const Lock lock(mutex_);
  gone_ = false;
  changed_.notify_all();
}

void ListenHub::be_deaf(bool on) {
  const Lock lock(mutex_);
  deaf_ = on;
}

void ListenHub::change_log() {
  const Lock lock(mutex_);
  log_id_ = wire::LogId(log_id_.high() + 1, 9);
  for (auto& [peer, session] : sessions_) session.range.clear();
  log_.clear();
  picture_.clear();
  next_seq_ = 1;
  ends_sessions_ = true;
}

void ListenHub::deny(wire::Refusal code, const std::string& reason, std::uint32_t retry_ms,
                     bool newest_alone) {
  const Lock lock(mutex_);
  denied_ = code;
  denied_reason_ = reason;
  denied_retry_ms_ = retry_ms;
  ends_sessions_ = code != wire::Refusal::None;
  newest_alone_ = newest_alone;
}

void ListenHub::end_sessions() {
  const Lock lock(mutex_);
  ends_sessions_ = true;
}

void ListenHub::hold(bool on, bool replays) {
  const Lock lock(mutex_);
  (replays ? replays_held_ : held_) = on;
}

std::vector<ListenHub::Asked> ListenHub::asked() const {
  const Lock lock(mutex_);
  return asked_;
}

std::size_t ListenHub::opens(wire::Mode mode) const {
  const Lock lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      asked_.begin(), asked_.end(), [mode](const Asked& asked) { return asked.mode == mode; }));
}

std::vector<ListenHub::Controlled> ListenHub::controls() const {
  const Lock lock(mutex_);
  return controls_;
}

std::size_t ListenHub::sessions(wire::Mode mode) const {
  const Lock lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(sessions_.begin(), sessions_.end(),
                    [mode](const auto& entry) { return entry.second.open.mode == mode; }));
}

std::uint64_t ListenHub::bytes_sent(wire::Mode mode) const {
  const Lock lock(mutex_);
  const auto found = bytes_sent_.find(mode);
  return found == bytes_sent_.end() ? 0 : found->second;
}

}  // namespace vigie::test
