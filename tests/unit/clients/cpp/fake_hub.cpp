#include "tests/unit/clients/cpp/fake_hub.h"

#include <set>

namespace vigie::client {
namespace {

constexpr std::uint64_t kSeqsReserved = 1000;

Bytes body_of(const BodyPtr& body) {
  return body->bytes();
}

}  // namespace

wire::Stamp FakeHub::stamp() {
  return wire::Stamp(next_seq_, now(), 0, 0, 0);
}

std::vector<Message> FakeHub::on_publish(int peer, Bytes message) {
  const AlignedBytes aligned(message);
  if (const auto* hello = verified<wire::Hello>(aligned.bytes())) {
    Publisher& publisher = publishers_[peer];
    publisher = {};
    publisher.spool = *hello->spool();
    publisher.granted_bytes = window_bytes;
    wire::WelcomeT welcome;
    welcome.protocol = kProtocolVersion;
    welcome.granted_bytes = window_bytes;
    welcome.batch_bytes_max = batch_bytes_max;
    welcome.known_time_us = now();
    IntervalSet all = settled_[publisher.spool.low()];
    for (const BodyPtr& body : log_) {
      if (body->last_seq() > durable_) break;
      BlockWalk walk(body_of(body));
      while (const auto block = walk.next()) {
        for (const auto* event : each(block->batch().events())) {
          if (event->spool()->low() == publisher.spool.low()) {
            all.add(event->number(), event->number());
          }
        }
        for (const auto* fixes : each(block->batch().fixes())) {
          if (fixes->spool()->low() != publisher.spool.low()) continue;
          all.add(fixes->first_number(), fixes->first_number() + fixes->fixes()->size() - 1);
        }
      }
    }
    for (const auto& range : all.intervals()) welcome.settled.emplace_back(range.first, range.last);
    return {packed<wire::Welcome>(welcome)};
  }
  const auto* batch = verified<wire::Batch>(aligned.bytes());
  if (batch == nullptr) return {make_rejected(wire::Refusal::Malformed, "not a batch", 0)};
  const auto found = publishers_.find(peer);
  if (found == publishers_.end()) return {make_rehello("not known")};
  return on_batch(peer, found->second, *batch, message.size());
}

std::vector<Message> FakeHub::on_batch(int, Publisher& publisher, const wire::Batch& batch,
                                       std::size_t bytes) {
  publisher.received_bytes += bytes;
  if (publisher.received_bytes > publisher.granted_bytes) {
    return {make_rejected(wire::Refusal::TooFast, "more than granted", 0)};
  }
  if (const RefusedRequest bad = check_batch(batch)) {
    return {make_rejected(bad.code, bad.reason, 0)};
  }
  std::vector<RefusedNumbers> refused;
  check_entries(batch, refused);
  if (!refused.empty()) return {make_rejected(refused[0].code, refused[0].reason, 0)};
  store(publisher, batch);
  return {};
}

void FakeHub::store(Publisher& publisher, const wire::Batch& batch) {
  IntervalSet& stored = stored_[publisher.spool.low()];
  IntervalSet& settled = settled_[publisher.spool.low()];
  EntryWriter writer;
  const std::uint64_t first = next_seq_;
  const auto is_new = [&](std::uint64_t number) {
    if (publisher.seen.contains(number)) ++twice_in_one_conversation;
    publisher.seen.add(number, number);
    publisher.to_ack.emplace_back(number, number);
    if (stored.contains(number) || settled.contains(number)) return false;
    if (refuses(number)) {
      settled.add(number, number);
      publisher.to_ack.pop_back();
      wire::RefusedT& refused = publisher.refused.emplace_back();
      refused.numbers = std::make_unique<wire::NumberRange>(number, number);
      refused.code = wire::Refusal::BadValue;
      refused.reason = "this number is not taken";
      return false;
    }
    stored.add(number, number);
    return true;
  };
  for (const auto* event : each(batch.events())) {
    if (!is_new(event->number())) continue;
    wire::EventT native;
    event->UnPackTo(&native);
    native.stamp = std::make_unique<wire::Stamp>(stamp());
    native.spool = std::make_unique<wire::Spool>(publisher.spool);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::Event::Pack(builder, &native));
    const auto& packed = *flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer());
    writer.add_event(packed, publisher.spool);
    events_.push_back(native);
    ++next_seq_;
  }
  for (const auto* section : each(batch.fixes())) {
    for (flatbuffers::uoffset_t i = 0; i < section->fixes()->size(); ++i) {
      if (!is_new(section->first_number() + i)) continue;
      writer.add_fixes({.unit = text_of(section->unit()),
                        .group = text_of(section->group()),
                        .stamp = stamp(),
                        .spool = publisher.spool,
                        .first_number = section->first_number() + i,
                        .fixes = {section->fixes()->Get(i), 1},
                        .readings = {},
                        .readings_bytes = 0});
      ++next_seq_;
    }
  }
  for (const auto* range : each(batch.given_up())) {
    settled.add(range->first(), range->last());
    publisher.to_ack.push_back(*range);
  }
  if (next_seq_ == first) return;
  BodyPtr body = writer.finish(now());
  Folded folded;
  const Bytes bytes = body->bytes();
  picture_.fold_and_mark({const_cast<std::byte*>(bytes.data()), bytes.size()}, folded);
  log_.push_back(std::move(body));
}

std::vector<std::pair<int, Message>> FakeHub::sync() {
  durable_ = head();
  std::vector<std::pair<int, Message>> acks;
  for (auto& [peer, publisher] : publishers_) {
    if (publisher.to_ack.empty() && publisher.refused.empty()) continue;
    wire::AckT ack;
    IntervalSet numbers;
    for (const auto& range : publisher.to_ack) numbers.add(range.first(), range.last());
    for (const auto& range : numbers.intervals()) ack.settled.emplace_back(range.first, range.last);
    for (auto& refused : publisher.refused) {
      ack.refused.push_back(std::make_unique<wire::RefusedT>(std::move(refused)));
    }
    publisher.to_ack.clear();
    publisher.refused.clear();
    publisher.granted_bytes = publisher.received_bytes + window_bytes;
    ack.granted_bytes = publisher.granted_bytes;
    ack.known_time_us = now();
    acks.emplace_back(peer, packed<wire::Ack>(ack));
  }
  return acks;
}

void FakeHub::crash() {
  publishers_.clear();
  sessions_.clear();
  const std::uint64_t end = next_seq_;
  while (!log_.empty() && log_.back()->last_seq() > durable_) log_.pop_back();
  std::erase_if(events_,
                [&](const wire::EventT& event) { return event.stamp->first_seq() > durable_; });
  next_seq_ = end + kSeqsReserved;
  voids_.push_back({durable_ + 1, next_seq_ - 1});
  picture_.clear();
  stored_.clear();
  for (const BodyPtr& body : log_) {
    picture_.fold(body_of(body));
    BlockWalk walk(body_of(body));
    while (const auto block = walk.next()) {
      for (const auto* event : each(block->batch().events())) {
        stored_[event->spool()->low()].add(event->number(), event->number());
      }
      for (const auto* fixes : each(block->batch().fixes())) {
        stored_[fixes->spool()->low()].add(fixes->first_number(),
                                           fixes->first_number() + fixes->fixes()->size() - 1);
      }
    }
  }
  durable_ = next_seq_ - 1;
}

std::vector<Message> FakeHub::on_listen(int peer, Bytes message) {
  const AlignedBytes aligned(message);
  if (const auto* open = verified<wire::Open>(aligned.bytes())) {
    ++opens;
    Session& session = sessions_[peer];
    session = {};
    session.granted = open->granted_bytes();
    session.fix = session.event = head();
    bool replaces = open->start() == wire::StartKind::Now;
    wire::OpenedT opened;
    if (open->start() == wire::StartKind::Token) {
      wire::Token token;
      std::memcpy(&token, open->token()->data(), sizeof token);
      session.fix = token.fix();
      session.event = token.event();
      replaces = token.fix() == 0;
      for (const IntervalSet::Interval& lost : voids_) {
        const std::uint64_t furthest = std::max(token.fix(), token.event());
        if (furthest < lost.first || furthest > lost.last) continue;
        opened.lost = std::make_unique<wire::SeqRange>(lost.first, lost.last);
        replaces = true;
        session.event = std::min(token.event(), lost.first - 1);
      }
    }
    opened.protocol = kProtocolVersion;
    opened.log = std::make_unique<wire::LogId>(id_);
    opened.position = std::make_unique<wire::Token>(token_of(session));
    opened.durable = durable_;
    opened.known_time_us = now();
    opened.heartbeat_ms = 2000;
    opened.replaces = replaces;
    opened.overdue_after_ms = 30'000;
    opened.silent_after_ms = 120'000;
    if (replaces) begin_snapshot(session, true);
    return {packed<wire::Opened>(opened)};
  }
  const auto found = sessions_.find(peer);
  if (found == sessions_.end()) return {make_reopen(wire::Refusal::None, "no session")};
  if (const auto* credit = verified<wire::Credit>(aligned.bytes())) {
    found->second.granted = std::max(found->second.granted, credit->granted_bytes());
  } else if (const auto* refill = verified<wire::Refill>(aligned.bytes())) {
    wire::Token token;
    std::memcpy(&token, refill->token()->data(), sizeof token);
    found->second.fix = token.fix();
    found->second.event = token.event();
    found->second.waiting.clear();
  } else if (verified<wire::Close>(aligned.bytes()) != nullptr) {
    sessions_.erase(found);
  }
  return {};
}

wire::FrameHeader FakeHub::header(wire::FrameKind kind, std::uint64_t prev,
                                  std::uint64_t prev_event, std::uint64_t last) const {
  return wire::FrameHeader(0, kFrameMagic, kind, 0, 0, 0, prev, 0, last, prev_event, last, durable_,
                           now(), id_);
}

Message FakeHub::frame(wire::FrameHeader header, const std::vector<Bytes>& bodies) {
  Message bytes(sizeof header);
  for (const Bytes body : bodies) bytes.insert(bytes.end(), body.begin(), body.end());
  header.mutate_bytes(static_cast<std::uint32_t>(bytes.size()));
  header.mutate_body_count(static_cast<std::uint32_t>(bodies.size()));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

void FakeHub::begin_snapshot(Session& session, bool replace) {
  // Events that are still to be had come before it.
  const std::uint64_t head_now = head();
  EntryWriter events;
  for (const wire::EventT& event : events_) {
    if (event.stamp->first_seq() <= session.event) continue;
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::Event::Pack(builder, &event));
    events.add_event(*flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()), *event.spool);
  }
  if (session.event < head_now) {
    wire::FrameHeader head_of = header(wire::FrameKind::Conflated, 0, session.event, head_now);
    head_of.mutate_last(0);
    BodyPtr body;
    std::vector<Bytes> bodies;
    if (!events.empty()) {
      body = events.finish(now());
      bodies.push_back(body->bytes());
    }
    session.waiting.push_back(frame(head_of, bodies));
  }
  std::vector<BodyPtr> pages;
  EntryWriter writer;
  for (const Unit& unit : picture_.units()) {
    if (unit.seq != 0) write_unit(picture_, unit, writer);
    if (writer.entries() == 3) pages.push_back(writer.finish(now()));
  }
  if (!writer.empty()) pages.push_back(writer.finish(now()));
  for (std::size_t i = 0; i < std::max<std::size_t>(pages.size(), 1); ++i) {
    wire::FrameHeader head_of =
        header(wire::FrameKind::Snapshot, session.fix, session.event, head_now);
    unsigned flags = 0;
    if (i == 0) flags |= static_cast<unsigned>(wire::FrameFlag::FirstPage);
    if (i == 0 && replace) flags |= static_cast<unsigned>(wire::FrameFlag::Replace);
    if (i + 1 >= pages.size()) flags |= static_cast<unsigned>(wire::FrameFlag::LastPage);
    head_of.mutate_flags(static_cast<std::uint8_t>(flags));
    std::vector<Bytes> bodies;
    if (i < pages.size()) bodies.push_back(pages[i]->bytes());
    session.waiting.push_back(frame(head_of, bodies));
  }
  session.snapshot_seq = head_now;
}

std::vector<Message> FakeHub::feed(int peer, bool behind) {
  std::vector<Message> out;
  const auto found = sessions_.find(peer);
  if (found == sessions_.end()) return out;
  Session& session = found->second;
  const auto push = [&](const Message& message) {
    if (session.sent + message.size() > session.granted) return false;
    session.sent += message.size();
    out.push_back(message);
    return true;
  };
  while (!session.waiting.empty()) {
    if (!push(session.waiting.front())) return out;
    session.waiting.pop_front();
    if (session.waiting.empty()) session.fix = session.event = session.snapshot_seq;
  }
  if (behind && session.fix < head()) {
    EntryWriter writer;
    for (const wire::EventT& event : events_) {
      if (event.stamp->first_seq() <= session.event) continue;
      flatbuffers::FlatBufferBuilder builder;
      builder.Finish(wire::Event::Pack(builder, &event));
      writer.add_event(*flatbuffers::GetRoot<wire::Event>(builder.GetBufferPointer()),
                       *event.spool);
    }
    for (const Unit& unit : picture_.units()) {
      if (unit.seq > session.fix) write_unit(picture_, unit, writer);
    }
    std::vector<Bytes> bodies;
    BodyPtr body;
    if (!writer.empty()) {
      body = writer.finish(now());
      bodies.push_back(body->bytes());
    }
    if (push(frame(header(wire::FrameKind::Conflated, session.fix, session.event, head()),
                   bodies))) {
      session.fix = session.event = head();
    }
    return out;
  }
  for (const BodyPtr& body : log_) {
    const std::uint64_t place = std::min(session.fix, session.event);
    if (body->first_seq() <= place) continue;
    if (!push(frame(header(wire::FrameKind::Live, place, place, body->last_seq()),
                    {body->bytes()}))) {
      return out;
    }
    session.fix = session.event = body->last_seq();
  }
  return out;
}

Message FakeHub::heartbeat(int peer) const {
  wire::HeartbeatT beat;
  const auto found = sessions_.find(peer);
  if (found != sessions_.end()) {
    beat.position = std::make_unique<wire::Token>(token_of(found->second));
    beat.sent = std::make_unique<wire::Token>(token_of(found->second));
  }
  beat.durable = durable_;
  beat.known_time_us = now();
  beat.head = head();
  return packed<wire::Heartbeat>(beat);
}

}  // namespace vigie::client
