#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "clients/cpp/recording/format.h"
#include "clients/cpp/recording/tally.h"
#include "vigie/recording.h"

namespace vigie::client {

using namespace recording;

namespace {

struct Closes {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closes>;

}  // namespace

class RecordingReader::Impl {
 public:
  Impl(File file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  /// The header: anything else than it says that this is none of ours, or not for us to read.
  Result<void> begin() {
    std::array<std::byte, kHeaderBytes> bytes{};
    const auto got = read(bytes);
    if (!got) return got.fault();
    const std::vector<std::byte> expected = header_bytes();
    const auto [wrong, right] =
        std::mismatch(bytes.begin(), bytes.begin() + *got, expected.begin());
    if (wrong == bytes.begin() + *got) {
      if (*got != bytes.size()) end(RecordingState::Cut, "it ends in its header");
      return {};
    }
    const bool is_ours = wrong - bytes.begin() >= std::ptrdiff_t{kMagic.size()};
    return Fault{FaultCode::Invalid,
                 fmt::format("{} {}", path_,
                             is_ours ? "is a recording of another version than this program reads"
                                     : "is no recording, or its beginning was changed")};
  }

  Result<std::optional<Item>> next() {
    while (taken_ == items_.size()) {
      if (state_ != RecordingState::Reading) return std::optional<Item>();
      items_.clear();
      taken_ = 0;
      if (Result<void> done = read_record(); !done) return done.fault();
    }
    return std::optional<Item>(std::move(items_[taken_++]));
  }

  RecordingReport report() const {
    return {.state = state_,
            .sentence = sentence_,
            .about = tally_.about(),
            .counts = tally_.counts(),
            .seal = state_ == RecordingState::Sealed ? seal_ : std::nullopt};
  }

 private:
  void end(RecordingState state, std::string sentence) {
    state_ = state;
    sentence_ = std::move(sentence);
  }
  void changed(std::string_view what) {
    end(RecordingState::Changed, fmt::format("record {} (at byte {}): {}", records_, at_, what));
  }
  void cut() {
    if (seal_) return changed("something was added behind the seal");
    end(RecordingState::Cut, fmt::format("it ends in record {} (at byte {})", records_, at_));
  }

  /// How many bytes there were; fewer than asked for only at the end.
  Result<std::size_t> read(std::span<std::byte> bytes) {
    const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), file_.get());
    if (got != bytes.size() && std::ferror(file_.get()) != 0) {
      return Fault{FaultCode::Io,
                   fmt::format("{}: can't be read: {}", path_, std::strerror(errno))};
    }
    return got;
  }

  void end_of_file() {
    if (seal_) return end(RecordingState::Sealed, {});
    if (ended_) return end(RecordingState::NotSealed, {});
    end(RecordingState::Cut, fmt::format("it ends behind record {}, before its end", records_));
  }

  /// One record into items_, or the end.
  Result<void> read_record() {
    std::array<std::byte, kRecordHeadBytes> head{};
    const auto got = read(head);
    if (!got) return got.fault();
    if (*got == 0) {
      end_of_file();
      return {};
    }
    ++records_;
    if (*got != head.size()) {
      cut();
      return {};
    }
    const RecordHead record = parse_head(head);
    if (record.bytes > kContentBytesMax) {
      changed(fmt::format("it says that it has {} bytes", record.bytes));
      return {};
    }
    bytes_.resize(record.bytes + kHashBytes);
    const auto rest = read(bytes_);
    if (!rest) return rest.fault();
    if (*rest == bytes_.size()) {
      take(record, head);
    } else {
      cut();
    }
    at_ += kRecordHeadBytes + bytes_.size();
    return {};
  }

  /// A whole record.
  void take(const RecordHead& record, Bytes head) {
    const Bytes content = Bytes(bytes_).first(record.bytes);
    const Bytes hash = Bytes(bytes_).subspan(record.bytes);
    const Hash before = chain_.last();
    const auto right = std::as_bytes(std::span(chain_.add(head, content)));
    if (!std::equal(hash.begin(), hash.end(), right.begin(), right.end())) {
      return changed("it or one before it is not what was written");
    }
    if (seal_ || (ended_ && record.kind != RecordKind::Seal)) {
      return changed("it was added behind the end");
    }
    switch (record.kind) {
      case RecordKind::Message:
        return take_message(content);
      case RecordKind::End:
        ended_ = true;
        if (!is_end_of(content, tally_.counts())) changed("its counts are not what is here");
        return;
      case RecordKind::Seal:
        if (ended_) seal_ = parse_seal(content, before);
        if (!seal_) changed("the seal is not of this recording");
        return;
    }
    // Of a kind that came later: it is in the chain, and says nothing to us.
  }

  void take_message(Bytes content) {
    auto items = tally_.take(content);
    if (!items) return changed(items.fault().sentence);
    items_ = std::move(*items);
  }

  const File file_;
  const std::string path_;
  Tally tally_;
  Chain chain_;
  RecordingState state_ = RecordingState::Reading;
  std::string sentence_;
  std::uint64_t records_ = 0;
  std::uint64_t at_ = kHeaderBytes;  // of the record that is read
  bool ended_ = false;
  std::optional<RecordingSeal> seal_;
  std::vector<std::byte> bytes_;  // of a record, behind its head
  std::vector<Item> items_;
  std::size_t taken_ = 0;
};

RecordingReader::RecordingReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordingReader::~RecordingReader() = default;

Result<std::unique_ptr<RecordingReader>> RecordingReader::open(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    const FaultCode code = errno == ENOENT ? FaultCode::NotFound : FaultCode::Io;
    return Fault{code, fmt::format("{}: can't be opened: {}", path, std::strerror(errno))};
  }
  auto impl = std::make_unique<Impl>(std::move(file), path);
  if (Result<void> begun = impl->begin(); !begun) return begun.fault();
  return std::unique_ptr<RecordingReader>(new RecordingReader(std::move(impl)));
}

Result<std::optional<Item>> RecordingReader::next() {
  return impl_->next();
}

RecordingReport RecordingReader::report() const {
  return impl_->report();
}

}  // namespace vigie::client
