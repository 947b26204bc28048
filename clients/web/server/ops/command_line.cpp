#include "clients/web/server/ops/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "clients/web/server/ops/config_file.h"
#include "clients/web/server/ops/options.h"

namespace vigie::web {
namespace {

/// What was given, as text: the options' own table checks it, so that a flag and the file say the
/// same.
struct Given {
  std::string config_file;
  std::optional<std::string> hub, listen, data, page, maps, identity, certificate, key;
  std::optional<std::string> log_format, log_level, log_file;
  bool open = false;
  bool check = false;
  bool version = false;
  std::vector<std::string> set;
};

constexpr const char* kFooter = R"(
The file's options are documented in deploy/vigie-web.toml. Flags win over the file.
'vigie-web account --help' says how people are let in.

Examples:
  vigie-web --hub 127.0.0.1:7700 --listen 127.0.0.1:7780 --data ./web
  vigie-web --config /etc/vigie/vigie-web.toml
  vigie-web --listen 0.0.0.0:443 --certificate web.pem --key web.key --set names=room.example
  vigie-web --open --identity ~/.config/vigie/identity.toml    a demonstration, on loopback)";

void describe(CLI::App& app, Given& given) {
  app.add_option("--hub", given.hub, "The hub: HOST:PORT (default 127.0.0.1:7700)")
      ->type_name("HOST:PORT");
  app.add_option("--listen", given.listen, "Serve on it (default 127.0.0.1:7780)")
      ->type_name("ADDRESS:PORT");
  app.add_option("--config", given.config_file, "Configuration file")->type_name("FILE.toml");
  app.add_option("--data", given.data,
                 "Folder of accounts and their keys; made when missing "
                 "[$VIGIE_WEB_DATA, or ~/.local/state/vigie-web]")
      ->type_name("DIR");
  app.add_option("--page", given.page, "The page's built folder (default: beside the program)")
      ->type_name("DIR");
  app.add_option("--maps", given.maps, "Folder of your own maps: NAME.pmtiles, DIR/z/x/y.png")
      ->type_name("DIR");
  app.add_flag("--open", given.open, "Ask nobody to sign in: a demonstration on loopback alone");
  app.add_option("--identity", given.identity, "With --open: who everybody is; none: a plain hub")
      ->type_name("KEYFILE");
  app.add_option("--certificate", given.certificate, "TLS: certificate chain, PEM")
      ->type_name("FILE");
  app.add_option("--key", given.key, "TLS: its key, PEM")->type_name("FILE");
  app.add_option("--log-format", given.log_format, "human (default) or json")->type_name("FORMAT");
  app.add_option("--log-level", given.log_level, "debug, info (default), warning, error or off")
      ->type_name("LEVEL");
  app.add_option("--log-file", given.log_file, "Append the log there instead of standard error")
      ->type_name("FILE");
  app.add_option("--set", given.set, "Any option of the file, as in --set feed.ring=64MiB")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  app.add_flag("--check", given.check, "Check the configuration and end: 0 good, 2 wrong");
  app.add_flag("--version", given.version, "Print the version and end");
  app.footer(kFooter);
}

void put_flags(const Given& given, WebConfig& config, std::vector<std::string>& wrong) {
  for (const std::string& pair : given.set) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      wrong.push_back(fmt::format("--set: '{}' is not KEY=VALUE", pair));
      continue;
    }
    put_text(web_options(), std::string_view(pair).substr(0, equals),
             std::string_view(pair).substr(equals + 1), "--set", config, wrong);
  }
  const auto one = [&](const char* flag, const char* key, const std::optional<std::string>& text) {
    if (text) put_text(web_options(), key, *text, flag, config, wrong);
  };
  one("--hub", "hub", given.hub);
  one("--listen", "listen", given.listen);
  one("--data", "data", given.data);
  one("--page", "page", given.page);
  one("--maps", "maps", given.maps);
  one("--identity", "identity", given.identity);
  one("--certificate", "certificate", given.certificate);
  one("--key", "key", given.key);
  one("--log-format", "log.format", given.log_format);
  one("--log-level", "log.level", given.log_level);
  one("--log-file", "log.file", given.log_file);
  if (given.open) config.open = true;
}

}  // namespace

Result<CommandLine> read_command_line(std::span<const char* const> arguments,
                                      const std::string& version) {
  CLI::App app("Vigie's operations room in the browser: serves the page and its feed.",
               "vigie-web");
  Given given;
  CommandLine line;
  try {
    describe(app, given);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return CommandLine{false, app.help(), false, {}};
  } catch (const CLI::ParseError& error) {
    return Fault{FaultCode::Invalid, fmt::format("{} (--help says what there is)", error.what())};
  }
  if (given.version) return CommandLine{false, "vigie-web " + version + "\n", false, {}};

  std::vector<std::string> wrong;
  if (!given.config_file.empty()) wrong = read_config_file(given.config_file, line.config);
  put_flags(given, line.config, wrong);
  // What was not understood stands at its default: held together, that would name faults that are
  // none.
  if (wrong.empty()) wrong = check_together(line.config);
  if (!wrong.empty()) {
    return Fault{FaultCode::Invalid, fmt::format("{}", fmt::join(wrong, "\n"))};
  }
  line.check = given.check;
  return line;
}

}  // namespace vigie::web
