#include "hub/ops/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "hub/ops/config_file.h"
#include "hub/ops/options.h"

namespace vigie::ops {
namespace {

/// What was given, as text: the options' own table checks it, so that a flag and the file say the
/// same.
struct Given {
  std::string config_file;
  std::optional<std::string> data, host, port, ipc, sync, log_format, log_level, log_file;
  bool plain = false;
  bool version = false;
  std::vector<std::string> set;
};

constexpr const char* kFooter = R"(
Publish is served on the port, listen on the next one, HTTP status on the one after.
The file's options are documented in deploy/vigie-hub.toml. Flags win over the file.

Examples:
  vigie-hub --data ./data
  vigie-hub --config /etc/vigie/vigie-hub.toml
  vigie-hub --data ./data --set retention.tracks=30d --set retention.disk=20GiB)";

void describe(CLI::App& app, Given& given) {
  app.add_option("--data", given.data, "Directory of the log; made when missing")->type_name("DIR");
  app.add_option("--host", given.host, "Address to serve on (default 127.0.0.1)")
      ->type_name("ADDRESS");
  app.add_option("--port", given.port,
                 "First of three ports (default 7700); 0: any three free ones")
      ->type_name("PORT");
  app.add_option("--config", given.config_file, "Configuration file")->type_name("FILE.toml");
  app.add_option("--ipc", given.ipc, "Directory for the local sockets 'publish' and 'listen'")
      ->type_name("DIR");
  app.add_flag("--plain", given.plain,
               "Ask nobody who they are and encrypt nothing: on loopback alone");
  app.add_option("--sync", given.sync,
                 "always (default): acknowledge after fsync; never: for throw-away data")
      ->type_name("WHEN");
  app.add_option("--log-format", given.log_format, "human (default) or json")->type_name("FORMAT");
  app.add_option("--log-level", given.log_level, "debug, info (default), warning, error or off")
      ->type_name("LEVEL");
  app.add_option("--log-file", given.log_file, "Append the log there instead of standard error")
      ->type_name("FILE");
  app.add_option("--set", given.set, "Any option of the file, as in --set store.sync=never")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  app.add_flag("--version", given.version, "Print the version and end");
  app.footer(kFooter);
}

void put_flags(const Given& given, HubConfig& config, std::vector<std::string>& wrong) {
  for (const std::string& pair : given.set) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      wrong.push_back(fmt::format("--set: '{}' is not KEY=VALUE", pair));
      continue;
    }
    put_text(hub_options(), std::string_view(pair).substr(0, equals),
             std::string_view(pair).substr(equals + 1), "--set", config, wrong);
  }
  const auto one = [&](const char* flag, const char* key, const std::optional<std::string>& text) {
    if (text) put_text(hub_options(), key, *text, flag, config, wrong);
  };
  one("--data", "data", given.data);
  one("--host", "host", given.host);
  one("--port", "port", given.port);
  one("--ipc", "ipc", given.ipc);
  one("--sync", "store.sync", given.sync);
  one("--log-format", "log.format", given.log_format);
  one("--log-level", "log.level", given.log_level);
  one("--log-file", "log.file", given.log_file);
  if (given.plain) config.plain = true;
}

}  // namespace

Result<CommandLine> read_command_line(std::span<const char* const> arguments,
                                      const std::string& version) {
  CLI::App app("Vigie's hub: keeps every position and event, and shows them live.", "vigie-hub");
  Given given;
  CommandLine line;
  try {
    describe(app, given);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return CommandLine{false, app.help(), {}};
  } catch (const CLI::ParseError& error) {
    return Fault{FaultCode::Invalid, fmt::format("{} (--help says what there is)", error.what())};
  }
  if (given.version) return CommandLine{false, "vigie-hub " + version + "\n", {}};

  std::vector<std::string> wrong;
  if (!given.config_file.empty()) wrong = read_config_file(given.config_file, line.config);
  put_flags(given, line.config, wrong);
  if (line.config.host == "localhost") line.config.host = "127.0.0.1";
  // What was not understood stands at its default: held together, that would name faults that are
  // none.
  if (wrong.empty()) wrong = check_together(line.config);
  if (!wrong.empty()) {
    return Fault{FaultCode::Invalid, fmt::format("{}", fmt::join(wrong, "\n"))};
  }
  return line;
}

}  // namespace vigie::ops
