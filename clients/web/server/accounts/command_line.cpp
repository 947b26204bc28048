#include <CLI/CLI.hpp>

#include "clients/web/server/accounts/command_options.h"
#include "clients/web/server/accounts/identities.h"

namespace vigie::web::people {
namespace {

void footer(CLI::App& command, const std::string& examples) {
  command.footer("Examples:\n" + examples);
}

class Commands {
 public:
  explicit Commands(CommandOptions& options) : options_(options) {}

  CLI::App& command(CLI::App& under, const std::string& name, const std::string& help) {
    CLI::App& made = *under.add_subcommand(name, help);
    made.add_option("--data", options_.data,
                    "the server's data folder [the configuration's, else as the server finds it]")
        ->type_name("DIR");
    made.add_option("--config", options_.config, "the server's configuration file")
        ->type_name("FILE");
    const std::string whole = under.get_name() == "token" ? "token " + name : name;
    made.callback([this, whole] { options_.command = whole; });
    return made;
  }

  void name(CLI::App& command) {
    command.add_option("name", options_.name, "the account: a-z, 0-9, '.', '_', '-'")
        ->type_name("NAME")
        ->required();
  }

  void code(CLI::App& command) {
    command.add_option("--code", options_.code, "an invitation's code (vigie invite); - reads it")
        ->type_name("CODE");
    command.add_option("--hub", options_.hub, "the hub's address in place of the code's")
        ->type_name("HOST:PORT");
  }

  void url(CLI::App& command) {
    command
        .add_option("--url", options_.url, "where the page is, for the link [as the server says]")
        ->type_name("URL");
  }

  void add_people(CLI::App& app) {
    CLI::App& add = command(app, "add", "a new account, and its first link");
    name(add);
    code(add);
    url(add);
    add.add_flag("--plain", options_.plain, "no identity: the hub asks nobody (plain)");
    add.add_option("--display-name", options_.display_name, "as others read it");
    add.add_flag("--administrator", options_.administrator, "may add and remove accounts");
    add.add_flag("--read-only", options_.read_only, "sends nothing, whatever the identity may");
    footer(
        add,
        "  vigie-web account add anna --code \"$CODE\" --administrator --data DIR\n"
        "  vigie invite alpha/ben --role console | vigie-web account add ben --code - --data DIR\n"
        "  vigie-web account add guest --plain --read-only --data DIR");
    CLI::App& join = command(app, "join", "another identity for an account that there is");
    name(join);
    code(join);
    footer(join, "  vigie-web account join anna --code \"$CODE\" --data DIR");
    CLI::App& list = command(app, "list", "all accounts");
    list.add_flag("--json", options_.json, "one JSON object a line");
    footer(list, "  vigie-web account list --data DIR");
    CLI::App& link = command(app, "link", "a new link that sets the password, once");
    name(link);
    url(link);
    link.add_flag("--reset-totp", options_.reset_totp, "codes end too: the device was lost");
    footer(link, "  vigie-web account link anna --data DIR");
  }

  void add_changes(CLI::App& app) {
    CLI::App& disable = command(app, "disable", "nobody signs in to it; what is open ends");
    name(disable);
    footer(disable, "  vigie-web account disable anna --data DIR");
    CLI::App& enable = command(app, "enable", "undoes disable");
    name(enable);
    footer(enable, "  vigie-web account enable anna --data DIR");
    CLI::App& remove = command(app, "remove", "the account and its key file; not the identity");
    name(remove);
    remove.add_flag("--yes", options_.yes, "it is meant: needed");
    footer(remove,
           "  vigie-web account remove anna --yes --data DIR\n"
           "  vigie revoke alpha/anna        # the hub's side: nobody is that identity any more");
    CLI::App& out = command(app, "sign-out", "ends its sessions, within a second");
    name(out);
    out.add_flag("--tokens", options_.tokens, "its API tokens too");
    footer(out, "  vigie-web account sign-out anna --tokens --data DIR");
    CLI::App& rotate = command(app, "rotate", "another key for its identity");
    name(rotate);
    rotate.add_option("--hub", options_.hub, "another address than the key file's")
        ->type_name("HOST:PORT");
    footer(rotate, "  vigie-web account rotate anna --data DIR");
  }

  void add_tokens(CLI::App& app) {
    CLI::App& token = *app.add_subcommand("token", "API tokens of an account");
    token.require_subcommand(1);
    CLI::App& add = command(token, "add", "a new one; it is shown once");
    name(add);
    add.add_option("--label", options_.label, "what it is for")->required();
    add.add_option("--days", options_.days, "until it ends")
        ->check(CLI::Range(std::int64_t{1}, kTokenDaysMax))
        ->capture_default_str();
    add.add_flag("--may-send", options_.may_send, "events and texts, as the account [reads alone]");
    footer(add, "  vigie-web account token add anna --label 'QGIS in the office' --data DIR");
    CLI::App& list = command(token, "list", "those that there are, without their secrets");
    name(list);
    list.add_flag("--json", options_.json, "one JSON object a line");
    footer(list, "  vigie-web account token list anna --data DIR");
    CLI::App& end = command(token, "end", "it opens nothing any more");
    name(end);
    end.add_option("id", options_.id, "as `token list` tells it")->type_name("ID")->required();
    footer(end, "  vigie-web account token end anna 0123456789abcdef --data DIR");
  }

 private:
  CommandOptions& options_;
};

}  // namespace

CommandOptions read_command_line(int argc, char** argv, int& exit_code) {
  CommandOptions options;
  CLI::App app("People of the operations room; works while the server runs", "vigie-web account");
  app.require_subcommand(1);
  app.footer("'vigie-web account COMMAND --help' has examples.");
  Commands commands(options);
  commands.add_people(app);
  commands.add_changes(app);
  commands.add_tokens(app);
  exit_code = 0;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 2;
    options.command.clear();
  }
  return options;
}

}  // namespace vigie::web::people
