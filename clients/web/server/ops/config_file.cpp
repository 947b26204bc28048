#include "clients/web/server/ops/config_file.h"

#include "clients/web/server/ops/options.h"
#include "schemas/programs/config_text.h"

namespace vigie::web {

std::vector<std::string> read_config(std::string_view toml_text, const std::string& name,
                                     WebConfig& config) {
  return vigie::read_config(web_options(), toml_text, name, config);
}

std::vector<std::string> read_config_file(const std::string& path, WebConfig& config) {
  return vigie::read_config_file(web_options(), path, config);
}

std::vector<std::string> keys_of(std::string_view toml_text) {
  return vigie::keys_of(toml_text, keys_of_table(web_options()));
}

}  // namespace vigie::web
