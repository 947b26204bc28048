#include "clients/cpp/face/hub_key.h"

#include <fmt/format.h>

namespace vigie::client {
namespace {

/// Where two keys share a port, so many in a row fail once in 4,096 times.
constexpr unsigned kFailedMax = 12;
/// Without a key of ours: a hub that is about to go ends handshakes without a word, too.
constexpr unsigned kFailedPlainMax = 3;
/// With two keys at hand the other one is tried after so many.
constexpr unsigned kBeforeOther = 3;

/// What a message of this kind says of it; nothing where it is of another.
template <typename Root>
std::string told_by(std::span<const std::byte> message) {
  if (!has_identifier<Root>(message)) return {};
  const AlignedBytes copy(message);
  const Root* root = verified<Root>(copy.bytes());
  const std::string_view key = root == nullptr ? std::string_view() : text_of(root->hub_key());
  return key_bytes(key) ? std::string(key) : std::string();
}

/// Told answers whoever wanted the hub to take another one.
std::string told_by_any(std::span<const std::byte> message) {
  std::string key = told_by<wire::Welcome>(message);
  if (key.empty()) key = told_by<wire::Opened>(message);
  if (key.empty()) key = told_by<wire::Told>(message);
  return key;
}

}  // namespace

Result<KeyFile> HubKey::read() {
  Result<KeyFile> file = read_key_file(path_);
  if (!file) return file;
  if (!key_bytes(file->hub_key)) {
    return Fault{FaultCode::Invalid, fmt::format("key file {}: holds no hub_key", path_)};
  }
  in_file_ = file->hub_key;
  if (in_file_ != told_after_) told_.clear();
  const std::string newest = told_.empty() ? file->hub_key : told_;
  const std::string before = told_.empty() ? file->hub_key_old : file->hub_key;
  has_other_ = !before.empty() && before != newest;
  tries_newest_ = !wants_other_ || !has_other_;
  tried_ = tries_newest_ ? newest : before;
  file->hub_key = tried_;
  return file;
}

void HubKey::worked() {
  failed_ = 0;
  wants_other_ = false;
  if (!tries_newest_ || !has_other_ || !told_.empty()) return;
  has_other_ = false;
  // Where it can't be written both stay, and do no harm.
  static_cast<void>(change_key_file(path_, [this](KeyFile& file) {
    if (file.hub_key != tried_ || file.hub_key_old.empty()) return false;
    file.hub_key_old.clear();
    return true;
  }));
}

HubKey::After HubKey::failed() {
  if (++failed_ >= (path_.empty() ? kFailedPlainMax : kFailedMax)) {
    failed_ = 0;
    wants_other_ = false;
    return After::Over;
  }
  if (!has_other_ || failed_ % kBeforeOther != 0) return After::Again;
  wants_other_ = !wants_other_;
  return After::Other;
}

void HubKey::hear(std::span<const std::byte> message) {
  if (path_.empty()) return;
  const std::string key = told_by_any(message);
  if (!key.empty() && key != tried_ && key != told_ && key != in_file_) learn(key);
}

void HubKey::learn(const std::string& key) {
  std::string was = in_file_;
  const Result<void> kept = change_key_file(path_, [&](KeyFile& file) {
    was = file.hub_key;
    if (file.hub_key == key) return false;
    file.hub_key_old = tried_;
    file.hub_key = key;
    return true;
  });
  if (kept) {
    in_file_ = key;
    told_.clear();
    return;
  }
  // This program goes on with it; the next one will have to be told again.
  told_ = key;
  told_after_ = in_file_ = was;
  if (std::exchange(warned_, true) || !warn_) return;
  warn_(fmt::format(
      "the hub has another key, and it can't be kept ({}): make the file one that can be written, "
      "or set hub_key = '{}' in it, before the hub's old key ends",
      kept.fault().sentence, key));
}

}  // namespace vigie::client
