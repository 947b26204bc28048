#include "hub/keeper.h"

#include <fmt/format.h>

#include <filesystem>

#include "hub/ops/router_socket.h"

namespace vigie {
namespace {

constexpr const char* kFolder = "quarantine";  // in the log's directory
constexpr int kNiceness = 10;
constexpr long kWaitMs = 1000;

}  // namespace

Result<std::unique_ptr<Keeper>> Keeper::open(const ops::HubConfig& config, const Clock& clock,
                                             const Log& log) {
  const std::string folder = (std::filesystem::path(config.data) / kFolder).string();
  auto files = security::QuarantineFiles::open(folder, config.quarantine_bytes);
  if (!files) return files.fault();
  for (const std::string& cut : (*files)->cuts()) log.warning("quarantine", {{"cut", cut}});
  std::unique_ptr<Keeper> keeper(new Keeper(std::move(*files), clock, log));
  const security::QuarantineOptions options{.messages_max = config.quarantine_messages,
                                            .bytes_max = config.quarantine_bytes};
  keeper->quarantine_ = std::make_unique<security::Quarantine>(
      options, [keeper = keeper.get()](security::QuarantinedPtr message) {
        // A full one: the disk is slower than the quarantine takes in. Then it is in memory alone.
        if (keeper->mail_.post(std::move(message))) return;
        keeper->left_out_.fetch_add(1, std::memory_order_relaxed);
      });
  keeper->quarantine_->restore(keeper->files_->take_messages());
  keeper->loop_ = std::make_unique<ops::Loop>(
      ops::LoopOptions{
          .name = "vigie-keeper",
          .niceness = kNiceness,
          .idle_us = 0,
          .on_stop = [&mail = keeper->mail_] { mail.wake(); },
          .on_failure =
              [log](const Fault& fault) {
                log.error("the quarantine is not written down any more", {{"why", fault.sentence}});
              }},
      [keeper = keeper.get()](const std::stop_token& stop) {
        const std::size_t did = keeper->write_step();
        if (did != 0 || stop.stop_requested()) return did;
        ops::Poller poller;
        poller.add(keeper->mail_.descriptor());
        poller.wait(kWaitMs);
        return std::size_t{1};
      });
  return keeper;
}

Keeper::Keeper(std::unique_ptr<security::QuarantineFiles> files, const Clock& clock, const Log& log)
    : files_(std::move(files)),
      unwritten_(log, clock, "the quarantine can't be written down; it is in memory alone") {}

Keeper::~Keeper() {
  loop_.reset();
  write_step();
}

std::size_t Keeper::write_step() {
  std::size_t written = 0;
  for (const security::QuarantinedPtr& message : mail_.take_all()) {
    const Result<void> done = files_->append(*message);
    if (!done) unwritten_.say(done.fault().sentence);
    ++written;
  }
  const std::uint64_t left_out = left_out_.load(std::memory_order_relaxed);
  if (left_out != told_left_out_) {
    unwritten_.say(fmt::format("the disk was too slow for {} messages", left_out - told_left_out_));
    told_left_out_ = left_out;
  }
  unwritten_.tick();
  return written;
}

}  // namespace vigie
