#include "schemas/keys/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <toml++/toml.h>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "schemas/words/new_file.h"
#include "schemas/words/times.h"

namespace vigie {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 20;
constexpr unsigned kOthers = 077;

Fault wrong(const std::string& path, std::string_view what) {
  return {FaultCode::Invalid, fmt::format("key file {}: {}", path, what)};
}

Fault failed(const std::string& path, const char* what) {
  const FaultCode code = errno == ENOSPC ? FaultCode::DiskFull : FaultCode::Io;
  return {code, fmt::format("key file {}: {}: {}", path, what, std::strerror(errno))};
}

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Result<void> check_rights(int file, const std::string& path) {
  struct stat about {};
  if (::fstat(file, &about) != 0) return failed(path, "can't be looked at");
  if (!S_ISREG(about.st_mode)) return wrong(path, "is not a file");
  if (about.st_uid != ::geteuid()) {
    return wrong(path, fmt::format("belongs to user {}, and this program runs as {}", about.st_uid,
                                   ::geteuid()));
  }
  if ((about.st_mode & kOthers) != 0) {
    return wrong(path, fmt::format("others may read or change it (mode {:04o}); do: chmod 600 {}",
                                   about.st_mode & 07777, path));
  }
  return {};
}

std::string text_of(const KeyFile& file) {
  toml::table table;
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) table.insert(key, value);
  };
  put("name", file.name);
  put("role", file.role);
  if (!file.units.empty()) {
    toml::array units;
    for (const std::string& unit : file.units) units.push_back(unit);
    table.insert("units", std::move(units));
  }
  put("hub", file.hub);
  put("hub_key", file.hub_key);
  put("hub_key_old", file.hub_key_old);
  if (file.ends_us != 0) put("ends", format_time(file.ends_us));
  put("key", file.keys.key);
  put("secret", key_text(file.keys.secret.bytes()));
  std::ostringstream text;
  text << "# A key file of Vigie. Whoever has it can speak in its name: show it to nobody.\n"
       << table << "\n";
  return text.str();
}

/// Empty when it went well.
std::string put(KeyFile& file, std::string_view key, const toml::node& node) {
  if (key == "units") {
    const toml::array* units = node.as_array();
    if (units == nullptr) return "units must be a list of texts";
    for (const toml::node& unit : *units) {
      const auto text = unit.value_exact<std::string>();
      if (!text) return "units must be a list of texts";
      file.units.push_back(*text);
    }
    return {};
  }
  const auto text = node.value_exact<std::string>();
  if (!text) return fmt::format("{} must be text in quotes", key);
  if (key == "name") file.name = *text;
  if (key == "role") file.role = *text;
  if (key == "hub") file.hub = *text;
  if (key == "hub_key") file.hub_key = *text;
  if (key == "hub_key_old") file.hub_key_old = *text;
  if (key == "ends") {
    const auto ends_us = parse_time(*text);
    if (!ends_us) return fmt::format("ends: {}", ends_us.fault().sentence);
    file.ends_us = *ends_us;
  }
  if (key == "key") file.keys.key = *text;
  if (key == "secret") {
    const auto bytes = key_bytes(*text);
    if (!bytes) return "secret is not 64 lower-case hexadecimal digits";
    file.keys.secret = Secret<32>(*bytes);
  }
  static const std::set<std::string_view> kKnown{"name",        "role", "hub", "hub_key",
                                                 "hub_key_old", "ends", "key", "secret"};
  return kKnown.contains(key) ? std::string() : fmt::format("'{}' is not known", key);
}

std::filesystem::path folder_of(const std::string& path) {
  const std::filesystem::path target(path);
  return target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
}

/// What a link stands for: the link stays, and what it names is replaced.
std::string behind_links(const std::string& path) {
  std::error_code error;
  const std::filesystem::path behind = std::filesystem::canonical(path, error);
  return error ? path : behind.string();
}

/// One at a time changes the key files of a folder; ends with this. Where the folder can't be
/// locked nothing is lost but that.
class FolderLock {
 public:
  explicit FolderLock(const std::string& path)
      : folder_(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (folder_.number() >= 0 && ::flock(folder_.number(), LOCK_EX) != 0 && errno == EINTR) {
    }
  }

 private:
  const Descriptor folder_;
};

}  // namespace

Result<KeyFile> parse_key_file(std::string_view text, const std::string& path) {
  KeyFile file;
  try {
    const toml::table table = toml::parse(text, path);
    if (!table.contains("key") || !table.contains("secret")) {
      return wrong(path, "holds no key and secret");
    }
    for (const auto& [key, node] : table) {
      const std::string bad = put(file, key.str(), node);
      if (!bad.empty()) return wrong(path, bad);
    }
  } catch (const toml::parse_error& error) {
    // What the parser says may quote what stands there.
    return wrong(path, fmt::format("line {} is not TOML", error.source().begin.line));
  }
  if (key_pair_of(file.keys.secret).key != file.keys.key) {
    return wrong(path, "the secret is not that of the key");
  }
  for (const auto& [name, key] :
       {std::pair("hub_key", &file.hub_key), std::pair("hub_key_old", &file.hub_key_old)}) {
    if (key->empty() || key_bytes(*key)) continue;
    return wrong(path, fmt::format("{} is not 64 lower-case hexadecimal digits", name));
  }
  return file;
}

Result<KeyFile> read_key_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) {
    if (errno == ENOENT) return Fault{FaultCode::NotFound, fmt::format("no key file {}", path)};
    return failed(path, "can't be opened");
  }
  if (Result<void> checked = check_rights(file.number(), path); !checked) return checked.fault();
  std::string text(kFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "can't be read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kFileBytesMax) return wrong(path, "is larger than a key file is");
  Result<KeyFile> read = parse_key_file(std::string_view(text.data(), size), path);
  sodium_memzero(text.data(), text.size());
  return read;
}

Result<void> write_key_file(const std::string& path, const KeyFile& file) {
  const std::filesystem::path folder = folder_of(path);
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", folder.string(), error.message())};
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  Result<NewFile> out = NewFile::begin(path, path + ".new", 0600);
  if (!out) return out.fault();
  std::string text = text_of(file);
  const Result<void> written = out->write(text);
  sodium_memzero(text.data(), text.size());
  return written ? out->put_in_place() : written;
}

Result<void> change_key_file(const std::string& path, const std::function<bool(KeyFile&)>& change) {
  const std::string target = behind_links(path);
  const FolderLock lock(target);
  Result<KeyFile> file = read_key_file(target);
  if (!file) return file.fault();
  if (!change(*file)) return {};
  return write_key_file(target, *file);
}

Result<void> replace_key_file(const std::string& from, const std::string& to) {
  const std::string target = behind_links(to);
  const FolderLock lock(target);
  if (::rename(from.c_str(), target.c_str()) == 0) return {};
  if (errno != EXDEV) return failed(to, "can't be put in place");
  // The link leads to another file system.
  const Result<KeyFile> file = read_key_file(from);
  if (!file) return file.fault();
  if (Result<void> written = write_key_file(target, *file); !written) return written;
  ::unlink(from.c_str());
  return {};
}

}  // namespace vigie
