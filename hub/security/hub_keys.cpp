#include "hub/security/hub_keys.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "schemas/messages/check_parts.h"
#include "schemas/messages/names.h"
#include "schemas/words/new_file.h"

namespace vigie::security {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFirstAdministrator = "administrator";
constexpr const char* kOwn = "hub.key";
constexpr const char* kOld = "hub.key.old";
constexpr const char* kList = "administrators";
constexpr const char* kFirstFile = "administrator.toml";
constexpr unsigned kOthersWrite = 022;

Fault wrong(const std::string& path, std::string_view what) {
  return {FaultCode::Invalid, fmt::format("{}: {}", path, what)};
}

/// That nobody else may change it.
Result<void> check_own(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return wrong(path, "can't be looked at");
  if (about.st_uid != ::geteuid()) {
    return wrong(
        path, fmt::format("belongs to user {}, and the hub runs as {}", about.st_uid, ::geteuid()));
  }
  if ((about.st_mode & kOthersWrite) != 0) {
    return wrong(path, fmt::format("others may change it (mode {:04o}); do: chmod go-w {}",
                                   about.st_mode & 07777, path));
  }
  return {};
}

Result<void> write_administrators(const std::string& path, const std::string& key) {
  Result<NewFile> file = NewFile::begin(path, path + ".new", 0600);
  if (!file) return file.fault();
  const Result<void> written = file->write(fmt::format(
      "# Who rules this hub itself: NAME KEY, one a line. They invite and revoke for every owner,\n"
      "# and see no owner's data. Read at the hub's start.\n"
      "{} {}\n",
      kFirstAdministrator, key));
  return written ? file->put_in_place() : written;
}

/// A first start: an own key, and somebody who may invite the others. Made aside and put in place
/// whole, so that a cut leaves all of it or nothing.
Result<void> make_keys(const std::string& folder, const std::string& hub, HubKeys& made) {
  const fs::path draft = folder + ".new";
  std::error_code error;
  fs::remove_all(draft, error);
  fs::create_directories(draft, error);
  if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", draft.string(), error.message())};
  fs::permissions(draft, fs::perms::owner_all, error);
  KeyFile own;
  own.keys = make_key_pair();
  const KeyFile administrator{.name = fmt::format("{}/{}", kHubOwner, kFirstAdministrator),
                              .role = "administrator",
                              .units = {},
                              .hub = hub,
                              .hub_key = own.keys.key,
                              .keys = make_key_pair()};
  Result<void> done = write_key_file(draft / kOwn, own);
  if (done) done = write_administrators(draft / kList, administrator.keys.key);
  if (done) done = write_key_file(draft / kFirstFile, administrator);
  if (!done) return done;
  fs::remove(folder, error);  // where it is empty
  fs::rename(draft, folder, error);
  if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", folder, error.message())};
  done = sync_folder(fs::absolute(folder).parent_path());
  if (!done) return done;
  for (const char* file : {kOwn, kList, kFirstFile}) made.made.push_back(fs::path(folder) / file);
  return {};
}

/// The key before, where it still works.
Result<void> read_old(const std::string& folder, std::int64_t now_us, HubKeys& keys) {
  const std::string path = fs::path(folder) / kOld;
  Result<KeyFile> read = read_key_file(path);
  if (!read && read.fault().code == FaultCode::NotFound) return {};
  if (!read) return read.fault();
  if (read->ends_us == 0) return wrong(path, "does not say when it ends; remove it to end it now");
  // The same: a change was cut before the new key was there.
  const bool stands = read->ends_us > now_us && read->keys.key != keys.keys.key;
  if (!stands) return forget_old_hub_key(folder);
  keys.old = {.keys = std::move(read->keys), .until_us = read->ends_us};
  return {};
}

/// The file of the first administrator may have been taken away; while it lies there it is nobody
/// else's to read: whoever has it makes anybody somebody.
Result<void> check_first_administrator(const std::string& folder) {
  const Result<KeyFile> read = read_key_file(fs::path(folder) / kFirstFile);
  if (read || read.fault().code == FaultCode::NotFound) return {};
  return read.fault();
}

}  // namespace

Result<std::vector<HubAdministrator>> parse_administrators(std::string_view text,
                                                           const std::string& path) {
  std::vector<HubAdministrator> all;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    line.erase(std::min(line.find('#'), line.size()));
    std::istringstream words(line);
    HubAdministrator one;
    std::string more;
    if (!(words >> one.name)) continue;
    words >> one.key;
    const bool well = is_segment(one.name) && is_key(one.key) && !(words >> more);
    if (!well) {
      return wrong(
          fmt::format("{}:{}", path, number),
          fmt::format("'{}' is not NAME KEY, a key being 64 hexadecimal digits", shown(line)));
    }
    for (const HubAdministrator& other : all) {
      if (other.name != one.name && other.key != one.key) continue;
      return wrong(fmt::format("{}:{}", path, number),
                   fmt::format("'{}' or its key stands there twice", shown(one.name)));
    }
    all.push_back(std::move(one));
  }
  return all;
}

Result<HubKeys> open_hub_keys(const std::string& folder, const std::string& hub,
                              std::int64_t now_us) {
  HubKeys keys;
  const std::string own = fs::path(folder) / kOwn;
  const std::string list = fs::path(folder) / kList;
  std::error_code error;
  if (!fs::exists(folder, error) || fs::is_empty(folder, error)) {
    if (Result<void> made = make_keys(folder, hub, keys); !made) return made.fault();
  } else if (!fs::exists(own, error)) {
    // Clients know the hub by its key: another one would lock them all out.
    return wrong(
        own,
        "is not there, and this hub had one. Restore it; or, to begin anew as another hub, "
        "remove the folder: every client must then join again");
  }
  if (Result<void> checked = check_own(folder); !checked) return checked.fault();
  const Result<KeyFile> read = read_key_file(own);
  if (!read) return read.fault();
  keys.keys = read->keys;
  if (Result<void> old = read_old(folder, now_us, keys); !old) return old.fault();
  if (Result<void> first = check_first_administrator(folder); !first) return first.fault();
  if (Result<void> checked = check_own(list); !checked) return checked.fault();
  std::ifstream file(list);
  std::stringstream text;
  text << file.rdbuf();
  auto administrators = parse_administrators(text.str(), list);
  if (!administrators) return administrators.fault();
  keys.administrators = std::move(*administrators);
  return keys;
}

Result<HubKeys> change_hub_key(const std::string& folder, const HubKeys& keys,
                               std::int64_t until_us) {
  HubKeys next = keys;
  next.keys = make_key_pair();
  next.old.reset();
  next.left.clear();
  const std::string own = fs::path(folder) / kOwn;
  const KeyFile fresh{.keys = next.keys};
  if (until_us != 0) {
    // The old one first: cut in between, the hub's own key is what it was.
    next.old = {.keys = keys.keys, .until_us = until_us};
    Result<void> done =
        write_key_file(fs::path(folder) / kOld, KeyFile{.ends_us = until_us, .keys = keys.keys});
    if (done) done = write_key_file(own, fresh);
    if (!done) return done.fault();
    return next;
  }
  // The new one first, so that a hub whose disk fails keeps what works. Cut in between, the key of
  // an overlap that still runs is there with the end that it had: it lives no longer than before,
  // and the change, which was told to nobody, is asked for again.
  if (Result<void> done = write_key_file(own, fresh); !done) return done.fault();
  if (Result<void> gone = forget_old_hub_key(folder); !gone) next.left = gone.fault().sentence;
  return next;
}

Result<void> forget_old_hub_key(const std::string& folder) {
  const std::string path = fs::path(folder) / kOld;
  std::error_code error;
  fs::remove(path, error);
  if (error) return Fault{FaultCode::Io, fmt::format("{}: {}", path, error.message())};
  return {};
}

}  // namespace vigie::security
