#include <fmt/format.h>

#include <charconv>

#include "clients/cli/commands/command_line.h"

namespace vigie::cli {

CLI::Validator from_zero() {
  return CLI::Validator(
      [](std::string& text) {
        std::uint64_t number = 0;
        const char* end = text.data() + text.size();
        const auto [rest, wrong] = std::from_chars(text.data(), end, number);
        return wrong == std::errc() && rest == end
                   ? std::string()
                   : fmt::format("'{}' is not a number from 0", text);
      },
      "");
}

void add_quarantine(CLI::App& app, QuarantineOptions& options) {
  CLI::App& list =
      *app.add_subcommand("quarantine", "messages that the hub refused: for administrators");
  list.add_option("--limit", options.limit, "so many, the newest first; 0 for all")
      ->check(from_zero())
      ->capture_default_str();
  list.add_option("--before", options.before, "only those older than this one")
      ->type_name("ID")
      ->check(from_zero());
  list.add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  add_hub(list, options.hub, "10 s");
  footer(list,
         "  vigie quarantine --limit 10\n"
         "  vigie quarantine show 1782000000000000 --raw message.bin");
  CLI::App& show = *list.add_subcommand(
      "show",
      "one of them: what it is, and its bytes, which the hub's own administrators see of no owner");
  show.add_option("id", options.id, "as the list has it")
      ->type_name("ID")
      ->required()
      ->check(from_zero());
  show.add_option("--raw", options.raw, "write its bytes there, as they came")->type_name("FILE");
  show.fallthrough();
  footer(show, "  vigie quarantine show 1782000000000000 --raw message.bin");
  show.callback([&options] { options.show = true; });
}

}  // namespace vigie::cli
