#include "tests/crash/simulation/hub.h"

namespace vigie::simulation {

Hub::Hub(World& world) : publish(world), listen(world), clock(world), world_(world) {}

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
  FrontOptions front;
  // Small, so that consoles fall out of the ring and windows fill within a short simulation.
  front.ring_bytes = 4096 + world_.pick(60'000);
  front.ingest.store_queue_bytes = 32 * 1024;
  front_ = std::make_unique<Front>(
      front,
      FrontParts{
          .publish = publish,
          .listen = listen,
          .store = *store_,
          .clock = clock,
          .to_workers = [this](replay::Command&& c) { return workers_->post(std::move(c)); }},
      std::move(picture), ledger);
  return true;
}

void Hub::crash() {
  disk().cut_power();
  front_.reset();
  workers_.reset();
  store_->stop();
  store_.reset();
  outputs_.clear();
  notices_.clear();
  publish.drop_all();
  listen.drop_all();
  disk().drop_unsynced(world_.chance(500) ? world_.pick(200) : 0);
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
  if (world_.chance(900)) turn();
  if (world_.chance(500)) store_->write_step(0);
  if (world_.chance(100)) store_->build_step();
  if (world_.chance(600)) workers_->step(0);
}

void Hub::settle() {
  turn();
  store_->write_step(0);
  store_->build_step();
  workers_->step(0);
}

}  // namespace vigie::simulation
