#pragma once
// The keeper: writes the quarantine down, on a thread of its own, so that the hot thread waits for
// no file. What the disk does not take, or not in time, is said in the log, and stays in memory
// alone. Made on the main thread before the front, and ended after it: what the front gave it is
// written then.

#include <atomic>
#include <memory>

#include "hub/ops/config.h"
#include "hub/ops/loop.h"
#include "hub/ops/mailbox.h"
#include "hub/security/quarantine_files.h"
#include "schemas/programs/log.h"

namespace vigie {

class Keeper {
 public:
  /// Reads what was kept before. Fails with Io. `clock` is borrowed.
  static Result<std::unique_ptr<Keeper>> open(const ops::HubConfig& config, const Clock& clock,
                                              const Log& log);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// For the front, with what was kept before; once. It gives this what is to be written.
  std::unique_ptr<security::Quarantine> take_quarantine() { return std::move(quarantine_); }

 private:
  Keeper(std::unique_ptr<security::QuarantineFiles> files, const Clock& clock, const Log& log);
  std::size_t write_step();

  // More than come in a second; beyond, a disk that hangs would fill the memory.
  ops::Mailbox<security::QuarantinedPtr> mail_{256};
  std::atomic<std::uint64_t> left_out_{0};  // found it full; since the start
  std::uint64_t told_left_out_ = 0;
  std::unique_ptr<security::QuarantineFiles> files_;  // the thread's, while it runs
  std::unique_ptr<security::Quarantine> quarantine_;
  RepeatedWarning unwritten_;
  std::unique_ptr<ops::Loop> loop_;
};

}  // namespace vigie
