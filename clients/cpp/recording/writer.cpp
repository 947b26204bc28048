#include <fmt/format.h>

#include "clients/cpp/recording/format.h"
#include "clients/cpp/recording/tally.h"
#include "schemas/keys/key_file.h"
#include "schemas/messages/names.h"
#include "schemas/words/new_file.h"
#include "vigie/recording.h"

namespace vigie::client {

using namespace recording;

namespace {

/// Whose a recording holds is nobody else's business.
constexpr unsigned kMode = 0600;

struct Sealer {
  std::string name;
  SignKeyPair keys;
};

Result<Sealer> sealer_of(const std::string& identity) {
  const Result<KeyFile> file = read_key_file(identity);
  if (!file) return file.fault();
  if (!is_unit_name(file->name)) {
    return Fault{FaultCode::Invalid,
                 fmt::format("key file {} does not say whose it is: nobody would vouch", identity)};
  }
  return Sealer{.name = file->name, .keys = sign_key_pair(file->keys.secret)};
}

}  // namespace

class RecordingWriter::Impl {
 public:
  Impl(NewFile file, std::string identity, std::optional<Sealer> sealer)
      : file_(std::move(file)), identity_(std::move(identity)), sealer_(std::move(sealer)) {}

  Result<void> begin() { return keep(file_.write(header_bytes())); }

  Result<void> add(Bytes message) {
    if (fault_) return *fault_;
    if (message.size() > kContentBytesMax) {
      return keep(Fault{FaultCode::Invalid,
                        fmt::format("a message of {} bytes is too large", message.size())});
    }
    const auto items = tally_.take(message);
    if (!items) return keep(items.fault());
    return append(RecordKind::Message, message);
  }

  Result<void> finish(std::int64_t time_us) {
    if (fault_) return *fault_;
    if (Result<void> done = keep(read_key_again()); !done) return done;
    if (Result<void> done = append(RecordKind::End, end_bytes(tally_.counts())); !done) return done;
    if (sealer_) {
      Result<void> done = append(RecordKind::Seal,
                                 seal_bytes(sealer_->keys, sealer_->name, time_us, chain_.last()));
      if (!done) return done;
    }
    Result<void> placed = keep(file_.put_in_place());
    if (!fault_) fault_ = Fault{FaultCode::Closed, "the recording is finished"};
    return placed;
  }

  void discard() {
    file_.discard();
    fault_ = Fault{FaultCode::Closed, "the recording was given up"};
  }

  const RecordingCounts& counts() const { return tally_.counts(); }
  std::optional<RecordingSeal> seal() const {
    if (!sealer_) return std::nullopt;
    return RecordingSeal{.name = sealer_->name, .key = sealer_->keys.key};
  }

 private:
  /// A failure is for good: behind it there would be a gap.
  Result<void> keep(Result<void> result) {
    if (!result) fault_ = result.fault();
    return result;
  }

  /// Another one may have taken its place since the beginning, which may be long ago.
  Result<void> read_key_again() {
    if (!sealer_) return {};
    auto found = sealer_of(identity_);
    if (!found) return found.fault();
    sealer_ = std::move(*found);
    return {};
  }

  Result<void> append(RecordKind kind, Bytes content) {
    const auto head = head_bytes({kind, static_cast<std::uint32_t>(content.size())});
    const auto hash = std::as_bytes(std::span(chain_.add(head, content)));
    record_.assign(head.begin(), head.end());
    record_.insert(record_.end(), content.begin(), content.end());
    record_.insert(record_.end(), hash.begin(), hash.end());
    return keep(file_.write(record_));
  }

  NewFile file_;
  const std::string identity_;  // the key file
  std::optional<Sealer> sealer_;
  Tally tally_;
  Chain chain_;
  std::vector<std::byte> record_;  // used again for each
  std::optional<Fault> fault_;
};

RecordingWriter::RecordingWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordingWriter::~RecordingWriter() = default;

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::open(const RecordingOptions& options) {
  std::optional<Sealer> sealer;
  if (!options.identity.empty()) {
    auto found = sealer_of(options.identity);
    if (!found) return found.fault();
    sealer = std::move(*found);
  }
  // What is there already may be all that there is of its time.
  Result<NewFile> file =
      NewFile::begin(options.path, options.path + ".part", kMode, Existing::Kept);
  if (!file) return file.fault();
  auto impl = std::make_unique<Impl>(std::move(*file), options.identity, std::move(sealer));
  if (Result<void> begun = impl->begin(); !begun) return begun.fault();
  return std::unique_ptr<RecordingWriter>(new RecordingWriter(std::move(impl)));
}

Result<void> RecordingWriter::add(std::span<const std::byte> message) {
  return impl_->add(message);
}

Result<void> RecordingWriter::finish(std::int64_t time_us) {
  return impl_->finish(time_us);
}

void RecordingWriter::discard() {
  impl_->discard();
}

RecordingCounts RecordingWriter::counts() const {
  return impl_->counts();
}

std::optional<RecordingSeal> RecordingWriter::seal() const {
  return impl_->seal();
}

}  // namespace vigie::client
