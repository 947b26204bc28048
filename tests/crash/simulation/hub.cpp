#include "tests/crash/simulation/hub.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/messages/frame.h"

namespace vigie::simulation {
namespace {

/// Later than any rule begins or ends to stand: the hub's rules say when they ended, and none here
/// ends by itself.
constexpr std::int64_t kAfterAllUs = INT64_MAX - 1;

std::int64_t known_us(const wire::Stamp* stamp) {
  return stamp == nullptr ? 0 : stamp->known_time_us();
}

}  // namespace

Hub::Hub(World& world)
    : publish(
          world, [this](const std::string& user) { return allowed_.contains(user); },
          [](const std::string&, Bytes) {}),
      listen(
          world, [this](const std::string& user) { return allowed_.contains(user); },
          [this](const std::string& user, Bytes bytes) { witness(user, bytes); }),
      clock(world),
      world_(world),
      administrator_{"administrator", world.key()} {}

Hub::~Hub() {
  if (up()) crash();
}

bool Hub::start(std::string& why) {
  const auto note = [this](StoreNotice notice) { notices_.push_back(std::move(notice)); };
  store::StoreOptions options;
  options.directory = "/hub";
  options.env = disk_.env();
  options.clock = &clock;
  options.free_bytes_min = kFreeBytesMin;
  options.checkpoint_entries = 50 + world_.pick(500);
  options.new_log = wire::LogId(world_.random(), 1);
  Result<std::unique_ptr<store::Store>> opened = store::Store::open(
      options, {.durable = note, .disk_full = note, .space_again = note, .broken = note});
  if (!opened) {
    why = opened.fault().sentence;
    return false;
  }
  store_ = std::move(*opened);
  Picture picture;
  Ledger ledger;
  const Result<void> recovered = store_->recover(picture, ledger);
  if (!recovered) {
    why = recovered.fault().sentence;
    return false;
  }
  workers_ = std::make_unique<replay::Workers>(1, *store_, clock, store_->recovery().log,
                                               [this](replay::Output&& output) {
                                                 outputs_.push_back(std::move(output));
                                                 return true;
                                               });
  auto registry = std::make_unique<security::Registry>(std::vector{administrator_});
  registry->note_all(picture);
  registry_ = registry.get();
  rights_.clear();
  const auto allow = [this](const std::vector<std::string>& keys) {
    allowed_ = {keys.begin(), keys.end()};
  };
  allow(registry_->keys(clock.utc_us()));
  FrontOptions front;
  // Small, so that consoles fall out of the ring and windows fill within a short simulation.
  front.ring_bytes = 4096 + world_.pick(60'000);
  front.ingest.store_queue_bytes = 32 * 1024;
  front_ = std::make_unique<Front>(
      front,
      FrontParts{.publish = publish,
                 .listen = listen,
                 .store = *store_,
                 .clock = clock,
                 .to_workers = [this](replay::Command&& c) { return workers_->post(std::move(c)); },
                 .registry = std::move(registry),
                 .allow_keys = allow},
      std::move(picture), ledger);
  return true;
}

void Hub::crash() {
  disk().cut_power();
  front_.reset();
  registry_ = nullptr;
  allowed_.clear();
  workers_.reset();
  store_->stop();
  store_.reset();
  outputs_.clear();
  notices_.clear();
  publish.drop_all();
  listen.drop_all();
  disk().drop_unsynced(world_.chance(500) ? world_.pick(200) : 0);
}

std::shared_ptr<const Entitlement> Hub::entitlement(const std::string& key) const {
  if (rights_version_ != registry_->version()) rights_.clear();
  rights_version_ = registry_->version();
  const auto [found, is_new] = rights_.try_emplace(key);
  if (!is_new) return found->second;
  const security::Identity* who = registry_->find(key, 0).identity;
  if (who != nullptr) found->second = registry_->entitlement(*who, kAfterAllUs);
  return found->second;
}

std::int64_t Hub::known_us_of(std::string_view state) const {
  const auto reader = store_->log_reader();
  reader->seek(1);
  while (true) {
    const Result<Bytes> body = reader->next();
    if (!body || body->empty()) return 0;
    BlockWalk walk(*body);
    while (const auto block = walk.next()) {
      if (block->header->kind() != wire::BlockKind::Batch) continue;
      for (const wire::State* one : each(block->batch().states())) {
        if (text_of(one->name()) == state) return known_us(one->stamp());
      }
    }
  }
}

void Hub::witness(const std::string& user, Bytes bytes) {
  if (!is_frame(bytes)) return;
  const std::shared_ptr<const Entitlement> rights = entitlement(user);
  if (rights == nullptr) {
    wrong_ = "a frame was sent to somebody whom nobody knows any more";
    return;
  }
  if (registry_->find(user, 0).identity->name.ends_with(kGuest)) return;
  const Result<Frame> frame = Frame::parse(bytes);
  if (!frame) {
    wrong_ = "a damaged frame: " + frame.fault().sentence;
    return;
  }
  const wire::FrameKind kind = frame->header().kind();
  const auto read_us = [&](std::int64_t known, bool from_picture) {
    return from_picture ? kPresentUs : known;
  };
  frame->for_each_block([&](const Block& block, std::int64_t) {
    if (block.header->kind() != wire::BlockKind::Batch) return;
    const wire::Batch& batch = block.batch();
    for (const wire::Event* event : each(batch.events())) {
      const std::int64_t known = known_us(event->stamp());
      witness_entry(user, *rights,
                    {MessageClass::Event, owner_of(text_of(event->unit())), text_of(event->group()),
                     text_of(event->unit()), known, std::nullopt},
                    known);
    }
    for (const wire::State* state : each(batch.states())) {
      const std::int64_t known = known_us(state->stamp());
      witness_entry(user, *rights,
                    {MessageClass::State, owner_of(text_of(state->name())), text_of(state->group()),
                     text_of(state->name()), known, std::nullopt},
                    read_us(known, kind == wire::FrameKind::Snapshot));
    }
    for (const wire::UnitFixes* section : each(batch.fixes())) {
      const std::int64_t known = known_us(section->stamp());
      for (const wire::Fix* fix : *section->fixes()) {
        witness_entry(
            user, *rights,
            {MessageClass::Track, owner_of(text_of(section->unit())), text_of(section->group()),
             text_of(section->unit()), known, AccessPoint{fix->lat_e7(), fix->lon_e7()}},
            read_us(known, kind != wire::FrameKind::Live));
      }
    }
  });
}

void Hub::witness_entry(const std::string& user, const Entitlement& rights,
                        const AccessEntry& entry, std::int64_t read_us) {
  const security::Identity* who = registry_->find(user, 0).identity;
  if (entry.owner != owner_of(who->name)) ++released_;
  if (rights.permits(entry, read_us)) return;
  wrong_ =
      fmt::format("'{}' was sent something of '{}' in group '{}', class {}, known at {}", who->name,
                  entry.unit, entry.group, static_cast<int>(entry.message_class), entry.known_us);
}

void Hub::turn() {
  while (!notices_.empty()) {
    StoreNotice notice = std::move(notices_.front());
    notices_.pop_front();
    front_->on_store(std::move(notice));
  }
  while (!outputs_.empty()) {
    replay::Output output = std::move(outputs_.front());
    outputs_.pop_front();
    front_->on_worker(std::move(output));
  }
  front_->turn();
}

void Hub::step() {
  latest_us_ = std::max(latest_us_, clock.utc_us());
  if (world_.chance(900)) turn();
  if (world_.chance(500)) store_->write_step(0);
  if (world_.chance(100)) store_->build_step();
  if (world_.chance(600)) workers_->step(0);
}

void Hub::settle() {
  latest_us_ = std::max(latest_us_, clock.utc_us());
  turn();
  store_->write_step(0);
  store_->build_step();
  workers_->step(0);
}

}  // namespace vigie::simulation
