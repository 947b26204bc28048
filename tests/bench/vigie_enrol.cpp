#include "tests/bench/vigie_enrol.h"

#include <fmt/format.h>

#include <random>

#include "schemas/keys/key_file.h"
#include "schemas/messages/checks.h"
#include "schemas/messages/names.h"
#include "schemas/words/times.h"

namespace vigie::bench {
namespace {

/// Tells that the hub listens.
class Probe final : public Connection {
 public:
  using Connection::Connection;

 private:
  void on_bytes() override { consume(unread().size()); }
};

/// An administrator who says one batch of states.
class Administrator final : public ZmtpConnection {
 public:
  Administrator(Poller& poller, const Enrolled& who, wire::BatchT batch)
      : ZmtpConnection(poller, "DEALER", who.keys), batch_(std::move(batch)) {}
  void say_hello() {
    wire::HelloT hello;
    hello.protocol = kProtocolVersion;
    hello.spool = std::make_unique<wire::Spool>(*batch_.spool);
    hello.client = "vigie-bench";
    hello.sent_time_us = batch_.sent_time_us;
    send(packed<wire::Hello>(hello));
  }
  bool settled() const { return settled_; }

 private:
  void send(const std::vector<std::byte>& bytes) {
    append_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    flush();
  }
  void on_message(std::string_view body) override {
    const AlignedBytes copy(std::as_bytes(std::span(body.data(), body.size())));
    if (verified<wire::Welcome>(copy.bytes()) != nullptr) {
      send(packed<wire::Batch>(batch_));
    } else if (const auto* ack = verified<wire::Ack>(copy.bytes())) {
      for (const wire::Refused* refused : each(ack->refused())) {
        poller().fail(fmt::format("not enrolled: {}", text_of(refused->reason())));
      }
      settled_ = settled_ || size_of(ack->settled()) > 0;
    } else if (const auto* rejected = verified<wire::Rejected>(copy.bytes())) {
      poller().fail(fmt::format("the administrator is rejected: {}", text_of(rejected->reason())));
    }
  }
  const wire::BatchT batch_;
  bool settled_ = false;
};

std::unique_ptr<wire::StateT> state_of(const Enrolment& wanted, const KeyPair& keys,
                                       std::uint64_t number, std::int64_t time_us) {
  auto state = std::make_unique<wire::StateT>();
  state->stamp = std::make_unique<wire::Stamp>();
  state->number = number;
  state->kind = wire::StateKind::Identity;
  state->name = wanted.name;
  state->group = kAccessGroup;
  state->true_time_us = time_us;
  state->identity = std::make_unique<wire::IdentityT>();
  state->identity->key = keys.key;
  state->identity->role = wanted.role;
  state->identity->units = wanted.units;
  return state;
}

}  // namespace

wire::Spool new_spool(const std::optional<Enrolled>& who) {
  static std::random_device random;
  const auto word = [] { return (std::uint64_t{random()} << 32) | random(); };
  return {who ? spool_owner(who->name) : word(), word()};
}

std::optional<CurveKeys> keys_of(const std::optional<Enrolled>& who) {
  if (!who) return std::nullopt;
  return who->keys;
}

Result<std::vector<Enrolled>> enrol(Poller& poller, int port, const std::filesystem::path& data,
                                    const std::vector<Enrolment>& wanted, double seconds) {
  // The hub makes its files before it listens.
  {
    Probe probe(poller);
    if (auto listens = probe.connect(port, seconds); !listens) return listens.fault();
  }
  Result<KeyFile> file = read_key_file((data / "keys" / "administrator.toml").string());
  if (!file) return file.fault();
  const Enrolled chief{file->name, {file->keys, file->hub_key}};
  wire::BatchT batch;
  batch.spool = std::make_unique<wire::Spool>(new_spool(chief));
  batch.sent_time_us = SystemClock().utc_us();
  std::vector<Enrolled> made;
  for (const Enrolment& one : wanted) {
    made.push_back({one.name, {make_key_pair(), file->hub_key}});
    batch.states.push_back(state_of(one, made.back().keys.own, made.size(), batch.sent_time_us));
  }
  Administrator administrator(poller, chief, std::move(batch));
  if (auto begun = administrator.begin(port, seconds); !begun) return begun.fault();
  administrator.say_hello();
  auto settled =
      step_until(poller, seconds, "the enrolment", [&] { return administrator.settled(); });
  if (!settled) return settled.fault();
  return made;
}

}  // namespace vigie::bench
