#include "hub/ops/config_file.h"

#include "hub/ops/options.h"
#include "schemas/programs/config_text.h"

namespace vigie::ops {

std::vector<std::string> read_config(std::string_view toml_text, const std::string& name,
                                     HubConfig& config) {
  return vigie::read_config(hub_options(), toml_text, name, config);
}

std::vector<std::string> read_config_file(const std::string& path, HubConfig& config) {
  return vigie::read_config_file(hub_options(), path, config);
}

std::vector<std::string> keys_of(std::string_view toml_text) {
  return vigie::keys_of(toml_text, keys_of_table(hub_options()));
}

}  // namespace vigie::ops
