#pragma once
// The sessions room with everything it stands on, and consoles whose requests and frames are looked
// at by hand.

#include <gtest/gtest.h>

#include <set>

#include "hub/feed/frames.h"
#include "hub/sessions/sessions.h"
#include "schemas/messages/frame.h"
#include "schemas/messages/requests.h"
#include "schemas/model/cut.h"
#include "tests/unit/schemas/seed.h"
#include "tests/unit/support/fake_link.h"
#include "tests/unit/support/memory_store.h"
#include "tests/unit/support/random_world.h"

namespace vigie::sessions::test {

inline const wire::LogId kLog(7, 9);

/// A total, as in Open.
inline wire::CreditT grant(std::uint64_t bytes) {
  wire::CreditT credit;
  credit.granted_bytes = bytes;
  return credit;
}

/// Each test once in each of some random worlds.
class InWorlds : public testing::TestWithParam<int> {
 protected:
  std::uint64_t seed() const {
    return vigie::test::seed() + static_cast<std::uint64_t>(GetParam());
  }
};

/// What a console got, of one kind of message.
struct Got {
  std::vector<wire::OpenedT> opened;
  std::vector<wire::DeniedT> denied;
  std::vector<wire::HeartbeatT> beats;
  std::vector<wire::FrameHeader> frames;
  std::size_t reopens = 0;
  std::size_t frame_bytes = 0;
  std::vector<std::uint64_t> events;  // seqs, as they came
  Picture picture;                    // of frames, without leaves
};

struct Room {
  explicit Room(std::uint64_t seed, std::size_t ring_bytes = 1 << 20, SessionsOptions options = {},
                const security::Registry* registry = nullptr, security::AuditTrail* audit = nullptr,
                security::Quarantine* quarantine = nullptr)
      : world(seed),
        ring(ring_bytes, 0),
        sessions(
            options, link, ring, picture, store, clock, kLog,
            [this](replay::Command&& c) {
              if (!workers_busy) commands.push_back(std::move(c));
              return !workers_busy;
            },
            registry, audit, quarantine) {
    picture.set_ranks(vigie::test::RandomWorld::ranks());
  }

  /// As the front does it for each turn's body; everything is durable at once.
  void pass_on(BodyPtr body) {
    Folded folded;
    picture.fold_and_mark(*body, folded);
    sessions.set_known_time(body->known_time_us());
    feed::write_header(*body, {.kind = wire::FrameKind::Live,
                               .prev = ring.head(),
                               .last = body->last_seq(),
                               .prev_event = ring.head(),
                               .last_event = body->last_seq(),
                               .durable = store.durable,
                               .time_us = body->known_time_us(),
                               .log = kLog});
    feed::Entry& entry = ring.push(body, std::move(folded));
    entry.whole = link.share(body, body->frame_bytes());
    sessions.deliver(entry);
    store.submit(std::move(body));
    sessions.set_durable(late_disk ? store.durable : store.sync());
    ring.trim(store.durable);
  }
  void publish(int bodies) {
    for (int i = 0; i < bodies; ++i) pass_on(world.body());
  }
  /// A range of seqs that a crash left without entries, as the sequencer notes it.
  void note_void(std::uint64_t first, std::uint64_t last) {
    BodyBuilder builder;
    const wire::SeqRange range(first, last);
    builder.append(wire::BlockKind::Void, std::as_bytes(std::span(&range, 1)), 1, last + 1);
    pass_on(builder.close(last + 1, last + 1, world.known_us()));
  }

  template <typename Table>
  void ask(const std::string& peer, const Table& request) {
    const std::vector<std::byte> bytes = packed<typename Table::TableType>(request);
    link.put(peer, bytes);
    sessions.read_turn(16);
  }
  static wire::OpenT open_request(std::uint64_t credit = 1 << 20) {
    wire::OpenT open;
    open.protocol = kProtocolVersion;
    open.client = "a test";
    open.start = wire::StartKind::Now;
    open.granted_bytes = credit;
    open.frame_bytes_max = limits::kFrameBytesMax;
    return open;
  }
  static wire::OpenT resume_request(std::uint64_t event, std::uint64_t fix) {
    wire::OpenT open = open_request();
    open.start = wire::StartKind::Token;
    const wire::Token token(kLog, event, fix);
    const std::vector<std::byte> bytes = token_bytes(token);
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    open.token.assign(first, first + bytes.size());
    return open;
  }
  /// Until nothing more can be sent; events that it lacks are read for it as a worker would.
  void run() {
    for (int turns = 0; turns < 1000; ++turns) {
      bool more = sessions.step_ready();
      for (replay::Command& command : std::exchange(commands, {})) {
        if (auto* read = std::get_if<replay::ReadKept>(&command)) answer(*read);
        if (auto* seek = std::get_if<replay::SeekKnown>(&command)) {
          sessions.on_worker_output(
              replay::SoughtOut{.session = seek->session,
                                .seq = *store.seq_at_known(seek->known_time_us),
                                .is_gone = seek->known_time_us <= store.gone_times.event_known_us});
        }
        more = true;
      }
      if (!more) return;
    }
    FAIL() << "the sessions do not come to rest";
  }
  /// What the peer was sent since the last look.
  Got take(const std::string& peer) {
    Got got;
    for (const auto& message : std::exchange(link.sent_to(peer), {})) {
      const AlignedBytes aligned(message);
      const Bytes bytes = aligned.bytes();
      if (is_frame(bytes)) {
        take_frame(bytes, got);
      } else if (const auto* opened = verified<wire::Opened>(bytes)) {
        opened->UnPackTo(&got.opened.emplace_back());
      } else if (const auto* denied = verified<wire::Denied>(bytes)) {
        denied->UnPackTo(&got.denied.emplace_back());
      } else if (const auto* beat = verified<wire::Heartbeat>(bytes)) {
        beat->UnPackTo(&got.beats.emplace_back());
      } else if (verified<wire::Reopen>(bytes) != nullptr) {
        ++got.reopens;
      }
    }
    return got;
  }
  /// Seqs of the events in (after, through].
  std::vector<std::uint64_t> events(std::uint64_t after) const {
    std::vector<std::uint64_t> seqs;
    for (const BodyPtr& body : store.log) list_events(body->bytes(), after, seqs);
    return seqs;
  }

  vigie::test::RandomWorld world;
  vigie::test::FakeClock clock;
  vigie::test::MemoryStore store;
  vigie::test::FakeLink link;
  feed::Ring ring;
  picture::LivePicture picture{Picture()};
  std::vector<replay::Command> commands;
  bool workers_busy = false;  // their mailbox is full
  bool late_disk = false;     // nothing becomes durable
  Sessions sessions;

 private:
  static void list_events(Bytes body, std::uint64_t after, std::vector<std::uint64_t>& seqs) {
    BlockWalk walk(body);
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Batch) continue;
      for (const wire::Event* event : each(block->batch().events())) {
        if (event->stamp()->first_seq() > after) seqs.push_back(event->stamp()->first_seq());
      }
    }
  }
  static void take_frame(Bytes bytes, Got& got) {
    const Result<Frame> frame = Frame::parse(bytes);
    ASSERT_TRUE(frame);
    got.frames.push_back(frame->header());
    got.frame_bytes += bytes.size();
    frame->for_each_block([&](const Block& block, std::int64_t known_us) {
      BodyBuilder builder;
      builder.append(block.header->kind(), block.payload, block.header->count(),
                     block.header->first_seq());
      const BodyPtr body =
          builder.close(block.header->first_seq(), frame->header().last(), known_us);
      list_events(body->bytes(), 0, got.events);
      got.picture.fold(body->bytes());
    });
  }
  void answer(const replay::ReadKept& read) {
    replay::KeptOut kept{
        .session = read.session, .after = read.after, .through = read.through, .bodies = {}};
    EntryWriter out;
    const auto reached =
        store.read_kept(read.after, read.through, read.bytes_max,
                        [&](std::uint64_t, Bytes body) { cut_body(body, *read.view, out, [] {}); });
    kept.through = *reached;
    if (!out.empty()) kept.bodies.push_back(out.finish(clock.utc_us(), *reached));
    sessions.on_worker_output(std::move(kept));
  }
};

}  // namespace vigie::sessions::test
