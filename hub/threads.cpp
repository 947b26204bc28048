#include "hub/threads.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "hub/ops/ports.h"

namespace vigie {
namespace {

constexpr int kPortAttempts = 5;
constexpr std::size_t kCurveBytes = 64;  // RFC 26: 33 around each message
/// A message that is so much too large is still heard, so that it can be refused by its code and
/// kept; beyond that ZeroMQ cuts the connection.
constexpr std::size_t kTooLargeBytes = 16 * 1024;
/// To a publisher that does not read: no credit bounds what it is told, and some of it is long.
/// What was not told is told later (Ingest::send_ack), or by Welcome.
constexpr int kToPublisherMax = 128;
constexpr std::int64_t kStopUsMax = 30ll * kMicrosecondsPerSecond;
constexpr std::int64_t kStatusUs = 500'000;
constexpr std::int64_t kClockBehindUs = kMicrosecondsPerSecond;  // said from here on
constexpr std::int64_t kWriterWaitUs = 100'000;
constexpr std::int64_t kBuilderIdleUs = 20'000;
constexpr int kWriterNiceness = 5;
constexpr int kBuilderNiceness = 10;
constexpr int kReaderNiceness = 5;

/// Posts to the front; the mailbox is larger than what can be under way, so a full one is a mistake
/// of ours.
void post(FrontMail& mail, StoreNotice notice) {
  const bool posted = mail.from_store.post(std::move(notice));
  VIGIE_ASSERT(posted);
}

/// The front's way to whoever changes the hub's key.
std::function<bool(security::HubKeyOrder&&)> change_hub_key(Guard* guard) {
  if (guard == nullptr) return {};
  return
      [guard](security::HubKeyOrder&& order) { return guard->key_change().ask(std::move(order)); };
}

/// The front's way to the gate.
std::function<void(std::vector<std::string>)> allow_keys(Guard* guard) {
  if (guard == nullptr) return {};
  return [guard](const std::vector<std::string>& keys) { guard->gate().allow(keys); };
}

/// The front's way to the gate, for codes that open nothing any more.
std::function<void(std::vector<std::string>)> watch_for_keys(Guard* guard) {
  if (guard == nullptr) return {};
  return [guard](const std::vector<std::string>& keys) { guard->gate().watch_for(keys); };
}

std::function<std::deque<std::string>()> watched_keys(Guard* guard) {
  if (guard == nullptr) return {};
  return [guard] { return guard->gate().take_watched(); };
}

/// Strangers that the gate turns away from here on: before, the hub itself was among them
/// (Guard::check).
std::function<std::uint64_t()> turned_away(Guard* guard) {
  if (guard == nullptr) return {};
  return [guard, before = guard->gate().strangers()] { return guard->gate().strangers() - before; };
}

std::string ipc_endpoint(const std::string& directory, const char* name) {
  return "ipc://" + (std::filesystem::path(directory) / name).string();
}

}  // namespace

store::StoreNotices store_notices(FrontMail& mail) {
  return {.durable = [&mail](store::Durable n) { post(mail, n); },
          .disk_full = [&mail](store::DiskFull n) { post(mail, std::move(n)); },
          .space_again = [&mail](store::SpaceAgain n) { post(mail, n); },
          .broken = [&mail](store::Broken n) { post(mail, std::move(n)); }};
}

std::function<void(HubKeyNotice&&)> key_notices(FrontMail& mail) {
  return [&mail](HubKeyNotice&& notice) {
    const bool posted = mail.from_keys.post(std::move(notice));
    VIGIE_ASSERT(posted);
  };
}

store::StoreOptions store_options(const ops::HubConfig& config, const Clock& clock) {
  store::StoreOptions options;
  options.directory = config.data;
  options.sync = config.sync == ops::SyncWhen::Always ? store::Sync::Always : store::Sync::Never;
  options.retention = {.track_age_us = config.track_age_us_max,
                       .event_age_us = config.event_age_us_max,
                       .disk_bytes = config.disk_bytes_max};
  options.checkpoint_interval_us = config.checkpoint_interval_us;
  options.checkpoint_entries = config.checkpoint_entries;
  options.compression = config.compression == ops::Compression::None ? store::Compression::None
                                                                     : store::Compression::Lz4;
  options.spool_silent_us = config.spool_silent_us_max;
  options.accept_damage = config.damage == ops::OnDamage::Serve;
  options.memtable_bytes = config.memtable_bytes;
  options.block_cache_bytes = config.block_cache_bytes;
  options.free_bytes_min = config.free_bytes_min;
  options.clock = &clock;
  return options;
}

FrontOptions front_options(const ops::HubConfig& config) {
  FrontOptions options;
  options.ring_bytes = config.ring_bytes;
  options.source_fresh_us = config.source_fresh_us;
  options.ingest.window_bytes = config.publish_window_bytes;
  options.ingest.store_queue_bytes = config.store_queue_bytes;
  options.ingest.peers_per_identity = config.publishers_per_identity;
  options.ingest.spools_per_identity = config.spools_per_identity;
  options.ingest.per_owner = {.grants = config.grants_per_owner,
                              .identities = config.identities_per_owner,
                              .invitations = config.invitations_per_owner};
  options.ingest.bytes_per_second = config.publish_bytes_per_second;
  options.ingest.messages_per_second = config.publish_messages_per_second;
  options.ingest.of_address = {.peers = config.publishers_per_address,
                               .bytes_per_second = config.publish_bytes_per_address,
                               .messages_per_second = config.publish_messages_per_address};
  options.ingest.spool_silent_us = config.spool_silent_us_max;
  options.sessions.sessions_max = config.sessions_max;
  options.sessions.replays_max = config.replays_max;
  options.sessions.sessions_per_identity = config.sessions_per_identity;
  options.sessions.sessions_per_address = config.sessions_per_address;
  options.sessions.replays_per_identity = config.replays_per_identity;
  options.sessions.replays_per_address = config.replays_per_address;
  options.sessions.requests_per_second = config.requests_per_second;
  options.sessions.requests_per_address = config.requests_per_address;
  options.sessions.of_identity = {.messages = config.listen_messages_per_second,
                                  .bytes = config.listen_bytes_per_second};
  options.sessions.of_address = {.messages = config.listen_messages_per_address,
                                 .bytes = config.listen_bytes_per_address};
  options.sessions.credit_bytes = config.console_window_bytes;
  options.sessions.heartbeat_us = config.heartbeat_us;
  options.sessions.silence_us = config.silence_us_max;
  options.sessions.overdue_after_ms = static_cast<std::uint32_t>(config.overdue_after_us / 1000);
  options.sessions.silent_after_ms = static_cast<std::uint32_t>(config.silent_after_us / 1000);
  return options;
}

Result<HubSockets> HubSockets::open(ops::SocketContext& context, const ops::HubConfig& config,
                                    const Guard* guard) {
  if (config.port != 0) return open_at(context, config, config.port, guard);
  // Another program may take a port between the look and the bind.
  Result<HubSockets> sockets = Fault{FaultCode::Io, "no free ports"};
  for (int attempt = 0; attempt < kPortAttempts && !sockets; ++attempt) {
    const Result<std::uint16_t> port = ops::free_ports(config.host);
    if (!port) return port.fault();
    sockets = open_at(context, config, *port, guard);
  }
  return sockets;
}

Result<HubSockets> HubSockets::open_at(ops::SocketContext& context, const ops::HubConfig& config,
                                       std::uint16_t port, const Guard* guard) {
  const auto endpoints = [&](int step, const char* name) {
    std::vector<std::string> list{
        ops::tcp_endpoint(config.host, static_cast<std::uint16_t>(port + step))};
    if (!config.ipc.empty()) list.push_back(ipc_endpoint(config.ipc, name));
    return list;
  };
  if (!config.ipc.empty()) {
    std::error_code error;
    std::filesystem::create_directories(config.ipc, error);
    if (error) {
      return Fault{FaultCode::Io,
                   fmt::format("can't make the directory {}: {}", config.ipc, error.message())};
    }
  }
  HubSockets sockets;
  // What CURVE puts around a message counts in its size.
  const std::size_t around = kTooLargeBytes + (guard == nullptr ? 0 : kCurveBytes);
  ops::RouterOptions options{.endpoints = endpoints(0, "publish"),
                             .message_bytes_max = limits::kBatchBytesMax + around,
                             .send_queue_messages = kToPublisherMax};
  if (guard != nullptr) {
    options.curve = guard->curve();
    options.door = &guard->door();
  }
  Result<std::unique_ptr<ops::RouterSocket>> publish = ops::RouterSocket::open(context, options);
  if (!publish) return publish.fault();
  options.endpoints = endpoints(1, "listen");
  options.send_queue_messages = ops::RouterOptions().send_queue_messages;
  options.message_bytes_max = limits::kRequestBytesMax + around;
  Result<std::unique_ptr<ops::RouterSocket>> listen = ops::RouterSocket::open(context, options);
  if (!listen) return listen.fault();
  sockets.publish = std::move(*publish);
  sockets.listen = std::move(*listen);
  return sockets;
}

HubThreads::HubThreads(const ops::HubConfig& config, HubSockets sockets, store::Store& store,
                       FrontMail& mail, const Clock& clock, ops::Figures& figures,
                       ops::Readiness& readiness, ops::Published<std::string>& status, Log log,
                       Picture picture, const Ledger& ledger, Keeper& keeper, Guard* guard)
    : sockets_(std::move(sockets)),
      mail_(mail),
      store_(store),
      clock_(clock),
      readiness_(readiness),
      status_(status),
      log_(std::move(log)),
      figures_(figures),
      workers_(static_cast<std::size_t>(config.replay_workers), store, clock, store.recovery().log,
               [&mail](replay::Output&& out) { return mail.from_workers.post(std::move(out)); }),
      front_(front_options(config),
             {.publish = *sockets_.publish,
              .listen = *sockets_.listen,
              .store = store,
              .clock = clock,
              .to_workers = [this](replay::Command&& c) { return workers_.post(std::move(c)); },
              .figures = &figures_,
              .registry = guard == nullptr ? nullptr : guard->take_registry(),
              .allow_keys = allow_keys(guard),
              .turned_away = turned_away(guard),
              .watch_for_keys = watch_for_keys(guard),
              .watched_keys = watched_keys(guard),
              .quarantine = keeper.take_quarantine(),
              .change_hub_key = change_hub_key(guard)},
             std::move(picture), ledger) {
  ops::Histogram& commits = figures.histogram("vigie_commit_seconds", "A group commit, synced",
                                              ops::HistogramUnit::MicrosecondsAsSeconds);
  ops::Histogram& commit_bytes =
      figures.histogram("vigie_commit_bytes", "Bytes of a group commit", ops::HistogramUnit::Bytes);
  store.on_commit([&commits, &commit_bytes](double seconds, std::size_t, std::size_t bytes) {
    commits.record(static_cast<std::uint64_t>(seconds * 1e6));
    commit_bytes.record(bytes);
  });
  figures.ask_set("vigie_store_", "From the store and RocksDB",
                  [&store] { return store.figures(); });
  publish_place_ = poller_.add(*sockets_.publish);
  listen_place_ = poller_.add(*sockets_.listen);
  store_place_ = poller_.add(mail_.from_store.descriptor());
  workers_place_ = poller_.add(mail_.from_workers.descriptor());
  keys_place_ = poller_.add(mail_.from_keys.descriptor());
  status_.set(front_.status_json());

  const auto failed = [this](Fault fault) { static_cast<void>(failures_.post(std::move(fault))); };
  writer_ = std::make_unique<ops::Loop>(
      ops::LoopOptions{.name = "vigie-writer",
                       .niceness = kWriterNiceness,
                       .cpus = config.store_cpus,
                       .idle_us = 0,
                       .on_stop = [&store] { store.stop(); },
                       .on_failure = failed},
      [&store](const std::stop_token&) { return store.write_step(kWriterWaitUs); });
  builder_ =
      std::make_unique<ops::Loop>(ops::LoopOptions{.name = "vigie-builder",
                                                   .niceness = kBuilderNiceness,
                                                   .cpus = config.store_cpus,
                                                   .idle_us = kBuilderIdleUs,
                                                   .on_stop = {},
                                                   .on_failure = failed},
                                  [&store](const std::stop_token&) { return store.build_step(); });
  for (std::size_t i = 0; i < workers_.count(); ++i) {
    readers_.push_back(
        std::make_unique<ops::Loop>(ops::LoopOptions{.name = fmt::format("vigie-replay{}", i),
                                                     .niceness = kReaderNiceness,
                                                     .cpus = config.replay_cpus,
                                                     .idle_us = 0,
                                                     .on_stop = {},
                                                     .on_failure = failed},
                                    [this, i](const std::stop_token&) { return reader_step(i); }));
  }
  front_loop_ =
      std::make_unique<ops::Loop>(ops::LoopOptions{.name = "vigie-front",
                                                   .cpus = config.front_cpus,
                                                   .idle_us = 0,
                                                   .on_stop = {},
                                                   .on_failure = failed},
                                  [this](const std::stop_token& stop) { return front_step(stop); });
}

HubThreads::~HubThreads() = default;

std::size_t HubThreads::reader_step(std::size_t index) {
  const std::size_t did = workers_.step(index);
  if (did != 0) return did;
  const std::int64_t wait_us =
      std::clamp<std::int64_t>(workers_.next_us(index) - clock_.monotonic_us(), 0, 100'000);
  ops::Poller poller;
  poller.add(workers_.descriptor(index));
  poller.wait(static_cast<long>((wait_us + 999) / 1000));
  return 1;
}

std::size_t HubThreads::front_step(const std::stop_token&) {
  for (StoreNotice& notice : mail_.from_store.take_all()) front_.on_store(std::move(notice));
  for (replay::Output& output : mail_.from_workers.take_all()) {
    front_.on_worker(std::move(output));
  }
  if (poller_.readable(keys_place_)) {
    for (HubKeyNotice& notice : mail_.from_keys.take_all()) on_key(std::move(notice));
  }
  if (stopping_.load(std::memory_order_acquire)) {
    front_.stop_taking();
    if (front_.drained()) drained_.store(true, std::memory_order_release);
  }
  const bool more = front_.turn();
  note_state();
  poller_.enable(publish_place_, front_.wants_publishers());
  poller_.wait(more ? 0 : static_cast<long>((front_.idle_us() + 999) / 1000));
  return 1;
}

void HubThreads::on_key(HubKeyNotice&& notice) {
  const std::array<ops::RouterSocket*, 2> sockets{sockets_.publish.get(), sockets_.listen.get()};
  Result<void> done;
  if (const auto* refused = std::get_if<HubKeyRefused>(&notice)) {
    return front_.hub_key_refused(refused->order, refused->code, refused->reason);
  }
  if (const auto* changed = std::get_if<HubKeyChanged>(&notice)) {
    for (ops::RouterSocket* socket : sockets) {
      if (done) done = socket->add_key(changed->keys.secret, changed->until_us != 0);
    }
    const security::HubKeyTold told{.key = changed->keys.key, .old_until_us = changed->until_us};
    if (done) return front_.hub_key_changed(changed->order, told);
    front_.hub_key_not_taken_up(changed->order, told);
  } else {
    for (ops::RouterSocket* socket : sockets) {
      if (done) done = socket->end_old_keys();
    }
    front_.old_hub_key_ended();
  }
  if (done) return;
  log_.error("the sockets could not take up the hub's keys as they are now; start the hub again",
             {{"why", done.fault().sentence}});
}

void HubThreads::note_state() {
  if (front_.disk_full() != told_full_) {
    told_full_ = front_.disk_full();
    if (told_full_) {
      readiness_.set("disk", "the disk is full; nothing new is taken until there is space");
      log_.error("the disk is full; nothing new is taken until there is space");
    } else {
      readiness_.clear("disk");
      log_.info("there is space again");
    }
  }
  note_clock();
  if (!front_.broken().empty() && !told_broken_) {
    told_broken_ = true;
    readiness_.set("store", front_.broken());
    log_.error("the store is broken, stopping", {{"why", front_.broken()}});
    static_cast<void>(failures_.post(Fault{FaultCode::Io, front_.broken()}));
  }
  const std::int64_t now_us = clock_.monotonic_us();
  if (now_us < next_status_us_) return;
  next_status_us_ = now_us + kStatusUs;
  note_damage();
  status_.set(front_.status_json());
}

void HubThreads::note_damage() {
  const std::vector<wire::SeqRange> damaged = store_.damaged();
  for (const wire::SeqRange& range : damaged) {
    if (told_damaged_.contains(range.first(), range.last())) continue;
    told_damaged_.add(range.first(), range.last());
    log_.error("what these seqs held can't be read from the disk; the rest is served",
               {{"first_seq", range.first()}, {"last_seq", range.last()}});
  }
}

void HubThreads::note_clock() {
  const std::int64_t behind_us = front_.clock_behind_us();
  if (!told_clock_ && behind_us > kClockBehindUs) {
    told_clock_ = true;
    log_.warning("the clock was set back; known time goes on at half pace until it is there again",
                 {{"seconds", static_cast<double>(behind_us) / 1e6}});
  } else if (told_clock_ && behind_us == 0) {
    told_clock_ = false;
    log_.info("the clock is where it was before it was set back");
  }
  const std::int64_t ahead_us = front_.clock_ahead_us();
  if (!told_leap_ && ahead_us > 0) {
    told_leap_ = true;
    log_.warning(
        "the clock has leapt ahead of the last known time: nothing is dropped or closed by "
        "that until it has kept to it for an hour; set it right if it is wrong",
        {{"hours", static_cast<double>(ahead_us) / 3.6e9}});
  } else if (told_leap_ && ahead_us == 0) {
    told_leap_ = false;
    log_.info("the clock is trusted again");
  }
}

bool HubThreads::stop(std::string& why) {
  // From left to right: nothing new, then what was taken becomes durable and is acknowledged, then
  // everyone ends.
  stopping_.store(true, std::memory_order_release);
  const std::int64_t until_us = clock_.monotonic_us() + kStopUsMax;
  ops::Poller pause;
  pause.add(failures_.descriptor());
  while (!drained_.load(std::memory_order_acquire) && clock_.monotonic_us() < until_us) {
    pause.wait(5);
    const std::deque<Fault> failures = failures_.take_all();
    if (!failures.empty()) {
      why = failures.front().sentence;
      break;
    }
  }
  const bool well = drained_.load(std::memory_order_acquire);
  if (!well && why.empty()) why = "what was accepted could not be written in time";
  front_loop_->request_stop();
  front_loop_->join();
  front_.turn();
  front_.end_sessions();
  for (const auto& reader : readers_) reader->request_stop();
  readers_.clear();
  writer_->request_stop();
  builder_->request_stop();
  writer_.reset();
  builder_.reset();
  return well;
}

}  // namespace vigie
