#include "clients/cli/commands/hub_link.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "clients/cli/commands/surroundings.h"

namespace vigie::cli {
namespace {

constexpr const char* kHub = "127.0.0.1:7700";

std::string from_surroundings(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string default_identity_path() {
  const std::string config = from_surroundings("XDG_CONFIG_HOME");
  if (!config.empty()) return config + "/vigie/identity.toml";
  const std::string home = from_surroundings("HOME");
  return home.empty() ? "" : home + "/.config/vigie/identity.toml";
}

std::string identity_path(const HubOptions& options) {
  if (options.plain) return {};
  if (!options.identity.empty()) return options.identity;
  std::string path = from_surroundings("VIGIE_IDENTITY");
  if (!path.empty()) return path;
  path = default_identity_path();
  std::error_code error;
  return !path.empty() && std::filesystem::exists(path, error) ? path : std::string();
}

Result<client::LinkOptions> link_of(const HubOptions& options, std::string_view command) {
  client::LinkOptions link;
  link.client = client_name(command);
  link.on_warning = [](const std::string& text) { say(text); };
  link.identity = identity_path(options);
  link.hub = options.hub;
  if (!link.identity.empty()) {
    const Result<KeyFile> file = read_key_file(link.identity);
    if (!file) return file.fault();
    if (link.hub.empty()) link.hub = file->hub;
  }
  if (link.hub.empty()) link.hub = kHub;
  return link;
}

Result<KeyFile> own_key_file(const HubOptions& options) {
  const std::string path = identity_path(options);
  if (path.empty()) {
    return Fault{FaultCode::NotFound,
                 "this needs an identity: name its key file with --identity FILE, or join a hub "
                 "with a code (vigie join)"};
  }
  return read_key_file(path);
}

ExitCode usage(const Fault& fault) {
  say(fault.sentence);
  return ExitCode::Usage;
}

}  // namespace vigie::cli
